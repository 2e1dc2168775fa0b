"""Who asks, what they may do and how much of it: the viewer, the one policy table, the quotas."""

from access.limits import LimitClass, Quota, read_quotas
from access.policy import FIELD_CAPABILITIES, FIELD_LIMITS, ROLES_WITH, Capability
from access.viewer import Role, Viewer

__all__ = [
    "FIELD_CAPABILITIES",
    "FIELD_LIMITS",
    "ROLES_WITH",
    "Capability",
    "LimitClass",
    "Quota",
    "Role",
    "Viewer",
    "read_quotas",
]
