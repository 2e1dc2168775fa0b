"""The audit log: who asked for what, and whose data came out how."""

from datetime import datetime

import strawberry
from strawberry.relay import PageInfo

from resolvers.audit import AuditLogConnection as AuditLogConnectionRecord
from schema.pagination import page_info


@strawberry.type(description="Customers for whom the same classes of fields came out the same way.")
class AuditDisclosure:
    """Customers, and what was told of them."""

    customers: list[int] = strawberry.field(description="The customers' numbers.")
    returned: list[str] = strawberry.field(
        description="Classes of the fields that were told: open, contact, personal, money, health."
    )
    masked: list[str] = strawberry.field(description="Classes of the fields that were masked.")
    denied: list[str] = strawberry.field(description="Classes of the fields that were refused.")


@strawberry.type(description="One operation: who, when, where from, what, and whose data came out how.")
class AuditRecord:
    """One record of the audit."""

    at: datetime = strawberry.field(description="When.")
    actor: str | None = strawberry.field(
        description="The token's subject; null where no token could be trusted."
    )
    role: str | None = strawberry.field(description="The role then; null where no token could be trusted.")
    address: str | None = strawberry.field(description="The network address it came from.")
    user_agent: str | None = strawberry.field(description="The program it came from, as it calls itself.")
    door: str = strawberry.field(description="The way it came: graphql or rest.")
    task: str = strawberry.field(description="The kind: query, mutation, subscription or unknown.")
    operation: str | None = strawberry.field(description="The operation's name.")
    document_hash: str | None = strawberry.field(
        description="SHA-256 of the document's text, in hexadecimal."
    )
    outcome: str = strawberry.field(
        description="OK, STARTED (a write that was about to run), or the error code it was answered with."
    )
    request_id: str = strawberry.field(description="The X-Request-ID of its answer.")
    disclosures: list[AuditDisclosure] = strawberry.field(
        description="Whose data came out, and how; empty where nobody's did."
    )


@strawberry.type(description="One record and its place.")
class AuditLogEdge:
    """One record and its place."""

    node: AuditRecord = strawberry.field(description="The record.")
    place: str = strawberry.field(
        description="Its hash chain and number in it, as `python -m gateway audit verify` names them."
    )
    cursor: str = strawberry.field(description="The place just after it in the log, for `after`.")


@strawberry.type(description="One page of the audit log, newest first.")
class AuditLogConnection:
    """One page of records."""

    edges: list[AuditLogEdge] = strawberry.field(description="The records with their places.")
    nodes: list[AuditRecord] = strawberry.field(description="The records without places.")

    @strawberry.field(description="Whether and where the log goes on.")
    @staticmethod
    def page_info(root: strawberry.Parent[AuditLogConnectionRecord]) -> PageInfo:
        """Return the ends of the page."""
        return page_info(
            root.edges, has_next_page=root.has_next_page, has_previous_page=root.has_previous_page
        )
