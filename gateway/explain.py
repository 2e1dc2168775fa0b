"""Access explain: what the policy would do with an operation, told without running it."""

from collections.abc import Mapping

from graphql import GraphQLSchema

from access import (
    FIELD_CAPABILITIES,
    FIELD_RULES,
    CacheClass,
    FieldClass,
    LimitClass,
    Verdict,
    Viewer,
    may,
    verdict,
)
from access.policy import SCOPES
from execution import Costs, DocumentCache, InvalidDocument, SelectedField, selected_fields
from resolvers.errors import InvalidInput
from resolvers.explain import AccessExplanation, Decision, FieldDecision, OperationUnits

CACHE_SECONDS: Mapping[CacheClass, int] = {
    CacheClass.NONE: 0,
    CacheClass.DETAIL: 300,
    CacheClass.ANALYTICS: 3600,
    CacheClass.RECOMMENDATIONS: 86_400,
}
"""How long an answer of a class may be kept, in seconds: the contract's caching strategy."""

_MOST_FIELDS = 2000

_IN_WORDS = {Verdict.VALUE: "shown to", Verdict.MASKED: "masked for", Verdict.DENIED: "denied to"}
_DECISIONS = {Verdict.VALUE: Decision.ALLOW, Verdict.MASKED: Decision.MASK, Verdict.DENIED: Decision.DENY}


class Explainer:
    """Explains operations on one schema."""

    def __init__(self, schema: GraphQLSchema, documents: DocumentCache, costs: Costs[LimitClass]) -> None:
        self._schema = schema
        self._documents = documents
        self._costs = costs

    def explain(
        self, viewer: Viewer, document: str, operation_name: str | None, variables: Mapping[str, object]
    ) -> AccessExplanation:
        """Explain what would become of an operation if this viewer sent it.

        Raises:
            InvalidInput: the document is not one that would run.
        """
        try:
            parsed = self._documents.get(document)
            fields = selected_fields(self._schema, parsed, operation_name, variables, most=_MOST_FIELDS)
            cost = self._costs.of(parsed, operation_name, variables)
        except InvalidDocument as invalid:
            raise InvalidInput({"document": invalid.errors[0].message}) from None
        return AccessExplanation(
            fields=_decisions(viewer, fields),
            cost=[
                OperationUnits(str(limit), units)
                for limit, units in {LimitClass.GENERAL: 1, **cost.units}.items()
            ],
            cache_seconds=min(
                (CACHE_SECONDS[FIELD_RULES[field.coordinate].cache] for field in fields), default=0
            ),
        )


def _decisions(viewer: Viewer, fields: list[SelectedField]) -> list[FieldDecision]:
    """Decide each field; what lies behind one that is denied or forbidden shares its fate."""
    decided: dict[tuple[str, ...], FieldDecision] = {}
    decisions: list[FieldDecision] = []
    for field in fields:
        above = decided.get(field.path[:-1])
        closed = above is not None and above.decision in {Decision.DENY, Decision.FORBID}
        own = _decision(viewer, field)
        decision = _behind(above, own) if closed and above else own
        # of several types that may stand in one place, the one that lets through decides what lies below
        if field.path not in decided or decided[field.path].decision is not Decision.ALLOW:
            decided[field.path] = decision
        decisions.append(decision)
    return decisions


def _decision(viewer: Viewer, field: SelectedField) -> FieldDecision:
    needed = FIELD_CAPABILITIES.get(field.coordinate)
    rule = FIELD_RULES[field.coordinate]
    place = ".".join(field.path), field.coordinate, rule.field_class
    if needed is not None and not may(viewer, needed):
        return FieldDecision(*place, Decision.FORBID, f"{viewer.role} lacks {needed}")
    said = verdict(viewer, rule.field_class)
    if said is Verdict.VALUE and rule.rests_on is not None:
        return FieldDecision(*place, *_resting(viewer, rule.rests_on))
    return FieldDecision(*place, _DECISIONS[said], _reason(viewer, rule.field_class, said))


def _resting(viewer: Viewer, resting_on: FieldClass) -> tuple[Decision, str]:
    said = verdict(viewer, resting_on)
    reason = _reason(viewer, resting_on, said)
    if said is Verdict.VALUE:
        return Decision.ALLOW, f"rests on {resting_on}: {reason}"
    return Decision.MASK, f"answered without {resting_on}: {reason}"


def _reason(viewer: Viewer, field_class: FieldClass, said: Verdict) -> str:
    scope = SCOPES.get(field_class)
    if scope in viewer.scopes:
        return f"{field_class} is shown to holders of {scope}"
    if said is Verdict.DENIED and scope is not None:
        return f"{field_class} needs {scope}"
    return f"{field_class} is {_IN_WORDS[said]} {viewer.role}"


def _behind(above: FieldDecision, own: FieldDecision) -> FieldDecision:
    return FieldDecision(
        own.path, own.coordinate, own.field_class, above.decision, f"{above.path}: {above.rule}"
    )
