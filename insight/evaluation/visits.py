"""A backtest of the churn model: fitted to the visits up to a day, judged by those after it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from insight.churn import (
    ChurnFit,
    ChurnModel,
    VisitStatistics,
    expected_visits,
    log_likelihoods,
    visit_within,
)
from insight.evaluation.holdout import Forecast, Holdout, Scores, Unit, Visits
from insight.evaluation.recency_rules import recency_rules


class Family(StrEnum):
    """Whether customers may leave right after their first visit (mbg), or after a repeat visit only (bg)."""

    BG = "bg"
    MBG = "mbg"

    @classmethod
    def of(cls, model: ChurnModel) -> "Family":
        """Return the family of a model."""
        return cls.MBG if model.leaves_at_once else cls.BG


@dataclass(frozen=True, slots=True)
class FittedVisits:
    """A model of visits and how likely it makes the calibration.

    Attributes:
        model: Fitted to the calibration, in units.
        log_likelihood: Of all customers of the calibration.
        customers: How many these are.
    """

    model: ChurnModel
    log_likelihood: float
    customers: int


@dataclass(frozen=True, slots=True)
class VisitReport:
    """How well a churn model says who comes again, and how often.

    Attributes:
        fitted: The model.
        unit: Of its times.
        periods: How long the holdout is, in units.
        scores: What the model is worth.
        baselines: What the simple rules are worth, by name.
    """

    fitted: FittedVisits
    unit: Unit
    periods: float
    scores: Scores
    baselines: Mapping[str, Scores]


def backtest_visits(
    visits: Visits,
    calibration_end: int,
    holdout_end: int,
    unit: Unit,
    fit: Callable[[VisitStatistics], ChurnFit],
) -> VisitReport:
    """Fit to the visits up to a day and judge by those after it.

    Customers who first came after the calibration are left out.

    Args:
        visits: Of all customers.
        calibration_end: The last day that the model may know.
        holdout_end: The last day that is judged.
        unit: What the model counts time in.
        fit: `fit_churn` with whatever is to be said to it.

    Raises:
        NothingHeldOut: The holdout ends before it begins.
        NobodyVisited: Nobody came up to the end of the calibration.
    """
    holdout = Holdout.of(visits, calibration_end, holdout_end, unit)
    earlier = Holdout.of(visits, 2 * calibration_end - holdout_end, calibration_end, unit)
    model = fit(holdout.known).model
    rules = recency_rules(holdout, earlier)
    return VisitReport(
        fitted=FittedVisits(
            model, float(log_likelihoods(model, holdout.known).sum()), holdout.known.customers
        ),
        unit=unit,
        periods=holdout.periods,
        scores=holdout.judge(model_forecast(model, holdout)),
        baselines={name: holdout.judge(forecast) for name, forecast in rules.items()},
    )


def model_forecast(model: ChurnModel, holdout: Holdout) -> Forecast:
    """Return what a churn model says of the holdout."""
    known = holdout.known
    history = (known.repeats, known.recency, known.age)
    return Forecast(
        visits=expected_visits(model, *history, holdout.periods),
        probability=visit_within(model, *history, holdout.periods),
    )
