"""Two connections that fill the large tables of an empty center beside each other.

Each fills its tables in one transaction that first gives them new files. Rows in files of the transaction's
own may be stored as if they had always been there (FREEZE), so nothing has to be vacuumed later; and a server
with `wal_level = minimal` writes them once instead of twice.
"""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg import sql

from db.demo.copying import Stream, copy_frozen, copy_stream
from db.urls import libpq_url

Load: TypeAlias = Callable[[Sequence[Stream]], None]

_LANES = (
    ("public.service_usage", "public.payments"),
    (
        "gateway.session_detail",
        "gateway.package_breakdown",
        "gateway.health_observation",
        "gateway.recommendation",
        "gateway.customer_summary",
        "public.customers",
        "public.customer_preferences",
        "public.package_purchases",
    ),
)
"""What each connection gives new files; rows of small tables go with the second one's."""

_RENEWED = frozenset(table for lane in _LANES for table in lane)

_PRIMARY_KEY = """
SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
 WHERE i.indrelid = %s::regclass AND i.indisprimary
"""
_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]


@contextmanager
def two_lanes(url: str) -> Generator[Load]:
    """Give a function that loads rows, in any order of tables; all is committed at the end.

    Triggers and foreign key checks are left out, which needs a superuser.
    """
    with ExitStack() as stack:
        lanes = [stack.enter_context(psycopg.connect(libpq_url(url))) for _ in _LANES]
        threads = stack.enter_context(ThreadPoolExecutor(len(_LANES)))
        for lane, tables in zip(lanes, _LANES, strict=True):
            lane.execute("SET session_replication_role = replica")
            for table in tables:
                _give_new_files(lane, table)

        def load(streams: Sequence[Stream]) -> None:
            parts = [[s for s in streams if (_name(s) in _LANES[0]) == first] for first in (True, False)]
            list(threads.map(_copy, lanes, parts))

        yield load
        for lane in lanes:
            lane.commit()


def _give_new_files(lane: _Connection, table: str) -> None:
    """Write a table and its indexes anew, which is quick while it is nearly empty.

    TRUNCATE would do the same, but not where other tables refer to this one.
    """
    name = sql.Identifier(*table.split("."))
    ((key,),) = lane.execute(_PRIMARY_KEY, [table]).fetchall()
    lane.execute(sql.SQL("CLUSTER {} USING {}").format(name, sql.Identifier(key)))
    lane.execute(sql.SQL("ALTER TABLE {} SET WITHOUT CLUSTER").format(name))


def _copy(lane: _Connection, streams: Sequence[Stream]) -> None:
    with lane.cursor() as cursor:
        for stream in streams:
            copy = copy_frozen if _name(stream) in _RENEWED else copy_stream
            copy(cursor, stream)


def _name(stream: Stream) -> str:
    return ".".join(stream.table)
