"""The bounds of a connection: what a request may cost before, and beside, what the application sees of it."""

import asyncio
from functools import partial
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.guard import RequestBounds

_TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def bounded_connections(bounds: RequestBounds) -> type[asyncio.Protocol]:
    """Return what uvicorn takes as `http`: makes a protocol for each connection, in worker processes too."""
    return cast("type[asyncio.Protocol]", partial(BoundedConnection, bounds=bounds))


class BoundedConnection(HttpToolsProtocol):
    """A connection that closes on a request which does not arrive whole, in time and in bounds.

    Uvicorn keeps a connection whose headers drip in, or never come, for ever, and an application only learns
    of a request when its headers are complete. The guard answers for what it can see; here is the rest:
    headers that never end, bytes around the body (chunk sizes, trailers), and a body that goes on dripping
    after the answer.
    """

    def __init__(self, *args: Any, bounds: RequestBounds, **options: Any) -> None:
        super().__init__(*args, **options)
        self._seconds = bounds.seconds
        # address and headers, which the guard measures and answers for, and as much again around the body
        self._most_overhead = 4 * bounds.header_bytes
        self._overhead = 0  # bytes of the request being read that are not of its body
        self._in_head = True
        self._over = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect the first request."""
        super().connection_made(transport)
        self._expect_the_rest()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._expect_nothing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless too much came that is not body."""
        if self._over:
            return
        self._expect_the_rest()
        self._overhead += len(data)
        super().data_received(data)
        if self._overhead > self._most_overhead and not self.transport.is_closing():
            self._close_with(_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Begin a request; a second one can begin in the bytes that ended the first."""
        super().on_message_begin()
        self._in_head = True
        self._expect_the_rest()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a trailer is dropped: it would become a header after the headers were judged."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request to the application."""
        self._in_head = False
        self._overhead = 0
        super().on_headers_complete()
        if self.parser and self.parser.should_upgrade():
            # httptools takes what follows, the request's own body even, for another protocol or request:
            # https://github.com/Kludex/uvicorn/issues/2722
            self._over = True
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, which the guard counts."""
        self._overhead -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        self._overhead = 0
        self._expect_nothing()
        super().on_message_complete()

    def _expect_the_rest(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self._seconds, self._late)

    def _expect_nothing(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if (cycle and not cycle.response_complete) or self.pipeline:
            self._expect_the_rest()  # the guard watches this request's body
        elif not self.transport.is_closing():
            self._close_with(_TOO_LATE)

    def _close_with(self, answer: bytes) -> None:
        """Close; only a request that has begun and has no answer yet gets one."""
        if self._in_head and self._overhead:
            self.transport.write(answer)
        self.transport.close()
