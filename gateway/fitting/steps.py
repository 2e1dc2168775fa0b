"""How each part of a model is fitted; None where there is too little to fit it to."""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np

from db.fitting.answers import counted_answers
from gateway.fitting.readings import Readings
from gateway.fitting.value import fit_center_value
from insight.churn import ChurnModel, NobodyVisited, fit_churn
from insight.recommend.center_habits import CenterHabits, count_habits
from insight.recommend.feedback import Action, AnswerCount, ResponseModel, fit_responses
from insight.recommend.records import RecommendationKind
from insight.recommend.service_log import CANDIDATES
from insight.recommend.services import ServiceModel, fit_services
from insight.satisfaction import SatisfactionNorm
from insight.season import SeasonIndex, fit_season
from insight.usage import OTHER_SERVICE

_EPOCH = date(1, 1, 1)  # an ordinal counts this day as 1


def _churn(readings: Readings) -> ChurnModel | None:
    try:
        return fit_churn(readings.visits, rng=readings.rng()).model
    except NobodyVisited:
        return None


def _season(readings: Readings) -> SeasonIndex:
    return fit_season(readings.sessions.customer, readings.sessions.day - 1, epoch=_EPOCH)


def _visits(readings: Readings) -> CenterHabits | None:
    sessions = readings.sessions
    counts = {
        code: int((sessions.service == place).sum())
        for place, code in enumerate((*CANDIDATES, OTHER_SERVICE))
    }
    counts[OTHER_SERVICE] = len(sessions.service) - sum(counts.values())
    return count_habits(sessions.customer, sessions.day, sessions.minute, counts)


def _satisfaction(readings: Readings) -> SatisfactionNorm | None:
    sessions = readings.sessions
    rated = sessions.rating > 0
    if not rated.any():
        return None
    raters = len(np.unique(sessions.customer[rated]))
    return SatisfactionNorm(float(sessions.rating[rated].mean()), int(rated.sum()), raters)


def _services(readings: Readings) -> ServiceModel | None:
    return fit_services(readings.log, with_goals=True, rng=readings.rng())


def _services_without_health(readings: Readings) -> ServiceModel | None:
    return fit_services(readings.log_without_health, with_goals=False, rng=readings.rng())


def _responses(readings: Readings) -> ResponseModel:
    counts = counted_answers(readings.connection, readings.today)
    return fit_responses(
        AnswerCount(
            RecommendationKind(count.kind),
            count.subject,
            count.goals,
            Action(count.action),
            count.score,
            count.answers,
            count.prior_sum,
        )
        for count in counts
    )


STEPS: Mapping[str, Callable[[Readings], Any]] = MappingProxyType(
    {
        "churn": _churn,
        "season": _season,
        "value": fit_center_value,
        "visits": _visits,
        "satisfaction": _satisfaction,
        "services": _services,
        "services_without_health": _services_without_health,
        "responses": _responses,
    }
)
"""How each part is fitted, by its name, in the order in which they are."""
