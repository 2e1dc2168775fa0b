"""`gateway.summarize_customers` counts what the rows say: recounted here in plain Python."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import psycopg
import pytest
from harness import TODAY, Gateway
from psycopg.rows import dict_row

from db.demo import HARD_CASES
from db.urls import libpq_url

BITS = {"brain": 1, "pulse": 2, "lymph": 4, "red": 8, "ai_bike": 16}
FIGURES = (
    "first_visit_on",
    "last_visit_on",
    "total_visits",
    "average_interval_days",
    "total_revenue",
    "average_satisfaction",
    "services",
    "package_ends_on",
    "last_package_ends_on",
)

SESSIONS = """
SELECT u.customer_id, u.service_date, d.status, d.satisfaction_rating AS rating, c.code
  FROM service_usage u
  LEFT JOIN gateway.session_detail d ON d.usage_id = u.usage_id
  LEFT JOIN gateway.service_code c ON c.service_type_id = u.service_type_id
"""
PAYMENTS = """
SELECT customer_id, payment_date, amount, payment_type::text AS kind, payment_status::text AS status
  FROM payments
"""
PURCHASES = "SELECT customer_id, expiry_date, remaining_sessions, is_active FROM package_purchases"

Rows = list[dict[str, Any]]
Figures = dict[str, Any]


class Center:
    """A demo center, and what a test does to it."""

    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        self._connection = connection

    def rows(self, statement: str, *values: object) -> Rows:
        cursor = self._connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []

    def summarize(self, ids: list[int] | None, today: date = TODAY) -> int:
        (row,) = self.rows("SELECT gateway.summarize_customers(%s, %s) AS stored", ids, today)
        return row["stored"]

    def summaries(self) -> dict[int, Figures]:
        return {
            row["customer_id"]: {figure: row[figure] for figure in FIGURES}
            for row in self.rows("SELECT * FROM gateway.customer_summary")
        }

    def summary(self, customer_id: int) -> Figures:
        return self.summaries()[customer_id]

    def recount(self, today: date = TODAY) -> dict[int, Figures]:
        sessions, payments, purchases = (
            by_customer(self.rows(statement)) for statement in (SESSIONS, PAYMENTS, PURCHASES)
        )
        ids = [row["customer_id"] for row in self.rows("SELECT customer_id FROM customers")]
        return {one: recounted(sessions[one], payments[one], purchases[one], today) for one in ids}


def by_customer(found: Rows) -> defaultdict[int, Rows]:
    grouped: defaultdict[int, Rows] = defaultdict(list)
    for row in found:
        grouped[row["customer_id"]].append(row)
    return grouped


def recounted(sessions: Rows, payments: Rows, purchases: Rows, today: date) -> Figures:
    held = [s for s in sessions if s["status"] in {None, "completed"} and s["service_date"] <= today]
    days = sorted({session["service_date"] for session in held})
    ratings = [session["rating"] for session in held if session["rating"] is not None]
    services = {BITS.get(session["code"], 32) for session in held}
    settled = [p for p in payments if p["status"] == "completed" and p["payment_date"] <= today]
    usable = [p for p in purchases if p["remaining_sessions"] > 0 and p["is_active"] is not False]
    return {
        "first_visit_on": days[0] if days else None,
        "last_visit_on": days[-1] if days else None,
        "total_visits": len(days),
        "average_interval_days": (
            rounded(Decimal((days[-1] - days[0]).days) / (len(days) - 1), "1") if len(days) > 1 else None
        ),
        "total_revenue": sum(-abs(p["amount"]) if p["kind"] == "refund" else p["amount"] for p in settled),
        "average_satisfaction": (rounded(Decimal(sum(ratings)) / len(ratings), "0.01") if ratings else None),
        "services": sum(services),
        "package_ends_on": latest(usable),
        "last_package_ends_on": latest(purchases),
    }


def rounded(value: Decimal, step: str) -> Decimal:
    return value.quantize(Decimal(step), ROUND_HALF_UP)


def latest(purchases: Iterable[dict[str, Any]]) -> date | None:
    return max((purchase["expiry_date"] for purchase in purchases), default=None)


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
    center.rows("UPDATE payments SET amount = amount + 1000 WHERE payment_type <> 'refund'")

    assert center.summarize([123, 999_999]) == 1

    after = center.summaries()
    assert after[123]["total_revenue"] > before[123]["total_revenue"]
    assert {**after, 123: None} == {**before, 123: None}


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
