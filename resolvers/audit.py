"""The audit log, page by page, newest first."""

from dataclasses import dataclass

from db.audit import AuditFilter, AuditPlace, AuditRecord, SealedRecord, audit_page
from resolvers.context import OperationContext
from resolvers.cursors import Cursors
from resolvers.errors import InvalidInput
from resolvers.inputs import page_size


@dataclass(frozen=True, slots=True)
class AuditEdge:
    """One record and its place: `place` in its hash chain, `cursor` in the log."""

    node: AuditRecord
    place: str
    cursor: str


@dataclass(frozen=True, slots=True)
class AuditLogConnection:
    """One page of the audit log."""

    edges: tuple[AuditEdge, ...]
    has_next_page: bool
    has_previous_page: bool

    @property
    def nodes(self) -> list[AuditRecord]:
        """The records without their places."""
        return [edge.node for edge in self.edges]


async def audit_log(
    context: OperationContext, wanted: AuditFilter, *, first: int, after: str | None
) -> AuditLogConnection:
    """Return one page of the records that match.

    Raises:
        InvalidInput: `first` is out of bounds, `after` is no cursor of the log, or `since` is after `until`.
    """
    if wanted.since and wanted.until and wanted.since > wanted.until:
        raise InvalidInput({"since": "until보다 늦을 수 없습니다"})
    size = page_size("first", first)
    place = context.cursors.read_audit(after) if after else None
    # one more than asked for tells whether the log goes on
    found = await audit_page(context.reader, wanted, place, size + 1)
    return AuditLogConnection(
        tuple(_edge(context.cursors, one) for one in found[:size]),
        has_next_page=len(found) > size,
        has_previous_page=place is not None,
    )


def _edge(cursors: Cursors, sealed: SealedRecord) -> AuditEdge:
    cursor = cursors.audit(AuditPlace(sealed.record.at, sealed.chain, sealed.seq))
    return AuditEdge(sealed.record, f"{sealed.chain}/{sealed.seq}", cursor)
