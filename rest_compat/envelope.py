"""The contract's envelope around every answer and every error."""

from collections.abc import Mapping
from datetime import UTC, datetime

import orjson
from starlette.responses import Response

from rest_compat.runner import Trouble


def success(data: object, extra: Mapping[str, object]) -> Response:
    """Return an answer; `extra` stands beside the data."""
    return json_response({"success": True, "data": data, **extra, "message": "Success", "timestamp": _now()})


def failure(trouble: Trouble, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error."""
    error = {"code": trouble.code, "message": trouble.message, "detail": dict(trouble.detail)}
    body = {"success": False, "error": error, "timestamp": _now()}
    return json_response(body, trouble.status, {**trouble.headers, **(headers or {})})


def json_response(
    body: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a JSON response without an envelope."""
    return Response(orjson.dumps(body), status, dict(headers or {}), "application/json")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
