"""GET /customers/{customer_id}/recommendations: what is asked for, in the contract's keys."""

from datetime import time
from typing import Any

import pytest
from harness import Gateway
from rest.answers import error_of, invalid_fields, recommendations, search
from rest.rows import a_customer, rows

from db.demo import HARD_CASES

_KINDS = ("service", "package", "schedule")
_KEYS = {
    "service": {
        "type",
        "recommendation_id",
        "service_type",
        "service_name",
        "confidence_score",
        "reason",
        "expected_benefit",
        "suggested_schedule",
    },
    "package": {
        "type",
        "recommendation_id",
        "package_name",
        "confidence_score",
        "reason",
        "package_details",
        "personalization",
    },
    "schedule": {"type", "recommendation_id", "schedule_name", "confidence_score", "weekly_plan"},
}
_SERVICES = {"brain", "pulse", "lymph", "red", "ai_bike"}
_FACTORS = {
    "service_history",
    "satisfaction_ratings",
    "health_goals",
    "peer_patterns",
    "seasonal_trends",
    "visit_pattern",
    "package_prices",
    "stated_preferences",
    "feedback",
}
_OPEN = {"Saturday": ("09:00", "18:00"), "Sunday": ("10:00", "17:00")}


@pytest.fixture(scope="module")
def offered(gateway: Gateway) -> dict[str, list[dict[str, Any]]]:
    """What is recommended to those who come most, by kind."""
    busiest = search(gateway, sort_by="total_visits", last_visit_from="2026-05-20", size=25)["customers"]
    found = [
        item
        for customer in busiest
        for item in recommendations(gateway, customer["customer_id"], count=20)["recommendations"]
    ]
    return {kind: [item for item in found if item["type"] == kind] for kind in _KINDS}


def _ids(answer: dict[str, Any]) -> list[str]:
    return [item["recommendation_id"] for item in answer["recommendations"]]


@pytest.mark.parametrize("kind", _KINDS)
def test_each_kind_has_the_keys_of_the_contract(offered: dict[str, list[Any]], kind: str) -> None:
    assert offered[kind]
    assert all(item.keys() == _KEYS[kind] for item in offered[kind])


def test_a_service_says_when_to_come_for_it(gateway: Gateway) -> None:
    for item in recommendations(gateway, 123, type="service")["recommendations"]:
        assert item["service_type"] in _SERVICES
        assert item["suggested_schedule"].keys() == {"frequency", "duration", "best_times"}
        assert all(item["suggested_schedule"].values())


def test_a_service_has_the_name_that_the_center_gives_it(gateway: Gateway) -> None:
    names = dict(
        rows(
            gateway,
            "SELECT code, service_name FROM gateway.service_code JOIN service_types USING (service_type_id)"
            " WHERE code <> 'other'",
        )
    )

    for item in recommendations(gateway, 123, type="service")["recommendations"]:
        assert item["service_name"] == names[item["service_type"]]


def test_a_package_is_one_of_the_catalogue_at_its_price(
    gateway: Gateway, offered: dict[str, list[Any]]
) -> None:
    catalogue = {
        name: (price, sessions)
        for name, price, sessions in rows(
            gateway,
            """SELECT package_name, base_price, jsonb_object_agg(service_code, sessions)
                 FROM packages JOIN gateway.package_service USING (package_id)
                WHERE is_active AND sessions > 0 GROUP BY package_id""",
        )
    }

    for item in offered["package"]:
        details = dict(item["package_details"])
        totals = [details.pop(key) for key in ("total_sessions", "price", "savings")]
        price, sessions = catalogue[item["package_name"]]
        assert details == sessions
        assert totals[:2] == [sum(sessions.values()), price]
        assert totals[2] > 0
        assert item["personalization"].keys() == {"based_on", "optimization"}


def test_a_weekly_plan_stays_within_the_opening_hours(offered: dict[str, list[Any]]) -> None:
    for item in offered["schedule"]:
        assert item["weekly_plan"]
        for visit in item["weekly_plan"]:
            assert visit.keys() == {"day", "time", "service", "duration", "reason"}
            opens, closes = (time.fromisoformat(at) for at in _OPEN.get(visit["day"], ("09:00", "21:00")))
            start = time.fromisoformat(visit["time"])
            end = start.hour * 60 + start.minute + visit["duration"]
            assert opens <= start
            assert end <= closes.hour * 60 + closes.minute


