"""What the churn model reads of a customer's visits: how many, until when, and how regular."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insight.visit_days import FloatArray, IntArray, distinct_visits, first_places


@dataclass(frozen=True, slots=True)
class VisitStatistics:
    """One row a customer who visited at least once; times in any one unit.

    Attributes:
        repeats: Visits after the first (x).
        recency: From the first to the last visit (tx); 0 for one visit.
        age: From the first visit to today (T), never less than `recency`.
        log_gaps: Sum of the logarithms of the gaps between visits in succession; 0 for one visit.
    """

    repeats: FloatArray
    recency: FloatArray
    age: FloatArray
    log_gaps: FloatArray

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return len(self.repeats)

    def rows(self, chosen: NDArray[Any]) -> "VisitStatistics":
        """Return the rows of an index or a mask."""
        return VisitStatistics(
            self.repeats[chosen], self.recency[chosen], self.age[chosen], self.log_gaps[chosen]
        )


def visit_statistics(
    customer: IntArray, day: IntArray, until_day: int, days_a_unit: float = 7.0
) -> VisitStatistics:
    """Count the visits of each customer up to and with a day.

    Args:
        customer: Who came, one entry a visit, in any order; a pair of customer and day may stand there twice.
        day: When, as the number of the day.
        until_day: Today; later visits are left out, and so is a customer who has no others.
        days_a_unit: 7 for statistics in weeks.

    Returns:
        The statistics in rising order of customer, so of `numpy.unique(customer[day <= until_day])`.
    """
    known = day <= until_day
    who, when = distinct_visits(customer[known], day[known])
    if not len(who):
        nobody = np.zeros(0)
        return VisitStatistics(nobody, nobody, nobody, nobody)
    first = first_places(who)
    visits = np.diff(first, append=len(who))
    gaps = np.diff(when, prepend=0).astype(np.float64)
    gaps[first] = days_a_unit  # no gap: its logarithm is 0
    return VisitStatistics(
        repeats=(visits - 1).astype(np.float64),
        recency=(when[first + visits - 1] - when[first]) / days_a_unit,
        age=(until_day - when[first]) / days_a_unit,
        log_gaps=np.add.reduceat(np.log(gaps / days_a_unit), first),
    )
