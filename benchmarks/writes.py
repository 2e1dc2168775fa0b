"""The center's own writes with the gateway's triggers and without, and how soon workers hear of them."""

import asyncio
import os
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Barrier, Thread
from typing import LiteralString

import psycopg

from benchmarks.report import Section
from benchmarks.servers import cpu_seconds, temporary_folder
from db.changes import Dispatcher, Listener
from db.demo import DemoPlan, load_demo
from db.embedded import EmbeddedPostgres
from db.migrate import migrate
from gateway.app import today_in_seoul
from gateway.fitting.fit import fit_models

CLIENTS = (1, 8)
CUSTOMERS = 10_000
SECONDS = 1.5  # of one turn of a kind of write
TURNS = 3  # with triggers and without in turn, so that a busy moment meets both
WORKERS = 2
CHANGES = 300  # whose delay is measured
IDLE_SECONDS = 10

_WRITES: Mapping[str, LiteralString] = {
    "insert a session": """
        INSERT INTO service_usage (customer_id, service_date, service_type_id)
        VALUES (%(customer)s, %(today)s, 1)""",
    "insert a payment": """
        INSERT INTO payments (customer_id, payment_date, amount, payment_method, payment_type)
        VALUES (%(customer)s, %(today)s, 70000, 'card', 'single')""",
    "update a customer's latest payment": """
        UPDATE payments SET amount = amount + 1 WHERE payment_id = (
               SELECT max(payment_id) FROM payments WHERE customer_id = %(customer)s)""",
    "delete a customer's latest session": """
        DELETE FROM service_usage WHERE usage_id = (
               SELECT max(usage_id) FROM service_usage WHERE customer_id = %(customer)s)""",
    "update a customer's notes": "UPDATE customers SET notes = notes WHERE customer_id = %(customer)s",
}
_SWITCH: LiteralString = """
DO $block$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT tgrelid::regclass AS owner, tgname FROM pg_trigger WHERE tgname LIKE 'gateway_%' LOOP
        EXECUTE format('ALTER TABLE %s {} TRIGGER %I', one.owner, one.tgname);
    END LOOP;
END
$block$
"""
_OFF: LiteralString = _SWITCH.replace("{}", "DISABLE")
_ON: LiteralString = _SWITCH.replace("{}", "ENABLE")
_CHANGE: LiteralString = "UPDATE customers SET notes = 'x' WHERE customer_id = %s"

_HEAD = (
    "write",
    "clients",
    "without, writes/s",
    "with, writes/s",
    "without p50 ms",
    "with p50 ms",
    "with p99 ms",
    "p50 to without",
    "time of a write to without",
)

_WORDS = """\
One-row writes of the center, each a transaction, on an embedded database of {customers:,} customers with
fsync on, in one run: with the gateway's triggers, which keep the summary and leave word in the outbox, and
with them disabled. Each client writes customers at random, and shares the cores with the server.

With {workers} workers' listeners and dispatchers on the same server, a change was heard by all of them
{p50:.0f} ms after its commit at p50 and {p99:.0f} ms at p99 ({changes} changes at random moments). With
nothing to tell the feed costs {idle:.2f}% of a core here and {idle_server:.2f}% in the database, of which the
{workers} workers' one dispatcher is most."""


