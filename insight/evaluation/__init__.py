"""Whether the models are worth anything: forecasts against what happened, beside simple rules."""

from insight.evaluation.holdout import Forecast, Holdout, NothingHeldOut, Scores, Unit, Visits
from insight.evaluation.visits import Family, FittedVisits, VisitReport, backtest_visits

__all__ = [
    "Family",
    "FittedVisits",
    "Forecast",
    "Holdout",
    "NothingHeldOut",
    "Scores",
    "Unit",
    "VisitReport",
    "Visits",
    "backtest_visits",
]
