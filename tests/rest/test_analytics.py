"""GET /customers/{customer_id}/analytics: periods, metrics, and what too little data answers."""

import re
from datetime import timedelta
from typing import Any

import pytest
from harness import TODAY, Gateway
from rest.answers import analytics, error_of, invalid_fields, search

from db.demo import HARD_CASES

_PERIODS = {"30d": 30, "90d": 90, "180d": 180, "1y": 365}
_METRICS = ("visitPattern", "serviceUsage", "revenueContribution", "healthMetrics", "riskAssessment")
_WITHOUT_DATA = {"no_visits", "nothing_held"}


def _busiest(gateway: Gateway, count: int) -> list[int]:
    """Return those who still come and came most often."""
    since = (TODAY - timedelta(days=30)).isoformat()
    rows = search(gateway, sort_by="total_visits", last_visit_from=since, size=count)["customers"]
    return [row["customer_id"] for row in rows]


def _shortfalls(block: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {row["field"]: (row["needed"], row["found"]) for row in block["insufficient_data"]}


@pytest.mark.parametrize("period", _PERIODS)
def test_a_period_shows_every_month_it_touches(gateway: Gateway, period: str) -> None:
    first_day = TODAY - timedelta(days=_PERIODS[period] - 1)

    trend = analytics(gateway, 123, period=period)["revenueContribution"]["revenue_trend"]

    assert trend[0]["month"] == f"{first_day:%Y-%m}"
    assert trend[-1]["month"] == f"{TODAY:%Y-%m}"


@pytest.mark.parametrize(("period", "revenue"), [("30d", 80_000), ("90d", 1_700_000), ("1y", 2_500_000)])
def test_a_period_counts_what_was_paid_in_it(gateway: Gateway, period: str, revenue: int) -> None:
    assert analytics(gateway, 123, period=period)["revenueContribution"]["total_revenue"] == revenue


def test_ninety_days_are_the_default(gateway: Gateway) -> None:
    assert analytics(gateway, 123) == analytics(gateway, 123, period="90d")


def test_a_period_may_be_written_in_capitals(gateway: Gateway) -> None:
    assert analytics(gateway, 123, period="1Y") == analytics(gateway, 123, period="1y")


@pytest.mark.parametrize("period", ["7d", "90", "1m", "2y", "all"])
def test_an_unknown_period_is_refused(gateway: Gateway, period: str) -> None:
    assert invalid_fields(gateway.rest(f"/customers/123/analytics?period={period}")) == {"period"}


@pytest.mark.parametrize("metric", _METRICS)
def test_a_metric_can_be_asked_for_alone(gateway: Gateway, metric: str) -> None:
    assert analytics(gateway, 123, metrics=metric) == {metric: analytics(gateway, 123)[metric]}


@pytest.mark.parametrize(
    "metrics",
    [
        "visitPattern,revenueContribution",
        "revenueContribution,visitPattern",
        "VISITPATTERN,revenuecontribution",
        "visitPattern, revenueContribution, visitPattern,",
    ],
)
def test_metrics_are_a_set_of_words_in_any_case(gateway: Gateway, metrics: str) -> None:
    assert set(analytics(gateway, 123, metrics=metrics)) == {"visitPattern", "revenueContribution"}


@pytest.mark.parametrize("metrics", ["", ","])
def test_no_metrics_are_all_of_them(gateway: Gateway, metrics: str) -> None:
    assert set(analytics(gateway, 123, metrics=metrics)) == set(_METRICS)


@pytest.mark.parametrize("metrics", ["mood", "visitPattern,mood", "visit_pattern"])
def test_an_unknown_metric_is_refused(gateway: Gateway, metrics: str) -> None:
    assert invalid_fields(gateway.rest(f"/customers/123/analytics?metrics={metrics}")) == {"metrics"}


def test_everything_wrong_is_told_at_once(gateway: Gateway) -> None:
    answer = gateway.rest("/customers/123/analytics?period=7d&metrics=mood&page=1")

    assert invalid_fields(answer) == {"period", "metrics", "page"}


@pytest.mark.parametrize("case", sorted(_WITHOUT_DATA))
def test_without_a_completed_session_there_is_nothing_to_analyse(gateway: Gateway, case: str) -> None:
    customer_id = HARD_CASES[case]

    answer = gateway.rest(f"/customers/{customer_id}/analytics")

    assert error_of(answer) == (400, "INSUFFICIENT_DATA", {"customer_id": customer_id})


@pytest.mark.parametrize("period", ["30d", "1y"])
@pytest.mark.parametrize("case", sorted(HARD_CASES.keys() - _WITHOUT_DATA))
def test_every_other_hard_case_answers(gateway: Gateway, case: str, period: str) -> None:
    assert set(analytics(gateway, HARD_CASES[case], period=period)) == set(_METRICS)


def test_a_customer_who_is_not_there_is_not_found(gateway: Gateway) -> None:
    answer = gateway.rest("/customers/999999/analytics")

    assert error_of(answer) == (404, "CUSTOMER_NOT_FOUND", {"customer_id": 999999})


def test_staff_are_refused(gateway: Gateway) -> None:
    answer = gateway.rest("/customers/123/analytics", role="STAFF")

    assert error_of(answer) == (403, "UNAUTHORIZED_ACCESS", {"required": "read_analytics"})


def test_a_single_visit_has_no_pattern_and_says_why(gateway: Gateway) -> None:
    block = analytics(gateway, HARD_CASES["one_visit"])["visitPattern"]

    assert _shortfalls(block) == {
        "average_interval_days": (3, 1),
        "visit_frequency": (3, 1),
        "consistency_score": (4, 1),
        "preferred_days": (5, 1),
        "preferred_times": (5, 1),
    }
    assert all(block[field] is None for field in _shortfalls(block))


def test_a_single_visit_has_no_growth_and_says_why(gateway: Gateway) -> None:
    block = analytics(gateway, HARD_CASES["one_visit"])["serviceUsage"]

    assert block["growth_trend"] == {}
    assert _shortfalls(block) == {"growth_trend.brain": (4, 1)}


def test_without_measurements_there_is_no_improvement_and_it_says_why(gateway: Gateway) -> None:
    block = analytics(gateway, HARD_CASES["one_visit"])["healthMetrics"]

    assert block["reported_improvements"] == {}
    assert block["goal_achievement_rate"] is None
    assert _shortfalls(block).keys() == {
        "reported_improvements",
        "goal_achievement_rate",
        "recommendation_compliance",
    }


def test_without_ratings_no_satisfaction_is_invented(gateway: Gateway) -> None:
    block = analytics(gateway, HARD_CASES["never_rated"])["serviceUsage"]

    assert block["satisfaction_by_service"] == {}
    assert _shortfalls(block)["satisfaction_by_service.brain"] == (1, 0)


def test_what_was_paid_back_is_no_revenue(gateway: Gateway) -> None:
    block = analytics(gateway, HARD_CASES["fully_refunded"], period="1y")["revenueContribution"]

    assert block["total_revenue"] == 0


def test_who_came_on_one_day_only_visited_once(gateway: Gateway) -> None:
    months = analytics(gateway, HARD_CASES["one_day"])["visitPattern"]["monthly_visits"]

    assert sum(month["visits"] for month in months) == 1


def test_a_risk_is_written_as_the_contract_writes_it(gateway: Gateway) -> None:
    for customer_id in (123, *_busiest(gateway, 5)):
        risk = analytics(gateway, customer_id, metrics="riskAssessment")["riskAssessment"]

        assert risk["churn_risk"] in {"low", "medium", "high"}
        assert 0 <= risk["churn_probability"] <= 100
        assert 0 <= risk["retention_score"] <= 100
        assert all(isinstance(factor, str) for factor in risk["risk_factors"])
        assert risk["next_action_recommendation"]
        assert risk["insufficient_data"] == []


def test_values_are_written_as_the_contract_writes_them(gateway: Gateway) -> None:
    for customer_id in (123, *_busiest(gateway, 5)):
        answer = analytics(gateway, customer_id, period="1y")
        visits, usage = answer["visitPattern"], answer["serviceUsage"]

        assert visits["visit_frequency"] in {
            "very-frequent",
            "weekly",
            "bi-weekly",
            "monthly",
            "occasional",
            "rare",
        }
        assert 0 <= visits["consistency_score"] <= 100
        assert all(day.endswith("day") and day.istitle() for day in visits["preferred_days"])
        assert all(re.fullmatch(r"\d\d:00-\d\d:00", band) for band in visits["preferred_times"])
        assert all(re.fullmatch(r"\d{4}-\d\d", month["month"]) for month in visits["monthly_visits"])
        assert all(re.fullmatch(r"0%|[+-][1-9]\d*%", text) for text in usage["growth_trend"].values())
        assert all(1 <= rating <= 5 for rating in usage["satisfaction_by_service"].values())


def test_shares_of_services_add_up_to_a_hundred(gateway: Gateway) -> None:
    for customer_id in (123, *_busiest(gateway, 5)):
        shares = analytics(gateway, customer_id)["serviceUsage"]["service_distribution"]

        assert sum(shares.values()) == 100
        assert list(shares.values()) == sorted(shares.values(), reverse=True)


def test_the_months_of_revenue_add_up_to_all_of_it(gateway: Gateway) -> None:
    for customer_id in (123, *_busiest(gateway, 5)):
        block = analytics(gateway, customer_id, period="180d")["revenueContribution"]

        assert sum(month["amount"] for month in block["revenue_trend"]) == block["total_revenue"]


def test_a_percentile_is_higher_for_who_paid_more(gateway: Gateway) -> None:
    def percentile(customer_id: int) -> int:
        return analytics(gateway, customer_id, period="1y")["revenueContribution"]["revenue_percentile"]

    assert (
        0
        <= percentile(HARD_CASES["fully_refunded"])
        < percentile(123)
        < percentile(_busiest(gateway, 1)[0])
        <= 100
    )
