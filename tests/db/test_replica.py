"""A read replica: it answers searches and analytics, never with something too old or with an error."""

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from harness import TODAY, Gateway, open_folder, running_gateway
from standby import QUICK, Standby, run, running_standby, wait_until

from db.demo import DemoPlan, load_demo
from db.embedded import EmbeddedPostgres
from db.engine import Database, Reader
from db.migrate import migrate
from db.replica import Replica
from db.replication import log_position, server_position
from gateway.doctor_replica import replica_findings
from gateway.findings import Finding
from gateway.settings import Settings

pytestmark = pytest.mark.slow  # two servers

PATIENT = 60
"""Seconds that an answer may be old where a test is not about the bound."""

NAME = "{ customer(id: 123) { name } }"
FOUND = "query ($q: String!) { customerSearch(filter: {q: $q}) { pagination { total } } }"
REVENUE = "{ customer(id: 123) { analytics { revenueContribution { totalRevenue } } } }"
PAYMENT = """
INSERT INTO public.payments (customer_id, payment_date, amount, payment_method, payment_type)
VALUES (123, '2026-06-10', 1000, 'card', 'single')
"""

RENAMED = "UPDATE public.customers SET name = '김나중' WHERE customer_id = 123"
FOUND_BY = "UPDATE gateway.customer_summary SET name_key = '김나중' WHERE customer_id = 123"

