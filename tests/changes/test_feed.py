"""Every worker hears of every change, and knows when it may not have."""

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from changes.conftest import dispatching, listening, run, until
from harness import open_folder

from db.changes import Change, read_message
from db.changes.outbox import LOCK
from db.embedded import EmbeddedPostgres
from db.migrate import migrate

Psql = Callable[..., list[tuple[Any, ...]]]

CHANGE = "UPDATE customers SET notes = 'x' WHERE customer_id = %s"
LISTENERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND query LIKE 'LISTEN%%'
"""
DISPATCHERS = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def test_a_write_by_psql_is_told_to_every_worker(url: str, psql: Psql) -> None:
    async def test() -> None:
        async with listening(url) as one, listening(url) as other, dispatching(url), dispatching(url):
            await until(lambda: "back" in one.words and "back" in other.words)
            psql(CHANGE, 7)
            await until(lambda: 7 in one.customers and 7 in other.customers)

    run(test)


def test_a_write_before_any_gateway_ran_is_told_when_one_does(url: str, psql: Psql) -> None:
    psql(CHANGE, 8)

    async def test() -> None:
        async with listening(url) as told, dispatching(url):
            await until(lambda: 8 in told.customers)

    run(test)


def test_a_long_transaction_that_began_before_others_is_told_at_its_commit(url: str, psql: Psql) -> None:
    async def test() -> None:
        async with listening(url) as told, dispatching(url):
            with psycopg.connect(url) as slow:
                slow.execute(CHANGE, [9])
                psql(CHANGE, 10)
                await until(lambda: 10 in told.customers)
                assert 9 not in told.customers
            await until(lambda: 9 in told.customers)

    run(test)


def test_many_customers_and_what_all_depend_on_are_told_as_everybody(url: str, psql: Psql) -> None:
    async def test() -> None:
        async with listening(url) as told, dispatching(url):
            await until(lambda: "back" in told.words)
            psql("UPDATE customers SET notes = 'x'")
            await until(lambda: None in told.words)
            told.words.clear()
            psql("UPDATE packages SET base_price = base_price")
            await until(lambda: None in told.words)
            told.words.clear()
            for first in range(1, 2001, 400):  # more numbers than a message holds
                psql("INSERT INTO gateway.customer_change SELECT generate_series(%s, %s + 399)", first, first)
            await until(lambda: None in told.words or len(told.customers) == 2000)

    run(test)


def test_no_change_lies_behind_the_position_that_it_is_told_with(url: str, psql: Psql) -> None:
    async def test() -> None:
        async with listening(url) as told, dispatching(url):
            await until(lambda: "back" in told.words)
            psql(CHANGE, 11)
            ((end,),) = psql("SELECT (pg_current_wal_flush_lsn() - '0/0')::bigint")
            await until(lambda: 11 in told.customers)
            assert told.positions[-1] >= end

    run(test)


def test_one_of_all_dispatches_and_another_takes_over_when_its_connection_is_cut(
    url: str, psql: Psql
) -> None:
    async def test() -> None:
        async with listening(url) as told, dispatching(url), dispatching(url):
            await until(lambda: "back" in told.words)
            ((holder,),) = psql(DISPATCHERS, LOCK)
            psql("SELECT pg_terminate_backend(%s)", holder)
            psql(CHANGE, 12)
            await until(lambda: 12 in told.customers)
            assert [holder] not in psql(DISPATCHERS, LOCK)
            assert told.words.count("lost") == 0

    run(test)


@pytest.mark.slow
def test_a_dispatcher_that_froze_is_ended_by_the_server_and_another_takes_over(url: str, psql: Psql) -> None:
    with psycopg.connect(url, autocommit=True) as frozen:
        frozen.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        frozen.execute("SET idle_session_timeout = '1500ms'")

        async def test() -> None:
            async with listening(url) as told, dispatching(url):
                psql(CHANGE, 13)
                await until(lambda: 13 in told.customers)

        run(test)


def test_a_listener_whose_connection_is_cut_says_so_and_comes_back(url: str, psql: Psql) -> None:
    async def test() -> None:
        async with listening(url) as told, dispatching(url):
            await until(lambda: "back" in told.words)
            psql(LISTENERS)
            await until(lambda: told.words[-2:] == ["lost", "back"])
            psql(CHANGE, 14)
            await until(lambda: 14 in told.customers)

    run(test)


@pytest.mark.slow
def test_a_listener_that_hears_no_heartbeat_is_lost_until_it_does(url: str) -> None:
    async def test() -> None:
        async with listening(url) as told:
            async with dispatching(url):
                await until(lambda: told.words == ["back"])
            await until(lambda: told.words == ["back", "lost"])
            async with dispatching(url):
                await until(lambda: told.words == ["back", "lost", "back"])

    run(test)


@pytest.mark.slow
def test_the_feed_survives_a_restart_of_the_server() -> None:
    with open_folder() as folder, EmbeddedPostgres(folder, settings={"fsync": "off"}) as server:
        url = server.start()
        migrate(url)

        async def test() -> None:
            async with listening(url) as told, dispatching(url):
                await until(lambda: told.words == ["back"])
                await asyncio.to_thread(server.stop)
                await until(lambda: told.words == ["back", "lost"])
                await asyncio.to_thread(server.start)
                await until(lambda: told.words == ["back", "lost", "back"])

        run(test)


def test_a_listener_that_ends_leaves_its_subscribers_lost(url: str) -> None:
    async def test() -> None:
        async with dispatching(url):
            async with listening(url) as told:
                await until(lambda: told.words == ["back"])
            assert told.words == ["back", "lost"]

    run(test)


def test_the_dispatcher_counts_what_writers_left(url: str, psql: Psql) -> None:
    psql("UPDATE gateway.customer_summary SET total_visits = 7777 WHERE customer_id = 15")
    psql("INSERT INTO gateway.summary_recount VALUES (15)")

    async def test() -> None:
        async with listening(url) as told, dispatching(url):
            await until(lambda: 15 in told.customers)

    run(test)

    assert psql("SELECT total_visits = 7777 FROM gateway.customer_summary WHERE customer_id = 15") == [
        (False,)
    ]
    assert psql("SELECT count(*) FROM gateway.summary_recount") == [(0,)]


@pytest.mark.parametrize(
    ("payload", "change"),
    [
        ("0/1A2B3C4 12,15", Change(0x1A2B3C4, frozenset({12, 15}))),
        ("2/10 *", Change(0x200000010, None)),
        ("0/FF", Change(255, frozenset())),
        ("anything else", Change(0, None)),
        ("", Change(0, None)),
    ],
)
def test_a_message_is_read_and_a_strange_one_means_everybody(payload: str, change: Change) -> None:
    assert read_message(payload) == change
