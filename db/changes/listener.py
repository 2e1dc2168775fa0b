"""The listener: hears what the dispatcher sends, and knows when it may have missed something."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Protocol

import psycopg

from db.changes.connection import Backoff, direct_connection
from db.changes.message import CHANNEL, read_message

_log = logging.getLogger(__name__)

SILENCE_SECONDS = 3.0
"""How long nothing may be heard: three heartbeats."""

_PATIENCE = 1.5  # seconds that a server waits at its start
_RETRY = (0.1, 2.0)  # seconds between tries to connect, at first and at most


class Subscriber(Protocol):
    """Who wants to know. It is told within the event loop, and must not wait for anything."""

    def changed(self, customers: frozenset[int] | None, position: int) -> None:
        """These customers' data changed, or everybody's where it is None; see `Change`."""
        ...

    def lost(self) -> None:
        """From now on changes may go unheard: nothing that was read may be taken for current."""
        ...

    def back(self) -> None:
        """Changes are heard again; what happened in between was not."""
        ...


class Listener:
    """Listens on a connection of its own and tells its subscribers, whom it finds lost at the start.

    A cut connection, a server that restarts, and a dispatcher of whom nothing is heard are all the same:
    lost, until something is heard on a new connection.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = monotonic) -> None:
        self._url = url
        self._clock = clock
        self._subscribers: list[Subscriber] = []
        self._heard_at: float | None = None
        self._failure: str | None = None
        self._running: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()
        self._heard = asyncio.Event()

    @property
    def is_current(self) -> bool:
        """Whether every change up to a moment ago was heard.

        Told by the clock, so that it is true of a process too that was stopped and has just gone on.
        """
        return self._heard_at is not None and self._clock() - self._heard_at < SILENCE_SECONDS

    def subscribe(self, subscribers: Sequence[Subscriber]) -> None:
        """Tell these from now on."""
        self._subscribers.extend(subscribers)

    async def open(self) -> None:
        """Begin to listen in the background; returns once it does, or soon where there is no server."""
        self._running = asyncio.create_task(self._run(), name="change listener")
        await _soon(self._listening)

    async def settle(self) -> None:
        """Return once something was heard, or soon where there is no dispatcher."""
        await _soon(self._heard)

    async def close(self) -> None:
        """End; whoever subscribed has lost the feed."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})

    async def _run(self) -> None:
        retry = Backoff(*_RETRY)
        try:
            while True:
                try:
                    await self._listen(retry)
                except (psycopg.Error, OSError) as error:
                    self._lose(type(error).__name__)
                await asyncio.sleep(retry.seconds())
        finally:
            self._lose(None)

    async def _listen(self, retry: Backoff) -> None:
        async with await direct_connection(self._url) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._listening.set()
            while True:
                heard = False
                async for notification in connection.notifies(timeout=SILENCE_SECONDS, stop_after=1):
                    heard = True
                    self._hear(notification.payload)
                if not heard:
                    self._lose("silence")
                    return
                retry.reset()

    def _hear(self, payload: str) -> None:
        if self._heard_at is not None and not self.is_current:
            self._lose("silence")
        first = self._heard_at is None
        self._heard_at = self._clock()
        self._heard.set()
        if first:
            self._failure = None
            _log.info("change feed heard")
            for subscriber in self._subscribers:
                subscriber.back()
        change = read_message(payload)
        if change.customers is None or change.customers:
            for subscriber in self._subscribers:
                subscriber.changed(change.customers, change.position)

    def _lose(self, failure: str | None) -> None:
        """Tell that changes may go unheard, once, and log each new reason."""
        if failure is not None and failure != self._failure:
            _log.warning("change feed lost", extra={"error": failure})
        self._failure = failure
        if self._heard_at is not None:
            self._heard_at = None
            for subscriber in self._subscribers:
                subscriber.lost()


async def _soon(event: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            await event.wait()
