"""Does the recommender of services find what customers took, and mean the probabilities it shows?

Customers are dealt into two halves: the model learns from the whole history of one half, and is judged by the
last choices of the other, of which it has seen nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from insight.evaluation.metrics import (
    expected_calibration_error,
    hit_at,
    mean_average_precision,
    ndcg_at,
    places_of,
)
from insight.recommend.choice_model import probabilities
from insight.recommend.past import Past
from insight.recommend.peers import peer_shares, repertoire_of
from insight.recommend.service_events import ServiceChoices, again_choices, new_choices
from insight.recommend.service_features import item_features, state_features
from insight.recommend.service_log import CANDIDATES, SessionLog, States
from insight.recommend.services import MaskedModel, ServiceModel, fit_services

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.integer[Any]]

_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class ServiceRanking:
    """How good a ranking of services was, all 0-1; None without choices.

    Attributes:
        hit_at_1: The share with the chosen service first.
        ndcg_at_3: Normalised discounted cumulative gain of the first three.
        mean_average_precision: Mean of 1 / place of the chosen service.
        ece: Calibration error of the probabilities of all services, which all are shown.
        first_ece: The same of the first service alone.
    """

    hit_at_1: float | None
    ndcg_at_3: float | None
    mean_average_precision: float | None
    ece: float | None
    first_ece: float | None


@dataclass(frozen=True, slots=True)
class ServiceChoicesFound:
    """How well one kind of choice was found; choices among one service count nowhere.

    Attributes:
        choices: How many there were, one a customer.
        scores: Of the model.
        baselines: Of simple rules, by name.
    """

    choices: int
    scores: ServiceRanking
    baselines: Mapping[str, ServiceRanking]


@dataclass(frozen=True, slots=True)
class ServiceEvaluation:
    """How well services were found.

    Attributes:
        with_goals: Whether health goals had a say.
        next_new: The last new service of each customer, after at least one other, beside popularity and
            item-to-item.
        first: The first service of newcomers, beside popularity (item-to-item has nothing to go by).
        again: The last visit for a known service, beside popularity and the service used most.
    """

    with_goals: bool
    next_new: ServiceChoicesFound
    first: ServiceChoicesFound
    again: ServiceChoicesFound


def evaluate_services(
    log: SessionLog, *, with_goals: bool, rng: np.random.Generator
) -> ServiceEvaluation | None:
    """Fit on one half of the customers, drawn by `rng`, and judge by the other; None where none is fitted."""
    learned = rng.permutation(len(log.goals)) % 2 == 0
    model = fit_services(log.of(learned), with_goals=with_goals, rng=rng)
    return None if model is None else judge_services(model, log.of(learned), log.of(~learned))


def judge_services(model: ServiceModel, learned: SessionLog, judged: SessionLog) -> ServiceEvaluation:
    """Judge a model by customers that it did not learn from; the rules learn from the same log as it did."""
    past, known = Past(judged), Past(learned)
    new, again = new_choices(past), again_choices(past)
    is_first = ~past.used_above(new.rows, new.rows).any(axis=1)
    return ServiceEvaluation(
        with_goals=model.with_goals,
        next_new=_found(
            model, model.new, past, _last_of_each(new.at(np.flatnonzero(~is_first)), past), known
        ),
        first=_found(model, model.new, past, _last_of_each(new.at(np.flatnonzero(is_first)), past), known),
        again=_found(model, model.again, past, _last_of_each(again, past), known),
    )


def masked_probabilities(model: ServiceModel, part: MaskedModel, states: States, mask: Flags) -> Floats:
    """Return the probabilities of many states at once, [states, services].

    They are those of `score_services` without their explanation; `part` is the model's `new` or `again`.
    """
    goals = states.goals if model.with_goals else np.zeros_like(states.goals)
    peers = peer_shares(part.peers, goals, repertoire_of(states.counts), mask)
    features = state_features(states, model.mean_rating, with_goals=model.with_goals)
    return probabilities(part.weights, item_features(features, peers), mask, features.context)


def _last_of_each(choices: ServiceChoices, past: Past) -> ServiceChoices:
    customer = past.log.customer[choices.rows]
    is_last = np.ones(len(customer), dtype=np.bool_)
    is_last[:-1] = customer[1:] != customer[:-1]
    return choices.at(np.flatnonzero(is_last))


def _found(
    model: ServiceModel, part: MaskedModel, past: Past, choices: ServiceChoices, known: Past
) -> ServiceChoicesFound:
    states = past.states_before(choices.rows)
    used = past.used_above(choices.rows, choices.rows)
    chosen = past.log.service[choices.rows]
    rules = {"popularity": np.broadcast_to(_popularity(known, is_new=part is model.new), choices.mask.shape)}
    if part is model.again:
        rules["most_used"] = states.counts.astype(np.float64)
    elif used.any():
        rules["item_to_item"] = used @ _cosines(known)
    chances = masked_probabilities(model, part, states, choices.mask)
    return ServiceChoicesFound(
        choices=len(chosen),
        scores=_ranking(chances, choices.mask, chosen),
        baselines={
            name: _ranking(_shares(scores, choices.mask), choices.mask, chosen)
            for name, scores in rules.items()
        },
    )


def _ranking(chances: Floats, mask: Flags, chosen: Ints) -> ServiceRanking:
    places = places_of(chances, chosen, mask)
    is_chosen = np.arange(len(CANDIDATES)) == chosen[:, None]
    return ServiceRanking(
        hit_at_1=hit_at(places, 1),
        ndcg_at_3=ndcg_at(places, 3),
        mean_average_precision=mean_average_precision(places),
        ece=expected_calibration_error(is_chosen[mask], chances[mask]),
        first_ece=expected_calibration_error(places == 1, chances.max(axis=1)),
    )


def _shares(scores: Floats, mask: Flags) -> Floats:
    open_scores = np.where(mask, scores + _TINY, 0.0)
    return open_scores / open_scores.sum(axis=1, keepdims=True)


def _popularity(known: Past, *, is_new: bool) -> Floats:
    """Return how often each service was chosen in choices of this kind."""
    choices = new_choices(known) if is_new else again_choices(known)
    return np.bincount(known.log.service[choices.rows], minlength=len(CANDIDATES)).astype(np.float64)


def _cosines(known: Past) -> Floats:
    """Return how alike the users of two services are, [services, services]."""
    log = known.log
    use = np.zeros((len(log.goals), len(CANDIDATES)))
    use[log.customer[log.is_candidate], log.service[log.is_candidate]] = 1.0
    together = use.T @ use
    users = np.maximum(np.diag(together), 1.0)
    return together / np.sqrt(np.outer(users, users))
