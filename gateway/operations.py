"""The one path that every operation takes, whichever door it came through.

document (parsed and validated once) -> execution within a deadline -> errors named -> audit record committed
-> result. A write has a record before it runs as well.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

import strawberry
from graphql import DocumentNode, GraphQLError, OperationType, get_operation_ast

from access import Viewer
from db.audit import Disclosure
from db.engine import Database
from execution import DocumentCache, DocumentLimits, InvalidDocument, run_document
from gateway.audit import AuditUnavailable
from gateway.problems import INTERNAL_ERROR, VALIDATION_ERROR, Problem, problem_of
from gateway.recording import OK, STARTED, Recorder, Source, Task
from resolvers.context import OperationContext
from resolvers.disclosure import Redaction
from schema.coordinates import core_schema

_log = logging.getLogger(__name__)

_LONGEST_DOCUMENT = 64 * 1024  # characters


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

    data: dict[str, Any] | None
    errors: tuple[OperationError, ...] = ()
    executed: bool = True
    statements: int = 0
    redactions: Sequence[Redaction] = ()
    disclosures: tuple[Disclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An operation that may run: its validated document, and what the audit calls it."""

    document: DocumentNode
    task: Task


class Operations:
    """Runs operations on one schema and one database."""

    def __init__(  # noqa: PLR0913 - what an operation needs
        self,
        schema: strawberry.Schema,
        database: Database,
        recorder: Recorder,
        *,
        today: Callable[[], date],
        deadline_seconds: float,
        suggestions: bool,
    ) -> None:
        self._schema = core_schema(schema)
        self._documents = DocumentCache(self._schema, DocumentLimits(), suggestions=suggestions)
        self._database = database
        self._recorder = recorder
        self._today = today
        self._deadline_seconds = deadline_seconds
        self._suggestions = suggestions

    async def run(self, source: Source, viewer: Viewer, request: OperationRequest) -> OperationResult:
        """Run one operation for a viewer, and return its answer when the record of it is committed."""
        prepared = self._prepare(request)
        if isinstance(prepared, OperationResult):
            return await self._answered(source, viewer, Task(), prepared)
        if prepared.task.kind == OperationType.MUTATION.value:
            try:
                await self._recorder.record(source, viewer, prepared.task, STARTED)
            except AuditUnavailable as error:
                return _failed(error)
        result = await self._execute(viewer, prepared, request)
        return await self._answered(source, viewer, prepared.task, result)

    async def refuse(self, source: Source, viewer: Viewer | None, problem: Problem) -> None:
        """Record a request that no operation comes of.

        Raises:
            AuditUnavailable: the record could not be committed, so that nothing may be answered.
        """
        await self._recorder.record(source, viewer, Task(), problem.code)

    async def _answered(
        self, source: Source, viewer: Viewer, task: Task, result: OperationResult
    ) -> OperationResult:
        try:
            await self._recorder.record(source, viewer, task, _outcome(result), result.disclosures)
        except AuditUnavailable as error:
            return _failed(error)
        return result

    def _prepare(self, request: OperationRequest) -> _Prepared | OperationResult:
        """Find the operation that is to run; the result says why there is none."""
        if len(request.document) > _LONGEST_DOCUMENT:
            return _refused([GraphQLError(f"The document is longer than {_LONGEST_DOCUMENT} characters.")])
        try:
            document = self._documents.get(request.document)
        except InvalidDocument as invalid:
            return _refused(invalid.errors)
        operation = get_operation_ast(document, request.operation_name)
        if operation is None:
            return _refused([GraphQLError("operationName must name one operation of the document.")])
        if request.read_only and operation.operation is not OperationType.QUERY:
            return _refused([GraphQLError("A GET request can only run a query.")])
        name = operation.name.value if operation.name else None
        digest = sha256(request.document.encode()).hexdigest()
        return _Prepared(document, Task(operation.operation.value, name, digest))

    async def _execute(
        self, viewer: Viewer, prepared: _Prepared, request: OperationRequest
    ) -> OperationResult:
        context = OperationContext(viewer=viewer, database=self._database, today=self._today())
        try:
            async with asyncio.timeout(self._deadline_seconds):
                result = await run_document(
                    self._schema,
                    prepared.document,
                    variables=request.variables,
                    operation_name=request.operation_name,
                    context=context,
                    suggestions=self._suggestions,
                )
        except TimeoutError as error:
            _log.warning("operation over its deadline")
            return _failed(error)
        finally:
            context.reader.abandon()
        errors = tuple(_named(error) for error in result.errors or ())
        if result.data is None:
            executed = any(error.path for error in errors)
            return OperationResult(None, errors, executed, context.reader.statements)
        return OperationResult(
            result.data,
            errors,
            statements=context.reader.statements,
            redactions=context.disclosures.redactions,
            disclosures=context.disclosures.by_customer(),
        )


def _outcome(result: OperationResult) -> str:
    worst = max((error.problem for error in result.errors), key=lambda problem: problem.status, default=None)
    return worst.code if worst else OK


def _failed(error: Exception) -> OperationResult:
    problem = problem_of(error)
    return OperationResult(None, (OperationError(problem, problem.message, None, ()),))


def _refused(errors: Sequence[GraphQLError]) -> OperationResult:
    return OperationResult(None, tuple(_told(error) for error in errors), executed=False)


def _told(error: GraphQLError) -> OperationError:
    """Tell an error of the document or its variables in full: the words in it are the client's own."""
    return OperationError(VALIDATION_ERROR, error.message, _path(error), _locations(error))


def _named(error: GraphQLError) -> OperationError:
    """Give an error its code and message; what nobody expected is logged and told to nobody."""
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return _told(error)
    problem = problem_of(cause)
    if problem.code == INTERNAL_ERROR.code:
        _log.error("unexpected error in a field", exc_info=cause, extra={"path": _path(error)})
    return OperationError(problem, problem.message, _path(error), _locations(error))


def _path(error: GraphQLError) -> tuple[str | int, ...] | None:
    return tuple(error.path) if error.path else None


def _locations(error: GraphQLError) -> tuple[tuple[int, int], ...]:
    return tuple((place.line, place.column) for place in error.locations or ())
