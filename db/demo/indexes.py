"""Indexes put aside while very many rows are loaded, and built again afterwards."""

from collections.abc import Generator
from contextlib import contextmanager

from psycopg import Cursor, sql

# the audit is partitioned, and nothing is loaded into it
_SECONDARY = """
SELECT i.schemaname, i.indexname, i.indexdef
  FROM pg_indexes i
  JOIN pg_class x ON x.oid = format('%%I.%%I', i.schemaname, i.indexname)::regclass
 WHERE i.schemaname IN ('public', 'gateway') AND x.relkind = 'i' AND NOT x.relispartition
   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.oid)
 ORDER BY i.schemaname, i.indexname
"""


@contextmanager
def without_indexes(cursor: Cursor) -> Generator[None]:
    """Drop every index that backs no constraint, and build them again when all went well.

    Loading a million customers takes half the time so. A load that fails leaves them dropped: its database is
    of no use anyway.
    """
    indexes = cursor.execute(_SECONDARY, []).fetchall()
    for schema, name, _ in indexes:
        cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(schema, name)))
    yield
    cursor.execute("SET maintenance_work_mem = '256MB'")
    for _, _, definition in indexes:
        cursor.execute(definition)
    cursor.execute("RESET maintenance_work_mem")
