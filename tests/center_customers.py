"""An invented center and customers of it, for tests of what they are offered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from insight.churn import ChurnModel
from insight.churn.forecast import VisitForecast
from insight.recommend.catalogue import CatalogueService
from insight.recommend.center_habits import CenterHabits
from insight.recommend.expected_use import ExpectedUse, expected_use
from insight.recommend.opening_hours import DayHours, OpeningHours
from insight.recommend.records import Factor, ServiceRecommendation, SuggestedSchedule

TODAY = date(2026, 11, 25)  # a Wednesday
MONDAY = date(2026, 11, 23)

SERVICES = {
    service.service: service
    for service in (
        CatalogueService("brain", "브레인 피드백", 150_000, 60),
        CatalogueService("pulse", "펄스", 120_000, 45),
        CatalogueService("lymph", "림프", 180_000, 90),
        CatalogueService("red", "레드", 100_000, 30),
        CatalogueService("ai_bike", "AI바이크", 80_000, 40),
    )
}

HOURS = OpeningHours(
    (*(DayHours(9 * 60, 21 * 60),) * 5, DayHours(9 * 60, 18 * 60), DayHours(10 * 60, 17 * 60))
)

MODEL = ChurnModel(r=1.4, alpha=0.9, a=0.9, b=41.0, k=2)
"""Fitted to simulated customers, in weeks."""

CENTER = CenterHabits(
    visits=1000,
    sessions={"brain": 400, "pulse": 300, "lymph": 150, "red": 120, "ai_bike": 100, "other": 60},
    arrivals=((0, 0, 0, 0, 40, 60, 30, 50, 30, 50, 20, 0),) * 5
    + ((0, 0, 0, 0, 50, 90, 60, 40, 20, 0, 0, 0), (0, 0, 0, 0, 0, 40, 20, 10, 5, 0, 0, 0)),
)


@dataclass(frozen=True, slots=True)
class ASession:
    service_date: date
    service: str = "brain"
    start_time: time | None = time(10)
    completed: bool = True
    satisfaction_rating: int | None = None


def visits(  # noqa: PLR0913 - a story has a few turns
    count: int,
    *,
    every_days: int = 7,
    last: date = MONDAY,
    services: Sequence[str] = ("brain",),
    at: time | None = time(10),
    rating: int | None = None,
) -> list[ASession]:
    """So many visits at equal gaps, each with one session of every service."""
    days = [last - timedelta(days=every_days * number) for number in range(count)]
    return [ASession(day, service, at, True, rating) for day in sorted(days) for service in services]  # noqa: FBT003


def forecast(sessions: Iterable[ASession], today: date = TODAY) -> VisitForecast:
    """What the churn model expects of who came on these days."""
    days = sorted({session.service_date for session in sessions if session.completed})
    recency, age = ((day - days[0]).days / 7 for day in (days[-1], today))
    return VisitForecast(MODEL, len(days) - 1, recency, age)


def use_of(sessions: Sequence[ASession], center: CenterHabits | None = CENTER) -> ExpectedUse:
    use = expected_use(sessions, forecast(sessions), SERVICES, center, TODAY)
    assert use is not None
    return use


def a_service(
    service: str,
    confidence: float = 0.5,
    *,
    goals: tuple[str, ...] = (),
    factors: tuple[Factor, ...] = (Factor.PEER_PATTERNS,),
) -> ServiceRecommendation:
    return ServiceRecommendation(
        service=service,
        prior=confidence,
        confidence=confidence,
        reason="비슷한 고객의 이용",
        expected_benefit="활력",
        suggested_schedule=SuggestedSchedule("주 1회", "40분", ()),
        factors=factors,
        goals=goals,
    )
