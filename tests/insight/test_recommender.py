"""What belongs together in one answer: each kind rests on what the center has enough data for."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from center_customers import CENTER, HOURS, MODEL, SERVICES, TODAY, ASession, visits
from simulated_services import simulated_log

from insight.goal_stems import GoalTag
from insight.recommend.catalogue import CataloguePackage
from insight.recommend.feedback import NO_RESPONSES, Action, Response
from insight.recommend.recommender import Center, CustomerEvidence, recommend_everything, usual_visits_a_week
from insight.recommend.records import Recommendation, RecommendationKind, ServiceSessions
from insight.recommend.schedule import frequency_text
from insight.recommend.service_log import BoughtPackage
from insight.recommend.services import fit_services
from insight.recommend.subjects import kind_of, subject_of
from insight.season import NO_SEASON

BRAIN_TEN = CataloguePackage(1, "브레인 10회", 800_000, 180, (ServiceSessions("brain", 10),))
UNPRICED = {code: replace(service, price=0) for code, service in SERVICES.items()}

YOUNG = Center(
    churn=MODEL,
    season=NO_SEASON,
    habits=CENTER,
    services=None,
    responses=NO_RESPONSES,
    offered=SERVICES,
    packages=[BRAIN_TEN],
    hours=HOURS,
)
"""A center with too few sessions to know what is chosen next."""


@pytest.fixture(scope="module")
def grown() -> Center:
    """A center that knows what is chosen next, by goals too."""
    services = fit_services(simulated_log(400), with_goals=True, rng=np.random.default_rng(1))
    return replace(YOUNG, services=services)


def a_customer(sessions: list[ASession], *, goals: tuple[GoalTag, ...] = ()) -> CustomerEvidence:
    return CustomerEvidence(sessions=sessions, packages=(), held=(), responses=(), time_slots=(), goals=goals)


def kinds(recommendations: tuple[Recommendation, ...]) -> list[RecommendationKind]:
    return list(dict.fromkeys(kind_of(item) for item in recommendations))


def services(recommendations: tuple[Recommendation, ...]) -> list[str]:
    return [subject_of(item) for item in recommendations if kind_of(item) is RecommendationKind.SERVICE]


def prior(recommendations: tuple[Recommendation, ...], service: str) -> float:
    return next(item.prior for item in recommendations if subject_of(item) == service)


def test_without_a_model_of_services_the_other_kinds_are_answered() -> None:
    answer = recommend_everything(a_customer(visits(20)), YOUNG, TODAY)

    assert kinds(answer) == [RecommendationKind.PACKAGE, RecommendationKind.SCHEDULE]


def test_without_any_model_nothing_is_recommended_to_a_newcomer() -> None:
    assert recommend_everything(a_customer([]), replace(YOUNG, churn=None), TODAY) == ()


def test_a_service_without_a_price_is_in_no_package() -> None:
    answer = recommend_everything(a_customer(visits(20)), replace(YOUNG, offered=UNPRICED), TODAY)

    assert kinds(answer) == [RecommendationKind.SCHEDULE]


def test_a_newcomer_gets_services_at_the_centers_cadence(grown: Center) -> None:
    answer = recommend_everything(a_customer([]), grown, TODAY)

    assert sorted(services(answer)) == sorted(SERVICES)
    assert kinds(answer) == [RecommendationKind.SERVICE]
    cadence = frequency_text(usual_visits_a_week(MODEL))
    assert {item.suggested_schedule.frequency for item in answer if hasattr(item, "suggested_schedule")} == {
        cadence
    }


def test_what_the_center_does_not_offer_is_not_recommended(grown: Center) -> None:
    offered = {code: service for code, service in SERVICES.items() if code != "red"}

    answer = recommend_everything(a_customer(visits(20)), replace(grown, offered=offered), TODAY)

    assert "red" not in services(answer)


def test_the_kinds_stand_in_their_order_and_new_services_first(grown: Center) -> None:
    answer = recommend_everything(a_customer(visits(20)), grown, TODAY)

    assert kinds(answer) == list(RecommendationKind)
    assert services(answer)[-1] == "brain"


def test_a_package_held_speaks_for_what_is_left_in_it(grown: Center) -> None:
    customer = a_customer(visits(20))
    held = BoughtPackage(TODAY - timedelta(days=30), TODAY + timedelta(days=60), {"brain": 10, "lymph": 10})

    alone = recommend_everything(customer, grown, TODAY)
    holding = recommend_everything(replace(customer, held=(held,)), grown, TODAY)

    assert services(holding)[0] == "lymph"
    assert prior(holding, "lymph") > prior(alone, "lymph") + 0.1


def test_a_rejected_service_is_in_no_plan_either(grown: Center) -> None:
    customer = a_customer(visits(40, every_days=2))
    first = services(recommend_everything(customer, grown, TODAY))[0]
    rejected = Response(RecommendationKind.SERVICE, first, Action.REJECTED, None, TODAY)

    answer = recommend_everything(replace(customer, responses=(rejected,)), grown, TODAY)

    (plan,) = [item for item in answer if kind_of(item) is RecommendationKind.SCHEDULE]
    assert first not in services(answer)
    assert first not in {visit.service for visit in plan.weekly_plan}


def test_no_goals_leave_no_trace_of_any(grown: Center) -> None:
    answer = recommend_everything(a_customer(visits(20)), grown, TODAY)

    assert all(item.goals == () for item in answer)
    assert all("목표" not in item.reason for item in answer)
