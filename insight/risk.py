"""How likely a customer is to stay away, why, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from insight.churn.forecast import VisitForecast, visit_days, visit_forecast
from insight.churn.model import ChurnModel
from insight.churn.prediction import probability_alive
from insight.inputs import Package, Session
from insight.risk_factors import (
    RiskFactor,
    dissatisfied,
    falling,
    overdue,
    package_ended,
    package_ending,
    single_visit,
)
from insight.season import NO_SEASON, SeasonIndex
from insight.shortfalls import Shortfall

RiskLevel = Literal["stable", "warning", "danger"]
ChurnRisk = Literal["low", "medium", "high"]


class _Step(NamedTuple):
    below: int
    level: RiskLevel
    risk: ChurnRisk


_STEPS = (_Step(30, "stable", "low"), _Step(60, "warning", "medium"), _Step(101, "danger", "high"))
RISK_LEVELS: tuple[RiskLevel, ...] = tuple(step.level for step in _STEPS)
"""What the codes of `risk_levels` stand for."""

_RETENTION_WEEKS = 60 / 7
_RENEWAL_DAYS, _RENEWAL_SHARE = 30, 0.3
_PACKAGE_VISITS = 5


@dataclass(frozen=True, slots=True)
class RiskAssessment:
    """How likely a customer is to stay away.

    Attributes:
        churn_risk: low, medium or high; None without a churn probability.
        churn_probability: Percent: how probably the customer has left for good; None without a fitted model
            or a visit.
        risk_factors: Korean sentences with their evidence, strongest first.
        retention_score: Percent: how probably the customer comes within 60 days; None as above.
        next_action_recommendation: What the strongest factor asks for, or how to keep a good customer.
        shortfalls: One for each figure that is None.
    """

    churn_risk: ChurnRisk | None
    churn_probability: int | None
    risk_factors: tuple[str, ...]
    retention_score: int | None
    next_action_recommendation: str
    shortfalls: tuple[Shortfall, ...]


def risk_assessment(  # noqa: PLR0913 - what is known of the population comes in three parts
    sessions: Sequence[Session],
    packages: Sequence[Package],
    today: date,
    *,
    model: ChurnModel | None = None,
    season: SeasonIndex | None = None,
    population_satisfaction: float | None = None,
) -> RiskAssessment:
    """Assess one customer.

    Args:
        sessions: Of the customer's full history; those that are not completed or lie ahead count nowhere.
        packages: All the customer ever bought.
        today: The day of asking.
        model: Fitted in weeks; without it there are no percentages.
        season: Makes the 60 days to come longer or shorter; without it they count as they are.
        population_satisfaction: Mean rating of all customers; without it satisfaction is no factor.
    """
    days = visit_days(sessions, today)
    forecast = None if model is None else visit_forecast(model, sessions, today, season or NO_SEASON)
    found = [
        overdue(days, today, forecast.still_waiting) if forecast else None,
        falling(days, today),
        None if population_satisfaction is None else dissatisfied(sessions, today, population_satisfaction),
        package_ended(packages, days, today),
        package_ending(packages, today),
        single_visit(days, today),
    ]
    factors = sorted((factor for factor in found if factor), key=lambda factor: -factor.strength)
    probability, score = _percentages(forecast)
    return RiskAssessment(
        churn_risk=None if probability is None else churn_risk(probability),
        churn_probability=probability,
        risk_factors=tuple(factor.text for factor in factors),
        retention_score=score,
        next_action_recommendation=_next_action(factors, days, packages, today),
        shortfalls=() if forecast else _shortfalls(fitted=model is not None),
    )


def risk_level(percent: int) -> RiskLevel:
    """Return the level of a churn probability in percent: stable below 30, warning below 60, then danger."""
    return next(step.level for step in _STEPS if percent < step.below)


def churn_risk(percent: int) -> ChurnRisk:
    """Return the contract's word for a churn probability in percent, on the same cuts."""
    return next(step.risk for step in _STEPS if percent < step.below)


def risk_levels(
    model: ChurnModel, repeats: ArrayLike, recency: ArrayLike, age: ArrayLike
) -> NDArray[np.intp]:
    """Return the level of each customer as a position in `RISK_LEVELS`."""
    cuts = [step.below for step in _STEPS[:-1]]
    return np.searchsorted(cuts, churn_percent(model, repeats, recency, age), side="right")


def churn_percent(
    model: ChurnModel, repeats: ArrayLike, recency: ArrayLike, age: ArrayLike
) -> NDArray[np.float64]:
    """Return how probably each customer has left for good, in whole percent."""
    return np.rint(100 * (1 - probability_alive(model, repeats, recency, age)))


def _percentages(forecast: VisitForecast | None) -> tuple[int | None, int | None]:
    if forecast is None:
        return None, None
    percent = churn_percent(forecast.model, forecast.repeats, forecast.recency, forecast.age)
    return int(percent), round(100 * forecast.visit_within(_RETENTION_WEEKS))


def _next_action(
    factors: Sequence[RiskFactor], days: Sequence[date], packages: Sequence[Package], today: date
) -> str:
    if factors:
        return factors[0].action
    if not days:
        return "첫 방문 예약 제안"
    usable = [package for package in packages if package.usable and package.total_sessions > 0]
    left = sum(package.remaining_sessions for package in usable)
    if not usable:
        return "패키지 이용 제안" if len(days) >= _PACKAGE_VISITS else "정기 방문 유지"
    last_day = max(package.expiry_date for package in usable)
    bought = sum(package.total_sessions for package in usable)
    if (last_day - today).days <= _RENEWAL_DAYS or left <= _RENEWAL_SHARE * bought:
        return "패키지 갱신 제안"
    return f"정기 방문 유지, 남은 {left}회 예약 안내"


def _shortfalls(*, fitted: bool) -> tuple[Shortfall, ...]:
    counted = "visits" if fitted else "fitted_models"
    fields = ("churn_risk", "churn_probability", "retention_score")
    return tuple(Shortfall(field, counted, 1, 0) for field in fields)
