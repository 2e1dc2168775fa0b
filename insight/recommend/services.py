"""Which service a customer will try next, and which they will take up again.

A masked multinomial logit with two masks: NEW chooses among the services that the customer never used (also a
newcomer's first one), AGAIN among those used, at the next visit. Each has its own weights and peers.
"""

from dataclasses import dataclass

import numpy as np

from insight.recommend.choice_model import ChoiceEvents, ChoiceModel, fit_choice_model
from insight.recommend.past import Past
from insight.recommend.peers import PeerCells, PeerEvents, count_peers, crossed_shares, repertoire_of
from insight.recommend.service_events import ServiceChoices, again_choices, new_choices
from insight.recommend.service_features import item_features, state_features
from insight.recommend.service_log import SessionLog
from insight.usage import BEST_RATING, WORST_RATING

_MOST_CHOICES = 60_000
_LEAST_CHOICES = 100
# Judged by 15,000 simulated customers, 892 teach a hit@1 of .621 and an ece of .012 with it (.618 and .016
# with 1); 15,000 teach the same with either.
_L2 = 4.0
_MIDDLE_RATING = (WORST_RATING + BEST_RATING) / 2


@dataclass(frozen=True, slots=True)
class MaskedModel:
    """The weights and peers of one mask."""

    weights: ChoiceModel
    peers: PeerCells


@dataclass(frozen=True, slots=True)
class ServiceModel:
    """The fitted recommender of services.

    Attributes:
        with_goals: Whether health goals had a say in anything here.
        mean_rating: Of all ratings of the five services, 1 to 5.
        new: For services never used.
        again: For services used before.
    """

    with_goals: bool
    mean_rating: float
    new: MaskedModel
    again: MaskedModel


def fit_services(log: SessionLog, *, with_goals: bool, rng: np.random.Generator) -> ServiceModel | None:
    """Fit both masks to a sample of customers (40,000 are plenty); None below 100 choices in either.

    Args:
        log: The sample's whole history.
        with_goals: Whether the goals in the log may have a say.
        rng: Draws the choices to learn from where there are more than 60,000.
    """
    mean_rating = _mean_rating(log)
    past = Past(log)
    masks = [_drawn(choices, rng) for choices in (new_choices(past), again_choices(past))]
    if min(len(choices.rows) for choices in masks) < _LEAST_CHOICES:
        return None
    new, again = (_fit(past, choices, mean_rating, with_goals=with_goals) for choices in masks)
    return ServiceModel(with_goals, mean_rating, new, again)


def _fit(past: Past, choices: ServiceChoices, mean_rating: float, *, with_goals: bool) -> MaskedModel:
    states = past.states_before(choices.rows)
    events = PeerEvents(
        customer=past.log.customer[choices.rows],
        goals=states.goals,
        repertoire=repertoire_of(states.counts),
        chosen=past.log.service[choices.rows],
    )
    crossed = crossed_shares(events, choices.mask, with_goals=with_goals)
    features = state_features(states, mean_rating, with_goals=with_goals)
    seen = ChoiceEvents(item_features(features, crossed), choices.mask, events.chosen, features.context)
    return MaskedModel(fit_choice_model(seen, _L2), count_peers(events, with_goals=with_goals))


def _drawn(choices: ServiceChoices, rng: np.random.Generator) -> ServiceChoices:
    count = len(choices.rows)
    if count <= _MOST_CHOICES:
        return choices
    return choices.at(np.sort(rng.choice(count, _MOST_CHOICES, replace=False)))


def _mean_rating(log: SessionLog) -> float:
    ratings = log.rating[log.is_candidate & log.is_rated]
    return float(ratings.mean()) if len(ratings) else _MIDDLE_RATING
