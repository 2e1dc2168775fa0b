"""Who asks, and what they may do: the viewer and the one policy table."""

from access.policy import FIELD_CAPABILITIES, ROLES_WITH, Capability
from access.viewer import Role, Viewer

__all__ = ["FIELD_CAPABILITIES", "ROLES_WITH", "Capability", "Role", "Viewer"]