@dataclass(frozen=True, slots=True)
class _Times:
    """Seconds of each write, and writes a second of all clients together."""

    seconds: Sequence[float]
    rate: float

    def at(self, share: float) -> float:
        """Return milliseconds within which such a share of writes was done."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


@dataclass(frozen=True, slots=True)
class _Feed:
    """Delays in milliseconds, and idle cost in percent of a core."""

    p50: float
    p99: float
    idle: float
    idle_server: float


def measure() -> Section:
    """Write with triggers and without, then listen."""
    with _center() as url:
        rows = [_row(url, write, clients) for write in _WRITES for clients in CLIENTS]
        feed = asyncio.run(_feed(url))
    return Section(
        "The center's writes",
        _WORDS.format(
            customers=CUSTOMERS,
            workers=WORKERS,
            changes=CHANGES,
            p50=feed.p50,
            p99=feed.p99,
            idle=feed.idle,
            idle_server=feed.idle_server,
        ),
        [_HEAD, *rows],
        labels=1,
        load=f"{TURNS} turns of {SECONDS} s each way in turn, threads with a connection each; "
        f"{IDLE_SECONDS} s idle",
    )


@contextmanager
def _center() -> Generator[str]:
    with temporary_folder() as folder, EmbeddedPostgres(folder / "postgres") as server:
        url = server.start()
        migrate(url)
        today = today_in_seoul()
        load_demo(
            url, DemoPlan(today=today - timedelta(days=1), customers=CUSTOMERS), lambda _step, _done: None
        )
        fit_models(url, today, lambda _step, _done: None)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        yield url


def _row(url: str, write: str, clients: int) -> tuple[str, ...]:
    turns = [(_written(url, write, clients, _OFF), _written(url, write, clients, _ON)) for _ in range(TURNS)]
    without, with_all = (_together([turn[way] for turn in turns]) for way in (0, 1))
    return (
        write,
        str(clients),
        f"{without.rate:,.0f}",
        f"{with_all.rate:,.0f}",
        f"{without.at(0.5):.2f}",
        f"{with_all.at(0.5):.2f}",
        f"{with_all.at(0.99):.2f}",
        f"{with_all.at(0.5) / without.at(0.5):.2f}",
        f"{without.rate / with_all.rate:.2f}",
    )


def _together(turns: Sequence[_Times]) -> _Times:
    return _Times(
        [one for turn in turns for one in turn.seconds], sum(turn.rate for turn in turns) / len(turns)
    )


def _written(url: str, write: str, clients: int, switch: LiteralString) -> _Times:
    """Let so many clients write for a while, each at once again when its write was committed."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(switch)
    seconds: list[float] = []
    together = Barrier(clients)

    def client(number: int) -> None:
        random = Random(number)  # noqa: S311 - whose rows, not secrets
        today = today_in_seoul()
        with psycopg.connect(url, autocommit=True) as connection:
            for _ in range(10):  # until its plans are made
                connection.execute(_WRITES[write], {"customer": random.randint(1, CUSTOMERS), "today": today})
            together.wait()
            end = time.perf_counter() + SECONDS
            while (began := time.perf_counter()) < end:
                connection.execute(_WRITES[write], {"customer": random.randint(1, CUSTOMERS), "today": today})
                seconds.append(time.perf_counter() - began)

    threads = [Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _Times(seconds, len(seconds) / SECONDS)


class _Heard:
    """A worker's subscriber: at which moment it heard of a customer."""

    def __init__(self) -> None:
        self.moments: dict[int, float] = {}

    def changed(self, customers: frozenset[int] | None, position: int) -> None:  # noqa: ARG002
        moment = time.perf_counter()
        self.moments.update(dict.fromkeys(customers or (), moment))

    def lost(self) -> None:
        pass

    def back(self) -> None:
        pass


async def _feed(url: str) -> _Feed:
    workers = [(Listener(url), Dispatcher(url), _Heard()) for _ in range(WORKERS)]
    for listener, dispatcher, heard in workers:
        listener.subscribe([heard])
        await listener.open()
        dispatcher.open()
        await listener.settle()
    delays = await _delays(url, [heard for *_, heard in workers])
    before, server_before = time.process_time(), _server_seconds(url)
    await asyncio.sleep(IDLE_SECONDS)
    idle, idle_server = time.process_time() - before, _server_seconds(url) - server_before
    for listener, dispatcher, _ in workers:
        await dispatcher.close()
        await listener.close()
    ordered = sorted(delays)
    return _Feed(
        p50=1000 * ordered[len(ordered) // 2],
        p99=1000 * ordered[len(ordered) * 99 // 100],
        idle=100 * idle / IDLE_SECONDS,
        idle_server=100 * idle_server / IDLE_SECONDS,
    )


async def _delays(url: str, everybody: Sequence[_Heard]) -> list[float]:
    """Change customers one after the other; return how long each took until the last worker heard."""
    random = Random(0)  # noqa: S311 - moments, not secrets
    committed: dict[int, float] = {}
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for customer in range(1, CHANGES + 1):
            await connection.execute(_CHANGE, [customer])
            committed[customer] = time.perf_counter()
            await asyncio.sleep(random.uniform(0.01, 0.06))
        await asyncio.sleep(1)
    return [
        max(heard.moments[customer] for heard in everybody) - moment for customer, moment in committed.items()
    ]


def _server_seconds(url: str) -> float:
    """Return the processor time so far of this database's sessions and of the server's own processes."""
    with psycopg.connect(url) as connection:
        pids = [row[0] for row in connection.execute("SELECT pid FROM pg_stat_activity")]
    return sum(cpu_seconds(pid) for pid in pids if pid != os.getpid() and Path(f"/proc/{pid}").exists())
