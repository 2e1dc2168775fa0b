"""The floor: the least an answer over this web server can cost. Fixed bytes, as many as the path says."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

_JSON = [(b"content-type", b"application/json; charset=utf-8")]

Send = Callable[[dict[str, Any]], Awaitable[None]]


async def app(scope: dict[str, Any], _receive: object, send: Send) -> None:
    """Answer `/<number>` with a body of that many bytes."""
    if scope["type"] != "http":
        return
    body = _body(int(scope["path"].strip("/")))
    headers = [*_JSON, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@cache
def _body(size: int) -> bytes:
    return b"x" * size
