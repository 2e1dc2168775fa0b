"""Analytics through GraphQL: who may see them, what is missing and why, and the same figures as REST."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from conftest import Databases
from harness import TODAY, UNCACHED, Gateway, running_gateway

from db.demo import HARD_CASES

Rows = Callable[..., list[dict[str, Any]]]
Execute = Callable[..., list[tuple[object, ...]]]

ANALYTICS = """
query ($id: ID!, $period: AnalyticsPeriod! = DAYS_90) {
  customer(id: $id) {
    name
    analytics(period: $period) {
      period
      visitPattern {
        averageIntervalDays visitFrequency consistencyScore preferredDays preferredTimes
        monthlyVisits { month visits } insufficientData { ...Shortfall }
      }
      serviceUsage {
        mostUsedService serviceDistribution { service percent }
        satisfactionByService { service meanRating } growthTrend { service percent label }
        insufficientData { ...Shortfall }
      }
      revenueContribution {
        totalRevenue averageMonthlyRevenue revenueTrend { month amount } ltvEstimate revenuePercentile
        insufficientData { ...Shortfall }
      }
      healthMetrics {
        reportedImprovements { metric before after change improvedBy } goalAchievementRate
        recommendationCompliance insufficientData { ...Shortfall }
      }
      riskAssessment {
        churnRisk churnProbability riskFactors retentionScore nextActionRecommendation
        insufficientData { ...Shortfall }
      }
    }
  }
}
fragment Shortfall on InsufficientData { field counted needed found }
"""

PERIODS = {"DAYS_30": 30, "DAYS_90": 90, "DAYS_180": 180, "YEAR_1": 365}
REST_PERIODS = {"DAYS_30": "30d", "DAYS_90": "90d", "DAYS_180": "180d", "YEAR_1": "1y"}

HELD = """
SELECT u.service_date AS day, coalesce(c.code, 'other') AS service, d.satisfaction_rating AS rating
  FROM service_usage u
  LEFT JOIN gateway.session_detail d ON d.usage_id = u.usage_id
  LEFT JOIN gateway.service_code c ON c.service_type_id = u.service_type_id
 WHERE u.customer_id = %s AND coalesce(d.status, 'completed') = 'completed'
   AND u.service_date BETWEEN %s AND %s
"""
NET = """
SELECT coalesce(sum(CASE WHEN payment_type = 'refund' THEN -abs(amount) ELSE amount END), 0)::bigint AS paid
  FROM payments
 WHERE customer_id = %s AND payment_status = 'completed' AND payment_date BETWEEN %s AND %s
