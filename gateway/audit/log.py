"""The audit log: takes records from all operations, and lets each go on when its record is committed."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter
from uuid import uuid4

import psycopg

from db.audit import AuditRecord, ChainEnd, append, ensure_partitions, seal, storable
from db.engine import Database, DatabaseUnavailable

_log = logging.getLogger(__name__)

_LARGEST_BATCH = 500  # records: sealing and writing them must not keep the event loop for long
_SECONDS_BETWEEN_LOOKS = 24 * 3600
_SECONDS_UNTIL_NEXT_TRY = 60

_Waiting = tuple[AuditRecord, asyncio.Future[None]]


class AuditUnavailable(Exception):
    """A record could not be committed in time; what it is about must not be disclosed."""


@dataclass(frozen=True, slots=True)
class AuditHealth:
    """How the log does: records waiting for a commit, and how long the last one took.

    `last_commit_seconds` is None before the first commit, and `failing` says that the last try was in vain.
    """

    queued: int
    capacity: int
    last_commit_seconds: float | None
    failing: bool


class AuditLog:
    """Writes records in batches: what comes in while one commit runs goes into the next.

    The database is its own, with one connection: operations that hold all connections of the reads' pool
    while they wait for their records can not keep the log from writing them.

    One log writes one chain. After a batch that failed it begins another, since the end of the old one may
    not be known: a connection that breaks during a commit does not tell whether it was done.
    """

    def __init__(self, database: Database, *, wait_seconds: float, capacity: int) -> None:
        self._database = database
        self._wait_seconds = wait_seconds
        self._capacity = capacity
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None
        self._closed = True
        self._end = ChainEnd(uuid4())
        self._next_look = 0.0
        self._last_commit_seconds: float | None = None
        self._failing = False

    @property
    def health(self) -> AuditHealth:
        """How the log does right now."""
        return AuditHealth(len(self._waiting), self._capacity, self._last_commit_seconds, self._failing)

    async def open(self) -> None:
        """Start connecting, and make the partitions that are missing, in the background."""
        await self._database.open()
        self._closed = False
        self._write_on()

    async def close(self) -> None:
        """Write what still waits, as long as that takes no longer than a caller waits; then disconnect."""
        self._closed = True
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=self._wait_seconds)
            self._writing.cancel()
        await self._database.close()

    async def commit(self, record: AuditRecord) -> None:
        """Return when the record is committed.

        A caller that is cancelled, or that gave up, leaves its record in the batch: too many are better than
        too few.

        Raises:
            AuditUnavailable: the store is away or slow, or too many records wait for it already.
            ValueError: the record is not one that can be stored; see `db.audit.storable`.
        """
        if self._closed or len(self._waiting) >= self._capacity:
            raise AuditUnavailable("the log is closed or full")
        loop = asyncio.get_running_loop()
        committed: asyncio.Future[None] = loop.create_future()
        self._waiting.append((storable(record), committed))
        self._write_on()
        deadline = loop.call_later(self._wait_seconds, _give_up, committed)
        try:
            await committed
        finally:
            deadline.cancel()

    def _write_on(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name="audit")

    async def _write_all(self) -> None:
        """Write until nobody waits."""
        await self._keep_partitions_ahead()
        while self._waiting:
            batch, self._waiting = self._waiting[:_LARGEST_BATCH], self._waiting[_LARGEST_BATCH:]
            await self._write(batch)
            await self._keep_partitions_ahead()

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        """Commit a batch and tell everybody who still waits for it."""
        started = perf_counter()
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._store([record for record, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever it was: nobody gets an answer, or waits forever
            _report(error, len(batch))
            self._failing = True
            self._end = ChainEnd(uuid4())
            for _, committed in batch:
                if not committed.done():
                    committed.set_exception(AuditUnavailable("the record could not be stored"))
            return
        self._failing = False
        self._last_commit_seconds = perf_counter() - started
        for _, committed in batch:
            if not committed.done():
                committed.set_result(None)

    async def _store(self, records: Sequence[AuditRecord]) -> None:
        """Commit records to the chain, at the second try where the first one did not."""
        sealed = seal(self._end, records)
        try:
            await append(self._database, sealed)
        except DatabaseUnavailable:
            await self._database.renew()
            # the first try may have been committed when its connection broke: its numbers are taken then
            with suppress(psycopg.errors.UniqueViolation):
                await append(self._database, sealed)
        except psycopg.errors.CheckViolation:
            await ensure_partitions(self._database)
            await append(self._database, sealed)
        self._end = sealed.end

    async def _keep_partitions_ahead(self) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._next_look:
            return
        try:
            async with asyncio.timeout(self._wait_seconds):
                await ensure_partitions(self._database)
        except (DatabaseUnavailable, TimeoutError, psycopg.Error) as error:
            # no reason to refuse records: the months were made long ahead
            _log.warning("audit partitions could not be looked after", extra={"error": type(error).__name__})
            self._next_look = now + _SECONDS_UNTIL_NEXT_TRY
        else:
            self._next_look = now + _SECONDS_BETWEEN_LOOKS


def _give_up(committed: asyncio.Future[None]) -> None:
    if not committed.done():
        committed.set_exception(AuditUnavailable("the record was not committed in time"))


def _report(error: Exception, records: int) -> None:
    if isinstance(error, DatabaseUnavailable | TimeoutError):
        _log.warning("audit records were not stored: the database is away", extra={"records": records})
    else:
        _log.error("audit records were not stored", exc_info=error, extra={"records": records})
