"""The database cluster on disk: made once, whole or not at all."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from db.embedded.account import Account
from db.embedded.binaries import Binaries
from db.embedded.errors import ClusterVersionMismatch, ServerNotReachable
from db.embedded.home import USER, Home

DATABASE = "wellness"

_FIRST_WITH_BUILTIN_LOCALE = 17
# PostgreSQL sorts by its builtin C.UTF-8; the C library's locale is a formality, and macOS may lack this one.
_LIBC_LOCALE = "C" if sys.platform == "darwin" else "C.UTF-8"

_DATABASE_EXISTS = "SELECT 1 FROM pg_database WHERE datname = %(name)s"
_CREATE_DATABASE = f"CREATE DATABASE {DATABASE}"


def require_same_major(home: Home, binaries: Binaries) -> None:
    """Hold the data against the programs.

    Raises:
        ClusterVersionMismatch: The programs could not read the data.
    """
    made_by = (home.data / "PG_VERSION").read_text().strip()
    if made_by != str(binaries.major):
        raise ClusterVersionMismatch(
            f"the data in {home.data} is PostgreSQL {made_by}'s, the programs in {binaries.folder} are "
            f"{binaries.version}: name the programs of {made_by}, or move the data with pg_upgrade or "
            f"pg_dump, or remove {home.cluster} to begin with an empty database"
        )


def discard_half_made(home: Home) -> None:
    """Remove what a gateway left that was killed while it made a cluster."""
    for draft in home.folder.glob("cluster.new.*"):
        # its initdb may still be writing: the next start removes the rest
        shutil.rmtree(draft, ignore_errors=True)


def create_cluster(home: Home, binaries: Binaries, account: Account, timeout: float) -> None:
    """Make the cluster beside its place and move it there, so that a crash half-way leaves no half a cluster.

    Args:
        home: Where to.
        binaries: Programs that `account` can run.
        account: The owner to be.
        timeout: Seconds for initdb.

    Raises:
        ServerNotReachable: initdb failed; its words are in the message.
    """
    # a new name each time: the initdb of a killed gateway may still be at work, and tidies up by name
    draft = Path(tempfile.mkdtemp(prefix="cluster.new.", dir=home.folder))
    account.own(draft)
    password_file = draft / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(secrets.token_urlsafe(24))
    account.own(password_file)

    try:
        made = account.run(*_initdb(binaries, draft / "data", password_file), timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise ServerNotReachable(
            f"initdb took over {timeout:.0f} s: allow more, or look at the disk"
        ) from error
    if made.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise ServerNotReachable(f"initdb failed in {home.folder}, mend what it says: {made.stderr.strip()}")
    # all of it on the disk, the rename too: rows acknowledged later must not vanish with their cluster
    _sync(password_file)
    _sync(draft)
    draft.rename(home.cluster)
    _sync(home.folder)


def ensure_database(connection: psycopg.Connection) -> None:
    """Create the gateway's database when it is missing; `connection` is in autocommit."""
    if connection.execute(_DATABASE_EXISTS, {"name": DATABASE}).fetchone() is None:
        connection.execute(_CREATE_DATABASE)


def _initdb(binaries: Binaries, data: Path, password_file: Path) -> list[str | Path]:
    command: list[str | Path] = [binaries.folder / "initdb", "--pgdata", data, "--username", USER]
    command += ["--auth=scram-sha-256", "--pwfile", password_file]
    command += ["--encoding=UTF8", f"--locale={_LIBC_LOCALE}", "--no-instructions"]
    if binaries.major >= _FIRST_WITH_BUILTIN_LOCALE:
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return command


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
