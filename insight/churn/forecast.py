"""What the churn model expects of one customer."""

from dataclasses import dataclass

from insight.churn import prediction
from insight.churn.model import ChurnModel


@dataclass(frozen=True, slots=True)
class VisitForecast:
    """The visits to come of one customer; times in weeks.

    Attributes:
        model: Fitted in weeks.
        repeats: Visits after the first.
        recency: From the first to the last visit.
        age: From the first visit to today.
    """

    model: ChurnModel
    repeats: int
    recency: float
    age: float

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
        return float(prediction.visit_within(self.model, self.repeats, self.recency, self.age, weeks))

    def at_least(self, visits: int, weeks: float) -> float:
        """Return the probability of so many visits (at least 1) or more in the coming weeks, 0-1."""
        return float(
            prediction.visits_at_least(self.model, self.repeats, self.recency, self.age, visits, weeks)
        )

    def expected_visits(self, weeks: float) -> float:
        """Return the expected number of visits in the coming weeks."""
        return float(prediction.expected_visits(self.model, self.repeats, self.recency, self.age, weeks))
