"""What the churn model expects of one customer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from insight.churn import prediction
from insight.churn.model import ChurnModel
from insight.inputs import Session
from insight.season import NO_SEASON, SeasonIndex

_DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class VisitForecast:
    """The visits to come of one customer; times in weeks.

    Attributes:
        model: Fitted in weeks.
        repeats: Visits after the first.
        recency: From the first to the last visit.
        age: From the first visit to today.
        today: Needed where there is a season.
        season: Makes the weeks to come longer or shorter; none unless given.
    """

    model: ChurnModel
    repeats: int
    recency: float
    age: float
    today: date | None = None
    season: SeasonIndex = NO_SEASON

    @property
    def probability_alive(self) -> float:
        """The probability that the customer has not left for good, 0-1."""
        return float(prediction.probability_alive(self.model, self.repeats, self.recency, self.age))

    @property
    def still_waiting(self) -> float:
        """How probable a gap as long as the present one is for this customer while they stay, 0-1."""
        return float(prediction.still_waiting(self.model, self.repeats, self.recency, self.age))

    def visit_within(self, weeks: float) -> float:
        """Return the probability of a visit in the coming weeks, 0-1."""
        ahead = self._ahead(weeks)
        return float(prediction.visit_within(self.model, self.repeats, self.recency, self.age, ahead))

    def at_least(self, visits: int, weeks: float) -> float:
        """Return the probability of so many visits (at least 1) or more in the coming weeks, 0-1."""
        ahead = self._ahead(weeks)
        return float(
            prediction.visits_at_least(self.model, self.repeats, self.recency, self.age, visits, ahead)
        )

    def expected_visits(self, weeks: float) -> float:
        """Return the expected number of visits in the coming weeks."""
        (visits,) = self.expected_visits_each([weeks])
        return visits

    def expected_visits_each(self, weeks: Sequence[float]) -> list[float]:
        """Return the expected number of visits in each of these stretches of weeks, all from today.

        At once costs little more than one of them.
        """
        ahead = [self._ahead(stretch) for stretch in weeks]
        return prediction.expected_visits(self.model, self.repeats, self.recency, self.age, ahead).tolist()

    def _ahead(self, weeks: float) -> float:
        if self.today is None or weeks <= 0:
            return weeks
        tomorrow = self.today + timedelta(days=1)
        return weeks * self.season.factor(tomorrow, max(1, round(weeks * _DAYS_A_WEEK)))


def visit_days(sessions: Iterable[Session], today: date) -> list[date]:
    """Return the days up to today with a completed session, oldest first."""
    return sorted({s.service_date for s in sessions if s.completed and s.service_date <= today})


def visit_forecast(
    model: ChurnModel, sessions: Iterable[Session], today: date, season: SeasonIndex = NO_SEASON
) -> VisitForecast | None:
    """Return the forecast of a customer with these sessions, of their full history; None without a visit."""
    days = visit_days(sessions, today)
    if not days:
        return None
    first, last = days[0], days[-1]
    recency, age = ((day - first).days / _DAYS_A_WEEK for day in (last, today))
    return VisitForecast(model, len(days) - 1, recency, age, today, season)
