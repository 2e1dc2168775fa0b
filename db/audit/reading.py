"""Read the audit: page by page for whoever looks through it, and everything about one customer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import psycopg
from psycopg import sql

from db.audit.chain import SealedRecord
from db.audit.record import AuditRecord, Disclosure
from db.audit.rows import COLUMNS, StoredRow, sealed_of
from db.engine import Reader
from db.urls import libpq_url


@dataclass(frozen=True, slots=True)
class AuditPlace:
    """A place in the audit, which is in the order of time, then chain, then number."""

    at: datetime
    chain: UUID
    seq: int


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which records; None does not filter. `since` is inclusive, `until` is not."""

    customer_id: int | None = None
    actor: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None


_PAGE: LiteralString = f"SELECT {COLUMNS} FROM gateway.audit_record"
_NEWEST_FIRST: LiteralString = "ORDER BY at DESC, chain DESC, seq DESC LIMIT %(limit)s"

_CONDITIONS: dict[str, LiteralString] = {
    "customer_id": "customers @> ARRAY[%(customer_id)s::integer]",
    "actor": "actor = %(actor)s",
    "outcome": "outcome = %(outcome)s",
    "since": "at >= %(since)s",
    "until": "at < %(until)s",
}
_BEYOND_PLACE: LiteralString = "(at, chain, seq) < (%(at)s, %(chain)s, %(seq)s)"

_ABOUT_CUSTOMER: LiteralString = f"""
SELECT {COLUMNS} FROM gateway.audit_record
 WHERE customers @> ARRAY[%(customer_id)s::integer] AND at >= %(since)s AND at < %(until)s
 ORDER BY at, chain, seq
"""


async def audit_page(
    reader: Reader, wanted: AuditFilter, after: AuditPlace | None, limit: int
) -> list[SealedRecord]:
    """Return the newest records that match, or those that follow a place, at most `limit`."""
    values = {name: value for name in _CONDITIONS if (value := getattr(wanted, name)) is not None}
    conditions: list[LiteralString] = [condition for name, condition in _CONDITIONS.items() if name in values]
    if after is not None:
        conditions.append(_BEYOND_PLACE)
        values |= {"at": after.at, "chain": after.chain, "seq": after.seq}
    statement = sql.SQL(" ").join([sql.SQL(_PAGE), _where(conditions), sql.SQL(_NEWEST_FIRST)])
    rows = await reader.fetch(statement, {**values, "limit": limit})
    return [sealed_of(StoredRow(*row)) for row in rows]


def _where(conditions: Sequence[LiteralString]) -> sql.Composable:
    if not conditions:
        return sql.SQL("")
    return sql.SQL("WHERE ") + sql.SQL(" AND ").join(map(sql.SQL, conditions))


def records_about(
    url: str, customer_id: int, since: datetime, until: datetime
) -> Iterator[tuple[AuditRecord, Disclosure]]:
    """Yield the records about a customer, oldest first, each with what of the customer came out, and how."""
    with psycopg.connect(libpq_url(url)) as connection, connection.cursor("audit_about_customer") as cursor:
        wanted = {"customer_id": customer_id, "since": since, "until": until}
        for row in cursor.execute(_ABOUT_CUSTOMER, wanted):
            record = sealed_of(StoredRow(*row)).record
            yield record, _of_customer(record, customer_id)


def _of_customer(record: AuditRecord, customer_id: int) -> Disclosure:
    """Put together what several disclosures of one record say of a customer."""
    concerning = [one for one in record.disclosures if customer_id in one.customers]
    return Disclosure(
        customers=(customer_id,),
        returned=_united(one.returned for one in concerning),
        masked=_united(one.masked for one in concerning),
        denied=_united(one.denied for one in concerning),
    )


def _united(classes: Iterator[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for some in classes for name in some))
