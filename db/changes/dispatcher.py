"""The dispatcher: one of all workers and replicas sends what changed, and counts what writers could not."""

import asyncio
import logging
from time import monotonic

import psycopg

from db.changes.connection import Backoff, direct_connection
from db.changes.outbox import become_dispatcher, recount_summaries, send_changes, send_heartbeat
from db.engine import Connection

_log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 1.0

_TICK = 0.05  # seconds between two looks at the outbox
_SHARE = 4  # a look that takes long is followed by a rest of so many times its length
_CANDIDACY = 0.25  # seconds between two tries to become the dispatcher, and between two looks for recounts
_RECOUNTS = 200  # summaries counted between two looks at the outbox
_RETRY = (0.1, 2.0)  # seconds between tries to connect, at first and at most


class Dispatcher:
    """Stands ready to dispatch, and does so as long as it holds the lock of the whole center.

    The lock lives and dies with its connection; whoever stands ready finds it free within a quarter second.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._failure: str | None = None
        self._running: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin, in the background."""
        self._running = asyncio.create_task(self._run(), name="change dispatcher")

    async def close(self) -> None:
        """End; the lock is free at once."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})

    async def _run(self) -> None:
        retry = Backoff(*_RETRY)
        while True:
            try:
                async with await direct_connection(self._url) as connection:
                    await self._stand(connection, retry)
            except (psycopg.Error, OSError) as error:
                self._report(type(error).__name__)
            await asyncio.sleep(retry.seconds())

    async def _stand(self, connection: Connection, retry: Backoff) -> None:
        while not await become_dispatcher(connection):
            self._found(retry)
            await asyncio.sleep(_CANDIDACY)
        await send_heartbeat(connection)
        self._found(retry)
        await self._dispatch(connection)

    async def _dispatch(self, connection: Connection) -> None:
        spoke = looked = monotonic()
        while True:
            began = monotonic()
            if await send_changes(connection):
                spoke = began
            elif began - spoke >= HEARTBEAT_SECONDS:
                await send_heartbeat(connection)
                spoke = began
            if began - looked >= _CANDIDACY and not await self._recount(connection):
                looked = began
            took = monotonic() - began
            await asyncio.sleep(max(_TICK - took, _SHARE * took if took > _TICK else 0.0))

    async def _recount(self, connection: Connection) -> bool:
        """Count some summaries; return whether more may be waiting."""
        try:
            return await recount_summaries(connection, _RECOUNTS) >= _RECOUNTS
        except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled):
            # what is left undone is found again the next time
            return False

    def _found(self, retry: Backoff) -> None:
        retry.reset()
        self._failure = None

    def _report(self, failure: str) -> None:
        """Log a failure once, however often it is met in a row."""
        if failure != self._failure:
            _log.warning("change dispatcher interrupted", extra={"error": failure})
        self._failure = failure
