"""What this layer is handed to run its documents with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no answer: an HTTP status, and the code, message and detail of the contract's envelope."""

    status: int
    code: str
    message: str
    detail: Mapping[str, object]
    headers: Mapping[str, str]

    def with_detail(self, detail: Mapping[str, object]) -> "Trouble":
        """Return the same trouble with other particulars."""
        return replace(self, detail=detail)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a document answered: its data, or what went wrong; and the headers that go with either."""

    data: Mapping[str, Any]
    trouble: Trouble | None
    statements: int
    headers: Mapping[str, str]


class OperationRunner(Protocol):
    """Runs documents for whoever sent a request."""

    def identify(self, request: Request) -> Trouble | None:
        """Find out who sent the request; return the trouble if nobody we know did."""
        ...

    async def run(self, request: Request, document: str, variables: Mapping[str, object]) -> Outcome:
        """Run a document for the sender of a request that was identified."""
        ...

    def trouble(self, status: int, detail: Mapping[str, object]) -> Trouble:
        """Explain a refusal by its HTTP status, such as 404 for a path that is not there."""
        ...
