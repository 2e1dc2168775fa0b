"""Audit records as rows of `gateway.audit_record`, both ways."""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from db.audit.chain import SealedRecord, disclosure_document
from db.audit.record import AuditRecord, Disclosure
from db.engine import Row

COLUMNS: LiteralString = (
    "chain, seq, at, actor, role, address, user_agent, door, task, operation, document_hash, outcome, "
    "request_id, customers, disclosures, previous, hash"
)
"""The columns of a row, in the order in which it is written and read."""


def row_of(sealed: SealedRecord) -> Row:
    """Return the row of a sealed record."""
    record = sealed.record
    return (
        sealed.chain,
        sealed.seq,
        record.at,
        record.actor,
        record.role,
        record.address,
        record.user_agent,
        record.door,
        record.task,
        record.operation,
        record.document_hash,
        record.outcome,
        record.request_id,
        sealed.customers,
        Jsonb([disclosure_document(disclosure) for disclosure in record.disclosures]),
        sealed.previous,
        sealed.hash,
    )


def sealed_of(row: Row) -> SealedRecord:
    """Read a row of `COLUMNS`."""
    disclosures: Sequence[Mapping[str, Any]] = row[14]
    return SealedRecord(
        chain=row[0],
        seq=row[1],
        record=AuditRecord(*row[2:13], disclosures=tuple(_disclosure(one) for one in disclosures)),
        customers=row[13],
        previous=row[15],
        hash=row[16],
    )


def _disclosure(stored: Mapping[str, Any]) -> Disclosure:
    return Disclosure(
        customers=tuple(stored["customers"]),
        returned=tuple(stored["returned"]),
        masked=tuple(stored["masked"]),
        denied=tuple(stored["denied"]),
    )
