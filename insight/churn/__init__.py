"""Whether a customer still comes: the MBG/CNBD-k model, its fit and its forecasts."""

from insight.churn.fitting import ChurnFit, NobodyVisited, fit_churn
from insight.churn.forecast import VisitForecast, visit_days, visit_forecast
from insight.churn.likelihood import log_likelihoods
from insight.churn.model import ChurnModel
from insight.churn.prediction import (
    expected_visits,
    probability_alive,
    still_waiting,
    visit_within,
    visits_at_least,
)
from insight.churn.statistics import VisitStatistics, visit_statistics

__all__ = [
    "ChurnFit",
    "ChurnModel",
    "NobodyVisited",
    "VisitForecast",
    "VisitStatistics",
    "expected_visits",
    "fit_churn",
    "log_likelihoods",
    "probability_alive",
    "still_waiting",
    "visit_days",
    "visit_forecast",
    "visit_statistics",
    "visit_within",
    "visits_at_least",
]
