"""The durable audit: batches of what waits, against one INSERT and commit for each record, and no audit."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, cycle
from random import Random
from uuid import uuid4

import uvloop
from psycopg_pool import AsyncConnectionPool

from benchmarks.calls import SECONDS, WARM_UP, Calls, call, nothing
from benchmarks.report import Section
from benchmarks.servers import temporary_folder
from db.audit import AuditRecord, ChainEnd, Disclosure, seal, storable
from db.audit.rows import COLUMNS
from db.embedded import EmbeddedPostgres
from db.engine import Database
from db.migrate import migrate
from db.urls import libpq_url
from gateway.audit import AuditLog
from gateway.settings import Settings

CALLERS = (1, 32, 256)
CUSTOMERS = 10_000  # whom the records are about

_DEFAULTS = {name: field.default for name, field in Settings.model_fields.items()}
_CONNECTIONS = _DEFAULTS["database_pool"]
_INSERT = f"""
INSERT INTO gateway.audit_record ({COLUMNS})
SELECT {COLUMNS} FROM json_populate_record(NULL::gateway.audit_record, %s::json)
"""

_HEAD = (
    "record",
    "concurrent",
    "way",
    "events/s",
    "p50 ms",
    "p99 ms",
    "longest ms",
    "CPU µs/event",
    "database µs/event",
    "events/s to one INSERT each",
    "CPU to one INSERT each",
    "events/s to no audit",
)

_WORDS = f"""\
How long an operation waits until its record is committed, three ways in one run on one embedded database
with fsync on: the gateway's audit log, which writes with one commit what came in during the last one; one
INSERT and commit for each record, of the same sealed row, on {_CONNECTIONS} connections, as many as the reads
have; and no audit, the floor, where a caller waits for the event loop's next turn. The callers share the
process with the log."""

Disclosures = tuple[Disclosure, ...]
Store = Callable[[AuditRecord], Awaitable[None]]
Way = Callable[[str], AbstractAsyncContextManager[Store]]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One way to store one kind of record, with so many callers."""

    record: str
    callers: int
    way: str
    calls: Calls


def measure() -> Section:
    """Store records of two sizes, in three ways, for few callers and for many."""
    with temporary_folder() as folder, EmbeddedPostgres(folder / "postgres") as server:
        url = server.start()
        migrate(url)
        measured = [
            Measurement(record, callers, way, uvloop.run(_stored(store(url), disclosures, callers)))
            for record, disclosures in _RECORDS.items()
            for callers in CALLERS
            for way, store in _WAYS.items()
        ]
    return Section(
        "Durable audit",
        _WORDS,
        [_HEAD, *(_cells(one, measured) for one in measured)],
        labels=3,
        load=f"{SECONDS:.0f} s after {WARM_UP} s of warm-up, benchmarks/calls.py",
    )


async def _stored(
    way: AbstractAsyncContextManager[Store], disclosures: Sequence[Disclosures], callers: int
) -> Calls:
    records = _records(disclosures)
    async with way as store:
        return await call(lambda: store(next(records)), callers=callers)


@asynccontextmanager
async def _in_batches(url: str) -> AsyncGenerator[Store]:
    wait: float = _DEFAULTS["audit_wait_seconds"]
    log = AuditLog(
        Database(url, size=1, wait_seconds=wait), wait_seconds=wait, capacity=_DEFAULTS["audit_queue"]
    )
    await log.open()
    yield log.commit
    await log.close()


@asynccontextmanager
async def _one_by_one(url: str) -> AsyncGenerator[Store]:
    pool = AsyncConnectionPool(
        libpq_url(url), min_size=_CONNECTIONS, max_size=_CONNECTIONS, open=False, kwargs={"autocommit": True}
    )
    end = ChainEnd(uuid4())

    async def store(record: AuditRecord) -> None:
        nonlocal end
        sealed = seal(end, [storable(record)])
        end = sealed.end
        async with pool.connection() as connection:
            await connection.execute(_INSERT, [sealed.rows[0].decode()])

    async with pool:
        await pool.wait()
        yield store


@asynccontextmanager
async def _not_at_all(_: str) -> AsyncGenerator[Store]:
    async def forget(_: AuditRecord) -> None:
        await nothing()

    yield forget


_WAYS: Mapping[str, Way] = {
    "batches": _in_batches,
    "one INSERT each": _one_by_one,
    "no audit": _not_at_all,
}


def _records(disclosures: Sequence[Disclosures]) -> Iterator[AuditRecord]:
    for number, about in zip(count(), cycle(disclosures), strict=False):
        yield AuditRecord(
            at=datetime.now(UTC),
            actor="staff@center.example",
            role="STAFF",
            address="192.0.2.7",
            user_agent="Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
            door="graphql",
            task="query",
            operation="CustomerDetail",
            document_hash="ab" * 32,
            outcome="OK",
            request_id=f"{number:032x}",
            disclosures=about,
        )


def _about_one(random: Random) -> Disclosures:
    classes = ("contact", "health", "money", "open", "personal")
    return (Disclosure((random.randint(1, CUSTOMERS),), classes, (), ()),)


def _about_twenty(random: Random) -> Disclosures:
    customers = random.sample(range(1, CUSTOMERS + 1), 20)
    with_history, others = tuple(sorted(customers[:13])), tuple(sorted(customers[13:]))
    return (
        Disclosure(with_history, ("open",), ("contact", "money", "personal"), ("health",)),
        Disclosure(others, ("open",), ("contact",), ()),
    )


_RECORDS: Mapping[str, Sequence[Disclosures]] = {
    "one customer": [_about_one(Random(number)) for number in range(1000)],  # noqa: S311 - invented records
    "20 customers in two groups": [_about_twenty(Random(number)) for number in range(1000)],  # noqa: S311
}


def _cells(one: Measurement, every: Sequence[Measurement]) -> list[str]:
    same = {
        other.way: other.calls
        for other in every
        if (other.record, other.callers) == (one.record, one.callers)
    }
    calls, each, none = one.calls, same["one INSERT each"], same["no audit"]
    return [
        one.record,
        str(one.callers),
        one.way,
        f"{calls.rate:,.0f}",
        f"{calls.p50 / 1000:.2f}",
        f"{calls.p99 / 1000:.2f}",
        f"{calls.longest / 1000:.0f}",
        f"{calls.cpu:,.1f}",
        f"{calls.server_cpu:,.1f}" if one.way != "no audit" else "",
        f"{calls.rate / each.rate:.2f}",
        f"{calls.cpu / each.cpu:.2f}",
        f"{calls.rate / none.rate:.4f}",
    ]
