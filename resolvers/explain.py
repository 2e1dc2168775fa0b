"""What the policy would do with an operation: the words for it, and who is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from access import FieldClass, Viewer


class Decision(StrEnum):
    """What becomes of a field: shown, masked, withheld, or an error because its door stays closed."""

    ALLOW = "allow"
    MASK = "mask"
    DENY = "deny"
    FORBID = "forbid"


@dataclass(frozen=True, slots=True)
class FieldDecision:
    """One field of an operation, what becomes of it, and the rule that says so."""

    path: str
    coordinate: str
    field_class: FieldClass
    decision: Decision
    rule: str


@dataclass(frozen=True, slots=True)
class OperationUnits:
    """How many units of a limit an operation costs."""

    limit: str
    units: int


@dataclass(frozen=True, slots=True)
class AccessExplanation:
    """What the policy would do with one operation of one viewer.

    `cache_seconds` is how long its answer may be kept: as long as the shortest of its parts, 0 for a write.
    """

    fields: Sequence[FieldDecision]
    cost: Sequence[OperationUnits]
    cache_seconds: int


class AccessExplainer(Protocol):
    """Explains operations without running them."""

    def explain(
        self, viewer: Viewer, document: str, operation_name: str | None, variables: Mapping[str, object]
    ) -> AccessExplanation:
        """Explain what would become of an operation if this viewer sent it.

        Raises:
            InvalidInput: the document is not one that would run.
        """
        ...
