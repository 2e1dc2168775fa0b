from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from center_customers import MONDAY, TODAY, ASession, visits
from hypothesis import given
from hypothesis import strategies as st

from insight import Shortfall, quantile_table
from insight.segment_evidence import CustomerRows, SegmentEvidence, effective_services, segment_evidence
from insight.segments import NEUTRAL_SEGMENT, RULES, PeerTables, customer_segment, loyalty

TABLES = PeerTables(
    visits=quantile_table(range(1, 41)),
    revenue=quantile_table(range(0, 4_000_000, 10_000)),
    satisfaction=quantile_table([3 + number / 50 for number in range(101)]),
)
PLAIN = SegmentEvidence(
    visits=10,
    revenue=800_000,
    satisfaction=None,
    consistency=45,
    services=1.2,
    growth=0,
    tenure_days=400,
    silent_days=10,
    discounted=0.2,
    churn=0.1,
    goals=0,
)


@dataclass(frozen=True, slots=True)
class APayment:
    amount: int
    paid_on: date = TODAY - timedelta(days=30)


@dataclass(frozen=True, slots=True)
class APurchase:
    price_paid: int
    list_price: int


def evidence(
    sessions: list[ASession],
    *,
    payments: tuple[APayment, ...] = (),
    purchases: tuple[APurchase, ...] = (),
    goals: tuple[str, ...] = (),
    churn: float | None = 0.1,
) -> SegmentEvidence:
    return segment_evidence(CustomerRows(sessions, payments, purchases, goals), churn, TODAY)


@pytest.mark.parametrize(
    ("segment", "customer"),
    [
        ("dormant", replace(PLAIN, silent_days=130, churn=0.9)),
        ("at_risk", replace(PLAIN, churn=0.7)),
        ("new", replace(PLAIN, tenure_days=12, visits=2)),
        ("health_enthusiast", replace(PLAIN, visits=36, services=3.8, goals=2)),
        ("high_value", replace(PLAIN, revenue=3_600_000)),
        ("regular_visitor", replace(PLAIN, visits=36, consistency=82)),
        ("growing", replace(PLAIN, growth=120)),
        ("bargain", replace(PLAIN, discounted=0.75)),
        (NEUTRAL_SEGMENT, PLAIN),
    ],
)
def test_each_segment_is_found_by_what_it_is_named_for(segment: str, customer: SegmentEvidence) -> None:
    found = customer_segment(customer, TABLES)
    assert found.primary_segment == segment
    assert found.secondary_segments == ()


def test_every_rule_has_an_example_above() -> None:
    assert set(RULES) == {
        "dormant",
        "at_risk",
        "new",
        "health_enthusiast",
        "high_value",
        "regular_visitor",
        "growing",
        "bargain",
    }


def test_the_contracts_customer_is_a_health_enthusiast_of_high_value_who_comes_regularly() -> None:
    customer = replace(
        PLAIN,
        visits=32,
        revenue=3_000_000,
        satisfaction=4.8,
        consistency=85,
        services=3.43,
        tenure_days=161,
        churn=0.15,
        goals=2,
    )
    found = customer_segment(customer, TABLES)
    assert found.primary_segment == "health_enthusiast"
    assert set(found.secondary_segments) == {"high_value", "regular_visitor"}
    assert found.characteristics.visit_frequency == "high"
    assert found.characteristics.spending_level == "premium"
    assert found.characteristics.service_diversity == "medium"
    assert found.characteristics.loyalty_level == "strong"
    assert found.peer_comparison.visit_frequency_percentile == 79
    assert found.peer_comparison.spending_percentile == 75
    assert found.peer_comparison.satisfaction_percentile == 90
    assert found.shortfalls == ()


def test_the_secondary_segments_are_ordered_by_how_well_they_fit() -> None:
    customer = replace(PLAIN, revenue=3_900_000, growth=60, discounted=0.65)
    found = customer_segment(customer, TABLES)
    assert (found.primary_segment, *found.secondary_segments) == ("high_value", "bargain", "growing")


def test_who_is_gone_is_dormant_and_no_longer_regular() -> None:
    customer = replace(PLAIN, visits=36, consistency=90, services=4, goals=3, silent_days=150, churn=0.95)
    found = customer_segment(customer, TABLES)
    assert found.primary_segment == "dormant"
    assert "regular_visitor" not in found.secondary_segments


def test_without_goals_nothing_of_the_answer_depends_on_them() -> None:
    rows = visits(30, services=("brain", "red", "lymph"))
    hidden = customer_segment(evidence(rows), TABLES)
    shown = [
        customer_segment(evidence(rows, goals=goals), TABLES) for goals in (("energy",), ("energy", "focus"))
    ]
    assert "health_enthusiast" not in (hidden.primary_segment, *hidden.secondary_segments)
    assert "health_enthusiast" in (shown[1].primary_segment, *shown[1].secondary_segments)
    for answer in shown:
        assert answer.characteristics == hidden.characteristics
        assert answer.peer_comparison == hidden.peer_comparison


def test_a_goal_named_twice_is_one_goal() -> None:
    assert evidence(visits(1), goals=("energy", "energy")).goals == 1


