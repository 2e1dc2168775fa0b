"""The center's own people."""

from dataclasses import dataclass
from typing import LiteralString

from db.engine import Reader


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Someone who works at the center."""

    user_id: int
    email: str
    name: str


_STAFF_BY_EMAIL: LiteralString = """
SELECT user_id, email, name FROM public.users WHERE email = %(email)s AND is_active
"""


async def staff_member_by_email(reader: Reader, email: str) -> StaffMember | None:
    """Return the active staff member with this e-mail address, if there is one."""
    rows = await reader.fetch(_STAFF_BY_EMAIL, {"email": email})
    return StaffMember(*rows[0]) if rows else None
