"""What each role may do, as data: capabilities by role, and the capability each GraphQL field needs.

REST has no rules of its own; it runs GraphQL.
"""

from collections.abc import Mapping
from enum import StrEnum

from access.viewer import Role


class Capability(StrEnum):
    """Something a role may or may not do."""

    READ_CUSTOMERS = "read_customers"
    READ_ANALYTICS = "read_analytics"
    UPDATE_CUSTOMERS = "update_customers"
    READ_AUDIT = "read_audit"


ROLES_WITH: Mapping[Capability, frozenset[Role]] = {
    Capability.READ_CUSTOMERS: frozenset({Role.STAFF, Role.MANAGER, Role.ADMIN}),
    Capability.READ_ANALYTICS: frozenset({Role.MANAGER, Role.ADMIN}),
    Capability.UPDATE_CUSTOMERS: frozenset({Role.ADMIN}),
    Capability.READ_AUDIT: frozenset({Role.ADMIN}),
}

FIELD_CAPABILITIES: Mapping[str, Capability | None] = {
    "Query.auditLog": Capability.READ_AUDIT,
    "Query.customer": Capability.READ_CUSTOMERS,
    "Query.customers": Capability.READ_CUSTOMERS,
    "Query.customerSearch": Capability.READ_CUSTOMERS,
    "Query.node": Capability.READ_CUSTOMERS,
    "Query.me": None,
    "Customer.analytics": Capability.READ_ANALYTICS,
    "Mutation.updateCustomer": Capability.UPDATE_CUSTOMERS,
}
"""The doors: every field of Query and Mutation, and the fields behind them that need more.

None is a door for everyone with a token. A root field without an entry stops the schema from being built.
"""
