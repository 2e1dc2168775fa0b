"""Rows are kept until they change, and then never served again: seen in the statements of an answer."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from random import Random
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest
from changes.conftest import PATIENCE
from harness import Gateway, running_gateway

from db.changes.outbox import LOCK

Psql = Callable[..., list[tuple[Any, ...]]]

READ = "query ($id: ID!) { customer(id: $id) { occupation totalVisits packages { status } } }"
OCCUPATION = "query ($id: ID!) { customer(id: $id) { occupation } }"
WRITE = """
mutation ($id: ID!, $word: String!) {
  updateCustomer(input: {id: $id, occupation: $word}) { customer { occupation } } }
"""
CHANGE = "UPDATE customers SET occupation = %s WHERE customer_id = %s"
LISTENERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND query LIKE 'LISTEN%%'
"""


@pytest.fixture(scope="module")
def workers(url: str) -> Iterator[tuple[Gateway, Gateway]]:
    """Two gateways over one database, as two workers or replicas are."""
    with ExitStack() as stack:
        one, other = (stack.enter_context(running_gateway(url)) for _ in range(2))
        yield one, other


def ask(gateway: Gateway, document: str, variables: dict[str, Any], role: str = "ADMIN") -> tuple[Any, int]:
    """Return the data of an answer, and how many statements it took."""
    body = {"query": document, "variables": variables}
    response = gateway.request("POST", "/graphql", json=body, role=role)
    taken = re.fullmatch(r'sql;desc="(\d+) statements"', response.headers["server-timing"])
    assert taken is not None
    return response.json()["data"], int(taken[1])


def occupation(gateway: Gateway, customer_id: int) -> str | None:
    return ask(gateway, OCCUPATION, {"id": customer_id})[0]["customer"]["occupation"]


def eventually(seen: Callable[[], bool]) -> None:
    end = monotonic() + PATIENCE
    while not seen():
        assert monotonic() < end, "never seen"
        sleep(0.01)


def test_what_was_read_once_is_not_read_again(workers: tuple[Gateway, Gateway]) -> None:
    first, statements = ask(workers[0], READ, {"id": 31})
    again, more = ask(workers[0], READ, {"id": 31})

    assert first == again
    assert (statements, more) == (2, 0)


def test_a_write_by_psql_is_seen_by_both_of_two_workers(workers: tuple[Gateway, Gateway], psql: Psql) -> None:
    for gateway in workers:
        ask(gateway, READ, {"id": 32})
    psql(CHANGE, "psql이 바꿈", 32)

    for gateway in workers:
        eventually(lambda gateway=gateway: occupation(gateway, 32) == "psql이 바꿈")


def test_a_visit_by_psql_moves_the_totals_that_were_kept(
    workers: tuple[Gateway, Gateway], psql: Psql
) -> None:
    before = ask(workers[0], READ, {"id": 33})[0]["customer"]["totalVisits"]
    psql("INSERT INTO service_usage (customer_id, service_date) VALUES (33, '2026-06-14'::date - 4000)")

    eventually(lambda: ask(workers[0], READ, {"id": 33})[0]["customer"]["totalVisits"] == before + 1)


def test_a_change_of_one_customer_leaves_the_others_kept(
    workers: tuple[Gateway, Gateway], psql: Psql
) -> None:
    ask(workers[0], OCCUPATION, {"id": 34})
    ask(workers[0], OCCUPATION, {"id": 35})
    psql(CHANGE, "다른 사람", 34)
    eventually(lambda: occupation(workers[0], 34) == "다른 사람")

    assert ask(workers[0], OCCUPATION, {"id": 35})[1] == 0


def test_a_write_through_a_worker_is_seen_there_at_once_and_soon_by_the_other(
    workers: tuple[Gateway, Gateway],
) -> None:
    one, other = workers
    for number in range(20):
        word = f"글 {number}"
        assert occupation(one, 36) == occupation(one, 36)
        written = one.data(WRITE, {"id": 36, "word": word})
        assert written["updateCustomer"]["customer"]["occupation"] == word
        assert occupation(one, 36) == word
    eventually(lambda: occupation(other, 36) == word)


