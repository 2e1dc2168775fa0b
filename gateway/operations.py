"""The one path that every operation takes, whichever door it came through.

viewer -> document (parsed and validated once) -> cost and limits -> execution within a deadline -> errors
named -> result. The disclosure record and its commit go after it.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import strawberry
from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationType

from access import FIELD_LIMITS, LimitClass, Viewer
from db.engine import Database
from execution import (
    Costs,
    DocumentCache,
    DocumentLimits,
    InvalidDocument,
    PageSizes,
    operation_type,
    run_document,
)
from gateway.limits import RateLimits, Refusal
from gateway.problems import (
    INTERNAL_ERROR,
    RATE_LIMIT_EXCEEDED,
    TIMEOUT,
    VALIDATION_ERROR,
    Problem,
    problem_of,
)
from resolvers.context import OperationContext
from resolvers.inputs import DEFAULT_PAGE, MAX_PAGE

_log = logging.getLogger(__name__)

_LONGEST_DOCUMENT = 64 * 1024  # characters
_PAGES = PageSizes(("first", "last", "size"), default=DEFAULT_PAGE, largest=MAX_PAGE)
# the general class counts requests and not fields
_UNITS = {field: kind for field, kind in FIELD_LIMITS.items() if kind is not LimitClass.GENERAL}


@dataclass(frozen=True, slots=True)
class OperationRequest:
    """One operation as a client sent it."""

    document: str
    variables: Mapping[str, object]
    operation_name: str | None = None
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class OperationError:
    """One thing that went wrong; without a path, nothing of the operation ran."""

    problem: Problem
    message: str
    path: tuple[str | int, ...] | None
    locations: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class OperationResult:
    """The answer. `executed` is false where the request was refused before any field ran.

    `headers` say where the limits stand.
    """

    data: Mapping[str, Any] | None
    errors: tuple[OperationError, ...] = ()
    executed: bool = True
    statements: int = 0
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class Operations:
    """Runs operations on one schema and one database."""

    def __init__(  # noqa: PLR0913 - what operations run on, and within which bounds
        self,
        schema: strawberry.Schema,
        database: Database,
        limits: RateLimits,
        *,
        today: Callable[[], date],
        deadline_seconds: float,
        suggestions: bool,
        max_nodes: int,
    ) -> None:
        self._schema: GraphQLSchema = schema._schema  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        self._documents = DocumentCache(self._schema, DocumentLimits(), suggestions=suggestions)
        self._costs = Costs(self._schema, _UNITS, _PAGES, max_nodes=max_nodes)
        self._limits = limits
        self._database = database
        self._today = today
        self._deadline_seconds = deadline_seconds
        self._suggestions = suggestions

    async def run(self, viewer: Viewer, request: OperationRequest) -> OperationResult:
        """Run one operation for a viewer."""
        if len(request.document) > _LONGEST_DOCUMENT:
            return _refused([GraphQLError(f"The document is longer than {_LONGEST_DOCUMENT} characters.")])
        try:
            document = self._documents.get(request.document)
        except InvalidDocument as invalid:
            return _refused(invalid.errors)
        kind = operation_type(document, request.operation_name)
        if kind is None:
            return _refused([GraphQLError("operationName must name one operation of the document.")])
        if request.read_only and kind is not OperationType.QUERY:
            return _refused([GraphQLError("A GET request can only run a query.")])
        try:
            cost = self._costs.of(document, request.operation_name, request.variables)
        except InvalidDocument as invalid:
            return _refused(invalid.errors)
        limits = await self._limits.charge(viewer.subject, viewer.role, {LimitClass.GENERAL: 1, **cost.units})
        if limits.refusal:
            result = _over_limit(limits.refusal)
        else:
            result = await self._execute(viewer, request, document)
        return replace(result, headers=limits.headers)

    async def _execute(
        self, viewer: Viewer, request: OperationRequest, document: DocumentNode
    ) -> OperationResult:
        context = OperationContext(viewer=viewer, database=self._database, today=self._today())
        try:
            async with asyncio.timeout(self._deadline_seconds):
                result = await run_document(
                    self._schema,
                    document,
                    variables=request.variables,
                    operation_name=request.operation_name,
                    context=context,
                    suggestions=self._suggestions,
                )
        except TimeoutError:
            _log.warning("operation over its deadline")
            return OperationResult(None, (OperationError(TIMEOUT, TIMEOUT.message, None, ()),))
        finally:
            context.reader.abandon()
        errors = tuple(_named(error) for error in result.errors or ())
        executed = result.data is not None or any(error.path for error in errors)
        return OperationResult(result.data, errors, executed, context.reader.statements)


def _refused(errors: Sequence[GraphQLError]) -> OperationResult:
    return OperationResult(None, tuple(_told(error) for error in errors), executed=False)


def _over_limit(refusal: Refusal) -> OperationResult:
    problem = RATE_LIMIT_EXCEEDED.with_detail(refusal.detail)
    if refusal.retry_after is not None:
        problem = problem.with_headers({"Retry-After": str(refusal.retry_after)})
    return OperationResult(None, (OperationError(problem, problem.message, None, ()),), executed=False)


def _told(error: GraphQLError) -> OperationError:
    """Tell an error of the document or its variables in full: the words in it are the client's own."""
    return OperationError(VALIDATION_ERROR, error.message, _path(error), _locations(error))


def _named(error: GraphQLError) -> OperationError:
    """Give an error its code and message; what nobody expected is logged and told to nobody."""
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return _told(error)
    problem = problem_of(cause)
    if problem is INTERNAL_ERROR:
        _log.error("unexpected error in a field", exc_info=cause, extra={"path": _path(error)})
    return OperationError(problem, problem.message, _path(error), _locations(error))


def _path(error: GraphQLError) -> tuple[str | int, ...] | None:
    return tuple(error.path) if error.path else None


def _locations(error: GraphQLError) -> tuple[tuple[int, int], ...]:
    return tuple((place.line, place.column) for place in error.locations or ())
