"""What every request must fit into before anything reads it, as pure ASGI: headers, address, body, time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.settings import Settings

_CLOSE = {"Connection": "close"}


@dataclass(frozen=True, slots=True)
class RequestBounds:
    """How large a request may be, and how many seconds its headers and then its body may take.

    `header_bytes` bounds all names and values together, and the address on its own.
    """

    header_count: int
    header_bytes: int
    body_bytes: int
    seconds: float


def request_bounds(settings: Settings) -> RequestBounds:
    """Return the bounds that the settings ask for."""
    return RequestBounds(
        settings.header_count, settings.header_bytes, settings.body_bytes, settings.receive_seconds
    )


class Guard:
    """Refuses what is too much (431, 414, 413) or too late (408), and closes the connection after it.

    `refuse` writes the answer in the shape of the door that the request was sent to.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        bounds: RequestBounds,
        refuse: Callable[[Request, Exception], Awaitable[Response]],
    ) -> None:
        self._app = app
        self._bounds = bounds
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(receive, send, self._bounds)
        try:
            _check_head(scope, self._bounds)
        except HTTPException as error:
            response = await self._refuse(Request(scope), error)
            await response(scope, receive, body.send_and_drain)
            return
        await self._app(scope, body.receive, body.send)


def _check_head(scope: Scope, bounds: RequestBounds) -> None:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if len(headers) > bounds.header_count:
        raise HTTPException(431, headers=_CLOSE)
    if sum(len(name) + len(value) for name, value in headers) > bounds.header_bytes:
        raise HTTPException(431, headers=_CLOSE)
    if len(scope["raw_path"]) + len(scope["query_string"]) > bounds.header_bytes:
        raise HTTPException(414, headers=_CLOSE)
    announced = Headers(scope=scope).get("content-length", "0")
    if not announced.isdigit() or int(announced) > bounds.body_bytes:
        raise HTTPException(413, headers=_CLOSE)


class _Body:
    """The body of one request while it arrives, and the answer while it leaves."""

    def __init__(self, receive: Receive, send: Send, bounds: RequestBounds) -> None:
        self._receive = receive
        self._send = send
        self._bounds = bounds
        self._received = 0
        self._deadline: float | None = None
        self._complete = False
        self._too_large = False

    async def receive(self) -> Message:
        """Return the next part.

        Raises:
            HTTPException: 413, 408, or 400 for a client that left in the middle.
        """
        if self._complete:
            return await self._receive()
        # from the first part that is asked for: what the gateway does before is not the client's time
        self._deadline = self._deadline or asyncio.get_running_loop().time() + self._bounds.seconds
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, headers=_CLOSE) from None
        if message["type"] == "http.disconnect":
            raise HTTPException(400)
        self._received += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._received > self._bounds.body_bytes:
            self._too_large = True
            raise HTTPException(413, headers=_CLOSE)
        return message

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        await (self.send_and_drain if self._too_large else self._send)(message)

    async def send_and_drain(self, message: Message) -> None:
        """Send a part of the answer, and after the last one read what the client still sends, for a while.

        A connection closed while a client sends is reset, which can take the unread answer from it.
        """
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        if not last:
            await self._send(message)
            return
        await self._send({**message, "more_body": True})
        with suppress(TimeoutError):
            async with asyncio.timeout(self._bounds.seconds):
                while (await self._receive()).get("more_body", False):
                    pass
        await self._send({"type": "http.response.body"})
