"""Who asks, what they may do and see: the viewer, the one policy table, the masks."""

from access.classes import CacheClass, FieldClass, Verdict
from access.fields import FIELD_RULES, FieldRule
from access.masks import MASKS, Mask
from access.policy import FIELD_CAPABILITIES, ROLES_WITH, Capability, may, verdict
from access.viewer import Role, Viewer

__all__ = [
    "FIELD_CAPABILITIES",
    "FIELD_RULES",
    "MASKS",
    "ROLES_WITH",
    "CacheClass",
    "Capability",
    "FieldClass",
    "FieldRule",
    "Mask",
    "Role",
    "Verdict",
    "Viewer",
    "may",
    "verdict",
]
