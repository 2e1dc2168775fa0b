"""Whether the probabilities of schedules and packages come true for simulated customers."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise

import numpy as np
import pytest
from center_customers import HOURS, SERVICES, TODAY, ASession
from numpy.typing import NDArray

from db.demo import DemoPlan, simulated
from db.demo.arrays import EPOCH
from db.demo.catalogue import ON_SALE
from db.demo.chunk import Chunk
from db.demo.services import SERVICES as DEMO_SERVICES
from db.demo.sessions import COMPLETED
from insight.churn import ChurnModel
from insight.churn.fitting import fit_churn
from insight.churn.forecast import VisitForecast
from insight.churn.statistics import VisitStatistics
from insight.recommend.catalogue import CataloguePackage
from insight.recommend.center_habits import BAND_MINUTES, BANDS, DAYS, CenterHabits
from insight.recommend.expected_use import ExpectedUse, expected_use
from insight.recommend.packages import recommend_packages
from insight.recommend.records import ScheduleRecommendation, ServiceSessions
from insight.recommend.schedule import recommend_schedule
from insight.recommend.visit_times import visit_times
from insight.visits import WEEKDAYS

pytestmark = pytest.mark.slow

NAMES = [*(str(service) for service in DEMO_SERVICES), "other"]
PACKAGES = [
    CataloguePackage(
        package.package_id,
        package.name,
        package.price,
        package.months * 30,
        tuple(map(ServiceSessions, NAMES[: len(DEMO_SERVICES)], package.quotas)),
    )
    for package in ON_SALE
]


@dataclass(frozen=True, slots=True)
class Center:
    chunk: Chunk
    sessions: dict[int, list[ASession]]
    habits: CenterHabits
    model: ChurnModel

    def use(self, sessions: list[ASession], on: date, visits: list[date]) -> ExpectedUse | None:
        forecast = VisitForecast(
            self.model, len(visits) - 1, (visits[-1] - visits[0]).days / 7, (on - visits[0]).days / 7
        )
        return expected_use(sessions, forecast, SERVICES, self.habits, on)


@pytest.fixture(scope="module")
def center() -> Center:
    chunk = next(simulated(DemoPlan(today=TODAY, customers=5_000, seed=5)))
    rows, sessions = chunk.sessions, dict[int, list[ASession]]()
    for row in np.flatnonzero(rows.status == COMPLETED).tolist():
        day, minute = EPOCH + timedelta(days=int(rows.day[row])), int(rows.minute[row])
        session = ASession(day, NAMES[rows.service[row]], time(minute // 60, minute % 60))
        sessions.setdefault(int(rows.customer[row]), []).append(session)
    arrivals, used, statistics = Counter[tuple[int, int]](), Counter[str](), list[tuple[float, ...]]()
    for history in sessions.values():
        firsts = {session.service_date: session.start_time for session in reversed(history)}
        arrivals.update((day.weekday(), band_of(start)) for day, start in firsts.items())
        used.update(session.service for session in history)
        days = sorted(firsts)
        gaps = [(later - earlier).days / 7 for earlier, later in pairwise(days)]
        span, age = ((day - days[0]).days / 7 for day in (days[-1], TODAY))
        statistics.append((len(gaps), span, age, float(np.log(gaps).sum())))
    table = tuple(tuple(arrivals[day, band] for band in range(BANDS)) for day in range(DAYS))
    columns = np.array(statistics, dtype=np.float64).T
    return Center(
        chunk,
        sessions,
        CenterHabits(arrivals.total(), used, table),
        fit_churn(VisitStatistics(*columns)).model,
    )


def band_of(start: time | None) -> int:
    assert start is not None
    return (start.hour * 60 + start.minute) // BAND_MINUTES


def calibration_error(said: list[float], came_true: list[bool], bins: int = 10) -> float:
    chances, truth = np.array(said), np.array(came_true, dtype=np.float64)
    parts: list[NDArray[np.intp]] = np.array_split(np.argsort(chances), bins)
    return sum(len(part) * abs(chances[part].mean() - truth[part].mean()) for part in parts) / len(chances)


def test_the_next_visit_falls_on_a_planned_day_and_band_as_often_as_a_schedule_says(center: Center) -> None:
    """Each customer's last visit is foretold from the others; measured ECE .018, .208 said, .200 true."""
    said: list[float] = []
    came_true: list[bool] = []
    for history in center.sessions.values():
        *visits, last = sorted({session.service_date for session in history})
        if not visits:
            continue
        before = [session for session in history if session.service_date < last]
        times = visit_times(before, HOURS, center.habits, (), visits[-1])
        use = center.use(before, visits[-1], visits)
        schedule = recommend_schedule(times, use, SERVICES, HOURS)
        if isinstance(schedule, ScheduleRecommendation):
            start = min(session.start_time or time.max for session in history if session.service_date == last)
            planned = {(visit.day, band_of(time.fromisoformat(visit.time))) for visit in schedule.weekly_plan}
            said.append(schedule.confidence)
            came_true.append((WEEKDAYS[last.weekday()], band_of(start)) in planned)
    assert len(said) > 4_000
    assert calibration_error(said, came_true) <= 0.025


def test_packages_that_would_have_been_offered_were_used_at_least_as_well_as_said(center: Center) -> None:
    """Of the packages bought that would have been offered: measured .73 said and .80 true.

    More come true than said, because who holds a package comes to use it; the model does not count on that.
    """
    bought, said, came_true = center.chunk.history.purchases, list[float](), list[bool]()
    for row in np.flatnonzero(bought.expires <= center.chunk.today)[::3].tolist():
        on = EPOCH + timedelta(days=int(bought.day[row]))
        history = center.sessions.get(int(bought.customer[row]), [])
        before = [session for session in history if session.service_date < on]
        package = PACKAGES[int(bought.package[row])]
        use = center.use(before, on, sorted({session.service_date for session in before} | {on}))
        offers = recommend_packages(use, [package], SERVICES, []) if use else ()
        for offer in offers:
            said.append(offer.confidence)
            came_true.append(bool(bought.used[row].sum() >= 0.8 * offer.total_sessions))
    assert len(said) > 200
    assert np.mean(said) - 0.05 <= np.mean(came_true) <= np.mean(said) + 0.15
    surest = np.array(came_true)[np.argsort(said)[-len(said) // 3 :]]
    assert surest.mean() > np.mean(came_true)
