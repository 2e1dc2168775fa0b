"""What the REST layer is handed: the operation path, told in its terms."""

from collections.abc import Mapping

from starlette.requests import Request

from gateway.authentication import Tokens, Unauthenticated
from gateway.operations import OperationError, OperationRequest, Operations
from gateway.problems import Problem, headers_of, problem_of, problem_of_status
from rest_compat import Outcome, Trouble


class RestOperations:
    """Runs the stored documents of the REST layer for whoever sent the request."""

    def __init__(self, operations: Operations, tokens: Tokens) -> None:
        self._operations = operations
        self._tokens = tokens

    def identify(self, request: Request) -> Trouble | None:
        """Keep the sender with the request; return the trouble when the token cannot be trusted."""
        try:
            request.state.viewer = self._tokens.viewer_of(request)
        except Unauthenticated as error:
            return _trouble(problem_of(error))
        return None

    async def run(self, request: Request, document: str, variables: Mapping[str, object]) -> Outcome:
        """Run a stored document; of several errors the gravest stands for all."""
        operation = OperationRequest(document, variables)
        result = await self._operations.run(request.state.viewer, operation)
        trouble = None
        if result.errors:
            gravest = max(result.errors, key=lambda error: error.problem.status)
            trouble = _trouble(gravest.problem.with_detail(_detail(gravest)))
        return Outcome(result.data or {}, trouble, result.statements, result.headers)

    def trouble(self, status: int, detail: Mapping[str, object]) -> Trouble:
        """Return what the client is told about a request that HTTP or its form alone refuses."""
        return _trouble(problem_of_status(status).with_detail(detail))


def _detail(error: OperationError) -> Mapping[str, object]:
    # a stored document is right, so what GraphQL finds wrong is in the variables, and its words say where
    told = error.message != error.problem.message
    return {"reason": error.message} if told else error.problem.detail


def _trouble(problem: Problem) -> Trouble:
    return Trouble(problem.status, problem.code, problem.message, problem.detail, headers_of(problem))
