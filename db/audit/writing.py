"""Add sealed records to the audit, and keep the months ahead of them."""

from typing import LiteralString

from db.audit.chain import Sealed
from db.audit.rows import COLUMNS
from db.engine import Database

MONTHS_AHEAD = 3
"""How many months after this one have their partition already."""

# One statement, so that it takes one way to the database and back: five (BEGIN, COPY and its end, the head,
# COMMIT) cost an answer twice the time, and both processors too.
_APPEND: LiteralString = f"""
WITH added AS (
    INSERT INTO gateway.audit_record ({COLUMNS})
    SELECT {COLUMNS} FROM json_populate_recordset(NULL::gateway.audit_record, %(rows)s::json)
)
INSERT INTO gateway.audit_chain (chain, seq, hash, at) VALUES (%(chain)s, %(seq)s, %(hash)s, %(at)s)
    ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at
"""

_ENSURE_PARTITIONS: LiteralString = "SELECT gateway.ensure_audit_partitions(%(months)s)"

_MADE: LiteralString = """
SELECT to_char(month, 'YYYY-MM'),
       EXISTS (SELECT FROM pg_catalog.pg_inherits JOIN pg_catalog.pg_class ON oid = inhrelid
                WHERE inhparent = 'gateway.audit_record'::regclass
                  AND relname = 'audit_record_' || to_char(month, 'YYYY_MM'))
  FROM (SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead)
          FROM generate_series(0, %(months)s) AS ahead) AS coming(month)
 ORDER BY month
"""


async def append(database: Database, sealed: Sealed) -> None:
    """Commit records and the new head of their chain, all or nothing.

    Raises:
        DatabaseUnavailable: the database is away; where its connection broke, it may have committed them.
        psycopg.errors.UniqueViolation: it has committed them before.
        psycopg.errors.CheckViolation: the month of one of them is missing.
    """
    end = sealed.end
    head = {"chain": end.chain, "seq": end.seq, "hash": end.hash, "at": sealed.at}
    await database.write(_APPEND, {"rows": (b"[%b]" % b",".join(sealed.rows)).decode(), **head})


async def ensure_partitions(database: Database) -> None:
    """Make the partitions of this month and the next ones, where they are missing."""
    await database.fetch(_ENSURE_PARTITIONS, {"months": MONTHS_AHEAD})


async def months_made(database: Database) -> list[tuple[str, bool]]:
    """Return this month (UTC) and the next ones, such as "2026-10", and whether each has its partition."""
    return [(month, made) for month, made in await database.fetch(_MADE, {"months": MONTHS_AHEAD})]
