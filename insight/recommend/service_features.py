"""What the choice of a service may rest on, as columns of numbers.

Item columns describe a service as the customer knows it and weigh the same for every service; context columns
describe the customer and the day and weigh differently for each. Every column belongs to one factor.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from insight.recommend.records import Factor
from insight.recommend.service_log import CANDIDATES, GOALS, NEVER, RECENT_VISITS, States

Floats: TypeAlias = NDArray[np.float64]

_YEAR = 365.2425
_PRIOR_RATINGS = 3.0  # how many ratings the population's mean weighs in a customer's own
_PRIOR_SERVICE_RATINGS = 2.0  # how many the customer's own mean weighs in that of a service
_LEAST_SHARE = 1e-4

ITEM_FACTORS = (
    Factor.PEER_PATTERNS,  # log of the share of peers who chose it next
    Factor.SERVICE_HISTORY,  # log of the sessions so far
    Factor.SERVICE_HISTORY,  # sessions on each of the last visits
    Factor.SERVICE_HISTORY,  # log of the days since the last use
    Factor.SATISFACTION_RATINGS,
    Factor.SERVICE_HISTORY,  # whether a package bought has sessions of it left
    Factor.SERVICE_HISTORY,  # whether a package has sessions left, but none of it
)
"""The factor of each item column: first what depends on the mask, then what the customer's rows alone say."""

_GOAL_BITS = np.arange(len(GOALS))
_SIZE = len(CANDIDATES)
USED, SHARES, LIKED = slice(0, _SIZE), slice(_SIZE, 2 * _SIZE), slice(2 * _SIZE, 3 * _SIZE)
"""Context columns: whether each service was used, its share of the sessions, how it was rated."""
SEASON = slice(3 * _SIZE, 3 * _SIZE + 2)
VISITS = SEASON.stop
WISHED = slice(VISITS + 1, VISITS + 1 + len(GOALS))
"""Context columns: the goals in the order of `GOALS`; they are last, and missing without health data."""

_WITHOUT_GOALS = (
    *(Factor.SERVICE_HISTORY,) * (2 * _SIZE),
    *(Factor.SATISFACTION_RATINGS,) * _SIZE,
    *(Factor.SEASONAL_TRENDS,) * 2,
    Factor.SERVICE_HISTORY,
)


def context_factors(*, with_goals: bool) -> tuple[Factor, ...]:
    """Return the factor of each context column."""
    return (*_WITHOUT_GOALS, *(Factor.HEALTH_GOALS,) * len(GOALS)) if with_goals else _WITHOUT_GOALS


@dataclass(frozen=True, slots=True)
class StateFeatures:
    """What the states alone say.

    Attributes:
        items: The item columns without the first, [states, services, columns - 1].
        context: The context columns, [states, columns].
    """

    items: Floats
    context: Floats


def state_features(states: States, mean_rating: float, *, with_goals: bool) -> StateFeatures:
    """Return the columns of states; `mean_rating` is the population's."""
    liked = satisfaction_residuals(states, mean_rating)
    return StateFeatures(_items(states, liked), _context(states, liked, with_goals=with_goals))


def item_features(features: StateFeatures, peers: Floats) -> Floats:
    """Return all item columns, [states, services, columns].

    Args:
        features: Of the states.
        peers: The share of peers who chose each service next, [states, services].
    """
    shares = np.log(np.maximum(peers, _LEAST_SHARE))
    return np.concatenate([shares[:, :, None], features.items], axis=2)


def _items(states: States, liked: Floats) -> Floats:
    columns = np.empty((*states.counts.shape, len(ITEM_FACTORS) - 1))
    columns[:, :, 0] = np.log(states.counts + 0.5)
    columns[:, :, 1] = states.recent / RECENT_VISITS
    columns[:, :, 2] = np.where(states.since == NEVER, 0.0, -np.log1p(np.maximum(states.since, 0)))
    columns[:, :, 3] = liked
    columns[:, :, 4] = states.held
    columns[:, :, 5] = states.held.any(axis=1, keepdims=True) & ~states.held
    return columns


def _context(states: States, liked: Floats, *, with_goals: bool) -> Floats:
    columns = np.empty((len(states.day), len(context_factors(with_goals=with_goals))))
    angle = 2 * np.pi * states.day / _YEAR
    columns[:, USED] = states.counts > 0
    columns[:, SHARES] = states.counts / np.maximum(states.counts.sum(axis=1, keepdims=True), 1)
    columns[:, LIKED] = liked
    columns[:, SEASON.start] = np.sin(angle)
    columns[:, SEASON.start + 1] = np.cos(angle)
    columns[:, VISITS] = np.log1p(states.visits)
    if with_goals:
        columns[:, WISHED] = (states.goals[:, None] >> _GOAL_BITS) & 1
    return columns


def satisfaction_residuals(states: States, mean_rating: float) -> Floats:
    """Return how much better than the rest the customer rates each service, [states, services], in points.

    The mean rating of a service, shrunk towards the customer's mean, minus that mean, which is itself shrunk
    towards the population's; 0 for a service without a rating.
    """
    rated = states.rated.sum(axis=1, keepdims=True)
    own = (states.rating_sums.sum(axis=1, keepdims=True) + _PRIOR_RATINGS * mean_rating) / (
        rated + _PRIOR_RATINGS
    )
    return (states.rating_sums - states.rated * own) / (states.rated + _PRIOR_SERVICE_RATINGS)
