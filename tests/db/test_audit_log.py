"""Records are acknowledged once they are committed, all of them, whatever the store or a caller does."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from audit_records import a_disclosure, a_record, open_log, rows, write
from broken_wire import wire_to
from harness import open_folder

from db.audit import AuditRecord
from db.embedded import EmbeddedPostgres
from db.engine import Database
from db.migrate import migrate
from gateway.audit import AuditLog, AuditUnavailable
from gateway.problems import headers_of, problem_of

STORED = "SELECT chain, seq, request_id FROM gateway.audit_record ORDER BY chain, seq"
QUICK = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "20"}


def with_log(url: str, work: Callable[[AuditLog], Coroutine[Any, Any, None]], **options: Any) -> None:
    async def run() -> None:
        async with open_log(url, **options) as log:
            await work(log)

    asyncio.run(run())


async def commit_once_it_can(log: AuditLog, request_id: str) -> None:
    """Commit a record, at the first try or later: a busy machine may be slower than a test's patience."""
    for _ in range(20):
        with suppress(AuditUnavailable):
            return await log.commit(a_record(request_id=request_id))
    return pytest.fail("the log never recovered")


def test_what_many_operations_commit_at_once_is_all_there_in_one_chain_without_gaps(audit_url: str) -> None:
    records = [a_record(request_id=f"request-{number}") for number in range(256)]

    write(audit_url, records)

    stored = rows(audit_url, STORED)
    assert len({chain for chain, _, _ in stored}) == 1
    assert [seq for _, seq, _ in stored] == list(range(1, 257))
    assert {request_id for _, _, request_id in stored} == {record.request_id for record in records}
    assert rows(audit_url, "SELECT chain, seq FROM gateway.audit_chain") == [(stored[0][0], 256)]


def test_a_record_is_stored_before_its_caller_goes_on(audit_url: str) -> None:
    async def work(log: AuditLog) -> None:
        for count in range(1, 4):
            await log.commit(a_record())
            assert len(await asyncio.to_thread(rows, audit_url, STORED)) == count

    with_log(audit_url, work)


def test_a_record_comes_back_as_it_was(audit_url: str) -> None:
    at = datetime.now(UTC)
    disclosures = (
        a_disclosure(9, 3, returned=("open", "health"), masked=("contact",)),
        a_disclosure(3, 4, denied=("health",)),
    )

    write(audit_url, [a_record(at=at, actor='상담 "직원" \\ 😀', disclosures=disclosures)])

    (row,) = rows(audit_url, "SELECT at, actor, customers, disclosures FROM gateway.audit_record")
    assert row[:3] == (at, '상담 "직원" \\ 😀', [3, 4, 9])
    assert row[3][0] == {
        "customers": [9, 3],
        "returned": ["open", "health"],
        "masked": ["contact"],
        "denied": [],
    }
    assert row[3][1]["denied"] == ["health"]


def test_text_that_no_database_can_hold_spoils_nobodys_record(audit_url: str) -> None:
    write(audit_url, [a_record(operation="a\x00b\ud800"), a_record(actor="가" * 9000, operation=None)])

    stored = rows(audit_url, "SELECT operation, char_length(actor) FROM gateway.audit_record ORDER BY seq")
    assert stored == [("a\ufffdb?", 20), (None, 400)]


@pytest.mark.parametrize(
    "wrong",
    [
        a_record(at=datetime(2026, 6, 15, 9, 0)),  # noqa: DTZ001
        a_record(disclosures=(a_disclosure(2**31),)),
        a_record(disclosures=(a_disclosure(0),)),
    ],
    ids=["naive time", "number too large", "no number"],
)
def test_a_record_that_cannot_be_stored_is_refused_alone(audit_url: str, wrong: AuditRecord) -> None:
    async def work(log: AuditLog) -> None:
        outcomes = await asyncio.gather(
            log.commit(a_record()), log.commit(wrong), log.commit(a_record()), return_exceptions=True
        )
        assert [type(outcome) for outcome in outcomes] == [type(None), ValueError, type(None)]

    with_log(audit_url, work)
    assert len(rows(audit_url, STORED)) == 2


def test_a_caller_that_is_cancelled_takes_nobody_with_it(audit_url: str) -> None:
    async def work(log: AuditLog) -> None:
        commits = [asyncio.create_task(log.commit(a_record())) for _ in range(9)]
        await asyncio.sleep(0)  # all of them wait now
        commits[4].cancel()
        outcomes = await asyncio.gather(*commits, return_exceptions=True)
        assert [isinstance(one, asyncio.CancelledError) for one in outcomes] == [n == 4 for n in range(9)]

    with_log(audit_url, work)
    assert [seq for _, seq, _ in rows(audit_url, STORED)] == list(range(1, 10))


def test_a_log_is_not_kept_waiting_by_readers_who_hold_every_connection(audit_url: str) -> None:
    async def work(log: AuditLog) -> None:
        reads = Database(audit_url, size=2, wait_seconds=1)
        await reads.open()
        async with reads.transaction(), reads.transaction():
            await log.commit(a_record())
        await reads.close()

    with_log(audit_url, work)
    assert len(rows(audit_url, STORED)) == 1