def test_a_write_reads_what_is_stored_and_not_what_is_kept(workers: tuple[Gateway, Gateway]) -> None:
    one, other = workers
    ask(one, OCCUPATION, {"id": 37})
    other.data(WRITE, {"id": 37, "word": "다른 곳에서"})

    body = one.data('mutation { updateCustomer(input: {id: 37, notes: "메모"}) { customer { occupation } } }')

    assert body["updateCustomer"]["customer"]["occupation"] == "다른 곳에서"


def test_kept_rows_are_masked_for_whom_they_are_masked(workers: tuple[Gateway, Gateway]) -> None:
    phone = "{ customer(id: 123) { phone healthGoals } }"
    workers[0].data(phone)

    seen, statements = ask(workers[0], phone, {}, role="STAFF")

    assert statements == 0
    assert re.fullmatch(r"010-\*{4}-\d{4}", seen["customer"]["phone"])
    assert seen["customer"]["healthGoals"] is None


def test_a_kept_answer_is_recorded_like_any_other(workers: tuple[Gateway, Gateway], psql: Psql) -> None:
    record = "SELECT actor, outcome, customers, disclosures FROM gateway.audit_record WHERE operation = %s"
    named = "query {} {{ customer(id: 38) {{ phone packages {{ pricePaid }} }} }}"
    ask(workers[0], named.format("First"), {}, role="STAFF")
    statements = ask(workers[0], named.format("Second"), {}, role="STAFF")[1]

    assert statements == 0
    assert psql(record, "First") == psql(record, "Second") != []


def test_nothing_is_kept_while_the_feed_is_not_heard(databases: Any, demo_template: str) -> None:
    with databases.temporary(demo_template) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # a dispatcher that says nothing
        with running_gateway(url) as deaf:
            ready = deaf.request("GET", "/readyz", role=None)

            assert ready.status_code == 200
            assert ready.json()["checks"]["changes"].startswith("not heard")
            assert [ask(deaf, READ, {"id": 123})[1] for _ in range(3)] == [2, 2, 2]


def test_behind_a_pooler_without_a_direct_address_there_is_no_feed_and_no_cache(
    databases: Any, demo_template: str
) -> None:
    with databases.temporary(demo_template) as url:
        pooled = f"{url}&pgbouncer=true"
        with running_gateway(pooled) as alone, running_gateway(pooled, database_direct_url=url) as direct:
            assert "DATABASE_DIRECT_URL" in alone.request("GET", "/readyz").json()["checks"]["changes"]
            assert direct.request("GET", "/readyz").json()["checks"]["changes"] == "ok"
            assert [ask(alone, READ, {"id": 123})[1] for _ in range(2)] == [2, 2]
            assert [ask(direct, READ, {"id": 123})[1] for _ in range(2)] == [2, 0]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_no_worker_ever_goes_back_to_what_it_served_before(
    workers: tuple[Gateway, Gateway], psql: Psql, seed: int
) -> None:
    """Fills, writes of both kinds and cut listeners, in any order: a worker's answers only go forward."""
    customer_id = 40 + seed
    psql(CHANGE, "0", customer_id)
    for gateway in workers:
        eventually(lambda gateway=gateway: occupation(gateway, customer_id) == "0")
    over = Event()
    seen: list[list[int]] = []

    def watch(gateway: Gateway) -> None:
        answers: list[int] = []
        seen.append(answers)
        while not over.is_set():
            answers.append(int(occupation(gateway, customer_id) or -1))

    readers = [Thread(target=watch, args=(gateway,)) for gateway in (*workers, *workers)]
    for reader in readers:
        reader.start()
    last = change_at_random(Random(seed), workers, psql, customer_id)  # noqa: S311 - an order, not secrets
    for gateway in workers:
        eventually(lambda gateway=gateway: occupation(gateway, customer_id) == str(last))
    over.set()
    for reader in readers:
        reader.join()

    assert len(seen) == len(readers)
    for answers in seen:
        assert answers == sorted(answers)


def change_at_random(random: Random, workers: tuple[Gateway, Gateway], psql: Psql, customer_id: int) -> int:
    """Write rising numbers through psql and HTTP, and cut listeners off; return the last number."""
    written = 0
    for _ in range(60):
        match random.randrange(6):
            case 0 | 1:
                written += 1
                psql(CHANGE, str(written), customer_id)
            case 2 | 3:
                written += 1
                random.choice(workers).data(WRITE, {"id": customer_id, "word": str(written)})
            case 4:
                psql(LISTENERS)
            case _:
                sleep(random.uniform(0, 0.2))
    return written
