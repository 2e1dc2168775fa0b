"""The result of an operation: its data, its errors by their codes, and what stands beside them."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import ExecutionResult, FieldNode, GraphQLError

from db.audit import Disclosure
from gateway.audit import OK
from gateway.limits import Refusal
from gateway.problems import INTERNAL_ERROR, RATE_LIMIT_EXCEEDED, VALIDATION_ERROR, Problem, problem_of
from resolvers.context import OperationContext
from resolvers.disclosure import Redaction

_log = logging.getLogger(__name__)

_LONGEST_MESSAGE = 300  # characters
_MOST_LOCATIONS = 10


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

    `redactions` are the places of the data that are masked or denied, `disclosures` whose data it holds, and
    `headers` say where the limits stand.
    """

    data: dict[str, Any] | None
    errors: tuple[OperationError, ...] = ()
    executed: bool = True
    statements: int = 0
    redactions: Sequence[Redaction] = ()
    disclosures: tuple[Disclosure, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def gravest(self) -> OperationError | None:
        """The error that stands for all where only one can be told; None where there is none."""
        return max(self.errors, key=lambda error: error.problem.status, default=None)


def answered(result: ExecutionResult, context: OperationContext, *, most_refusals: int) -> OperationResult:
    """Return the result of an execution; without data, nothing was disclosed.

    Variables can hold thousands of mistakes, of which `most_refusals` are told; each null in data is told.
    """
    errors = tuple(_named(error) for error in result.errors or ())
    statements = context.reader.statements
    if result.data is None:
        executed = any(error.path for error in errors)
        return OperationResult(None, errors if executed else errors[:most_refusals], executed, statements)
    return OperationResult(
        result.data,
        errors,
        statements=statements,
        redactions=context.disclosures.redactions,
        disclosures=context.disclosures.by_customer(),
    )


def failed(error: Exception) -> OperationResult:
    """Return the result of an operation that ended in an error as a whole."""
    return only(problem_of(error), executed=True)


def refused(errors: Sequence[GraphQLError]) -> OperationResult:
    """Return the result of a document or variables that cannot run."""
    return OperationResult(None, tuple(_told(error) for error in errors), executed=False)


def over_limit(refusal: Refusal) -> OperationResult:
    """Return the result of an operation that does not fit into its sender's quota."""
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    return only(RATE_LIMIT_EXCEEDED.with_detail(refusal.detail).with_headers(headers), executed=False)


def outcome_of(result: OperationResult) -> str:
    """Return the audit's word for a result: OK, or the code of the gravest error."""
    return result.gravest.problem.code if result.gravest else OK


def only(problem: Problem, *, executed: bool) -> OperationResult:
    """Return the result of an operation that ended in one problem as a whole."""
    return OperationResult(None, (OperationError(problem, problem.message, None, ()),), executed)


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
    if problem.code == INTERNAL_ERROR.code:
        _log.error("unexpected error in a field", exc_info=cause, extra={"field": _field(error)})
    return OperationError(problem, problem.message, _path(error), _locations(error))


def _field(error: GraphQLError) -> str | None:
    """Return the field's name for the log. The path has its alias, in which a client can write anything."""
    node = error.nodes[0] if error.nodes else None
    return node.name.value if isinstance(node, FieldNode) else None


def _path(error: GraphQLError) -> tuple[str | int, ...] | None:
    return tuple(error.path) if error.path else None


def _locations(error: GraphQLError) -> tuple[tuple[int, int], ...]:
    return tuple((place.line, place.column) for place in (error.locations or ())[:_MOST_LOCATIONS])
