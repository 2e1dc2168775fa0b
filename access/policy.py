"""Who may do and see what, as data: capabilities by role, doors by capability, verdicts by field class.

REST has no rules of its own; it runs GraphQL.
"""

from collections.abc import Mapping
from enum import StrEnum

from access.classes import FieldClass, Verdict
from access.viewer import Role, Viewer


class Capability(StrEnum):
    """Something a role may or may not do."""

    READ_CUSTOMERS = "read_customers"
    READ_ANALYTICS = "read_analytics"
    READ_RECOMMENDATIONS = "read_recommendations"
    GIVE_FEEDBACK = "give_feedback"
    UPDATE_CUSTOMERS = "update_customers"
    READ_AUDIT = "read_audit"
    EXPLAIN_ACCESS = "explain_access"


ROLES_WITH: Mapping[Capability, frozenset[Role]] = {
    Capability.READ_CUSTOMERS: frozenset({Role.STAFF, Role.MANAGER, Role.ADMIN}),
    Capability.READ_ANALYTICS: frozenset({Role.MANAGER, Role.ADMIN}),
    Capability.READ_RECOMMENDATIONS: frozenset({Role.MANAGER, Role.ADMIN}),
    Capability.GIVE_FEEDBACK: frozenset({Role.MANAGER, Role.ADMIN}),
    Capability.UPDATE_CUSTOMERS: frozenset({Role.ADMIN}),
    Capability.READ_AUDIT: frozenset({Role.ADMIN}),
    Capability.EXPLAIN_ACCESS: frozenset({Role.ADMIN}),
}

FIELD_CAPABILITIES: Mapping[str, Capability | None] = {
    "Query.accessExplain": Capability.EXPLAIN_ACCESS,
    "Query.auditLog": Capability.READ_AUDIT,
    "Query.customer": Capability.READ_CUSTOMERS,
    "Query.customers": Capability.READ_CUSTOMERS,
    "Query.customerSearch": Capability.READ_CUSTOMERS,
    "Query.node": Capability.READ_CUSTOMERS,
    "Query.me": None,
    "Customer.analytics": Capability.READ_ANALYTICS,
    "Customer.segment": Capability.READ_ANALYTICS,
    "Customer.recommendations": Capability.READ_RECOMMENDATIONS,
    "Mutation.updateCustomer": Capability.UPDATE_CUSTOMERS,
    "Mutation.giveRecommendationFeedback": Capability.GIVE_FEEDBACK,
}
"""The doors: every field of Query and Mutation, and the fields behind them that need more.

None is a door for everyone with a token. A root field without an entry stops the schema from being built.
"""

HEALTH_SCOPE = "health:read"
"""The separate permission for health data, a scope of the token."""

_VALUE_FOR_ALL = dict.fromkeys(Role, Verdict.VALUE)
_MASKED_FOR_STAFF = {**_VALUE_FOR_ALL, Role.STAFF: Verdict.MASKED}

VERDICTS: Mapping[FieldClass, Mapping[Role, Verdict]] = {
    FieldClass.OPEN: _VALUE_FOR_ALL,
    FieldClass.CONTACT: _MASKED_FOR_STAFF,
    FieldClass.PERSONAL: _MASKED_FOR_STAFF,
    FieldClass.MONEY: _MASKED_FOR_STAFF,
    FieldClass.HEALTH: {
        Role.STAFF: Verdict.DENIED,
        Role.MANAGER: Verdict.DENIED,
        Role.ADMIN: Verdict.VALUE,
    },
}
"""How a field of each class comes out for each role, scopes aside."""

SCOPES: Mapping[FieldClass, str] = {FieldClass.HEALTH: HEALTH_SCOPE}
"""The scope that turns the verdict on a class into VALUE."""


def may(viewer: Viewer, capability: Capability) -> bool:
    """Whether the viewer has a capability."""
    return viewer.role in ROLES_WITH[capability]


def verdict(viewer: Viewer, field_class: FieldClass) -> Verdict:
    """Return how fields of a class come out for the viewer."""
    if SCOPES.get(field_class) in viewer.scopes:
        return Verdict.VALUE
    return VERDICTS[field_class][viewer.role]
