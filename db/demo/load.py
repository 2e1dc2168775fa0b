"""Load the demo center into an empty database.

Up to 5,000 customers are one transaction. Larger loads put the indexes aside and fill two tables at a time;
one that is cut off leaves some customers behind and is refused when repeated (`CenterNotEmpty`): drop its
database and start again.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from datetime import date

import numpy as np
import psycopg
from psycopg import Connection, Cursor, sql

from db.demo.arrays import Ints
from db.demo.catalogue_rows import write_catalogue
from db.demo.chunk import CHUNK, Chunk, draw_chunk
from db.demo.copying import Stream, copy_stream, encode
from db.demo.hard_cases import HARD_CASES, UNKNOWN_LEVEL, write_hard_cases
from db.demo.hard_cases import LAST_ID as LAST_HAND_WRITTEN
from db.demo.indexes import without_indexes
from db.demo.kim_younghee import CUSTOMER_ID as FIRST_HAND_WRITTEN
from db.demo.kim_younghee import FIRST_SESSION_ID, PURCHASE_ID, write_kim_younghee
from db.demo.lanes import Load, two_lanes
from db.demo.ledger import Ledger, Record
from db.demo.numbering import Numbering, Numbers
from db.demo.plan import CenterNotEmpty, DemoPlan, DemoReport, Progress
from db.demo.rows import chunk_rows, summary_rows
from db.urls import libpq_url

_LOCK = 7_346_002
_ONE_TRANSACTION = 5_000
_FILLED, _SUMMARIZED = 0.8, 0.82  # how much of the load is done by then

_HAND_WRITTEN = list(range(FIRST_HAND_WRITTEN, LAST_HAND_WRITTEN + 1))

_HAS_CUSTOMERS = "SELECT EXISTS (SELECT FROM public.customers)"
_SUMMARIZE = "SELECT gateway.summarize_customers(%(ids)s, %(today)s)"
_COUNT_SUMMARIES = "SELECT gateway.recount_customers()"
_ADD_LEVEL = sql.SQL("ALTER TYPE public.membership_level ADD VALUE IF NOT EXISTS {}").format(UNKNOWN_LEVEL)
_SERIAL_COLUMNS = """
SELECT table_name, column_name
  FROM information_schema.columns
 WHERE table_schema = 'public' AND column_default LIKE 'nextval(%'
"""
_STORE_TOTALS = """
UPDATE public.customers c
   SET first_visit_date = coalesce(c.first_visit_date, s.first_visit_on), last_visit_date = s.last_visit_on,
       total_visits = s.total_visits, average_visit_interval = s.average_interval_days,
       total_revenue = s.total_revenue, average_satisfaction = s.average_satisfaction,
       customer_status = (CASE WHEN s.last_visit_on >= %(today)s::date - 30 THEN 'active'
                               WHEN s.last_visit_on >= %(today)s::date - 90 THEN 'inactive'
                               ELSE 'dormant' END)::customer_status
  FROM gateway.customer_summary s
 WHERE s.customer_id = c.customer_id AND c.customer_id = ANY (%(ids)s)
