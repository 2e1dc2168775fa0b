"""What the REST layer is handed: the operation path, told in its terms."""

from collections.abc import Mapping

from starlette.requests import Request

from access import Viewer
from gateway.audit import AuditUnavailable, source_of
from gateway.identity import REFUSALS, Identity
from gateway.operations import OperationRequest, Operations
from gateway.problems import Problem, headers_of, problem_of, problem_of_status
from gateway.results import OperationError
from rest_compat import Outcome, Redaction, Trouble

_DOOR = "rest"


class RestOperations:
    """Runs the stored documents of the REST layer for whoever sent the request."""

    def __init__(self, operations: Operations, identity: Identity) -> None:
        self._operations = operations
        self._identity = identity

    async def identify(self, request: Request) -> Trouble | None:
        """Keep the sender with the request; return the trouble when nobody can be trusted to be it."""
        try:
            request.state.viewer = await self._identity.viewer_of(request)
        except REFUSALS as error:
            return await self._refused(request, None, problem_of(error))
        return None

    async def refused(self, request: Request, status: int, detail: Mapping[str, object]) -> Trouble:
        """Record a request of an identified sender whose form is wrong, and explain what is."""
        return await self._refused(
            request, request.state.viewer, problem_of_status(status).with_detail(detail)
        )

    async def _refused(self, request: Request, viewer: Viewer | None, problem: Problem) -> Trouble:
        try:
            await self._operations.refuse(source_of(request, _DOOR), viewer, problem)
        except AuditUnavailable as error:
            return _trouble(problem_of(error))
        return _trouble(problem)

    async def run(self, request: Request, document: str, variables: Mapping[str, object]) -> Outcome:
        """Run a stored document; of several errors the gravest stands for all."""
        operation = OperationRequest(document, variables)
        result = await self._operations.run(source_of(request, _DOOR), request.state.viewer, operation)
        trouble = None
        if gravest := result.gravest:
            trouble = _trouble(gravest.problem.with_detail(_detail(gravest)))
        redactions = [Redaction(one.path, one.verdict) for one in result.redactions]
        return Outcome(result.data or {}, trouble, result.statements, redactions, result.headers)

    def trouble(self, status: int, detail: Mapping[str, object]) -> Trouble:
        """Return what the client is told about a request that HTTP or its form alone refuses."""
        return _trouble(problem_of_status(status).with_detail(detail))


def _detail(error: OperationError) -> Mapping[str, object]:
    # a stored document is right, so what GraphQL finds wrong is in the variables, and its words say where
    told = error.message != error.problem.message
    return {"reason": error.message} if told else error.problem.detail


def _trouble(problem: Problem) -> Trouble:
    return Trouble(problem.status, problem.code, problem.message, problem.detail, headers_of(problem))