def test_a_customer_without_any_visit_is_new_and_says_what_is_missing() -> None:
    found = customer_segment(evidence([], churn=None), TABLES)
    assert found.primary_segment == "new"
    assert found.shortfalls == (
        Shortfall("characteristics.service_diversity", "sessions", 1, 0),
        Shortfall("characteristics.loyalty_level", "visits", 1, 0),
        Shortfall("peer_comparison.satisfaction_percentile", "ratings", 1, 0),
    )


def test_one_visit_has_no_consistency_and_still_a_segment() -> None:
    once = evidence([ASession(MONDAY)])
    assert (once.visits, once.consistency, once.tenure_days, once.silent_days) == (1, None, 2, 2)
    assert customer_segment(once, TABLES).primary_segment == "new"


def test_all_on_one_day_is_one_visit() -> None:
    assert evidence([ASession(MONDAY, service) for service in ("brain", "red", "red")]).visits == 1


def test_cancelled_and_future_sessions_do_not_count() -> None:
    others = [ASession(MONDAY - timedelta(days=1), completed=False), ASession(TODAY + timedelta(days=1))]
    assert evidence([*visits(5), *others]) == evidence(visits(5))


def test_missing_and_impossible_ratings_leave_the_satisfaction_unknown() -> None:
    found = customer_segment(evidence([*visits(3), *visits(3, every_days=2, rating=9)]), TABLES)
    assert found.peer_comparison.satisfaction_percentile is None
    assert Shortfall("peer_comparison.satisfaction_percentile", "ratings", 1, 0) in found.shortfalls


def test_a_refunded_customer_spends_nothing() -> None:
    refunded = evidence(visits(9), payments=(APayment(3_500_000), APayment(-3_500_000)))
    assert refunded.revenue == 0
    found = customer_segment(refunded, TABLES)
    assert "high_value" not in (found.primary_segment, *found.secondary_segments)
    assert found.characteristics.spending_level == "budget"


def test_a_payment_of_more_than_a_year_ago_is_no_spending_of_today() -> None:
    assert evidence(visits(2), payments=(APayment(900_000, TODAY - timedelta(days=365)),)).revenue == 0


def test_without_tables_the_comparison_is_missing_and_says_so() -> None:
    found = customer_segment(replace(PLAIN, satisfaction=4.5), PeerTables())
    assert found.peer_comparison.visit_frequency_percentile is None
    assert found.characteristics.spending_level is None
    assert found.primary_segment == NEUTRAL_SEGMENT
    assert {shortfall.field for shortfall in found.shortfalls} == {
        "characteristics.visit_frequency",
        "peer_comparison.visit_frequency_percentile",
        "characteristics.spending_level",
        "peer_comparison.spending_percentile",
        "peer_comparison.satisfaction_percentile",
    }
    assert {shortfall.counted for shortfall in found.shortfalls} == {"fitted_models"}


def test_one_cheap_purchase_makes_no_bargain_hunter_but_many_do() -> None:
    def found(*purchases: APurchase) -> str:
        rows = evidence(visits(3, every_days=100, services=("other",)), purchases=purchases)
        return customer_segment(rows, TABLES).primary_segment

    cheap, full, gift = APurchase(90, 100), APurchase(100, 100), APurchase(0, 0)
    assert found(cheap) == found(full) == found(gift) == NEUTRAL_SEGMENT
    assert found(cheap, cheap, cheap) == "bargain"


def test_growth_is_counted_from_the_second_half_year_on() -> None:
    assert evidence(visits(12)).growth == 0
    slow = visits(8, every_days=30, last=TODAY - timedelta(days=91))
    assert evidence([*slow, *visits(12)]).growth > 50


def test_diversity_is_the_number_of_services_used_alike() -> None:
    assert effective_services([]) == 0
    assert effective_services(visits(4)) == pytest.approx(1)
    assert effective_services(visits(4, services=("brain", "red"))) == pytest.approx(2)
    assert effective_services(visits(4, services=("brain", "other", "aroma"))) == pytest.approx(1)


def test_loyalty_is_the_mean_of_what_is_known() -> None:
    assert loyalty(replace(PLAIN, churn=None, consistency=None, tenure_days=73)) == pytest.approx(0.2)
    assert loyalty(replace(PLAIN, churn=0.2, consistency=80, tenure_days=365)) == pytest.approx(0.85)
    assert loyalty(replace(PLAIN, tenure_days=None)) is None


@given(
    st.builds(
        SegmentEvidence,
        visits=st.integers(0, 365),
        revenue=st.integers(-(10**7), 10**8),
        satisfaction=st.none() | st.floats(1, 5),
        consistency=st.none() | st.integers(0, 100),
        services=st.floats(0, 5),
        growth=st.integers(-100, 1000),
        tenure_days=st.none() | st.integers(0, 5000),
        silent_days=st.none() | st.integers(0, 5000),
        discounted=st.floats(0, 1),
        churn=st.none() | st.floats(0, 1),
        goals=st.integers(0, 7),
    )
)
def test_everybody_has_one_primary_segment_and_no_segment_twice(customer: SegmentEvidence) -> None:
    found = customer_segment(customer, TABLES)
    named = (found.primary_segment, *found.secondary_segments)
    assert len(set(named)) == len(named)
    assert found.primary_segment in {*RULES, NEUTRAL_SEGMENT}
    figures = (
        found.characteristics.service_diversity,
        found.characteristics.loyalty_level,
        found.peer_comparison.satisfaction_percentile,
    )
    assert sum(figure is None for figure in figures) == len(found.shortfalls)
