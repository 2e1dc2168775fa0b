"""Add sealed records to the audit, and keep the months ahead of them."""

from collections.abc import Sequence
from typing import LiteralString

from db.audit.chain import SealedRecord
from db.audit.rows import COLUMNS, row_of
from db.engine import Connection, Database

MONTHS_AHEAD = 3
"""How many months after this one have their partition already."""

_COPY: LiteralString = f"COPY gateway.audit_record ({COLUMNS}) FROM STDIN"

_MOVE_HEAD: LiteralString = """
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


async def append(connection: Connection, sealed: Sequence[SealedRecord]) -> None:
    """Write records of one chain, at least one, and move its head, in the transaction of the caller."""
    async with connection.cursor() as cursor:
        async with cursor.copy(_COPY) as copy:
            for one in sealed:
                await copy.write_row(row_of(one))
        last = sealed[-1]
        head = {"chain": last.chain, "seq": last.seq, "hash": last.hash, "at": last.record.at}
        await cursor.execute(_MOVE_HEAD, head)


async def ensure_partitions(database: Database) -> None:
    """Make the partitions of this month and the next ones, where they are missing."""
    await database.fetch(_ENSURE_PARTITIONS, {"months": MONTHS_AHEAD})


async def months_made(database: Database) -> list[tuple[str, bool]]:
    """Return this month (UTC) and the next ones, such as "2026-10", and whether each has its partition."""
    return [(month, made) for month, made in await database.fetch(_MADE, {"months": MONTHS_AHEAD})]