def test_a_full_queue_refuses_at_once(audit_url: str) -> None:
    async def work(log: AuditLog) -> None:
        outcomes = await asyncio.gather(*(log.commit(a_record()) for _ in range(9)), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [type(None)] * 4 + [AuditUnavailable] * 5
        assert log.health.queued == 0

    with_log(audit_url, work, capacity=4)


def test_a_store_that_is_too_slow_refuses_and_a_new_chain_begins(audit_url: str) -> None:
    async def work(log: AuditLog) -> None:
        await commit_once_it_can(log, "before")
        async with await psycopg.AsyncConnection.connect(audit_url) as holder:
            await holder.execute("LOCK TABLE gateway.audit_record IN ACCESS EXCLUSIVE MODE")
            for request_id in ("too late", "later still"):
                with pytest.raises(AuditUnavailable):
                    await log.commit(a_record(request_id=request_id))
            assert log.health.failing
        await commit_once_it_can(log, "after")
        assert not log.health.failing

    with_log(audit_url, work, wait_seconds=0.5)
    chains = {request_id: chain for chain, _, request_id in rows(audit_url, STORED)}
    assert "too late" not in chains
    assert chains["before"] != chains["after"]


def test_months_are_made_ahead(audit_url: str) -> None:
    months = """
        SELECT relid::regclass::text FROM pg_partition_tree('gateway.audit_record') WHERE isleaf ORDER BY 1
    """
    ahead = """
        SELECT 'gateway.audit_record_' || to_char((now() AT TIME ZONE 'UTC') + make_interval(months => n),
                                                  'YYYY_MM')
          FROM generate_series(0, 3) AS n ORDER BY 1
    """

    assert set(rows(audit_url, ahead)) <= set(rows(audit_url, months))


def test_a_month_that_is_missing_is_made_when_a_record_needs_it(audit_url: str) -> None:
    this_month = f"gateway.audit_record_{datetime.now(UTC):%Y_%m}"

    async def work(log: AuditLog) -> None:
        await log.commit(a_record())
        await asyncio.to_thread(rows, audit_url, f"DROP TABLE {this_month}")
        await log.commit(a_record())

    with_log(audit_url, work)
    assert len(rows(audit_url, f"SELECT 1 FROM {this_month}")) == 1


def test_two_servers_that_make_the_same_months_do_not_collide(audit_url: str) -> None:
    rows(audit_url, f"DROP TABLE gateway.audit_record_{datetime.now(UTC):%Y_%m}")

    async def start_together() -> None:
        async with open_log(audit_url) as one, open_log(audit_url) as other:
            await asyncio.gather(*(log.commit(a_record()) for log in (one, other) for _ in range(5)))

    asyncio.run(start_together())
    assert len(rows(audit_url, STORED)) == 10


def test_closing_writes_what_still_waits(audit_url: str) -> None:
    async def work(log: AuditLog) -> None:
        commits = [asyncio.create_task(log.commit(a_record())) for _ in range(5)]
        await asyncio.sleep(0)
        await log.close()
        await asyncio.gather(*commits)
        with pytest.raises(AuditUnavailable):
            await log.commit(a_record())

    with_log(audit_url, work)
    assert len(rows(audit_url, STORED)) == 5


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[EmbeddedPostgres, str]]:
    """A database that a test may stop."""
    with open_folder() as folder, EmbeddedPostgres(folder, settings=QUICK) as server:
        url = server.start()
        migrate(url)
        yield server, url


def test_a_store_that_is_away_refuses_and_takes_records_again_when_it_is_back(
    cluster: tuple[EmbeddedPostgres, str],
) -> None:
    server, url = cluster

    async def work(log: AuditLog) -> None:
        await commit_once_it_can(log, "before")
        server.stop()
        for _ in range(2):
            with pytest.raises(AuditUnavailable):
                await log.commit(a_record(request_id="while away"))
        server.start()
        await commit_once_it_can(log, "after")

    with_log(url, work, wait_seconds=1)
    stored = {request_id for _, _, request_id in rows(url, STORED)}
    assert {"before", "after"} <= stored


def test_a_restart_between_two_records_is_not_seen(cluster: tuple[EmbeddedPostgres, str]) -> None:
    server, url = cluster

    async def work(log: AuditLog) -> None:
        await log.commit(a_record(request_id="one"))
        server.stop()
        server.start()
        await log.commit(a_record(request_id="two"))

    with_log(url, work)
    found = rows(
        url,
        "SELECT a.seq, b.seq FROM gateway.audit_record a JOIN gateway.audit_record b USING (chain) "
        "WHERE a.request_id = 'one' AND b.request_id = 'two'",
    )
    assert found == [(1, 2)]


def test_a_record_whose_commit_nobody_heard_of_is_stored_once(audit_url: str) -> None:
    async def work(log: AuditLog) -> None:
        await log.commit(a_record(request_id="heard"))
        wire.break_at_the_next_answer()
        await log.commit(a_record(request_id="not heard"))
        await log.commit(a_record(request_id="after"))

    with wire_to(audit_url) as wire:
        with_log(wire.url, work)
    stored = rows(audit_url, STORED)
    assert [(seq, request_id) for _, seq, request_id in stored] == [
        (1, "heard"),
        (2, "not heard"),
        (3, "after"),
    ]
    assert len({chain for chain, _, _ in stored}) == 1


def test_a_client_is_told_to_come_back() -> None:
    problem = problem_of(AuditUnavailable("the queue is full"))

    assert (problem.status, problem.code) == (503, "AUDIT_UNAVAILABLE")
    assert "Retry-After" in headers_of(problem)
