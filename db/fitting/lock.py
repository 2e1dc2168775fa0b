"""One fit at a time in the whole center, whichever process or machine it runs on."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import LiteralString

from db.engine import Database
from db.fitting.session import fitting_connection

_LOCK = 7_346_003

# held by an open transaction, since a pooler gives a session's lock to whoever comes next
_TAKE: LiteralString = """
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL statement_timeout = 0
"""
_TRY: LiteralString = "SELECT pg_try_advisory_xact_lock(%(lock)s)"

_TAKEN: LiteralString = """
SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = %(lock)s
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


class FitRunning(Exception):
    """Another process fits at the moment."""

    def __init__(self) -> None:
        super().__init__("another process is fitting at the moment; its models will be used when it is done")


@contextmanager
def fit_lock(url: str) -> Generator[Callable[[], None]]:
    """Hold the lock on a connection of its own, and give a check that it is still held.

    Raises:
        FitRunning: somebody else holds it.
    """
    with fitting_connection(url) as connection, connection.transaction():
        connection.execute(_TAKE)
        if connection.execute(_TRY, {"lock": _LOCK}).fetchone() != (True,):
            raise FitRunning

        def still_held() -> None:
            # a connection that was cut has lost the lock, and says so at its next statement
            connection.execute("SELECT 1")

        yield still_held


async def is_fit_running(database: Database) -> bool:
    """Whether somebody holds the lock, looked up without touching it."""
    ((taken,),) = await database.fetch(_TAKEN, {"lock": _LOCK})
    return bool(taken)
