"""The summaries stay right whoever writes: compared with a recount after every kind of write."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from typing import Any

import psycopg
import pytest
from db_recount import Center
from harness import Gateway
from psycopg import IsolationLevel
from psycopg.rows import dict_row

from db.demo import HARD_CASES
from db.urls import libpq_url
from gateway.app import today_in_seoul

NEW_SESSION = """
INSERT INTO service_usage (customer_id, service_date, service_type_id)
SELECT %s, %s, service_type_id FROM service_types WHERE service_name = '레드' RETURNING usage_id
"""
NEW_PAYMENT = """
INSERT INTO payments (customer_id, payment_date, amount, payment_method, payment_type)
VALUES (%s, %s, 70000, 'card', 'single')
"""


@pytest.fixture(scope="module")
def url(databases: Any, demo_template: str) -> Iterator[str]:
    with databases.temporary(demo_template) as url:
        yield libpq_url(url)


@pytest.fixture(scope="module")
def center(url: str) -> Iterator[Center]:
    """A center whose summaries are as of the day on which the test runs, as a trigger's are."""
    with psycopg.connect(url, row_factory=dict_row, autocommit=True) as connection:
        center = Center(connection)
        center.summarize(None, today_in_seoul())
        yield center


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments SET amount = amount + 1000 WHERE customer_id BETWEEN 10 AND 300",
        "UPDATE payments SET payment_status = 'cancelled' WHERE customer_id = 11",
        "DELETE FROM gateway.session_detail WHERE customer_id = 12",
        "UPDATE gateway.session_detail SET satisfaction_rating = 1 WHERE customer_id < 40",
        "UPDATE gateway.session_detail SET status = 'cancelled' WHERE customer_id = 13",
        "DELETE FROM service_usage WHERE customer_id IN (14, 15)",
        "UPDATE payments SET customer_id = 17 WHERE customer_id = 16",
        "UPDATE service_usage SET customer_id = NULL WHERE customer_id = 18",
        "UPDATE package_purchases SET remaining_sessions = 0, is_active = false WHERE customer_id < 60",
        "DELETE FROM package_purchases WHERE customer_id = 19",
        "INSERT INTO customers (name) VALUES ('새고객'), ('새고객')",
        "TRUNCATE gateway.session_detail",
    ],
)
def test_a_statement_leaves_every_summary_right(center: Center, statement: str) -> None:
    center.rows(statement)

    assert center.summaries() == center.recount(today_in_seoul())


def test_a_new_customers_first_session_and_payment_count(center: Center) -> None:
    (row,) = center.rows("INSERT INTO customers (name) VALUES ('첫방문') RETURNING customer_id")
    center.rows(NEW_SESSION, row["customer_id"], today_in_seoul())
    center.rows(NEW_PAYMENT, row["customer_id"], today_in_seoul())

    assert center.summary(row["customer_id"])["total_visits"] == 1
    assert center.summary(row["customer_id"])["total_revenue"] == 70_000


def test_a_deleted_customer_leaves_no_summary(center: Center) -> None:
    (row,) = center.rows("INSERT INTO customers (name) VALUES ('지나간고객') RETURNING customer_id")

    center.rows("DELETE FROM customers WHERE customer_id = %s", row["customer_id"])

    assert center.summaries() == center.recount(today_in_seoul())


def test_a_write_that_is_rolled_back_changes_no_summary(url: str, center: Center) -> None:
    before = center.summaries()
    with psycopg.connect(url) as connection:
        connection.execute(NEW_PAYMENT, (20, today_in_seoul()))
        connection.rollback()

    assert center.summaries() == before


def test_eight_writers_of_the_same_customers_leave_every_summary_right(url: str, center: Center) -> None:
    def write(seed: int) -> None:
        random = Random(seed)  # noqa: S311 - which writes, not secrets
        with psycopg.connect(url, autocommit=True) as connection:
            for _ in range(40):
                customer_id = random.randint(201, 205)
                _write_something(connection, random, customer_id)

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(write, range(8)))

    assert center.summaries() == center.recount(today_in_seoul())


def _write_something(connection: psycopg.Connection, random: Random, customer_id: int) -> None:
    day = today_in_seoul()
    match random.randint(0, 3):
        case 0:
            connection.execute(NEW_SESSION, (customer_id, day))
        case 1:
            connection.execute(NEW_PAYMENT, (customer_id, day))
        case 2:
            connection.execute(
                "UPDATE payments SET amount = amount + 1 WHERE customer_id = %s", [customer_id]
            )
        case _:
            connection.execute(
                "DELETE FROM service_usage WHERE usage_id = "
                "(SELECT max(usage_id) FROM service_usage WHERE customer_id = %s)",
                [customer_id],
            )


def test_writers_who_would_wait_for_each_other_in_turn_all_succeed(url: str, center: Center) -> None:
    together = Barrier(2)

    def write(first: int, second: int) -> None:
        with psycopg.connect(url) as connection:
            connection.execute(NEW_PAYMENT, (first, today_in_seoul()))
            together.wait()
            connection.execute(NEW_PAYMENT, (second, today_in_seoul()))

    with ThreadPoolExecutor(2) as writers:
        list(writers.map(write, (206, 207), (207, 206)))
    center.count_what_was_left()

    assert center.summaries() == center.recount(today_in_seoul())


