"""Whether the models are worth anything: forecasts against what happened, beside simple rules."""

from insight.evaluation.holdout import NothingHeldOut, Scores, Unit, Visits
from insight.evaluation.interactions import Interactions
from insight.evaluation.recommendations import (
    NothingToFind,
    RankingScores,
    RecommendationReport,
    evaluate_interactions,
)
from insight.evaluation.truth import ChanceScores, Recovery, Truth, recovery
from insight.evaluation.visits import Family, FittedVisits, VisitReport, backtest_visits

__all__ = [
    "ChanceScores",
    "Family",
    "FittedVisits",
    "Interactions",
    "NothingHeldOut",
    "NothingToFind",
    "RankingScores",
    "RecommendationReport",
    "Recovery",
    "Scores",
    "Truth",
    "Unit",
    "VisitReport",
    "Visits",
    "backtest_visits",
    "evaluate_interactions",
    "recovery",
]
