"""Remove the records whose time is over, by whole months, so that what stays can still be verified."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from db.urls import libpq_url

SHORTEST_RETENTION = 2
"""Years. Records of access to sensitive data have to be kept that long."""

_Connection = psycopg.Connection[tuple[Any, ...]]

_MONTHS: LiteralString = r"""
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
 WHERE inhparent = 'gateway.audit_record'::regclass
   AND relname ~ '^audit_record_\d{4}_\d{2}$' AND relname < %(keep_from)s
 ORDER BY relname
"""

_ENDS_IN_MONTH: LiteralString = """
SELECT DISTINCT ON (chain) chain, seq, hash, count(*) OVER (PARTITION BY chain)
  FROM {month} ORDER BY chain, seq DESC
"""

# taken at once and not table by table, so that no writer is met half-way
_ALONE: LiteralString = "SET LOCAL lock_timeout = '3s'"
_LOCK: LiteralString = "LOCK TABLE gateway.audit_record IN ACCESS EXCLUSIVE MODE"

_NOTE: LiteralString = """
UPDATE gateway.audit_chain SET purged_seq = %(seq)s, purged_hash = %(hash)s
 WHERE chain = %(chain)s AND purged_seq < %(seq)s
"""


class RetentionTooShort(Exception):
    """Records would be removed before their time is over."""

    def __init__(self) -> None:
        super().__init__(f"audit records are kept for at least {SHORTEST_RETENTION} years")


class AuditBusy(Exception):
    """Somebody reads the audit all the time, and no month could be removed."""

    def __init__(self) -> None:
        super().__init__("the audit is being read or written all the time: try again a little later")


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge removed: the months, oldest first, and how many records they held."""

    months: tuple[str, ...]
    records: int


def purge(url: str, years: int, today: date) -> Purged:
    """Drop the months (UTC) that ended `years` or more before today, and note where each chain now begins.

    Raises:
        RetentionTooShort: `years` is less than two.
        AuditBusy: the months could not be locked within some seconds; nothing was removed.
    """
    if years < SHORTEST_RETENTION:
        raise RetentionTooShort
    keep_from = f"audit_record_{today.year - years:04}_{today.month:02}"
    with psycopg.connect(libpq_url(url)) as connection:
        months = [row[0] for row in connection.execute(_MONTHS, {"keep_from": keep_from})]
        # before the lock: nobody writes to a month that is long over
        ends = [end for month in months for end in connection.execute(_about(_ENDS_IN_MONTH, month))]
        try:
            _drop(connection, months, ends)
        except psycopg.errors.LockNotAvailable:
            raise AuditBusy from None
    names = tuple(month.removeprefix("audit_record_").replace("_", "-") for month in months)
    return Purged(names, sum(records for *_, records in ends))


def _drop(connection: _Connection, months: Sequence[str], ends: Sequence[tuple[Any, ...]]) -> None:
    connection.execute(_ALONE)
    connection.execute(_LOCK)
    for chain, seq, last_hash, _ in ends:
        connection.execute(_NOTE, {"chain": chain, "seq": seq, "hash": last_hash})
    for month in months:
        connection.execute(_about("DROP TABLE {month}", month))


def _about(statement: LiteralString, month: str) -> sql.Composed:
    return sql.SQL(statement).format(month=sql.Identifier("gateway", month))