@pytest.mark.parametrize("level", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE])
def test_what_a_writer_cannot_count_in_its_old_snapshot_is_counted_after_its_commit(
    url: str, center: Center, level: IsolationLevel
) -> None:
    with psycopg.connect(url) as connection:
        connection.isolation_level = level
        connection.execute("SELECT FROM payments LIMIT 1")
        center.rows(NEW_PAYMENT, 208, today_in_seoul())
        connection.execute(NEW_PAYMENT, (208, today_in_seoul()))
    center.count_what_was_left()

    assert center.summaries() == center.recount(today_in_seoul())


@pytest.mark.parametrize("level", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE])
def test_a_name_from_an_old_snapshot_is_found_after_its_commit(
    url: str, center: Center, level: IsolationLevel
) -> None:
    name = f"개명{level.name}"
    with psycopg.connect(url) as connection:
        connection.isolation_level = level
        connection.execute("SELECT FROM payments LIMIT 1")
        center.rows(NEW_PAYMENT, 217, today_in_seoul())
        connection.execute("UPDATE customers SET name = %s WHERE customer_id = 217", [name])
    center.count_what_was_left()

    assert center.rows("SELECT name FROM gateway.customer_summary WHERE customer_id = 217") == [
        {"name": name}
    ]


def test_serializable_writers_of_one_customer_do_not_fail_for_the_summarys_sake(
    url: str, center: Center
) -> None:
    with psycopg.connect(url) as one, psycopg.connect(url) as other:
        one.isolation_level = other.isolation_level = IsolationLevel.SERIALIZABLE
        one.execute(NEW_SESSION, (209, today_in_seoul()))
        other.execute(NEW_SESSION, (209, today_in_seoul()))
        one.commit()
        other.commit()
    center.count_what_was_left()

    assert center.summaries() == center.recount(today_in_seoul())


@pytest.mark.slow
def test_eight_writers_of_every_isolation_leave_every_summary_right(url: str, center: Center) -> None:
    levels = [None, IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE]

    def write(seed: int) -> None:
        random = Random(seed)  # noqa: S311 - which writes, not secrets
        with psycopg.connect(url) as connection:
            for _ in range(40):
                connection.isolation_level = random.choice(levels)
                try:
                    for _ in range(random.randint(1, 3)):
                        _write_something(connection, random, random.randint(210, 214))
                    connection.commit()
                except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
                    # the center's own rows were fought for: without a summary this could happen too
                    connection.rollback()

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(write, range(8)))
    center.count_what_was_left()

    assert center.summaries() == center.recount(today_in_seoul())


def test_what_was_written_ahead_counts_when_its_day_begins(center: Center) -> None:
    center.rows("SET session_replication_role = replica")  # as if written yesterday, when it did not count
    center.rows(NEW_SESSION, 215, today_in_seoul())
    center.rows(NEW_PAYMENT, 216, today_in_seoul())
    center.rows("RESET session_replication_role")
    assert center.summaries() != center.recount(today_in_seoul())

    center.rows("UPDATE gateway.summary_day SET day = day - 1")
    center.count_what_was_left()

    assert center.summaries() == center.recount(today_in_seoul())


def test_a_service_that_gets_another_code_is_counted_anew(center: Center) -> None:
    center.rows("UPDATE gateway.service_code SET code = 'red' WHERE code = 'pulse'")
    center.count_what_was_left()

    assert center.summaries() == center.recount(today_in_seoul())


def test_a_customer_somebody_else_holds_is_counted_later(url: str, center: Center) -> None:
    with psycopg.connect(url) as holder:
        holder.execute("SELECT FROM gateway.customer_summary WHERE customer_id = 217 FOR UPDATE")
        center.rows(NEW_PAYMENT, 217, today_in_seoul())
        center.rows("SELECT gateway.recount_summaries(100)")
        assert center.summaries() != center.recount(today_in_seoul())
    center.count_what_was_left()

    assert center.summaries() == center.recount(today_in_seoul())


def test_the_centers_own_write_succeeds_even_where_the_summaries_are_gone(
    databases: Any, demo_template: str
) -> None:
    with databases.temporary(demo_template) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE gateway.customer_summary")
        connection.execute(NEW_PAYMENT, (123, today_in_seoul()))

        found = connection.execute("SELECT count(*) FROM payments WHERE amount = 70000").fetchone()

    assert found is not None
    assert found[0] >= 1


def test_a_visit_that_psql_writes_is_answered(writable_gateway: Gateway, execute: Any) -> None:
    nobody = HARD_CASES["no_visits"]
    assert writable_gateway.rest(f"/customers/{nobody}/analytics").status_code == 400

    execute(NEW_SESSION, nobody, "2026-06-10")

    detail = writable_gateway.rest(f"/customers/{nobody}/detail").json()["data"]
    assert detail["customer"]["total_visits"] == 1
    assert detail["customer"]["last_visit_date"] == "2026-06-10"
    assert detail["serviceHistory"][0]["service_type"] == "red"
    assert writable_gateway.rest(f"/customers/{nobody}/analytics").status_code == 200
