"""The connection pool, and the ways through it: single statements and transactions."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString, Protocol

import psycopg
from psycopg import sql
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from db.urls import is_pooled, libpq_url

Row = tuple[Any, ...]
Parameters = Mapping[str, object]
Statement = LiteralString | sql.SQL | sql.Composed
Connection = psycopg.AsyncConnection[Row]


ROLE = "wellness_gateway"
"""The role that the gateway works in: it may do what the gateway does, and never change an audit record."""

# The role may be missing where the migrating user could not make it, and know nothing of a database that is
# not migrated yet. Then the connection stays its user's.
ASSUME_ROLE: LiteralString = """
SELECT set_config('role', rolname, false) FROM pg_catalog.pg_roles
 WHERE rolname = %(role)s
   AND pg_has_role(oid, CASE WHEN current_setting('server_version_num')::integer >= 160000
                             THEN 'SET' ELSE 'MEMBER' END)
   AND has_schema_privilege(oid, to_regnamespace('gateway')::oid, 'USAGE')
"""
"""Makes a connection act as `ROLE` where it can."""


class PlannedAnew(sql.SQL):
    """A statement whose best plan depends on its values: it is never prepared, so never planned without."""


# else a machine that vanished without a word would keep connections for hours
_KEEPALIVES = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


class DatabaseUnavailable(Exception):
    """The database cannot be reached, or has no connection free in time; worth trying again."""


class InvalidValue(Exception):
    """The database refused a value that got past validation, such as a NUL byte."""


class Database:
    """A pool of connections to one PostgreSQL database.

    It opens without waiting, so that a server can start before its database and answer 503 until then.
    """

    def __init__(self, url: str, *, size: int, wait_seconds: float) -> None:
        # behind a transaction pooler a statement prepared on one server connection is unknown on the next,
        # and a role assumed there would stay with the connection, whoever gets it then
        pooled = is_pooled(url)
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            libpq_url(url),
            min_size=min(2, size),
            max_size=size,
            timeout=wait_seconds,
            reconnect_timeout=0,
            open=False,
            configure=None if pooled else _assume_role,
            kwargs={
                "autocommit": True,
                "prepare_threshold": None if pooled else 5,
                "connect_timeout": 5,
                **_KEEPALIVES,
            },
        )
        self._note_write: Callable[[], None] = _nobody_asks

    def after_writes(self, note: Callable[[], None]) -> None:
        """Call `note` whenever something may have been committed here."""
        self._note_write = note

    async def open(self) -> None:
        """Start connecting in the background."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    async def fetch(self, statement: Statement, parameters: Parameters) -> Sequence[Row]:
        """Run one reading statement on a connection of its own and return its rows.

        A connection that broke while it lay in the pool is replaced, and the read tried once more.

        Raises:
            DatabaseUnavailable: the server is away or busy beyond the pool's patience.
            InvalidValue: a parameter cannot be stored as text, a number or a date.
        """
        with _translated_errors():
            try:
                return await self._fetch_once(statement, parameters)
            except psycopg.OperationalError as error:
                if isinstance(error, PoolTimeout | psycopg.errors.QueryCanceled):
                    raise
                await self.renew()
                return await self._fetch_once(statement, parameters)

    async def fetch_once(self, statement: Statement, parameters: Parameters) -> Sequence[Row]:
        """Run one reading statement as `fetch` does, but once: the caller has somewhere else to go."""
        with _translated_errors():
            return await self._fetch_once(statement, parameters)

    async def write(self, statement: Statement, parameters: Parameters) -> None:
        """Run one writing statement, which is committed when this returns. It is tried once.

        Raises:
            DatabaseUnavailable: see `fetch`; where a connection broke, it may have been committed.
            InvalidValue: see `fetch`.
        """
        try:
            with _translated_errors():
                async with self._pool.connection() as connection:
                    await connection.execute(statement, parameters)
        finally:
            self._note_write()

    async def renew(self) -> None:
        """Replace the connections that broke while they lay in the pool."""
        await self._pool.check()

    async def _fetch_once(self, statement: Statement, parameters: Parameters) -> Sequence[Row]:
        async with self._pool.connection() as connection:
            prepare = False if isinstance(statement, PlannedAnew) else None
            cursor = await connection.execute(statement, parameters, prepare=prepare)
            return await cursor.fetchall()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Connection]:
        """Give a connection inside one transaction: committed at the end, rolled back on any error."""
        try:
            with _translated_errors():
                async with self._pool.connection() as connection, connection.transaction():
                    yield connection
        finally:
            # whatever came of it: a connection that breaks during a commit does not tell whether it was done
            self._note_write()


async def _assume_role(connection: Connection) -> None:
    await connection.execute(ASSUME_ROLE, {"role": ROLE})


@contextmanager
def _translated_errors() -> Generator[None]:
    """Turn the driver's errors into the two that the rest of the house knows."""
    try:
        yield
    except psycopg.DataError as error:
        raise InvalidValue(str(error)) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise DatabaseUnavailable(str(error)) from error


def _nobody_asks() -> None:
    """Note nothing: nobody wants to know of writes."""


class Source(Protocol):
    """Where reading statements are run."""

    async def fetch(self, statement: Statement, parameters: Parameters) -> Sequence[Row]:
        """Run one reading statement; see `Database.fetch`."""
        ...


@dataclass(slots=True)
class _Reads:
    """The reads of one operation, from whichever source: how many there were, and which are under way."""

    count: int = 0
    running: set[asyncio.Task[Any] | None] = field(default_factory=set[asyncio.Task[Any] | None])


class Reader:
    """The reads of one operation: passes them on and counts them."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._reads = _Reads()

    def through(self, source: Source) -> "Reader":
        """Return a reader of the same operation that reads from another source."""
        reader = Reader(source)
        reader._reads = self._reads
        return reader

    @property
    def statements(self) -> int:
        """How many statements the operation has read with, from all its sources."""
        return self._reads.count

    async def fetch(self, statement: Statement, parameters: Parameters) -> Sequence[Row]:
        """Run one reading statement; see `Database.fetch`."""
        self._reads.count += 1
        reading = asyncio.current_task()
        self._reads.running.add(reading)
        try:
            return await self._source.fetch(statement, parameters)
        finally:
            self._reads.running.discard(reading)

    def abandon(self) -> None:
        """Cancel the statements under way, in the database too, when the operation ended before them.

        A loader's statement runs in a task of its own, which the end of the operation does not reach.
        """
        for reading in self._reads.running:
            if reading is not None:
                reading.cancel()
