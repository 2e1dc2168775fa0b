"""Visits cut in two: what a forecast may know, and what came of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from insight.churn import VisitStatistics, visit_statistics
from insight.evaluation.metrics import auc, brier, expected_calibration_error, mean_absolute_error

Flags: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.integer[Any]]


class Unit(StrEnum):
    """What times are counted in."""

    DAY = "day"
    WEEK = "week"

    @property
    def days(self) -> float:
        """How many days one is."""
        return 7.0 if self is Unit.WEEK else 1.0


class NothingHeldOut(ValueError):
    """There is no time after the calibration to judge by."""

    def __init__(self) -> None:
        super().__init__("a holdout needs at least one day after the end of the calibration")


@dataclass(frozen=True, slots=True)
class Visits:
    """One entry a transaction, in any order; a customer may have several on one day, which are one visit.

    Attributes:
        customer: Any number for each customer.
        day: The number of the day, such as `date.toordinal()`.
    """

    customer: Ints
    day: Ints


@dataclass(frozen=True, slots=True)
class Holdout:
    """What is known of customers at the end of the calibration, and how often they came afterwards.

    Attributes:
        unit: What times are counted in.
        periods: How long the holdout is, in units.
        known: One row a customer who came up to the end of the calibration; nobody else is judged. The age
            reaches to that end, as in the published fits to CDNOW.
        recent: Visits in the last `periods` of the calibration, one entry a customer.
        later: Visits in the holdout, one entry a customer.
    """

    unit: Unit
    periods: float
    known: VisitStatistics
    recent: Ints
    later: Ints

    @classmethod
    def of(cls, visits: Visits, calibration_end: int, holdout_end: int, unit: Unit) -> "Holdout":
        """Cut visits behind the day `calibration_end`; the holdout ends with the day `holdout_end`.

        Raises:
            NothingHeldOut: The holdout ends before it begins.
        """
        days = holdout_end - calibration_end
        if days < 1:
            raise NothingHeldOut
        customers = np.unique(visits.customer[visits.day <= calibration_end])
        return cls(
            unit=unit,
            periods=days / unit.days,
            known=visit_statistics(visits.customer, visits.day, calibration_end, unit.days),
            recent=_visits_within(visits, customers, calibration_end - days, calibration_end),
            later=_visits_within(visits, customers, calibration_end, holdout_end),
        )

    def judge(self, forecast: "Forecast") -> "Scores":
        """Compare a forecast with what happened."""
        came, chance, score = self.later > 0, forecast.probability, forecast.score
        score = chance if score is None else score
        return Scores(
            mae=None if forecast.visits is None else mean_absolute_error(self.later, forecast.visits),
            auc=None if score is None else auc(came, score),
            brier=None if chance is None else brier(came, chance),
            ece=None if chance is None else expected_calibration_error(came, chance),
        )


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is said of each customer's holdout, as far as anything is.

    Attributes:
        visits: How many.
        probability: That there is at least one, 0-1.
        score: Orders customers by that; the probability does where this is None.
    """

    visits: Floats | None = None
    probability: Floats | None = None
    score: Floats | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """How good a forecast was; None where it does not say, or where the measure has no meaning.

    Attributes:
        mae: Mean absolute error of the number of visits.
        auc: Of "comes again", 0-1.
        brier: Of the probability to come again, 0-1.
        ece: How far that probability is from the share that came, 0-1.
    """

    mae: float | None
    auc: float | None
    brier: float | None
    ece: float | None


def _visits_within(visits: Visits, customers: Ints, after: int, until: int) -> Ints:
    """Return the distinct days of each of the customers (rising) in (after, until]."""
    chosen = (visits.day > after) & (visits.day <= until)
    place = np.searchsorted(customers, visits.customer[chosen])
    known = place < len(customers)
    known[known] = customers[place[known]] == visits.customer[chosen][known]
    span = until - after + 1
    distinct = np.unique(place[known] * span + (visits.day[chosen][known] - after))
    return np.bincount(distinct // span, minlength=len(customers))
