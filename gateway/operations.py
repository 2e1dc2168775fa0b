"""The one path that every operation takes, whichever door it came through.

viewer -> document (parsed and validated once) -> execution within a deadline -> errors named -> result.
Cost and limits go before execution, the disclosure record and its commit after it.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import strawberry
from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationType

from access import Role, Viewer
from db.engine import Database
from execution import (
    DocumentCache,
    DocumentLimits,
    InvalidDocument,
    operation_type,
    reads_schema,
    run_document,
    variables_excess,
)
from gateway.problems import (
    INTERNAL_ERROR,
    INTROSPECTION_REFUSED,
    TIMEOUT,
    VALIDATION_ERROR,
    Problem,
    problem_of,
)
from gateway.settings import Settings
from resolvers.context import OperationContext

_log = logging.getLogger(__name__)

_LONGEST_MESSAGE = 300  # characters
_MOST_LOCATIONS = 10


@dataclass(frozen=True, slots=True)
class OperationBounds:
    """How large documents may be, who may read the schema, and how many seconds an operation may take.

    `suggestions` lets errors name words similar to a mistyped one, which tells of the schema too.
    """

    documents: DocumentLimits
    introspection: frozenset[Role]
    seconds: float
    suggestions: bool


def operation_bounds(settings: Settings) -> OperationBounds:
    """Return the bounds that the settings ask for."""
    documents = DocumentLimits(
        tokens=settings.document_tokens,
        depth=settings.document_depth,
        aliases=settings.document_aliases,
        root_fields=settings.document_root_fields,
    )
    return OperationBounds(
        documents, settings.introspection_roles, settings.operation_seconds, settings.development
    )


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
    """The answer. `executed` is false where the request was refused before any field ran."""

    data: Mapping[str, Any] | None
    errors: tuple[OperationError, ...] = ()
    executed: bool = True
    statements: int = 0


class Operations:
    """Runs operations on one schema and one database."""

    def __init__(
        self,
        schema: strawberry.Schema,
        database: Database,
        *,
        today: Callable[[], date],
        bounds: OperationBounds,
    ) -> None:
        self._schema: GraphQLSchema = schema._schema  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        self._documents = DocumentCache(self._schema, bounds.documents, suggestions=bounds.suggestions)
        self._database = database
        self._today = today
        self._bounds = bounds

    async def run(self, viewer: Viewer, request: OperationRequest) -> OperationResult:
        """Run one operation for a viewer."""
        try:
            document = self._documents.get(request.document)
        except InvalidDocument as invalid:
            return _refused(invalid.errors)
        if refusal := self._refusal(viewer, request, document):
            return refusal

        context = OperationContext(viewer=viewer, database=self._database, today=self._today())
        try:
            async with asyncio.timeout(self._bounds.seconds):
                result = await run_document(
                    self._schema,
                    document,
                    variables=request.variables,
                    operation_name=request.operation_name,
                    context=context,
                    suggestions=self._bounds.suggestions,
                )
        except TimeoutError:
            _log.warning("operation over its deadline")
            return OperationResult(None, (OperationError(TIMEOUT, TIMEOUT.message, None, ()),))
        finally:
            context.reader.abandon()
        errors = tuple(_named(error) for error in result.errors or ())
        executed = result.data is not None or any(error.path for error in errors)
        if not executed:  # a variable can hold thousands of mistakes; a null in data is told each time
            errors = errors[: self._bounds.documents.errors]
        return OperationResult(result.data, errors, executed, context.reader.statements)

    def _refusal(
        self, viewer: Viewer, request: OperationRequest, document: DocumentNode
    ) -> OperationResult | None:
        """Return why a valid document is not run as it was sent; None where it is."""
        kind = operation_type(document, request.operation_name)
        if kind is None:
            return _refused([GraphQLError("operationName must name one operation of the document.")])
        if request.read_only and kind is not OperationType.QUERY:
            return _refused([GraphQLError("A GET request can only run a query.")])
        if excess := variables_excess(request.variables, self._bounds.documents):
            return _refused([excess])
        if reads_schema(document) and viewer.role not in self._bounds.introspection:
            refusal = OperationError(INTROSPECTION_REFUSED, INTROSPECTION_REFUSED.message, None, ())
            return OperationResult(None, (refusal,), executed=False)
        return None


def _refused(errors: Sequence[GraphQLError]) -> OperationResult:
    return OperationResult(None, tuple(_told(error) for error in errors), executed=False)


def _told(error: GraphQLError) -> OperationError:
    """Tell an error of the document or its variables: the words in it are the client's own, up to a point."""
    return OperationError(VALIDATION_ERROR, _shortened(error.message), _path(error), _locations(error))


def _shortened(message: str) -> str:
    return message if len(message) <= _LONGEST_MESSAGE else message[: _LONGEST_MESSAGE - 1] + "…"


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
    return tuple((place.line, place.column) for place in (error.locations or ())[:_MOST_LOCATIONS])
