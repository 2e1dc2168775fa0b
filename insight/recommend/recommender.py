"""Everything that can be recommended to one customer: services, packages and a weekly plan, as one answer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from insight.churn import ChurnModel, VisitForecast
from insight.churn.forecast import visit_forecast
from insight.goal_stems import GoalTag
from insight.inputs import Session
from insight.recommend.catalogue import CataloguePackage, CatalogueService
from insight.recommend.center_habits import CenterHabits
from insight.recommend.expected_use import ExpectedUse, expected_use, visits_a_week
from insight.recommend.feedback import Response, ResponseModel, adjust
from insight.recommend.opening_hours import OpeningHours
from insight.recommend.packages import HeldPackage, recommend_packages
from insight.recommend.records import Recommendation, ServiceRecommendation
from insight.recommend.schedule import frequency_text, recommend_schedule
from insight.recommend.service_log import BoughtPackage, customer_state
from insight.recommend.service_recommendations import recommend_services
from insight.recommend.services import ServiceModel
from insight.recommend.visit_times import VisitTimes, best_times, visit_times
from insight.season import SeasonIndex
from insight.shortfalls import Shortfall

MOST_OF_A_KIND = 20


@dataclass(frozen=True, slots=True)
class CustomerEvidence:
    """A customer's own rows.

    Attributes:
        sessions: Of the whole history.
        packages: All that were bought.
        held: What the ones that can still be used held when they were bought.
        responses: All answers to earlier recommendations.
        time_slots: Stated: morning, afternoon, evening, weekday, weekend.
        goals: Health goals; none for a viewer who may not see them.
    """

    sessions: Sequence[Session]
    packages: Sequence[HeldPackage]
    held: Sequence[BoughtPackage]
    responses: Sequence[Response]
    time_slots: Collection[str]
    goals: Collection[GoalTag]


@dataclass(frozen=True, slots=True)
class Center:
    """What is the same for all customers: the fitted models, the catalogue, the opening hours.

    Attributes:
        churn: None where the center has too little data for it, as for `habits` and `services`.
        services: The model that fits what the viewer may see.
        offered: The services that the center gives, by code; a price of 0 is one that nobody wrote down.
    """

    churn: ChurnModel | None
    season: SeasonIndex
    habits: CenterHabits | None
    services: ServiceModel | None
    responses: ResponseModel
    offered: Mapping[str, CatalogueService]
    packages: Sequence[CataloguePackage]
    hours: OpeningHours


def recommend_everything(
    customer: CustomerEvidence, center: Center, today: date
) -> tuple[Recommendation, ...]:
    """Return what to recommend to a customer, each kind best first, at most 20 of each.

    The services come first, since a package and a plan may hold the best one that the customer never used.
    Answers to earlier recommendations have their say last. A kind that its models or the customer's rows do
    not suffice for is left out; a newcomer gets services only, at the cadence of the center's customers.
    """
    expected = None
    if center.churn is not None:
        expected = visit_forecast(center.churn, customer.sessions, today, center.season)
    times = visit_times(customer.sessions, center.hours, center.habits, customer.time_slots, today)
    use = (
        expected_use(customer.sessions, expected, center.offered.keys(), center.habits, today)
        if expected
        else None
    )
    used = use.used if use else frozenset[str]()
    services = _services(customer, center, expected, times, today)
    liked = adjust(services, customer.responses, center.responses, today, used)
    new_service = next(
        (item for item in liked if isinstance(item, ServiceRecommendation) and item.service not in used), None
    )
    offers = (
        *services,
        *_packages(customer, center, use, new_service),
        *_plan(center, times, use, new_service),
    )
    return adjust(offers, customer.responses, center.responses, today, used)


def _services(
    customer: CustomerEvidence,
    center: Center,
    expected: VisitForecast | None,
    times: VisitTimes,
    today: date,
) -> list[ServiceRecommendation]:
    if center.services is None or center.churn is None:
        return []
    cadence = visits_a_week(expected) if expected else usual_visits_a_week(center.churn)
    return recommend_services(
        center.services,
        customer_state(customer.sessions, today, customer.goals, customer.held),
        minutes={code: service.minutes for code, service in center.offered.items()},
        frequency=frequency_text(cadence),
        best_times=best_times(times),
    )


def _packages(
    customer: CustomerEvidence,
    center: Center,
    use: ExpectedUse | None,
    new_service: ServiceRecommendation | None,
) -> Sequence[Recommendation]:
    if use is None:
        return ()
    priced = {code: service for code, service in center.offered.items() if service.price > 0}
    paying = recommend_packages(use, center.packages, priced, customer.packages, new_service)
    return paying[:MOST_OF_A_KIND]


def _plan(
    center: Center, times: VisitTimes, use: ExpectedUse | None, new_service: ServiceRecommendation | None
) -> Sequence[Recommendation]:
    plan = recommend_schedule(times, use, center.offered, center.hours, new_service)
    return () if isinstance(plan, Shortfall) else (plan,)


def usual_visits_a_week(model: ChurnModel) -> float:
    """Return how often the center's customers come while they come: at the mean rate, k phases a visit."""
    return model.r / model.alpha / model.k