"""
SPREAD = """
SELECT customer_id AS id FROM gateway.customer_summary WHERE total_visits > 0 ORDER BY md5(customer_id::text)
"""


def analytics(gateway: Gateway, customer_id: int, period: str = "DAYS_90") -> dict[str, Any]:
    return gateway.data(ANALYTICS, {"id": customer_id, "period": period})["customer"]["analytics"]


def case(gateway: Gateway, name: str, period: str = "DAYS_90") -> dict[str, Any]:
    return analytics(gateway, HARD_CASES[name], period)


def missing(block: dict[str, Any]) -> dict[str, tuple[str, int, int]]:
    return {
        item["field"]: (item["counted"], item["needed"], item["found"]) for item in block["insufficientData"]
    }


@pytest.mark.parametrize("role", ["MANAGER", "ADMIN"])
def test_managers_and_admins_see_analytics(gateway: Gateway, role: str) -> None:
    answer = gateway.data("{ customer(id: 123) { analytics { period } } }", role=role)

    assert answer["customer"]["analytics"] == {"period": "DAYS_90"}


def test_staff_get_the_customer_without_the_analytics(gateway: Gateway) -> None:
    document = "{ customer(id: 123) { name analytics { visitPattern { visitFrequency } } totalVisits } }"

    body = gateway.graphql(document, role="STAFF")

    assert body["data"] == {"customer": {"name": "김영희", "analytics": None, "totalVisits": 12}}
    (error,) = body["errors"]
    assert error["path"] == ["customer", "analytics"]
    assert error["extensions"] == {
        "code": "UNAUTHORIZED_ACCESS",
        "detail": {"required": "read_analytics"},
    }


def test_staff_are_refused_in_every_place_of_a_list(gateway: Gateway) -> None:
    body = gateway.graphql("{ customers(first: 3) { nodes { name analytics { period } } } }", role="STAFF")

    assert [node["analytics"] for node in body["data"]["customers"]["nodes"]] == [None] * 3
    assert {error["extensions"]["code"] for error in body["errors"]} == {"UNAUTHORIZED_ACCESS"}


@pytest.mark.parametrize("name", ["no_visits", "nothing_held"])
def test_without_a_completed_session_nothing_is_computed(gateway: Gateway, name: str) -> None:
    body = gateway.graphql(ANALYTICS, {"id": HARD_CASES[name]})

    assert body["data"]["customer"]["analytics"] is None
    (error,) = body["errors"]
    assert error["path"] == ["customer", "analytics"]
    assert error["extensions"] == {
        "code": "INSUFFICIENT_DATA",
        "detail": {"customerId": HARD_CASES[name]},
    }


def test_one_customer_without_data_does_not_hide_the_others(gateway: Gateway) -> None:
    document = """{
        none: customer(id: %s) { analytics { period } } some: customer(id: 123) { analytics { period } }
    }"""

    body = gateway.graphql(document % HARD_CASES["no_visits"])

    assert body["data"] == {"none": {"analytics": None}, "some": {"analytics": {"period": "DAYS_90"}}}


def test_kim_younghees_figures(gateway: Gateway) -> None:
    found = analytics(gateway, 123, "DAYS_180")

    assert found["visitPattern"]["averageIntervalDays"] == 14
    assert found["visitPattern"]["visitFrequency"] == "bi-weekly"
    assert found["serviceUsage"]["mostUsedService"] == "BRAIN"
    assert found["revenueContribution"]["totalRevenue"] == 2_500_000
    assert found["healthMetrics"]["goalAchievementRate"] == 100
    assert {
        item["metric"]: (item["before"], item["after"], item["change"], item["improvedBy"])
        for item in found["healthMetrics"]["reportedImprovements"]
    } == {
        "stress_level": (7.0, 4.0, -43, 43),
        "sleep_quality": (6.0, 8.0, 33, 33),
        "focus_level": (5.0, 8.0, 60, 60),
    }


@pytest.mark.parametrize(("period", "days"), PERIODS.items())
def test_a_period_is_so_many_days_up_to_today(gateway: Gateway, rows: Rows, period: str, days: int) -> None:
    start = TODAY - timedelta(days=days - 1)
    for row in rows(SPREAD)[:8]:
        held, paid = rows(HELD, row["id"], start, TODAY), rows(NET, row["id"], start, TODAY)[0]["paid"]

        found = analytics(gateway, row["id"], period)

        assert found["period"] == period
        visits = found["visitPattern"]["monthlyVisits"]
        assert sum(month["visits"] for month in visits) == len({one["day"] for one in held})
        assert found["revenueContribution"]["totalRevenue"] == paid
        assert sum(month["amount"] for month in found["revenueContribution"]["revenueTrend"]) == paid
        assert {share["service"].lower() for share in found["serviceUsage"]["serviceDistribution"]} <= {
            one["service"] for one in held
        }


@pytest.mark.parametrize(("period", "days"), PERIODS.items())
def test_every_month_of_the_period_is_there(gateway: Gateway, period: str, days: int) -> None:
    months = sorted({str(TODAY - timedelta(days=back))[:7] for back in range(days)})

    found = case(gateway, "one_visit", period)

    assert [month["month"] for month in found["visitPattern"]["monthlyVisits"]] == months
    assert [month["month"] for month in found["revenueContribution"]["revenueTrend"]] == months


def test_shares_of_services_add_up_to_a_hundred(gateway: Gateway) -> None:
    listed = gateway.data(
        """{ customers(first: 60, sortBy: TOTAL_VISITS) { nodes {
            analytics(period: YEAR_1) { serviceUsage { serviceDistribution { percent } } } } } }"""
    )

    for node in listed["customers"]["nodes"]:
        shares = node["analytics"]["serviceUsage"]["serviceDistribution"]
        assert sum(share["percent"] for share in shares) == (100 if shares else 0)


@pytest.mark.parametrize("period", PERIODS)
def test_who_pays_more_stands_no_lower(gateway: Gateway, period: str) -> None:
    document = """query ($period: AnalyticsPeriod!) { customers(first: 100, sortBy: TOTAL_VISITS) { nodes {
        analytics(period: $period) { revenueContribution { totalRevenue revenuePercentile } } } } }"""

    nodes = gateway.data(document, {"period": period})["customers"]["nodes"]

    figures = sorted(
        tuple(node["analytics"]["revenueContribution"].values()) for node in nodes if node["analytics"]
    )
    percentiles = [percentile for _, percentile in figures]
    assert percentiles == sorted(percentiles)
    assert 0 <= percentiles[0] < percentiles[-1] <= 100


def test_equals_stand_on_the_same_place(gateway: Gateway) -> None:
    nodes = gateway.data(
        """{ customers(first: 100) { nodes {
            analytics(period: DAYS_30) { revenueContribution { totalRevenue revenuePercentile } } } } }"""
    )["customers"]["nodes"]

    blocks = [node["analytics"]["revenueContribution"] for node in nodes]
    idle = {block["revenuePercentile"] for block in blocks if block["totalRevenue"] == 0}
    assert len(idle) == 1
    assert 0 < idle.pop() < 50


def test_a_percentile_is_null_until_the_distribution_is_gathered(
    databases: Databases, demo_template: str
) -> None:
    with databases.temporary(demo_template) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DELETE FROM gateway.population_quantiles")

        with running_gateway(url, **UNCACHED) as gateway:
            assert analytics(gateway, 123)["revenueContribution"]["revenuePercentile"] is None


EMPTY = {HARD_CASES["no_visits"], HARD_CASES["nothing_held"]}
SAME_IN_BOTH = [123, *sorted(set(HARD_CASES.values()) - EMPTY)]


@pytest.mark.parametrize("period", PERIODS)
def test_both_doors_give_the_same_figures(gateway: Gateway, period: str) -> None:
    for customer_id in SAME_IN_BOTH:
        ours = analytics(gateway, customer_id, period)
        path = f"/customers/{customer_id}/analytics?period={REST_PERIODS[period]}"

        theirs = gateway.rest(path).json()["data"]

        visits, usage = ours["visitPattern"], ours["serviceUsage"]
        revenue, health = ours["revenueContribution"], ours["healthMetrics"]
        risk = ours["riskAssessment"]
        assert theirs["visitPattern"] == {
            "average_interval_days": visits["averageIntervalDays"],
            "visit_frequency": visits["visitFrequency"],
            "consistency_score": visits["consistencyScore"],
            "preferred_days": visits["preferredDays"],
            "preferred_times": visits["preferredTimes"],
            "monthly_visits": visits["monthlyVisits"],
            "insufficient_data": visits["insufficientData"],
        }
        assert theirs["serviceUsage"]["service_distribution"] == {
            share["service"].lower(): share["percent"] for share in usage["serviceDistribution"]
        }
        assert theirs["serviceUsage"]["growth_trend"] == {
            growth["service"].lower(): growth["label"]
            for growth in usage["growthTrend"]
            if growth["label"] is not None
        }
        assert theirs["revenueContribution"]["total_revenue"] == revenue["totalRevenue"]
        assert theirs["revenueContribution"]["revenue_percentile"] == revenue["revenuePercentile"]
        assert theirs["revenueContribution"]["revenue_trend"] == revenue["revenueTrend"]
        assert theirs["revenueContribution"]["ltv_estimate"] == revenue["ltvEstimate"]
        assert theirs["healthMetrics"]["goal_achievement_rate"] == health["goalAchievementRate"]
        assert theirs["healthMetrics"]["recommendation_compliance"] == health["recommendationCompliance"]
        assert {
            metric: change["change"]
            for metric, change in theirs["healthMetrics"]["reported_improvements"].items()
        } == {item["metric"]: item["change"] for item in health["reportedImprovements"]}
        assert theirs["riskAssessment"] == {
            "churn_risk": risk["churnRisk"],
            "churn_probability": risk["churnProbability"],
            "risk_factors": risk["riskFactors"],
            "retention_score": risk["retentionScore"],
            "next_action_recommendation": risk["nextActionRecommendation"],
            "insufficient_data": risk["insufficientData"],
        }


def test_one_visit_gives_counts_and_no_cadence(gateway: Gateway) -> None:
    visits = case(gateway, "one_visit")["visitPattern"]

    assert sum(month["visits"] for month in visits["monthlyVisits"]) == 1
    assert (visits["averageIntervalDays"], visits["visitFrequency"], visits["consistencyScore"]) == (
        None,
    ) * 3
    assert (visits["preferredDays"], visits["preferredTimes"]) == (None, None)
    assert missing(visits)["average_interval_days"] == ("visits", 3, 1)
    assert missing(visits)["consistency_score"] == ("visits", 4, 1)
    assert missing(visits)["preferred_days"] == ("visits", 5, 1)


def test_three_services_on_one_day_are_one_visit_and_three_sessions(gateway: Gateway) -> None:
    found = case(gateway, "one_day")

    assert sum(month["visits"] for month in found["visitPattern"]["monthlyVisits"]) == 1
    assert sorted(share["percent"] for share in found["serviceUsage"]["serviceDistribution"]) == [33, 33, 34]


def test_sessions_that_are_cancelled_missed_or_dated_ahead_count_nowhere(
    writable_gateway: Gateway, execute: Execute
) -> None:
    execute(
        """INSERT INTO service_usage (customer_id, service_date, service_type_id)
           VALUES (%s, '2026-06-10', 2)""",
        HARD_CASES["nothing_held"],
    )
    execute("SELECT gateway.summarize_customers(NULL, '2026-06-15')")

    found = case(writable_gateway, "nothing_held")

    assert sum(month["visits"] for month in found["visitPattern"]["monthlyVisits"]) == 1
    assert [share["percent"] for share in found["serviceUsage"]["serviceDistribution"]] == [100]


def test_a_visit_before_the_sign_up_is_a_visit(gateway: Gateway) -> None:
    visits = case(gateway, "before_sign_up", "DAYS_180")["visitPattern"]

    assert visits["averageIntervalDays"] == 30
    assert sum(month["visits"] for month in visits["monthlyVisits"]) == 3


def test_duplicate_rows_of_one_day_are_one_visit(gateway: Gateway) -> None:
    visits = case(gateway, "duplicates")["visitPattern"]

    assert sum(month["visits"] for month in visits["monthlyVisits"]) == 3
    assert visits["averageIntervalDays"] == 18


def test_the_fully_refunded_customer_brought_nothing(gateway: Gateway) -> None:
    revenue = case(gateway, "fully_refunded", "DAYS_180")["revenueContribution"]

    assert revenue["totalRevenue"] <= 0
    assert sum(month["amount"] for month in revenue["revenueTrend"]) == revenue["totalRevenue"]
    assert revenue["revenuePercentile"] is not None


def test_a_package_without_sessions_disturbs_no_figure(gateway: Gateway) -> None:
    found = case(gateway, "zero_quota")

    assert sum(month["visits"] for month in found["visitPattern"]["monthlyVisits"]) == 2
    assert found["revenueContribution"]["totalRevenue"] == 150_000


def test_sessions_beyond_the_quota_are_visits_like_others(gateway: Gateway) -> None:
    visits = case(gateway, "beyond_quota", "DAYS_180")["visitPattern"]

    assert sum(month["visits"] for month in visits["monthlyVisits"]) == 12
    assert (visits["averageIntervalDays"], visits["visitFrequency"]) == (9, "weekly")


def test_a_customer_whose_package_expired_long_ago_has_a_quiet_year(gateway: Gateway) -> None:
    found = case(gateway, "expired", "YEAR_1")

    assert found["serviceUsage"]["mostUsedService"] is None
    assert found["serviceUsage"]["serviceDistribution"] == []
    assert missing(found["serviceUsage"])["most_used_service"] == ("sessions", 1, 0)
    assert found["revenueContribution"]["averageMonthlyRevenue"] is None
    assert missing(found["revenueContribution"])["average_monthly_revenue"] == ("purchases", 1, 0)


def test_missing_ratings_stay_missing_and_are_not_zero(gateway: Gateway) -> None:
    usage = case(gateway, "never_rated")["serviceUsage"]

    assert [item["meanRating"] for item in usage["satisfactionByService"]] == [None]
    assert missing(usage)["satisfaction_by_service.brain"] == ("ratings", 1, 0)


def test_a_baseline_of_zero_has_no_percentage(writable_gateway: Gateway, execute: Execute) -> None:
    for day, value in ((60, 0), (50, 0), (10, 3), (5, 5)):
        execute(
            """INSERT INTO gateway.health_observation (customer_id, metric, observed_on, source, value)
               VALUES (%s, 'pain_level', date '2026-06-15' - %s, 'test', %s)""",
            HARD_CASES["one_visit"],
            day,
            value,
        )

    (change,) = case(writable_gateway, "one_visit")["healthMetrics"]["reportedImprovements"]

    assert change == {"metric": "pain_level", "before": 0.0, "after": 4.0, "change": None, "improvedBy": None}


def test_a_service_that_no_table_knows_is_other(gateway: Gateway) -> None:
    usage = case(gateway, "unknown_service")["serviceUsage"]

    assert usage["mostUsedService"] == "OTHER"
    assert usage["serviceDistribution"] == [{"service": "OTHER", "percent": 100}]


def test_every_service_used_once_is_shared_evenly(gateway: Gateway) -> None:
    usage = case(gateway, "every_service")["serviceUsage"]

    services = {share["service"] for share in usage["serviceDistribution"]}
    assert services == {"BRAIN", "PULSE", "LYMPH", "RED", "AI_BIKE", "OTHER"}
    assert sum(share["percent"] for share in usage["serviceDistribution"]) == 100


@pytest.mark.parametrize("name", ["unknown_level", "dirty_row", "latin_name", "wildcard_name"])
def test_odd_profiles_have_ordinary_figures(gateway: Gateway, name: str) -> None:
    visits = case(gateway, name)["visitPattern"]

    assert (visits["averageIntervalDays"], visits["visitFrequency"]) == (15, "bi-weekly")
    assert visits["consistencyScore"] is not None


def test_growth_below_four_sessions_is_null_and_says_so(gateway: Gateway) -> None:
    usage = case(gateway, "one_visit")["serviceUsage"]

    assert usage["growthTrend"] == [{"service": "BRAIN", "percent": None, "label": None}]
    assert missing(usage)["growth_trend.brain"] == ("sessions", 4, 1)


def test_a_customer_without_measurements_is_told_what_is_needed(gateway: Gateway) -> None:
    health = case(gateway, "one_visit")["healthMetrics"]

    assert (health["reportedImprovements"], health["goalAchievementRate"]) == ([], None)
    assert missing(health) == {
        "reported_improvements": ("measurements", 2, 0),
        "goal_achievement_rate": ("measured_goals", 1, 0),
        "recommendation_compliance": ("accepted_recommendations", 1, 0),
    }


@pytest.mark.parametrize("name", sorted(HARD_CASES.keys() - {"no_visits", "nothing_held"}))
def test_a_visit_is_enough_for_a_risk(gateway: Gateway, name: str) -> None:
    risk = case(gateway, name)["riskAssessment"]

    cuts = {"low": range(30), "medium": range(30, 60), "high": range(60, 101)}
    assert risk["churnProbability"] in cuts[risk["churnRisk"]]
    assert 0 <= risk["retentionScore"] <= 100
    assert risk["nextActionRecommendation"]
    assert risk["insufficientData"] == []


def test_the_risk_is_the_same_over_any_period(gateway: Gateway) -> None:
    assert len({str(analytics(gateway, 123, period)["riskAssessment"]) for period in PERIODS}) == 1


def test_the_risk_in_words_is_the_level_of_the_profile(gateway: Gateway) -> None:
    nodes = gateway.data(
        """{ customers(first: 100, sortBy: LAST_VISIT) { nodes {
            riskLevel analytics { riskAssessment { churnRisk } } } } }"""
    )["customers"]["nodes"]

    levels = {"low": "STABLE", "medium": "WARNING", "high": "DANGER"}
    found = [(node["riskLevel"], node["analytics"]["riskAssessment"]["churnRisk"]) for node in nodes]
    assert all(level == levels[risk] for level, risk in found)


def test_who_has_been_away_for_a_year_is_gone_and_it_says_why(gateway: Gateway) -> None:
    risk = case(gateway, "expired")["riskAssessment"]

    assert risk["churnRisk"] == "high"
    assert any("380일" in factor for factor in risk["riskFactors"])


def test_an_accepted_service_that_was_used_counts_as_followed(
    writable_gateway: Gateway, execute: Execute
) -> None:
    customer_id = HARD_CASES["never_rated"]
    for number, service in enumerate(("brain", "red")):
        accepted = customer_id, f"rec_{number:016x}"
        execute(
            """INSERT INTO gateway.recommendation (customer_id, recommendation_id, basis, kind, subject,
                      place, confidence, prior, content, inputs_version, model_version, generated_at,
                      expires_at)
               VALUES (%s, %s, 'full', 'service', %s, 1, 0.5, 0.5, '{}', 'x', 'x', '2026-04-01',
                      '2026-04-02')""",
            *accepted,
            service,
        )
        execute(
            """INSERT INTO gateway.recommendation_feedback (customer_id, recommendation_id, actor, action,
                      created_at, updated_at)
               VALUES (%s, %s, 'x', 'accepted', '2026-04-10', '2026-04-10')""",
            *accepted,
        )
    execute(
        """INSERT INTO service_usage (customer_id, service_date, service_type_id)
           SELECT %s, '2026-04-20', service_type_id FROM gateway.service_code WHERE code = 'brain'""",
        customer_id,
    )

    assert case(writable_gateway, "never_rated")["healthMetrics"]["recommendationCompliance"] == 50


def test_a_period_that_is_not_offered_is_refused(gateway: Gateway) -> None:
    assert gateway.error_code(ANALYTICS, {"id": 123, "period": "DAYS_7"}) == "VALIDATION_ERROR"
