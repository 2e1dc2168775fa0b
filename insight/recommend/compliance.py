"""How often a customer did what they had accepted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Protocol

from insight.inputs import Session
from insight.recommend.center_habits import BAND_MINUTES
from insight.recommend.records import PlannedVisit, RecommendationKind
from insight.shortfalls import Shortfall
from insight.visits import WEEKDAYS, arrivals
from insight.windows import Window

_DAYS_TO_ACT = timedelta(days=30)


class PackageBought(Protocol):
    """A package that a customer bought."""

    @property
    def package_id(self) -> int:
        """The catalogue's number."""
        raise NotImplementedError

    @property
    def purchase_date(self) -> date:
        """The day it was bought."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class AcceptedRecommendation:
    """One accepted recommendation: what it was about, when it was accepted, and a schedule's plan."""

    kind: RecommendationKind
    subject: str
    accepted_on: date
    weekly_plan: tuple[PlannedVisit, ...] = ()


def recommendation_compliance(
    accepted: Iterable[AcceptedRecommendation],
    sessions: Iterable[Session],
    purchases: Iterable[PackageBought],
    today: date,
) -> int | Shortfall:
    """Return the percentage, 0-100, of the accepted recommendations that were acted on within 30 days.

    The 30 days begin with the day of acceptance. A service is acted on by a completed session of it, a
    package by its purchase, a schedule by a visit on a planned weekday, and in the plan's two-hour band where
    its time is known. An acceptance whose days are not over and that was not acted on yet does not count.
    """
    done = [session for session in sessions if session.completed and session.service_date <= today]
    bought = [purchase for purchase in purchases if purchase.purchase_date <= today]
    verdicts: list[bool] = []
    for item in accepted:
        window = Window(item.accepted_on, item.accepted_on + _DAYS_TO_ACT)
        acted = _acted_on(item, window, done, bought)
        if acted or today >= window.end:
            verdicts.append(acted)
    if not verdicts:
        return Shortfall("recommendation_compliance", "accepted_recommendations", 1, 0)
    return round(100 * sum(verdicts) / len(verdicts))


def _acted_on(
    item: AcceptedRecommendation, window: Window, done: list[Session], bought: list[PackageBought]
) -> bool:
    match item.kind:
        case RecommendationKind.SERVICE:
            return any(session.service == item.subject and session.service_date in window for session in done)
        case RecommendationKind.PACKAGE:
            return any(
                str(purchase.package_id) == item.subject and purchase.purchase_date in window
                for purchase in bought
            )
        case RecommendationKind.SCHEDULE:
            planned = {(visit.day, _band(time.fromisoformat(visit.time))) for visit in item.weekly_plan}
            return any(_planned(day, start, planned) for day, start in arrivals(done, window).items())


def _planned(day: date, start: time | None, planned: set[tuple[str, int]]) -> bool:
    weekday = WEEKDAYS[day.weekday()]
    if start is None:
        return any(weekday == planned_day for planned_day, _ in planned)
    return (weekday, _band(start)) in planned


def _band(start: time) -> int:
    return (start.hour * 60 + start.minute) // BAND_MINUTES
