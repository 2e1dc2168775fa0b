"""`gateway.summarize_customers` counts what the rows say: recounted here in plain Python."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from db_recount import Center
from harness import TODAY, Gateway
from psycopg.rows import dict_row

from db.demo import HARD_CASES
from db.urls import libpq_url


@pytest.fixture
def center(databases: Any, demo_template: str) -> Iterator[Center]:
    with (
        databases.temporary(demo_template) as url,
        psycopg.connect(libpq_url(url), row_factory=dict_row, autocommit=True) as connection,
    ):
        yield Center(connection)


@pytest.fixture(scope="module")
def shared_center(databases: Any, demo_template: str) -> Iterator[Center]:
    with (
        databases.temporary(demo_template) as url,
        psycopg.connect(libpq_url(url), row_factory=dict_row, autocommit=True) as connection,
    ):
        yield Center(connection)


def test_the_stored_summaries_are_what_the_rows_say(shared_center: Center) -> None:
    assert shared_center.summaries() == shared_center.recount()


@pytest.mark.parametrize("days_ago", [1, 30, 200, 2000])
def test_a_summary_as_of_an_earlier_day_knows_nothing_of_what_came_later(
    center: Center, days_ago: int
) -> None:
    day = TODAY - timedelta(days=days_ago)

    center.summarize(None, day)

    assert center.summaries() == center.recount(day)


def test_everybody_is_summarized_when_nobody_is_named(center: Center) -> None:
    (row,) = center.rows("SELECT count(*) AS customers FROM customers")
    center.rows("DELETE FROM gateway.customer_summary")

    assert center.summarize(None) == row["customers"]
    assert len(center.summaries()) == row["customers"]


def test_only_those_named_are_summarized(center: Center) -> None:
    before = center.summaries()
    center.rows("UPDATE gateway.customer_summary SET total_visits = 7777")

    assert center.summarize([123, 999_999]) == 1

    after = center.summaries()
    assert after[123] == before[123]
    assert {one["total_visits"] for number, one in after.items() if number != 123} == {7777}


def test_nobody_named_means_nobody_summarized(center: Center) -> None:
    assert center.summarize([]) == 0


def test_a_second_summary_of_the_same_rows_is_the_same(center: Center) -> None:
    before = center.summaries()

    center.summarize(None)

    assert center.summaries() == before


def test_a_deleted_session_is_gone_from_the_next_summary(center: Center) -> None:
    center.rows("DELETE FROM service_usage WHERE customer_id = %s", HARD_CASES["one_visit"])

    center.summarize([HARD_CASES["one_visit"]])

    assert center.summary(HARD_CASES["one_visit"])["total_visits"] == 0
    assert center.summary(HARD_CASES["one_visit"])["last_visit_on"] is None


@pytest.mark.parametrize("amount", [50_000, -50_000])
def test_a_refund_counts_against_the_revenue_whatever_its_sign(center: Center, amount: int) -> None:
    before = center.summary(123)["total_revenue"]
    center.rows(
        """INSERT INTO payments (customer_id, payment_date, amount, payment_method, payment_type)
           VALUES (123, %s, %s, 'card', 'refund')""",
        TODAY,
        amount,
    )

    center.summarize([123])

    assert center.summary(123)["total_revenue"] == before - 50_000


@pytest.mark.parametrize("status", ["pending", "cancelled", "refunded"])
def test_a_payment_that_is_not_settled_does_not_count(center: Center, status: str) -> None:
    before = center.summary(123)["total_revenue"]
    center.rows(
        """INSERT INTO payments
               (customer_id, payment_date, amount, payment_method, payment_type, payment_status)
           VALUES (123, %s, 50000, 'card', 'single', %s)""",
        TODAY,
        status,
    )

    center.summarize([123])

    assert center.summary(123)["total_revenue"] == before


def test_a_rating_below_or_above_the_scale_cannot_be_stored(center: Center) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        center.rows("UPDATE gateway.session_detail SET satisfaction_rating = 9 WHERE customer_id = 123")


def test_the_summary_of_the_gateway_is_the_one_that_is_answered(gateway: Gateway) -> None:
    answer = gateway.data('{ customer(id: "123") { totalVisits totalRevenue averageSatisfaction } }')

    assert answer["customer"] == {
        "totalVisits": 12,
        "totalRevenue": 2_500_000,
        "averageSatisfaction": 4.8,
    }
