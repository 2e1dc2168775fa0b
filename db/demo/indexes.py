"""Indexes put aside while very many rows are loaded, and built again afterwards."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
from psycopg import Cursor, sql

from db.urls import libpq_url

_BUILDERS = 2

# the audit is partitioned, and nothing is loaded into it
_SECONDARY = """
SELECT i.schemaname, i.indexname, i.indexdef, format('%%I.%%I', i.schemaname, i.tablename)
  FROM pg_indexes i
  JOIN pg_class x ON x.oid = format('%%I.%%I', i.schemaname, i.indexname)::regclass
 WHERE i.schemaname IN ('public', 'gateway') AND x.relkind = 'i' AND NOT x.relispartition
   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.oid)
 ORDER BY i.schemaname, i.indexname
"""
_LARGEST_FIRST = """
SELECT definition FROM unnest(%s::text[], %s::text[]) AS put_aside (place, definition)
 ORDER BY pg_table_size(place::regclass) DESC, definition
"""


@contextmanager
def without_indexes(cursor: Cursor, url: str) -> Generator[None]:
    """Drop every index that backs no constraint, and build them again when all went well.

    Loading a million customers takes half the time so. A load that fails leaves them dropped: its database is
    of no use anyway.
    """
    indexes = cursor.execute(_SECONDARY, []).fetchall()
    for schema, name, _, _ in indexes:
        cursor.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(schema, name)))
    yield
    places, definitions = [place for *_, place in indexes], [definition for *_, definition, _ in indexes]
    largest_first = cursor.execute(_LARGEST_FIRST, [places, definitions]).fetchall()
    with ThreadPoolExecutor(_BUILDERS) as builders:
        list(
            builders.map(_build, [url] * len(largest_first), [definition for (definition,) in largest_first])
        )


def _build(url: str, definition: str) -> None:
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '256MB'")
        connection.execute(definition.encode())
