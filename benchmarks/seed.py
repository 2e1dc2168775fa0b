"""Loading an invented center of a million customers, beside a plain COPY of the same bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from time import perf_counter

import psycopg
from psycopg import sql

from benchmarks.report import Section
from benchmarks.servers import temporary_folder
from db.demo import LOADING, DemoPlan, DemoReport, load_demo, simulated
from db.demo.copying import Stream, copy_stream, encode
from db.demo.numbering import Numbering, Numbers
from db.demo.rows import chunk_rows, summary_rows
from db.embedded import EmbeddedPostgres
from db.migrate import migrate

CUSTOMERS, DAYS = 1_000_000, 180
_TODAY = date(2026, 6, 15)

_WORDS = """\
`python -m gateway seed --customers 1000000 --days 180` without its fit, on an embedded server of its own:
customers are drawn, copied into the center's tables with their keys, summarized, indexed and analysed. The
floor copies the same bytes, made ready before, table after table into tables without keys or indexes."""


@dataclass(frozen=True, slots=True)
class _Floor:
    """What plain COPY took."""

    rows: int
    megabytes: float
    seconds: float


def measure(customers: int = CUSTOMERS) -> Section:
    """Load a center, then copy its bytes once more."""
    plan = DemoPlan(today=_TODAY, customers=customers, days=DAYS)
    with temporary_folder() as folder, EmbeddedPostgres(folder, settings=LOADING) as server:
        url = server.start()
        migrate(url)
        steps: dict[str, float] = {}
        began = perf_counter()

        def reached(step: str, _: float) -> None:
            steps.setdefault(step, perf_counter() - began)

        report = load_demo(url, plan, reached)
        floor = _floor(url, plan)
    return Section(
        f"Loading {customers:,} customers",
        _WORDS,
        [("what", "rows", "MB", "seconds", "rows/s", "to the floor"), *_cells(report, steps, floor)],
        labels=1,
        load=f"{report.sessions:,} sessions, {report.payments:,} payments; benchmarks/seed.py",
    )


def _cells(report: DemoReport, steps: dict[str, float], floor: _Floor) -> Iterator[tuple[str, ...]]:
    parts = {
        "floor: plain COPY": floor.seconds,
        "load": report.seconds,
        "of it rows": steps["summary"],
        "of it indexes, statistics": steps["done"] - steps["summary"],
    }
    for what, seconds in parts.items():
        yield (
            what,
            f"{floor.rows:,}",
            f"{floor.megabytes:,.0f}",
            f"{seconds:.1f}",
            f"{floor.rows / seconds:,.0f}",
            f"{seconds / floor.seconds:.2f}",
        )


def _floor(url: str, plan: DemoPlan) -> _Floor:
    rows, size, seconds = 0, 0, 0.0
    numbering = Numbering(*(Numbers() for _ in range(7)))
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA floor")
        for chunk in simulated(plan):
            for stream in map(encode, (*chunk_rows(chunk, numbering), summary_rows(chunk))):
                bare = _bare(cursor, stream)
                began = perf_counter()
                copy_stream(cursor, bare)
                seconds += perf_counter() - began
                rows += stream.count
                size += sum(map(len, stream.blocks))
    return _Floor(rows, size / 1e6, seconds)


def _bare(cursor: psycopg.Cursor, stream: Stream) -> Stream:
    """Return the stream for a table of the same columns without keys and indexes, made when it is missing."""
    schema, name = stream.table
    bare = ("floor", name)
    cursor.execute(
        sql.SQL("CREATE TABLE IF NOT EXISTS {} (LIKE {} INCLUDING DEFAULTS)").format(
            sql.Identifier(*bare), sql.Identifier(schema, name)
        )
    )
    return Stream(bare, stream.columns, stream.count, stream.blocks)
