"""A connection of the change feed's own: past any pooler, and soon known to be dead when it is."""

from typing import Any, LiteralString

import psycopg

from db.engine import ASSUME_ROLE, ROLE, Connection
from db.urls import libpq_url

# a peer that vanished without a word is given up after some seconds, and not after the system's hours
_KEEP_ALIVE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5_000,
}

# a center may end sessions that look idle, as a listener does
_STAY: LiteralString = "SELECT set_config('idle_session_timeout', '0', false)"


async def direct_connection(url: str) -> Connection:
    """Connect in the role that the gateway works in; each statement commits.

    Raises:
        psycopg.OperationalError: the server cannot be reached.
    """
    connection = await psycopg.AsyncConnection.connect(libpq_url(url), autocommit=True, **_KEEP_ALIVE)
    try:
        await connection.execute(ASSUME_ROLE, {"role": ROLE})
        await connection.execute(_STAY)
    except BaseException:
        await connection.close()
        raise
    return connection


class Backoff:
    """How long to wait before the next try: longer each time, until something went well."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def reset(self) -> None:
        """Begin with the shortest wait again."""
        self._next = self._first

    def seconds(self) -> float:
        """Return the wait, and double the one after it."""
        wait = self._next
        self._next = min(2 * wait, self._longest)
        return wait
