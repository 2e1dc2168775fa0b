"""Where one server lives: its cluster, its socket, its log.

Everything is in the state folder, but for two cases. A root gateway's server runs as another user, who may
not be let through to the state folder (below /root, say). To open root's folders for it would be wrong, and a
temp folder is swept: the server then lives in /var/lib, and the file `home` in the state folder says where.
And a socket's path has at most 103 bytes, so a deep home has its socket folder in /tmp.
"""

import hashlib
import os
import stat
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from db.embedded.account import Account
from db.embedded.errors import ServerNotReachable

PORT = 5432
USER = "wellness"

_OPEN_TO_ALL = Path(
    "/Library/Application Support/wellness-gateway"
    if sys.platform == "darwin"
    else "/var/lib/wellness-gateway"
)
# Not tempfile.gettempdir(): root's TMPDIR may be private, and every process must come to the same name.
_SHORT_ROOT = Path("/tmp")  # noqa: S108 - the folder made in it is 0700 and its owner is checked
_LONGEST_SOCKET_PATH = 103  # bytes on macOS; Linux takes 107


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one server and the names in it."""

    folder: Path

    @property
    def cluster(self) -> Path:
        """Data and password, which come into being together."""
        return self.folder / "cluster"

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.cluster / "data"

    @property
    def password_file(self) -> Path:
        """Readable by the server's user and root only."""
        return self.cluster / "password"

    @property
    def log(self) -> Path:
        """What the server wrote since its last start."""
        return self.folder / "postgres.log"

    @property
    def socket_folder(self) -> Path:
        """The folder of the server's only socket."""
        near = self.folder / "run"
        if len(os.fsencode(near / f".s.PGSQL.{PORT}")) <= _LONGEST_SOCKET_PATH:
            return near
        return _SHORT_ROOT / f"wellness-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}"

    def url(self, database: str) -> str:
        """The address of `database` for psycopg.

        Raises:
            FileNotFoundError: The cluster has not been made yet.
        """
        password = self.password_file.read_text()
        return f"postgresql://{USER}:{password}@/{database}?host={quote(str(self.socket_folder))}&port={PORT}"


def current_home(state: Path) -> Home:
    """The home that the state folder names, itself unless it points elsewhere.

    Raises:
        ServerNotReachable: It points to a folder that is gone.
    """
    pointer = state / "home"
    if not pointer.exists():
        return Home(state)
    folder = Path(pointer.read_text().strip())
    if not folder.is_dir():
        raise ServerNotReachable(
            f"{pointer} says the database is in {folder}, which is gone: "
            f"bring it back, or remove {pointer} to begin with an empty one"
        )
    return Home(folder)


def settle(state: Path, account: Account) -> Home:
    """The home for a server run by `account`, founded in /var/lib where the state folder is closed to it.

    Call it with the lock held.

    Raises:
        ServerNotReachable: No folder could be made there.
    """
    home = current_home(state)
    # data that is here stays, even if its user no longer gets in: an empty database elsewhere is no answer
    if home.folder != state or home.cluster.exists() or account.can_enter(state):
        return home
    try:
        _OPEN_TO_ALL.mkdir(mode=0o755, parents=True, exist_ok=True)
        # a fresh name, not one derived from the state folder's: removed data must not come back to life
        folder = Path(tempfile.mkdtemp(prefix=f"{state.name}-", dir=_OPEN_TO_ALL))
    except OSError as error:
        raise ServerNotReachable(
            f"user {account.name} is not let through to {state}, and has no folder elsewhere: {error}. "
            "Choose a state folder that this user can enter, or start the gateway as an ordinary user"
        ) from error
    folder.chmod(0o711)
    (folder / "state").write_text(f"{state}\n")  # for people: whose database this is
    draft = state / "home.new"
    draft.write_text(f"{folder}\n")
    draft.replace(state / "home")
    return Home(folder)


def prepare_socket_folder(home: Home, account: Account) -> None:
    """Make the socket folder, private to `account`.

    Raises:
        ServerNotReachable: Someone else made a folder or link of that name, which is possible in /tmp.
    """
    folder = home.socket_folder
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    facts = folder.lstat()
    ours = facts.st_uid in {os.geteuid(), account.uid}
    if not stat.S_ISDIR(facts.st_mode) or not ours or facts.st_mode & 0o077:
        raise ServerNotReachable(
            f"{folder} is not private to user {account.name}: look whose it is, and remove it"
        )
    account.own(folder)
