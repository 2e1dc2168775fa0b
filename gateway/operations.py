"""The one path that every operation takes, whichever door it came through.

document (parsed and validated once) -> cost -> limits -> execution within a deadline -> audit record
committed -> result. A write has a record before it runs as well.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

import strawberry
from graphql import DocumentNode, GraphQLError, OperationType, get_operation_ast

from access import FIELD_LIMITS, LimitClass, Viewer
from db.engine import Database
from db.replica import Replica
from db.search import CustomerCounts
from execution import (
    Costs,
    DocumentCache,
    InvalidDocument,
    PageSizes,
    reads_schema,
    run_document,
    variables_excess,
)
from gateway.audit import STARTED, AuditUnavailable, Recorder, Source, Task
from gateway.bounds import OperationBounds
from gateway.explain import Explainer
from gateway.limits import RateLimits
from gateway.models import ModelKeeper
from gateway.problems import INTROSPECTION_REFUSED, UNAVAILABLE, Problem
from gateway.results import OperationResult, answered, failed, only, outcome_of, over_limit, refused
from insight.recommend.opening_hours import OpeningHours
from resolvers.cache import FreshRows, RowCache
from resolvers.context import OperationContext
from resolvers.cursors import Cursors
from resolvers.inputs import DEFAULT_PAGE, MAX_PAGE
from schema.coordinates import core_schema

_log = logging.getLogger(__name__)

_PAGES = PageSizes(("first", "last", "size", "count"), default=DEFAULT_PAGE, largest=MAX_PAGE)
_ONE_REQUEST = {LimitClass.GENERAL: 1}


@dataclass(frozen=True, slots=True)
class OperationRequest:
    """One operation as a client sent it."""

    document: str
    variables: Mapping[str, object]
    operation_name: str | None = None
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An operation that may run: its validated document, what the audit calls it, and what it costs."""

    document: DocumentNode
    task: Task
    units: Mapping[LimitClass, int]
    reads_schema: bool


class Operations:
    """Runs operations on one schema and one database."""

    def __init__(  # noqa: PLR0913 - what operations run on, and within which bounds
        self,
        schema: strawberry.Schema,
        database: Database,
        limits: RateLimits,
        recorder: Recorder,
        keeper: ModelKeeper,
        *,
        cache: RowCache,
        replica: Replica | None,
        today: Callable[[], date],
        hours: OpeningHours,
        cursors: Cursors,
        bounds: OperationBounds,
    ) -> None:
        self._schema = core_schema(schema)
        self._documents = DocumentCache(self._schema, bounds.documents, suggestions=bounds.suggestions)
        self._costs = Costs(self._schema, FIELD_LIMITS, _PAGES, max_nodes=bounds.nodes)
        self._explainer = Explainer(self._schema, self._documents, self._costs)
        self._limits = limits
        self._database = database
        self._cache = cache
        self._replica = replica
        self._recorder = recorder
        self._keeper = keeper
        self._today = today
        self._hours = hours
        self._cursors = cursors
        self._counts = CustomerCounts()
        self._bounds = bounds

    async def run(self, source: Source, viewer: Viewer, request: OperationRequest) -> OperationResult:
        """Run one operation for a viewer, and return its answer when the record of it is committed."""
        try:
            prepared = self._prepare(request)
        except InvalidDocument as invalid:
            prepared = invalid
        task, units = Task(), _ONE_REQUEST
        if isinstance(prepared, _Prepared):
            task, units = prepared.task, prepared.units
        charged = await self._limits.charge(viewer.subject, viewer.role, units)
        if charged.refusal:
            result = over_limit(charged.refusal)
        elif isinstance(prepared, InvalidDocument):
            result = refused(prepared.errors)
        elif prepared.reads_schema and viewer.role not in self._bounds.introspection:
            result = only(INTROSPECTION_REFUSED, executed=False)
        elif task.kind == OperationType.MUTATION.value:
            result = await self._write(source, viewer, prepared, request)
        else:
            result = await self._execute(viewer, prepared.document, request, self._cache, self._replica)
        return await self._recorded(source, viewer, task, replace(result, headers=charged.headers))

    async def refuse(self, source: Source, viewer: Viewer | None, problem: Problem) -> None:
        """Record a request that no operation comes of.

        Raises:
            AuditUnavailable: the record could not be committed, so that nothing but a 503 may be answered.
        """
        try:
            await self._recorder.record(source, viewer, Task(), problem.code)
        except AuditUnavailable:
            if problem.status != UNAVAILABLE.status:
                raise

    def _prepare(self, request: OperationRequest) -> _Prepared:
        """Find the operation that is to run, and what it costs.

        Raises:
            InvalidDocument: there is none.
        """
        document = self._documents.get(request.document)
        operation = get_operation_ast(document, request.operation_name)
        if operation is None:
            raise _invalid("operationName must name one operation of the document.")
        if request.read_only and operation.operation is not OperationType.QUERY:
            raise _invalid("A GET request can only run a query.")
        if excess := variables_excess(request.variables, self._bounds.documents):
            raise InvalidDocument([excess])
        cost = self._costs.of(document, request.operation_name, request.variables)
        name = operation.name.value if operation.name else None
        digest = sha256(request.document.encode()).hexdigest()
        task = Task(operation.operation.value, name, digest)
        return _Prepared(document, task, {**_ONE_REQUEST, **cost.units}, reads_schema(document))

    async def _write(
        self, source: Source, viewer: Viewer, prepared: _Prepared, request: OperationRequest
    ) -> OperationResult:
        """Run a mutation once a record says that it is about to."""
        try:
            await self._recorder.record(source, viewer, prepared.task, STARTED)
        except AuditUnavailable as error:
            return failed(error)
        return await self._execute(viewer, prepared.document, request, FreshRows(self._cache), None)

    async def _execute(
        self,
        viewer: Viewer,
        document: DocumentNode,
        request: OperationRequest,
        cache: RowCache,
        replica: Replica | None,
    ) -> OperationResult:
        context = OperationContext(
            viewer=viewer,
            database=self._database,
            cache=cache,
            replica=replica,
            today=self._today(),
            models=self._keeper.models,
            hours=self._hours,
            explainer=self._explainer,
            cursors=self._cursors,
            counts=self._counts,
        )
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
        except TimeoutError as error:
            _log.warning("operation over its deadline")
            return failed(error)
        finally:
            context.reader.abandon()
        return answered(result, context, most_refusals=self._bounds.documents.errors)

    async def _recorded(
        self, source: Source, viewer: Viewer, task: Task, result: OperationResult
    ) -> OperationResult:
        try:
            await self._recorder.record(source, viewer, task, outcome_of(result), result.disclosures)
        except AuditUnavailable as error:
            # what is a 503 in itself shows nothing, and keeps the reason that came first
            return result if outcome_of(result) == UNAVAILABLE.code else failed(error)
        return result


def _invalid(message: str) -> InvalidDocument:
    return InvalidDocument([GraphQLError(message)])
