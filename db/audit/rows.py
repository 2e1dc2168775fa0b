"""The rows of `gateway.audit_record`, and the sealed records that they are read as."""

from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from db.audit.chain import SealedRecord
from db.audit.record import AuditRecord, Disclosure

COLUMNS: LiteralString = (
    "chain, seq, at, actor, role, address, user_agent, door, task, operation, document_hash, outcome, "
    "request_id, customers, disclosures, previous, hash"
)
"""The columns of a row, in the order in which it is written and read."""


class StoredRow(NamedTuple):
    """A row of `COLUMNS` as the database has it, whoever wrote it."""

    chain: UUID
    seq: int
    at: datetime
    actor: str | None
    role: str | None
    address: str | None
    user_agent: str | None
    door: str
    task: str
    operation: str | None
    document_hash: str | None
    outcome: str
    request_id: str
    customers: list[int]
    disclosures: Any
    previous: bytes
    hash: bytes


def sealed_of(row: StoredRow) -> SealedRecord:
    """Return the sealed record of a row.

    Raises:
        KeyError, TypeError: the disclosures do not have their form; only somebody else can have written them.
    """
    record = AuditRecord(
        at=row.at,
        actor=row.actor,
        role=row.role,
        address=row.address,
        user_agent=row.user_agent,
        door=row.door,
        task=row.task,
        operation=row.operation,
        document_hash=row.document_hash,
        outcome=row.outcome,
        request_id=row.request_id,
        disclosures=tuple(_disclosure(stored) for stored in row.disclosures),
    )
    return SealedRecord(row.chain, row.seq, record, row.customers, row.previous, row.hash)


def _disclosure(stored: Any) -> Disclosure:
    return Disclosure(
        customers=tuple(stored["customers"]),
        returned=tuple(stored["returned"]),
        masked=tuple(stored["masked"]),
        denied=tuple(stored["denied"]),
    )
