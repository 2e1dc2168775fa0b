"""The GraphQL door: reads a request, runs the operation, writes the response."""

from collections.abc import Mapping
from typing import cast

import orjson
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from strawberry.http.ides import get_graphql_ide_html
from strawberry.utils.str_converters import to_camel_case

from access import Viewer
from gateway.audit import source_of
from gateway.identity import REFUSALS, Identity
from gateway.operations import OperationRequest, Operations
from gateway.problems import Problem, headers_of, problem_of, problem_of_status
from gateway.results import OperationError, OperationResult
from resolvers.disclosure import Redaction
from rest_compat import NotJson, is_json, read_json

_JSON = "application/json"
_GRAPHQL_JSON = "application/graphql-response+json"
_OK, _BAD_REQUEST, _TOO_MANY_REQUESTS, _SERVER_ERROR = 200, 400, 429, 500


class GraphQLDoor:
    """Answers GET (queries only) and POST on `/graphql`, after the GraphQL over HTTP specification.

    No header is asked of requests just to keep other sites' pages out. A page can make a browser send a form
    or an address without asking first, but only with what the browser adds by itself: cookies, which identify
    nobody here. The one thing that does, the Authorization header, makes every browser ask first (a CORS
    preflight), and the answer names the center's own pages. Without it nothing but the page for writing
    queries is answered; a body must be application/json, which forms cannot send; GET changes nothing.
    """

    def __init__(self, operations: Operations, identity: Identity, *, show_statements: bool) -> None:
        self._operations = operations
        self._identity = identity
        self._show_statements = show_statements
        self._page = get_graphql_ide_html(graphql_ide="graphiql")

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        if _wants_page(request):
            return HTMLResponse(self._page)
        source = source_of(request, "graphql")
        viewer: Viewer | None = None
        try:
            viewer = await self._identity.viewer_of(request)
            operation = await _from_body(request) if request.method == "POST" else _from_query(request)
        except (*REFUSALS, HTTPException) as error:
            await self._operations.refuse(source, viewer, _problem_of_refusal(error))
            raise
        result = await self._operations.run(source, viewer, operation)
        response = _response(result, request.headers)
        if self._show_statements:
            response.headers["Server-Timing"] = f'sql;desc="{result.statements} statements"'
        return response


async def refuse(request: Request, error: Exception) -> Response:
    """Answer a request that no operation came of: not authenticated, not JSON, not found."""
    problem = _problem_of_refusal(error)
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    named = OperationError(problem, problem.message, None, ())
    reason = str(error.detail) if isinstance(error, HTTPException) and error.detail else None
    return _write(
        {"errors": [_error(named, reason)]},
        problem.status,
        _media_type(request.headers),
        {**headers, **headers_of(problem)},
    )


def _problem_of_refusal(error: Exception) -> Problem:
    return problem_of_status(error.status_code) if isinstance(error, HTTPException) else problem_of(error)


def _wants_page(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return request.method == "GET" and "text/html" in accepted and "query" not in request.query_params


def _from_query(request: Request) -> OperationRequest:
    parameters = request.query_params
    variables: object = {}
    if text := parameters.get("variables"):
        variables = _decoded(text.encode())
    return _operation(
        {
            "query": parameters.get("query"),
            "variables": variables,
            "operationName": parameters.get("operationName") or None,
        },
        read_only=True,
    )


async def _from_body(request: Request) -> OperationRequest:
    if not is_json(request.headers.get("content-type", "")):
        raise HTTPException(415, "the body must be application/json in UTF-8")
    body = _decoded(await request.body())
    if not isinstance(body, dict):
        raise HTTPException(400, "the body must be a JSON object with a query")
    return _operation(cast("dict[str, object]", body), read_only=False)


def _decoded(text: bytes) -> object:
    try:
        return read_json(text)
    except NotJson:
        raise HTTPException(400, "not JSON in UTF-8, or of too many lists and objects") from None


def _operation(fields: Mapping[str, object], *, read_only: bool) -> OperationRequest:
    document, name, variables = fields.get("query"), fields.get("operationName"), fields.get("variables")
    if not isinstance(document, str) or not document:
        raise HTTPException(400, "query must be the text of a GraphQL document")
    if name is not None and not isinstance(name, str):
        raise HTTPException(400, "operationName must be text")
    if variables is not None and not isinstance(variables, dict):
        raise HTTPException(400, "variables must be an object")
    if not isinstance(fields.get("extensions", {}), dict | None):
        raise HTTPException(400, "extensions must be an object")
    return OperationRequest(document, cast("dict[str, object]", variables or {}), name, read_only=read_only)


def _response(result: OperationResult, headers: Headers) -> Response:
    body: dict[str, object] = {}
    if result.executed:
        body["data"] = result.data
    if result.errors:
        body["errors"] = [_error(error) for error in result.errors]
    if result.redactions:
        body["extensions"] = {"redactions": [_redaction(one) for one in result.redactions]}
    media_type = _media_type(headers)
    problem = result.gravest.problem if result.gravest else None
    extra = headers_of(problem) if problem else {}
    return _write(body, _status(result, headers, problem), media_type, {**result.headers, **extra})


def _status(result: OperationResult, headers: Headers, problem: Problem | None) -> int:
    if problem and (problem.status == _TOO_MANY_REQUESTS or problem.status > _SERVER_ERROR):
        return problem.status
    if result.executed or (_JSON in headers.get("accept", "") and _media_type(headers) == _JSON):
        # a client that asks for application/json alone predates the status codes of the specification
        return _OK
    return _BAD_REQUEST


def _media_type(headers: Headers) -> str:
    return _GRAPHQL_JSON if _GRAPHQL_JSON in headers.get("accept", "") else _JSON


def _error(error: OperationError, reason: str | None = None) -> dict[str, object]:
    written: dict[str, object] = {"message": error.message}
    if error.locations:
        written["locations"] = [{"line": line, "column": column} for line, column in error.locations]
    if error.path is not None:
        written["path"] = list(error.path)
    detail = {"reason": reason} if reason else _in_graphql_words(error.problem.detail)
    written["extensions"] = {"code": error.problem.code, **({"detail": detail} if detail else {})}
    return written


def _redaction(redaction: Redaction) -> dict[str, object]:
    return {"path": redaction.path, "state": redaction.verdict}


def _in_graphql_words(detail: Mapping[str, object]) -> dict[str, object]:
    """Write names as the schema does: birth_year is birthYear there."""
    return {
        to_camel_case(key): {to_camel_case(name): why for name, why in cast("dict[str, str]", value).items()}
        if isinstance(value, dict)
        else value
        for key, value in detail.items()
    }


def _write(body: Mapping[str, object], status: int, media_type: str, headers: Mapping[str, str]) -> Response:
    content_type = f"{media_type}; charset=utf-8"
    return Response(orjson.dumps(body), status, {**headers, "content-type": content_type})
