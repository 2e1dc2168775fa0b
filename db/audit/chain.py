"""The hash chain: each record is sealed with the one before it, so that no change goes unseen.

A writer's records are numbered from 1 in a chain of their own. Whoever holds a row of `gateway.audit_record`
can recompute its hash without this code:

    hash = SHA-256(previous || document)

`previous` is the 32 bytes of the column: the hash of record seq - 1, or 32 zero bytes before the first.
`document` is a JSON object (RFC 8259) in UTF-8 of the row's other columns, under their names: chain, seq, at,
actor, role, address, user_agent, door, task, operation, document_hash, outcome, request_id, customers,
disclosures. Keys are sorted at every level, nothing stands between the tokens, only what JSON must escape is
escaped. `chain` is the UUID in lower case with dashes, `at` looks like 2026-10-31T15:00:00.000000Z with six
digits after the point, SQL's NULL is null.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import orjson

from db.audit.record import AuditRecord, customers_of

FIRST_PREVIOUS = bytes(32)
"""What the first record of a chain is sealed upon."""

_ROW = rb'%b,"previous":"\\x%b","hash":"\\x%b"}'


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """Where a chain goes on: the number and hash of its last record; 0 and zeros before the first."""

    chain: UUID
    seq: int = 0
    hash: bytes = FIRST_PREVIOUS


@dataclass(frozen=True, slots=True)
class Sealed:
    """New records of a chain: their rows, each a JSON object of all columns, and where it ends with them.

    `at` is the time of the last one.
    """

    rows: Sequence[bytes]
    end: ChainEnd
    at: datetime


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A record in its chain, as it is stored. `customers` is everybody in its disclosures."""

    chain: UUID
    seq: int
    record: AuditRecord
    customers: Sequence[int]
    previous: bytes
    hash: bytes


def seal(end: ChainEnd, records: Sequence[AuditRecord]) -> Sealed:
    """Number the records, at least one, from the end of a chain on, and seal each upon the one before it."""
    rows: list[bytes] = []
    seq, previous = end.seq, end.hash
    for record in records:
        seq += 1
        document = _document(end.chain, seq, record, customers_of(record.disclosures))
        digest = sha256(previous + document).digest()
        # what is stored is what was hashed, to the letter, and the two hashes
        rows.append(_ROW % (document[:-1], previous.hex().encode(), digest.hex().encode()))
        previous = digest
    return Sealed(rows, ChainEnd(end.chain, seq, previous), records[-1].at)


def recomputed_hash(sealed: SealedRecord) -> bytes:
    """Return the hash that a stored record ought to have."""
    document = _document(sealed.chain, sealed.seq, sealed.record, sealed.customers)
    return sha256(sealed.previous + document).digest()


def _document(chain: UUID, seq: int, record: AuditRecord, customers: Sequence[int]) -> bytes:
    columns = {
        "chain": chain,
        "seq": seq,
        "at": _written(record.at),
        "actor": record.actor,
        "role": record.role,
        "address": record.address,
        "user_agent": record.user_agent,
        "door": record.door,
        "task": record.task,
        "operation": record.operation,
        "document_hash": record.document_hash,
        "outcome": record.outcome,
        "request_id": record.request_id,
        "customers": customers,
        "disclosures": [
            {
                "customers": disclosure.customers,
                "returned": disclosure.returned,
                "masked": disclosure.masked,
                "denied": disclosure.denied,
            }
            for disclosure in record.disclosures
        ],
    }
    return orjson.dumps(columns, option=orjson.OPT_SORT_KEYS)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
