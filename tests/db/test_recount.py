"""The recount of the summaries: it finds and mends every drift, and takes no write for one."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from random import Random
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from db_recount import Center
from harness import SECRET, TODAY
from psycopg.rows import dict_row

from db.recount import FIGURES, Recount, recount_summaries
from db.urls import libpq_url
from gateway.app import today_in_seoul
from gateway.cli import main

OTHER_COLUMNS = {"customer_id", "risk_level", "computed_at"}
COLUMNS = """
SELECT column_name FROM information_schema.columns
 WHERE (table_schema, table_name) = ('gateway', 'customer_summary')
"""
NEVER_NULL = {"total_visits", "total_revenue", "services", "name", "name_key", "phone_digits"}
LATER_END = "UPDATE package_purchases SET expiry_date = expiry_date + 1 WHERE customer_id = 123"
MORE_VISITS = """
INSERT INTO service_usage (customer_id, service_date, service_type_id)
SELECT 20, date '2026-06-01' + n, 1 FROM generate_series(0, 2) n
"""
PAYMENT = """
INSERT INTO payments (customer_id, payment_date, amount, payment_method, payment_type)
VALUES (%s, %s, 70000, 'card', 'single')
"""
LAST_VISIT_OF = """
DELETE FROM service_usage WHERE usage_id = (SELECT max(usage_id) FROM service_usage WHERE customer_id = %s)
"""
WAITING = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.fixture
def url(databases: Any, demo_template: str) -> Iterator[str]:
    with databases.temporary(demo_template) as url:
        yield libpq_url(url)


@pytest.fixture
def center(url: str) -> Iterator[Center]:
    with psycopg.connect(url, row_factory=dict_row, autocommit=True) as connection:
        yield Center(connection)


@pytest.fixture(scope="module")
def mended_url(databases: Any, demo_template: str) -> Iterator[str]:
    """A database for tests that mend what they break."""
    with databases.temporary(demo_template) as url:
        yield libpq_url(url)


@pytest.fixture(scope="module")
def mended(mended_url: str) -> Iterator[Center]:
    with psycopg.connect(mended_url, row_factory=dict_row, autocommit=True) as connection:
        yield Center(connection)


def recount(url: str) -> Recount:
    return recount_summaries(url, TODAY, lambda _step, _done: None)


def behind_the_triggers(center: Center, *statements: str) -> None:
    """Write as somebody does who switched the triggers off."""
    for statement in (
        "SET session_replication_role = replica",
        *statements,
        "RESET session_replication_role",
    ):
        center.rows(statement)


def doctor(url: str, *options: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *options], env={"DATABASE_URL": url, "JWT_SECRET": SECRET})


def test_every_figure_that_rows_determine_is_compared(center: Center) -> None:
    assert set(FIGURES) == {row["column_name"] for row in center.rows(COLUMNS)} - OTHER_COLUMNS


def test_right_summaries_are_found_right_and_left_as_they_are(url: str, center: Center) -> None:
    stamps = "SELECT customer_id, computed_at FROM gateway.customer_summary ORDER BY 1"
    before = center.rows(stamps)

    found = recount(url)

    assert found.all_right
    assert found.customers == len(before)
    assert center.rows(stamps) == before


@pytest.mark.parametrize(
    ("statement", "column"),
    [
        ("UPDATE payments SET amount = amount + 1 WHERE customer_id = 20", "total_revenue"),
        (MORE_VISITS, "total_visits"),
        (LATER_END, "package_ends_on"),
        ("UPDATE gateway.session_detail SET satisfaction_rating = 1 WHERE customer_id = 123",
         "average_satisfaction"),
        *((f"UPDATE gateway.customer_summary SET {figure} = NULL WHERE customer_id = 123", figure)
          for figure in FIGURES if figure not in NEVER_NULL),
        ("UPDATE gateway.customer_summary SET services = 0 WHERE customer_id = 123", "services"),
        ("UPDATE customers SET name = '바뀐이름' WHERE customer_id = 20", "name_key"),
        ("UPDATE customers SET phone = '010-7777-6666' WHERE customer_id = 20", "phone_digits"),
        ("UPDATE customers SET membership_level = 'gold' WHERE customer_id = 123", "membership_level"),
    ],
)  # fmt: skip
def test_drift_is_found_by_column_and_mended(
    mended_url: str, mended: Center, statement: str, column: str
) -> None:
    behind_the_triggers(mended, statement)

    found = recount(mended_url)

    assert (found.drifted, found.columns[column]) == (1, 1)
    assert mended.summaries() == mended.recount()
    assert recount(mended_url).all_right


def test_a_wrong_count_of_searches_is_found_and_mended(url: str, center: Center) -> None:
    center.rows("UPDATE gateway.customer_count SET customers = customers + 1 WHERE had_package")

    assert recount(url).counts_differed
    assert recount(url).all_right


def test_missing_summaries_are_made_and_those_of_nobody_removed(url: str, center: Center) -> None:
    behind_the_triggers(
        center,
        "DELETE FROM gateway.customer_summary WHERE customer_id IN (20, 21)",
        "INSERT INTO gateway.customer_summary (customer_id, total_visits, total_revenue, services) "
        "VALUES (999999, 1, 1, 1)",
    )

    found = recount(url)

    assert (found.drifted, found.missing, found.orphans) == (0, 2, 1)
    assert center.summaries() == center.recount()


def test_drift_of_many_customers_is_mended_in_groups(url: str, center: Center) -> None:
    behind_the_triggers(center, "UPDATE gateway.customer_summary SET total_revenue = total_revenue + 1")

    found = recount(url)

    assert found.drifted == found.columns["total_revenue"] == found.customers
    assert recount(url).all_right


def test_one_locked_customer_does_not_keep_the_others_locked(url: str, center: Center) -> None:
    behind_the_triggers(center, "UPDATE gateway.customer_summary SET services = 0 WHERE customer_id < 50")
    with ThreadPoolExecutor(1) as aside, psycopg.connect(url) as other:
        other.execute("SELECT FROM gateway.customer_summary WHERE customer_id = 20 FOR UPDATE")
        recounting = aside.submit(recount, url)
        _wait_until_it_waits(center, recounting)

        center.rows("SET lock_timeout = '5s'")
        center.rows("SELECT FROM gateway.customer_summary WHERE customer_id <> 20 FOR UPDATE")

        other.rollback()
        assert recounting.result(timeout=60).drifted > 40
    assert recount(url).all_right


def _wait_until_it_waits(center: Center, recounting: Future[Recount]) -> None:
    waiting = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while not center.rows(waiting):
        assert recounting.running()


def test_the_doctor_tells_what_it_mended_and_ends_with_1_once(url: str, center: Center) -> None:
    center.summarize(None, today_in_seoul())
    behind_the_triggers(
        center,
        "UPDATE gateway.customer_summary SET total_visits = total_visits + 1, services = 0 "
        "WHERE customer_id IN (20, 123)",
    )

    first, second = doctor(url, "--recount"), doctor(url, "--recount")

    assert first.exit_code == 1
    assert "mended 2 that were wrong (services of 2, total_visits of 2)" in first.stdout
    assert "summaries: 892 compared with the rows, all right" in second.stdout
    assert "summaries" not in doctor(url).stdout


@pytest.mark.slow
def test_writers_beside_it_give_no_false_alarm(url: str, center: Center) -> None:
    today = today_in_seoul()
    center.summarize(None, today)
    done = threading.Event()

    def write(seed: int) -> int:
        random = Random(seed)  # noqa: S311 - which writes, not secrets
        written = 0
        with psycopg.connect(url, autocommit=True) as connection:
            while not done.is_set():
                customer = random.randint(1, 60)
                with connection.transaction():
                    connection.execute(PAYMENT, [customer, today])
                    if random.random() < 0.3:
                        connection.execute(LAST_VISIT_OF, [customer])
                written += 1
        return written

    with ThreadPoolExecutor(4) as writers:
        writing = [writers.submit(write, seed) for seed in range(4)]
        found = [recount_summaries(url, today, lambda *_: None) for _ in range(15)]
        done.set()

    assert all(one.all_right for one in found)
    assert sum(writer.result() for writer in writing) > 200
    assert center.summaries() == center.recount(today)
