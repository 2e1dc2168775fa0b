"""A recount of the summaries in plain Python, written independently of the SQL that it checks."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import psycopg
from harness import TODAY

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

    def count_what_was_left(self) -> None:
        """Do what the dispatcher of a running gateway does."""
        while self.rows("SELECT gateway.recount_summaries(1000) AS counted")[0]["counted"]:
            pass

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
