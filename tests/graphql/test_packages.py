"""Packages as a customer bought them, the one in use, and stated preferences."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from harness import UNCACHED, Gateway, running_gateway

from db.demo import HARD_CASES
from db.urls import libpq_url

Execute = Callable[..., list[tuple[object, ...]]]

PACKAGES = """
query ($id: ID!, $statuses: [PackageStatus!]) {
  customer(id: $id) {
    packages(statuses: $statuses) {
      purchaseId packageName shortName purchaseDate expiryDate totalSessions usedSessions remainingSessions
      pricePaid usageRate daysRemaining status usageSummary
      services { service total used remaining }
    }
    activePackage { purchaseId status }
  }
}
"""

BUY = """
INSERT INTO package_purchases (customer_id, package_id, purchase_date, expiry_date, total_sessions,
                               used_sessions, remaining_sessions, price_paid, is_active)
VALUES (124, 1, date '2026-06-15' - 60, date '2026-06-15' + %s, %s, %s, %s, 100000, %s)
RETURNING purchase_id
"""


def packages(gateway: Gateway, customer_id: int, statuses: list[str] | None = None) -> list[dict[str, Any]]:
    return gateway.data(PACKAGES, {"id": customer_id, "statuses": statuses})["customer"]["packages"]


def active(gateway: Gateway, customer_id: int) -> dict[str, Any] | None:
    return gateway.data(PACKAGES, {"id": customer_id})["customer"]["activePackage"]


def test_kim_younghees_package_is_the_printed_one(gateway: Gateway) -> None:
    (package,) = packages(gateway, 123)

    assert package == {
        "purchaseId": 789,
        "packageName": package["packageName"],
        "shortName": package["packageName"].removesuffix(" 패키지"),
        "purchaseDate": "2026-04-10",
        "expiryDate": "2026-07-10",
        "totalSessions": 40,
        "usedSessions": 18,
        "remainingSessions": 22,
        "pricePaid": 1_200_000,
        "usageRate": 45.0,
        "daysRemaining": 25,
        "status": "EXPIRING",
        "usageSummary": "브8/10 펄6/10 림4/10 레0/10",
        "services": [
            {"service": "BRAIN", "total": 10, "used": 8, "remaining": 2},
            {"service": "PULSE", "total": 10, "used": 6, "remaining": 4},
            {"service": "LYMPH", "total": 10, "used": 4, "remaining": 6},
            {"service": "RED", "total": 10, "used": 0, "remaining": 10},
        ],
    }


@pytest.fixture(scope="module")
def bought(databases: Any, demo_template: str) -> Iterator[tuple[Gateway, dict[str, int]]]:
    """A gateway over a center where customer 124 has a package of each kind."""
    kinds = {
        "roomy": (31, 10, 4, 6, True),
        "last day but thirty": (30, 10, 4, 6, True),
        "ends today": (0, 10, 4, 6, None),
        "ended yesterday": (-1, 10, 4, 6, True),
        "used up": (40, 10, 10, 0, True),
        "switched off": (40, 10, 4, 6, False),
        "drifted": (50, 10, 9, 6, True),
        "overdrawn": (60, 10, 12, -2, True),
        "of no sessions": (70, 0, 0, 0, True),
    }
    with databases.temporary(demo_template) as url:
        with psycopg.connect(libpq_url(url)) as connection:
            numbers = {name: connection.execute(BUY, kind).fetchall()[0][0] for name, kind in kinds.items()}
        with running_gateway(url, **UNCACHED) as gateway:
            yield gateway, numbers


def test_a_package_stands_where_its_date_and_its_sessions_put_it(
    bought: tuple[Gateway, dict[str, int]],
) -> None:
    gateway, numbers = bought

    found = {package["purchaseId"]: package["status"] for package in packages(gateway, 124)}

    assert {name: found[number] for name, number in numbers.items()} == {
        "roomy": "ACTIVE",
        "last day but thirty": "EXPIRING",
        "ends today": "EXPIRING",
        "ended yesterday": "EXPIRED",
        "used up": "COMPLETED",
        "switched off": "EXPIRED",
        "drifted": "ACTIVE",
        "overdrawn": "COMPLETED",
        "of no sessions": "COMPLETED",
    }


def test_packages_come_in_the_order_in_which_they_end(bought: tuple[Gateway, dict[str, int]]) -> None:
    gateway, _ = bought

    days = [package["daysRemaining"] for package in packages(gateway, 124)]

    assert days == [-1, 0, 30, 31, 40, 40, 50, 60, 70]


@pytest.mark.parametrize(
    ("statuses", "kept"),
    [
        (["ACTIVE"], {"ACTIVE", "EXPIRING"}),
        (["EXPIRING"], {"EXPIRING"}),
        (["COMPLETED"], {"COMPLETED"}),
        (["EXPIRED", "COMPLETED"], {"EXPIRED", "COMPLETED"}),
        ([], set()),
        (None, {"ACTIVE", "EXPIRING", "COMPLETED", "EXPIRED"}),
    ],
)
def test_statuses_filter_and_active_includes_expiring(
    bought: tuple[Gateway, dict[str, int]], statuses: list[str] | None, kept: set[str]
) -> None:
    gateway, _ = bought

    found = packages(gateway, 124, statuses)

    assert {package["status"] for package in found} == kept


def test_the_package_in_use_is_the_usable_one_that_ends_first(
    bought: tuple[Gateway, dict[str, int]],
) -> None:
    gateway, numbers = bought

    assert active(gateway, 124) == {"purchaseId": numbers["ends today"], "status": "EXPIRING"}


def test_what_is_left_decides_where_the_counts_of_the_center_disagree(
    bought: tuple[Gateway, dict[str, int]],
) -> None:
    gateway, numbers = bought

    found = {package["purchaseId"]: package for package in packages(gateway, 124)}

    drifted, overdrawn = found[numbers["drifted"]], found[numbers["overdrawn"]]
    assert (drifted["usedSessions"], drifted["remainingSessions"], drifted["usageRate"]) == (4, 6, 40.0)
    assert (overdrawn["usedSessions"], overdrawn["remainingSessions"]) == (10, 0)


def test_a_package_without_sessions_has_no_usage_rate(gateway: Gateway) -> None:
    (package,) = packages(gateway, HARD_CASES["zero_quota"])

    assert (package["totalSessions"], package["usageRate"], package["usageSummary"]) == (0, None, "0/0")
    assert package["status"] == "COMPLETED"
    assert active(gateway, HARD_CASES["zero_quota"]) is None


def test_sessions_beyond_the_quota_leave_nothing_and_not_less(gateway: Gateway) -> None:
    (package,) = packages(gateway, HARD_CASES["beyond_quota"])

    assert package["remainingSessions"] == 0
    assert [service["remaining"] for service in package["services"]] == [0]
    assert package["usageSummary"] == "브12/10"


def test_a_package_past_its_date_is_expired_and_not_in_use(gateway: Gateway) -> None:
    found = packages(gateway, HARD_CASES["expired"])

    assert {package["status"] for package in found} == {"EXPIRED"}
    assert all(package["daysRemaining"] < 0 for package in found)
    assert active(gateway, HARD_CASES["expired"]) is None


def test_a_customer_without_packages_has_an_empty_list(gateway: Gateway) -> None:
    assert packages(gateway, HARD_CASES["no_visits"]) == []
    assert active(gateway, HARD_CASES["no_visits"]) is None


def test_a_package_without_a_breakdown_is_summed_up_in_one_pair(gateway: Gateway) -> None:
    for package in packages(gateway, HARD_CASES["expired"]):
        if not package["services"]:
            expected = f"{package['usedSessions']}/{package['totalSessions']}"
            assert package["usageSummary"] == expected


PREFERENCES = """
query ($id: ID!) {
  customer(id: $id) {
    preferences {
      preferredServices preferredTime preferredIntensity healthInterests communicationPreference
      marketingConsent
    }
  }
}
"""


def test_kim_younghees_preferences_are_the_printed_ones(gateway: Gateway) -> None:
    assert gateway.data(PREFERENCES, {"id": 123})["customer"]["preferences"] == {
        "preferredServices": ["BRAIN", "PULSE"],
        "preferredTime": "MORNING",
        "preferredIntensity": "MEDIUM",
        "healthInterests": ["stress_management", "sleep_quality"],
        "communicationPreference": "KAKAO",
        "marketingConsent": True,
    }


def test_preferences_that_nobody_recorded_are_null(gateway: Gateway) -> None:
    assert gateway.data(PREFERENCES, {"id": HARD_CASES["no_visits"]})["customer"]["preferences"] is None


def test_words_that_no_table_knows_are_left_out_of_preferences(
    writable_gateway: Gateway, execute: Execute
) -> None:
    execute(
        """UPDATE customer_preferences
              SET preferred_services = '{브레인 피드백,사우나}', preferred_time = '새벽',
                  preferred_intensity = '강함', communication_preference = '비둘기', marketing_consent = NULL
            WHERE customer_id = 123"""
    )

    assert writable_gateway.data(PREFERENCES, {"id": 123})["customer"]["preferences"] == {
        "preferredServices": ["BRAIN", "OTHER"],
        "preferredTime": None,
        "preferredIntensity": "HIGH",
        "healthInterests": ["stress_management", "sleep_quality"],
        "communicationPreference": None,
        "marketingConsent": None,
    }
