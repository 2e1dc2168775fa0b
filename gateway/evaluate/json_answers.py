"""Reports as objects of JSON; what is undefined is null."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeAlias, cast

from gateway.evaluate.backtests import CenterReport, SimulationReport
from insight.evaluation import Family, RankingScores, RecommendationReport, VisitReport
from insight.recommend.service_evaluation import ServiceChoicesFound, ServiceEvaluation, ServiceRanking

Answer: TypeAlias = dict[str, Any]


def as_json(answer: Answer) -> str:
    """Return the object in one line."""
    return json.dumps(_finite(answer), ensure_ascii=False, allow_nan=False)


def visit_answer(report: VisitReport) -> Answer:
    """Return a backtest of visits, as `evaluate --csv --json` prints it."""
    fitted = report.fitted
    model = fitted.model
    return {
        "model": str(Family.of(model)),
        "unit": str(report.unit),
        "customers": fitted.customers,
        "parameters": {"r": model.r, "alpha": model.alpha, "a": model.a, "b": model.b, "k": model.k},
        "log_likelihood": fitted.log_likelihood,
        "holdout": {
            "periods": int(report.periods) if report.periods.is_integer() else report.periods,
            **asdict(report.scores),
            "baselines": {name: asdict(scores) for name, scores in report.baselines.items()},
        },
    }


def interactions_answer(report: RecommendationReport) -> Answer:
    """Return what `evaluate recommend --json` prints."""
    return {
        "model": "multinomial_logit",
        "users": report.users,
        "items": report.items,
        "holdout": {
            "users": report.judged,
            **_ranking(report.scores),
            "baselines": {name: _ranking(scores) for name, scores in report.baselines.items()},
        },
    }


def center_answer(report: CenterReport) -> Answer:
    """Return the backtest of visits, and beside it how well services are found (null: too few choices)."""
    services = report.services
    return visit_answer(report.visits) | {
        "recommendations": None if services is None else _services(services)
    }


def simulation_answer(report: SimulationReport) -> Answer:
    """Return the same for simulated customers, and beside it how far the truth was found."""
    truth = {"everybody": asdict(report.everybody), "seen_within_90d": asdict(report.seen_lately)}
    return center_answer(report.center) | {"truth": truth}


def _services(report: ServiceEvaluation) -> Answer:
    return {
        "with_goals": report.with_goals,
        "next_new": _choices(report.next_new),
        "first": _choices(report.first),
        "again": _choices(report.again),
    }


def _choices(found: ServiceChoicesFound) -> Answer:
    return {
        "customers": found.choices,
        **_ranking(found.scores),
        "baselines": {name: _ranking(scores) for name, scores in found.baselines.items()},
    }


def _ranking(scores: RankingScores | ServiceRanking) -> Mapping[str, float | None]:
    return {
        "hit@1": scores.hit_at_1,
        "ndcg@3": scores.ndcg_at_3,
        "map": scores.mean_average_precision,
        "ece": scores.ece,
    }


def _finite(value: Any) -> Any:
    """Return the value with null for numbers that JSON has no word for."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in cast("Answer", value).items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