@pytest.mark.parametrize("kind", _KINDS)
def test_confidence_is_a_probability(offered: dict[str, list[Any]], kind: str) -> None:
    assert all(0 <= item["confidence_score"] <= 1 for item in offered[kind])


def test_metadata_says_what_they_rest_on(gateway: Gateway) -> None:
    metadata = recommendations(gateway, 123)["recommendation_metadata"]

    assert metadata.keys() == {"generated_at", "model_version", "factors_considered"}
    assert set(metadata["factors_considered"]) <= _FACTORS
    assert "service_history" in metadata["factors_considered"]
    assert metadata["generated_at"].endswith("Z")


def test_factors_are_those_of_what_is_shown(gateway: Gateway) -> None:
    shown = recommendations(gateway, 123, type="schedule", count=1)["recommendation_metadata"]

    assert "peer_patterns" not in shown["factors_considered"]


def test_five_are_the_default(gateway: Gateway) -> None:
    assert recommendations(gateway, 123) == recommendations(gateway, 123, count=5)
    assert len(recommendations(gateway, 123)["recommendations"]) == 5


@pytest.mark.parametrize("count", [1, 2, 20])
def test_no_more_are_answered_than_asked_for(gateway: Gateway, count: int) -> None:
    found = _ids(recommendations(gateway, 123, count=count))

    assert 1 <= len(found) <= count
    assert found == _ids(recommendations(gateway, 123, count=20))[: len(found)]


@pytest.mark.parametrize("count", ["0", "-1", "21", "1.5", "five", "99999999999"])
def test_a_count_out_of_bounds_is_refused_by_its_name(gateway: Gateway, count: str) -> None:
    answer = gateway.rest(f"/customers/123/recommendations?count={count}")

    assert invalid_fields(answer) == {"count"}


@pytest.mark.parametrize(
    ("kinds", "wanted"),
    [
        ("service", {"service"}),
        ("SCHEDULE", {"schedule"}),
        ("service,schedule", {"service", "schedule"}),
        ("schedule, service,", {"service", "schedule"}),
    ],
)
def test_only_the_kinds_asked_for_are_answered(gateway: Gateway, kinds: str, wanted: set[str]) -> None:
    found = recommendations(gateway, 123, type=kinds, count=20)["recommendations"]

    assert {item["type"] for item in found} == wanted


@pytest.mark.parametrize("kind", ["services", "service,spa", "서비스"])
def test_an_unknown_kind_is_refused(gateway: Gateway, kind: str) -> None:
    assert invalid_fields(gateway.rest(f"/customers/123/recommendations?type={kind}")) == {"type"}


@pytest.mark.parametrize("parameters", ["", "?type=&count=", "?type=,"])
def test_empty_parameters_are_not_sent(gateway: Gateway, parameters: str) -> None:
    answer = gateway.rest(f"/customers/123/recommendations{parameters}")

    assert answer.json()["data"] == recommendations(gateway, 123)


def test_a_customer_who_is_not_there_is_not_found(gateway: Gateway) -> None:
    answer = gateway.rest("/customers/999999/recommendations")

    assert error_of(answer) == (404, "CUSTOMER_NOT_FOUND", {"customer_id": 999999})


def test_staff_are_refused(gateway: Gateway) -> None:
    answer = gateway.rest("/customers/123/recommendations", role="STAFF")

    assert error_of(answer) == (403, "UNAUTHORIZED_ACCESS", {"required": "read_recommendations"})


@pytest.mark.parametrize("case", sorted(HARD_CASES))
def test_every_hard_case_is_answered(gateway: Gateway, case: str) -> None:
    assert recommendations(gateway, HARD_CASES[case], count=20)["recommendations"]


def test_a_newcomer_is_offered_services_by_goals_and_peers(center: Gateway) -> None:
    newcomer = a_customer(center, health_goals="잠을 잘 자고 싶어요")

    answer = recommendations(center, newcomer, count=20)

    assert {item["type"] for item in answer["recommendations"]} == {"service"}
    assert "health_goals" in answer["recommendation_metadata"]["factors_considered"]


def test_what_was_never_used_is_offered_first(gateway: Gateway) -> None:
    used = {
        code
        for (code,) in rows(
            gateway,
            """SELECT DISTINCT code FROM service_usage JOIN gateway.service_code USING (service_type_id)
                WHERE customer_id = 123""",
        )
    }

    offered = [
        item["service_type"]
        for item in recommendations(gateway, 123, type="service", count=20)["recommendations"]
    ]

    new = [service for service in offered if service not in used]
    assert new
    assert offered[: len(new)] == new
