"""A real hot standby beside a real primary, made as an operator makes it: pg_basebackup, standby.signal."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from db.embedded import EmbeddedPostgres
from db.embedded.account import server_account
from db.embedded.binaries import locate, runnable
from db.embedded.home import Home, current_home

QUICK = {
    "fsync": "off",
    "shared_buffers": "16MB",
    "max_connections": "40",
    "wal_receiver_status_interval": "1",
}
"""Two servers on a machine that runs tests; a standby may have no fewer connections than its primary."""


@dataclass(frozen=True)
class Standby:
    """A standby that a test may pause, stop and start."""

    server: EmbeddedPostgres
    primary_url: str
    url: str

    def pause(self) -> None:
        """Stop replaying what the primary does, as a slow disk would for a while."""
        run(self.url, "SELECT pg_wal_replay_pause()")
        wait_until(lambda: run(self.url, "SELECT pg_get_wal_replay_pause_state()") == [("paused",)])

    def resume(self) -> None:
        run(self.url, "SELECT pg_wal_replay_resume()")

    def catch_up(self) -> None:
        """Wait until everything that the primary committed is replayed."""
        ((position,),) = run(self.primary_url, "SELECT pg_current_wal_lsn()::text")
        replayed = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
        wait_until(lambda: run(self.url, replayed, position) == [(True,)])


@contextmanager
def running_standby(primary_folder: Path, primary_url: str, folder: Path) -> Generator[Standby]:
    """Run a standby of an embedded primary, each in its folder, until the block ends."""
    copy_primary(primary_folder, primary_url, folder)
    with EmbeddedPostgres(folder, settings={**QUICK, "max_standby_streaming_delay": "0"}) as server:
        standby = Standby(server, primary_url, server.start())
        standby.catch_up()
        yield standby


def copy_primary(primary_folder: Path, primary_url: str, folder: Path) -> None:
    """Make what `EmbeddedPostgres` takes for a cluster of its own: the primary's data, and its password."""
    account = server_account(current_home(primary_folder).cluster)
    home = Home(folder)
    home.cluster.mkdir(parents=True)
    folder.chmod(0o755)
    account.own(home.cluster)
    home.password_file.touch(mode=0o600)
    home.password_file.write_text(current_home(primary_folder).password_file.read_text())
    account.own(home.password_file)
    program = runnable(locate(None), account, current_home(primary_folder).folder).folder / "pg_basebackup"
    copied = account.run(
        program, "--dbname", primary_url, "--pgdata", home.data, "--write-recovery-conf",
        "--checkpoint=fast", "--wal-method=stream", "--no-sync", timeout=60,
    )  # fmt: skip
    assert copied.returncode == 0, copied.stderr


def run(url: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Run one statement, as psql would; again where a standby cancelled it for what it replays."""
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            with suppress(psycopg.errors.SerializationFailure):
                cursor = connection.execute(statement, values)  # type: ignore[arg-type]
                return cursor.fetchall() if cursor.description else []


def wait_until(fact: Callable[[], bool], timeout: float = 20) -> None:
    """Wait for something that has to come true."""
    deadline = time.monotonic() + timeout
    while not fact():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)