"""


def load_demo(url: str, plan: DemoPlan, progress: Progress) -> DemoReport:
    """Fill an empty, migrated center with invented customers; the same plan gives the same rows.

    Triggers and foreign key checks are left out where the role may do so: the rows are right by construction,
    and nobody listens to an empty center.

    Raises:
        CenterNotEmpty: the database has customers.
    """
    began = time.perf_counter()
    with psycopg.connect(libpq_url(url), autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        if _is_taken(cursor):
            raise CenterNotEmpty
        # a new label can be used only after the transaction that adds it
        cursor.execute(_ADD_LEVEL)
        free = _leave_out_triggers(cursor)
        small = plan.customers <= _ONE_TRANSACTION
        beside = free and not small
        with connection.transaction() if small else without_indexes(cursor, url):
            ledger = _write_by_hand(connection, plan.today)
            progress("catalogue", 0.0)
            if free:
                _summarize(cursor, plan.today, _HAND_WRITTEN)
            with two_lanes(url) if beside else nullcontext(_one_by_one(connection)) as load:
                loaded = _fill(load, plan, ledger, progress, summaries=free)
            _set_sequences(cursor)
            progress("summary", _FILLED)
            if free:
                cursor.execute(_COUNT_SUMMARIES)
            else:  # then triggers have made summaries as of the real today
                cursor.execute("ANALYZE")
                _summarize(cursor, plan.today, None)
            progress("indexes", _SUMMARIZED)
        # a table with a trigger for each row is not marked visible when loaded, and lists read it by index
        cursor.execute("VACUUM gateway.customer_summary")
        cursor.execute("ANALYZE")
    progress("done", 1.0)
    return DemoReport(
        customers=loaded["customers"],
        sessions=loaded["service_usage"],
        purchases=loaded["package_purchases"],
        payments=loaded["payments"],
        observations=loaded["health_observation"],
        recommendations=loaded["recommendation"],
        seconds=time.perf_counter() - began,
    )


def simulated(plan: DemoPlan) -> Iterator[Chunk]:
    """Yield the generated customers of a plan in chunks, without a database."""
    ids = customer_ids(plan.customers)
    for number, start in enumerate(range(0, len(ids), CHUNK)):
        rng = np.random.default_rng([plan.seed, number])
        yield draw_chunk(ids[start : start + CHUNK], plan.today, rng, plan.days)


def customer_ids(customers: int) -> Ints:
    """Return the ids of the generated customers, when there are so many in all."""
    generated = max(0, customers - (LAST_HAND_WRITTEN - FIRST_HAND_WRITTEN + 1))
    return Numbers(range(FIRST_HAND_WRITTEN, LAST_HAND_WRITTEN + 1)).take(generated)


def _is_taken(cursor: Cursor) -> bool:
    return cursor.execute(_HAS_CUSTOMERS).fetchone() == (True,)


def _leave_out_triggers(cursor: Cursor) -> bool:
    """Write without triggers and foreign key checks from here on, and return whether the role may do so."""
    with suppress(psycopg.errors.InsufficientPrivilege):
        cursor.execute("SET session_replication_role = replica")
        return True
    return False


def _write_by_hand(connection: Connection, today: date) -> Ledger:
    """Write the catalogue and the customers who are written by hand, and return what that was."""
    ledger = Ledger(FIRST_SESSION_ID, PURCHASE_ID)
    write_kim_younghee(ledger, today)
    write_hard_cases(ledger, today)
    with connection.transaction(), connection.cursor() as cursor:
        write_catalogue(cursor, today)
        for record in ledger.records:
            cursor.execute(_insert(record), record.values)
    return ledger


def _one_by_one(connection: Connection) -> Load:
    """Return a function that loads rows table by table, and commits them where nobody else does."""

    def load(streams: Sequence[Stream]) -> None:
        with connection.transaction(), connection.cursor() as cursor:
            for stream in streams:
                copy_stream(cursor, stream)

    return load


def _fill(load: Load, plan: DemoPlan, ledger: Ledger, progress: Progress, *, summaries: bool) -> Counter[str]:
    """Load chunk after chunk, with their summaries or without; return all rows by table, the ledger's too."""
    loaded = Counter(record.table[1] for record in ledger.records)
    numbering = Numbering(
        sessions=Numbers(range(FIRST_SESSION_ID, ledger.usage_id)),
        purchases=Numbers(range(PURCHASE_ID, ledger.purchase_id)),
        payments=Numbers(range(1, ledger.payment_id)),
        reservations=Numbers(range(1, ledger.reservation_id)),
        scans=Numbers(),
        responses=Numbers(),
        answers=Numbers(),
    )

    def encoded(chunk: Chunk) -> list[Stream]:
        more = [summary_rows(chunk)] if summaries else []
        return [encode(rows) for rows in (*chunk_rows(chunk, numbering), *more)]

    for streams in _one_ahead(map(encoded, simulated(plan))):
        load(streams)
        loaded.update({stream.table[1]: stream.count for stream in streams})
        progress("customers", _FILLED * loaded["customers"] / max(plan.customers, loaded["customers"]))
    return loaded


def _one_ahead(chunks: Iterator[list[Stream]]) -> Iterator[list[Stream]]:
    """Yield each chunk while the next one is being drawn in a thread of its own."""
    with ThreadPoolExecutor(max_workers=1) as ahead:
        upcoming = ahead.submit(next, chunks, None)
        while (streams := upcoming.result()) is not None:
            upcoming = ahead.submit(next, chunks, None)
            yield streams


def _summarize(cursor: Cursor, today: date, ids: list[int] | None) -> None:
    """Summarize these customers, or all, and store the totals of the hard cases, which nobody counted."""
    cursor.execute("SET work_mem = '128MB'")
    cursor.execute(_SUMMARIZE, {"today": today, "ids": ids})
    cursor.execute("RESET work_mem")
    cursor.execute(_STORE_TOTALS, {"today": today, "ids": list(HARD_CASES.values())})


def _insert(record: Record) -> sql.Composed:
    columns = list(record.values)
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(*record.table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(map(sql.Placeholder, columns)),
    )


def _set_sequences(cursor: Cursor) -> None:
    """Let the next row that the center writes get an id of its own."""
    for table, column in cursor.execute(_SERIAL_COLUMNS).fetchall():
        statement = sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), max({})) FROM {}").format(
            f"public.{table}", column, sql.Identifier(column), sql.Identifier("public", table)
        )
        cursor.execute(statement)
