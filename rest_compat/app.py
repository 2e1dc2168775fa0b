"""The REST layer as an ASGI application: an endpoint for each path of the table."""

from collections.abc import Mapping
from functools import reduce
from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute

from rest_compat import envelope
from rest_compat.bodies import NotJson, is_json
from rest_compat.openapi import openapi_document
from rest_compat.parameters import InvalidParameters, Value, read_parameters, read_path
from rest_compat.redactions import unwrap, wrap
from rest_compat.route_parameters import FILTERS
from rest_compat.routes import ROUTES, Route, variables_of
from rest_compat.runner import OperationRunner


def rest_app(runner: OperationRunner, *, version: str, show_statements: bool) -> Starlette:
    """Return the application, to be mounted under `/api/v1`.

    Every path answers with and without a trailing slash, and without a redirect: a redirect loses the token
    of some callers.
    """
    document = openapi_document(ROUTES, version)

    async def openapi(_: Request) -> Response:
        return envelope.json_response(document)

    async def refused(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = error.headers if isinstance(error, HTTPException) else None
        return envelope.failure(runner.trouble(status, {}), headers or {})

    routes = [StarletteRoute("/openapi.json", openapi, methods=["GET"])]
    for path in dict.fromkeys(row.path for row in ROUTES):
        rows = {row.method: row for row in ROUTES if row.path == path}
        endpoint = _Endpoint(rows, runner, show_statements=show_statements)
        routes += [
            StarletteRoute(spelling, endpoint.answer, methods=[*rows]) for spelling in (path, path + "/")
        ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: refused, Exception: refused})
    app.router.redirect_slashes = False
    return app


class _Endpoint:
    """One path: identifies the sender, maps the request to variables, runs the document, dresses it."""

    def __init__(self, rows: Mapping[str, Route], runner: OperationRunner, *, show_statements: bool) -> None:
        self._rows = rows
        self._runner = runner
        self._show_statements = show_statements

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        row = self._rows["GET" if request.method == "HEAD" else request.method]
        if stranger := await self._runner.identify(request):
            return envelope.failure(stranger)
        try:
            filters = read_parameters(row.parameters, request.query_params)
            variables, ignored = await _variables(row, request, filters)
        except InvalidParameters as invalid:
            return envelope.failure(await self._runner.refused(request, 400, {"fields": invalid.fields}))
        except NotJson:
            reason = {"reason": "본문이 UTF-8로 쓴 JSON 객체가 아닙니다"}
            return envelope.failure(await self._runner.refused(request, 400, reason))
        except HTTPException as error:
            refusal = await self._runner.refused(request, error.status_code, {})
            return envelope.failure(refusal, error.headers)
        outcome = await self._runner.run(request, row.document, variables)
        if outcome.trouble:
            return envelope.failure(outcome.trouble, outcome.headers)
        redactions = wrap(outcome.data, outcome.redactions, row.answer)
        data = _data(row, outcome.data, filters)
        if outcome.redactions:
            redactions += unwrap(data)
        beside = {"redactions": redactions, "ignored": ignored}
        response = envelope.success(data, {name: listed for name, listed in beside.items() if listed})
        response.headers.update(outcome.headers)
        if self._show_statements:
            response.headers["Server-Timing"] = f'sql;desc="{outcome.statements} statements"'
        return response


async def _variables(
    row: Route, request: Request, filters: dict[str, Value]
) -> tuple[dict[str, Any], list[str]]:
    """Return the document's variables, and the keys of a body that were ignored."""
    variables: dict[str, Any] = {
        **variables_of(filters),
        **read_path(row.path_parameters, request.path_params),
    }
    if row.body is None:
        return variables, []
    if not is_json(request.headers.get("content-type", "")):
        raise HTTPException(415)
    sent, ignored = row.body.read(await request.body())
    return {"input": {**variables, **sent}}, ignored


def _data(row: Route, data: Mapping[str, Any], filters: Mapping[str, Value]) -> dict[str, Any]:
    """Return the contract's `data` out of the document's."""
    answer = cast("dict[str, Any]", reduce(lambda found, key: found[key], row.answer, data))
    if row.echo_filters:
        answer["filters_applied"] = {
            parameter.name: filters[parameter.variable]
            for parameter in row.parameters
            if parameter.name in FILTERS and parameter.variable in filters
        }
    for shape in row.shapes:
        shape(answer)
    return answer
