"""The center's people."""

from access import Viewer
from db.queries.staff import staff_member_by_email
from resolvers.context import OperationContext


async def name_of(context: OperationContext, viewer: Viewer) -> str | None:
    """Return the name of the staff member who asks; None where the center knows no such person."""
    member = await staff_member_by_email(context.reader, viewer.subject)
    return member.name if member else None