# the last statement of a connection stays to be seen
LAST_READ = """
SELECT max(query_start) FROM pg_stat_activity
 WHERE query LIKE '%%FROM public.payments%%' AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class Pair:
    """A primary and its standby."""

    folder: Path
    url: str
    standby: Standby


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with open_folder() as folder, EmbeddedPostgres(folder / "primary", settings=QUICK) as primary:
        url = primary.start()
        migrate(url)
        load_demo(url, DemoPlan(today=TODAY, customers=30), lambda _step, _done: None)
        with running_standby(folder / "primary", url, folder / "standby") as standby:
            yield Pair(folder / "primary", url, standby)


@pytest.fixture
def standby(pair: Pair) -> Iterator[Standby]:
    """The standby, running and replaying before and after a test."""
    yield pair.standby
    pair.standby.server.start()
    pair.standby.resume()
    pair.standby.catch_up()


@contextmanager
def gateway_beside(
    pair: Pair, replica_url: str, seconds: float = PATIENT, **settings: object
) -> Iterator[Gateway]:
    # nothing is kept, so that every answer tells which server gave it
    settings |= {"database_replica_url": replica_url, "replica_staleness_seconds": seconds, "cache_rows": 0}
    with running_gateway(pair.url, **settings) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def center(pair: Pair) -> Iterator[Gateway]:
    with gateway_beside(pair, pair.standby.url) as gateway:
        yield gateway


def untold(url: str) -> str:
    """Return the address for writes that no trigger tells the change feed of."""
    return f"{url}&options=-csession_replication_role%3Dreplica"


def state(center: Gateway) -> str:
    answer = center.request("GET", "/readyz")
    assert answer.status_code == 200
    return answer.json()["checks"]["replica"]


def revenue(center: Gateway) -> int:
    return center.data(REVENUE)["customer"]["analytics"]["revenueContribution"]["totalRevenue"]


def found(center: Gateway, name: str) -> int:
    return center.data(FOUND, {"q": name})["customerSearch"]["pagination"]["total"]


def rename(center: Gateway, name: str) -> None:
    center.rest("/customers/123/detail", method="PUT", json={"name": name}).raise_for_status()


def answers_from(standby: Standby, center: Gateway) -> bool:
    """Ask for analytics, and return whether the standby answered."""
    before = run(standby.url, LAST_READ)
    revenue(center)
    return run(standby.url, LAST_READ) != before


def wait_for(standby: Standby, center: Gateway) -> None:
    wait_until(lambda: answers_from(standby, center))


def position(url: str) -> int:
    async def look() -> int:
        database = Database(url, size=1, wait_seconds=5)
        await database.open()
        try:
            return (await server_position(database)).position
        finally:
            await database.close()

    return asyncio.run(look())


def test_analytics_come_from_the_replica_and_a_profile_from_the_primary(
    standby: Standby, center: Gateway
) -> None:
    wait_for(standby, center)
    before = revenue(center)
    standby.pause()
    for statement in (PAYMENT, RENAMED, FOUND_BY):
        run(untold(standby.primary_url), statement)

    assert revenue(center) == before
    assert found(center, "김나중") == 0
    assert center.data(NAME)["customer"]["name"] == "김나중"

    standby.resume()
    wait_until(lambda: revenue(center) == before + 1000 and found(center, "김나중") == 1)


def test_a_write_is_found_by_everybody_at_once_and_the_replica_is_used_again_when_it_has_it(
    standby: Standby, center: Gateway
) -> None:
    wait_for(standby, center)
    standby.pause()
    rename(center, "김바뀐")

    assert found(center, "김바뀐") == 1
    assert not answers_from(standby, center)

    standby.resume()
    wait_for(standby, center)
    assert found(center, "김바뀐") == 1


def test_a_replica_that_dies_under_requests_is_not_noticed(standby: Standby, center: Gateway) -> None:
    wait_for(standby, center)
    statuses: list[int] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            statuses.append(center.request("POST", "/graphql", json={"query": REVENUE}).status_code)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    standby.server.stop()
    wait_until(lambda: "does not answer" in state(center))
    stop.set()
    for thread in threads:
        thread.join()

    assert set(statuses) == {200}
    standby.server.start()
    wait_for(standby, center)
    assert state(center) == "ok"


def test_a_center_starts_and_answers_while_its_replica_is_away(pair: Pair) -> None:
    with gateway_beside(pair, "postgresql://nobody:here@127.0.0.1:1/wellness") as center:
        assert revenue(center) > 0
        assert "does not answer" in state(center)


def test_a_database_that_is_no_standby_is_not_taken_for_one(pair: Pair) -> None:
    with gateway_beside(pair, pair.url) as center:
        wait_until(lambda: "is no standby:" in state(center))
        assert revenue(center) > 0


def test_another_database_of_the_standby_is_not_taken_for_the_center(pair: Pair) -> None:
    with gateway_beside(pair, pair.standby.url.replace("/wellness?", "/postgres?")) as center:
        wait_until(lambda: "no standby of this database" in state(center))
        assert revenue(center) > 0


def test_answers_are_never_older_than_the_bound(pair: Pair, standby: Standby) -> None:
    with gateway_beside(pair, pair.standby.url, seconds=0.5) as center:
        wait_for(standby, center)
        before = revenue(center)
        standby.pause()
        run(untold(pair.url), PAYMENT)

        wait_until(lambda: revenue(center) == before + 1000)
        assert "lags" in state(center)


def test_a_change_that_the_feed_tells_of_is_answered_however_late_the_replica_is(
    standby: Standby, center: Gateway
) -> None:
    wait_for(standby, center)
    before = revenue(center)
    standby.pause()
    run(standby.primary_url, PAYMENT)

    wait_until(lambda: revenue(center) == before + 1000)
    assert not answers_from(standby, center)


def test_a_log_that_ends_with_its_file_does_not_look_like_a_late_replica(standby: Standby) -> None:
    run(standby.primary_url, "SELECT pg_switch_wal()")
    primary = position(standby.primary_url)
    standby.catch_up()

    assert position(standby.url) >= primary


def test_a_read_of_the_replica_counts_as_one_of_the_operation(pair: Pair, center: Gateway) -> None:
    def statements(asked: Gateway) -> str:
        return asked.request("POST", "/graphql", json={"query": REVENUE}).headers["Server-Timing"]

    with running_gateway(pair.url) as without:
        assert statements(center).partition("sql")[2] == statements(without).partition("sql")[2]


async def until(fact: Callable[[], bool]) -> None:
    """Wait for something that has to come true, beside what else runs in the loop."""
    await asyncio.to_thread(wait_until, fact)


async def reading(
    pair: Pair, question: Callable[[Replica], Awaitable[None]], *, replica_url: str | None = None
) -> None:
    """Ask a question of a replica that is in use."""
    primary = Database(pair.url, size=3, wait_seconds=5)
    replica = Replica(
        primary,
        primary_url=pair.url,
        replica_url=replica_url or pair.standby.url,
        size=3,
        wait_seconds=5,
        staleness_seconds=PATIENT,
    )
    await primary.open()
    await replica.open()
    try:
        await until(lambda: replica.state == "used")
        await question(replica)
    finally:
        await replica.close()
        await primary.close()


WHO = "SELECT pg_is_in_recovery()"


def test_a_change_that_others_made_is_waited_for_on_the_primary(pair: Pair, standby: Standby) -> None:
    async def question(replica: Replica) -> None:
        assert await replica.fetch(WHO, {}) == [(True,)]
        standby.pause()
        run(pair.url, PAYMENT)
        assert await replica.fetch(WHO, {}) == [(True,)]

        ((position,),) = run(pair.url, "SELECT pg_current_wal_lsn()::text")
        replica.changed(frozenset({123}), log_position(position))
        assert await replica.fetch(WHO, {}) == [(False,)]
        standby.resume()
        standby.catch_up()
        async with asyncio.timeout(20):
            while await replica.fetch(WHO, {}) != [(True,)]:
                pass

    asyncio.run(reading(pair, question))


def asleep(url: str) -> bool:
    return run(url, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == [(1,)]


@pytest.mark.usefixtures("standby")
def test_what_the_standby_cancels_is_asked_of_the_primary(pair: Pair) -> None:
    slow_there = """
    SELECT pg_is_in_recovery(), pg_sleep(CASE WHEN pg_is_in_recovery() THEN 20 ELSE 0 END),
           (SELECT count(*) FROM public.payments)
    """

    async def question(replica: Replica) -> None:
        asked = asyncio.create_task(replica.fetch(slow_there, {}))
        await until(lambda: asleep(pair.standby.url))
        with psycopg.connect(pair.url) as connection:
            connection.execute("LOCK TABLE public.payments IN ACCESS EXCLUSIVE MODE")
        ((there, *_),) = await asked
        assert there is False

    asyncio.run(reading(pair, question))


def test_a_column_that_the_standby_does_not_have_yet_is_read_on_the_primary(
    pair: Pair, standby: Standby
) -> None:
    async def question(replica: Replica) -> None:
        standby.pause()
        run(pair.url, "ALTER TABLE public.payments ADD COLUMN of_tomorrow integer DEFAULT 1")
        assert await replica.fetch("SELECT max(of_tomorrow) FROM public.payments", {}) == [(1,)]

    asyncio.run(reading(pair, question))


@pytest.mark.usefixtures("standby")
def test_an_abandoned_read_ends_on_the_replica_too(pair: Pair) -> None:
    async def question(replica: Replica) -> None:
        reader = Reader(replica)
        asked = asyncio.create_task(reader.through(replica).fetch("SELECT pg_sleep(20)", {}))
        await until(lambda: asleep(pair.standby.url))
        reader.abandon()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await until(lambda: not asleep(pair.standby.url))
        assert reader.statements == 1

    asyncio.run(reading(pair, question))


@pytest.mark.parametrize("text", ["", "0", "16B3748", "0/", "x/1", "0/123456789", "-1/0"])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="position"):
        log_position(text)


def test_a_position_is_read_as_postgresql_counts_it(pair: Pair) -> None:
    ((text, number),) = run(
        pair.url, "SELECT lsn::text, (lsn - '0/0')::bigint FROM (SELECT 'A/16B3748'::pg_lsn AS lsn) AS one"
    )

    assert log_position(text) == number


def test_a_replica_that_hangs_holds_no_answer_up(pair: Pair, standby: Standby) -> None:
    with gateway_beside(pair, standby.url, seconds=1) as center:
        wait_for(standby, center)
        processes = [pid for (pid,) in run(standby.url, "SELECT pid FROM pg_stat_activity")]
        ((postmaster,),) = run(
            standby.url, "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int"
        )
        stopped = [postmaster, *processes]
        for pid in stopped:
            with suppress(ProcessLookupError):  # that of the connection which asked
                os.kill(pid, signal.SIGSTOP)
        try:
            for _ in range(5):
                assert revenue(center) > 0
            wait_until(lambda: "does not answer" in state(center))
            assert revenue(center) > 0
        finally:
            for pid in stopped:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        wait_for(standby, center)


def test_a_standby_that_is_promoted_is_left_alone(pair: Pair) -> None:
    with (
        open_folder() as folder,
        running_standby(pair.folder, pair.url, folder / "second") as second,
        gateway_beside(pair, second.url) as center,
    ):
        wait_for(second, center)
        run(second.url, "SELECT pg_promote()")

        wait_until(lambda: "is no standby:" in state(center))
        assert not answers_from(second, center)


def test_a_standby_of_a_replaced_primary_is_left_alone(pair: Pair) -> None:
    with open_folder() as folder, running_standby(pair.folder, pair.url, folder / "next") as successor:
        run(successor.url, "SELECT pg_promote()")
        with gateway_beside(Pair(pair.folder, successor.url, pair.standby), pair.standby.url) as center:
            wait_until(lambda: "no standby of this database" in state(center))
            assert revenue(center) > 0


def test_an_operation_over_its_deadline_ends_its_statement_on_the_replica(
    pair: Pair, standby: Standby
) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    locked = (
        "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'payments'::regclass"
    )
    with (
        gateway_beside(pair, standby.url, operation_seconds=1) as center,
        psycopg.connect(pair.url) as holder,
    ):
        wait_for(standby, center)
        holder.execute("LOCK TABLE public.payments IN ACCESS EXCLUSIVE MODE")
        run(pair.url, "CHECKPOINT")  # writes out what a commit would
        wait_until(lambda: run(standby.url, locked) == [(1,)])
        assert center.error_code(REVENUE) == "TIMEOUT"
        wait_until(lambda: run(standby.url, waiting) == [(0,)] and run(pair.url, waiting) == [(0,)])
        holder.rollback()
        wait_for(standby, center)


def test_the_doctor_tells_a_standby_from_what_is_none(pair: Pair, standby: Standby) -> None:
    def finding(replica_url: str) -> Finding:
        settings = Settings(_env_file=None, database_replica_url=replica_url)  # type: ignore[call-arg]
        (only,) = replica_findings(settings, pair.url)
        return only

    assert finding(standby.url).words.startswith("a standby, ")
    assert not finding(pair.url).fine
    assert not finding(standby.url.replace("/wellness?", "/postgres?")).fine
    away = finding("postgresql://nobody:here@127.0.0.1:1/wellness")
    assert not away.fine
    assert "here" not in away.words
