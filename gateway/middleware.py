"""What wraps every request, as pure ASGI: an id, and a log line when it fails."""

import logging
import re
from time import perf_counter
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_FAILED, _OUR_FAULT = 400, 500


class RequestId:
    """Gives every request an id: the caller's `X-Request-ID` where it is sound, else a new one.

    Logs what failed: the route's pattern and never its path, since a path can name a customer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        request_id = sent if _REQUEST_ID.fullmatch(sent) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started = perf_counter()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
                if message["status"] >= _FAILED:
                    _log_failure(scope, message["status"], perf_counter() - started)
            await send(message)

        await self._app(scope, receive, send_with_id)


def _log_failure(scope: Scope, status: int, seconds: float) -> None:
    route = scope.get("route")
    _log.log(
        logging.ERROR if status >= _OUR_FAULT else logging.INFO,
        "request failed",
        extra={
            "request_id": scope["state"]["request_id"],
            "method": scope["method"],
            "route": getattr(route, "path", None),
            "status": status,
            "milliseconds": round(1000 * seconds, 1),
        },
    )
