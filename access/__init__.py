"""Who asks, what they may do and see, and how much: the viewer, the one policy table, masks, quotas."""

from access.classes import CacheClass, FieldClass, Verdict
from access.fields import FIELD_LIMITS, FIELD_RULES, FieldRule
from access.limits import LimitClass, Quota, read_quotas
from access.masks import MASKS, Mask
from access.policy import FIELD_CAPABILITIES, ROLES_WITH, Capability, may, verdict
from access.viewer import Role, Viewer

__all__ = [
    "FIELD_CAPABILITIES",
    "FIELD_LIMITS",
    "FIELD_RULES",
    "MASKS",
    "ROLES_WITH",
    "CacheClass",
    "Capability",
    "FieldClass",
    "FieldRule",
    "LimitClass",
    "Mask",
    "Quota",
    "Role",
    "Verdict",
    "Viewer",
    "may",
    "read_quotas",
    "verdict",
]
