"""What this layer is handed to run its documents with."""

from collections.abc import Mapping, Sequence
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
class Redaction:
    """A place in a document's data that is masked or denied: its path of keys and positions, and which."""

    path: Sequence[str | int]
    state: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a document answered: its data, or what went wrong; and the headers that go with either."""

    data: dict[str, Any]
    trouble: Trouble | None
    statements: int
    redactions: Sequence[Redaction]
    headers: Mapping[str, str]


class OperationRunner(Protocol):
    """Runs documents for whoever sent a request."""

    async def identify(self, request: Request) -> Trouble | None:
        """Find out who sent the request; return the trouble if nobody we know did."""
        ...

    async def run(self, request: Request, document: str, variables: Mapping[str, object]) -> Outcome:
        """Run a document for the sender of a request that was identified."""
        ...

    async def refused(self, request: Request, status: int, detail: Mapping[str, object]) -> Trouble:
        """Explain why the request of an identified sender has the wrong form, after it was recorded."""
        ...

    def trouble(self, status: int, detail: Mapping[str, object]) -> Trouble:
        """Explain a refusal by its HTTP status, such as 404 for a path that is not there."""
        ...
