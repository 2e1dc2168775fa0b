"""Who asks: the person or program behind a verified token."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A staff role of the center."""

    STAFF = "STAFF"
    MANAGER = "MANAGER"
    ADMIN = "ADMIN"


@dataclass(frozen=True, slots=True)
class Viewer:
    """The verified subject of a request; `scopes` are the extra rights it names, such as `health:read`."""

    subject: str
    role: Role
    scopes: frozenset[str]
