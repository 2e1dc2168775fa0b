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


@dataclass(frozen=True, slots=True)
class Account:
    """What decides what someone may do: the center's own word for the role, and whether it is in use."""

    role: str | None
    active: bool


_STAFF_BY_EMAIL: LiteralString = """
SELECT user_id, email, name FROM public.users WHERE email = %(email)s AND is_active
"""

_ACCOUNT: LiteralString = """
SELECT role::text, is_active IS TRUE FROM public.users
WHERE email = %(subject)s OR user_id::text = %(subject)s
ORDER BY email = %(subject)s DESC LIMIT 1
"""


async def staff_member_by_email(reader: Reader, email: str) -> StaffMember | None:
    """Return the active staff member with this e-mail address, if there is one."""
    rows = await reader.fetch(_STAFF_BY_EMAIL, {"email": email})
    return StaffMember(*rows[0]) if rows else None


async def account_of(reader: Reader, subject: str) -> Account | None:
    """Return the account with this e-mail address or user id, active or not, if there is one."""
    rows = await reader.fetch(_ACCOUNT, {"subject": subject})
    return Account(*rows[0]) if rows else None
