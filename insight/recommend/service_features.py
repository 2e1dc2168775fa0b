"""What the choice of a service may rest on, as columns of numbers.

Item columns describe a service as the customer knows it and weigh the same for every service; context columns
describe the customer and the day and weigh differently for each. Every column belongs to one factor.
"""

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
    Factor.SERVICE_HISTORY,  # log of the sessions so far
    Factor.SERVICE_HISTORY,  # sessions on each of the last visits
    Factor.SERVICE_HISTORY,  # log of the days since the last use
    Factor.SATISFACTION_RATINGS,
    Factor.PEER_PATTERNS,  # log of the share of peers who chose it next
)
"""The factor of each item column."""

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


def item_features(states: States, peers: Floats, mean_rating: float) -> Floats:
    """Return the item columns, [states, services, columns].

    Args:
        states: The customers at their moments.
        peers: Share of peers who chose each service next, [states, services].
        mean_rating: The population's mean rating.
    """
    used = states.since != NEVER
    return np.stack(
        [
            np.log(states.counts + 0.5),
            states.recent / RECENT_VISITS,
            np.where(used, -np.log1p(np.maximum(states.since, 0)), 0.0),
            satisfaction_residuals(states, mean_rating),
            np.log(np.maximum(peers, _LEAST_SHARE)),
        ],
        axis=2,
    )


def context_features(states: States, mean_rating: float, *, with_goals: bool) -> Floats:
    """Return the context columns, [states, columns]."""
    total = states.counts.sum(axis=1, keepdims=True)
    angle = 2 * np.pi * states.day / _YEAR
    columns = [
        states.counts > 0,
        states.counts / np.maximum(total, 1),
        satisfaction_residuals(states, mean_rating),
        np.stack([np.sin(angle), np.cos(angle), np.log1p(states.visits)], axis=1),
    ]
    if with_goals:
        columns.append((states.goals[:, None] >> np.arange(len(GOALS))) & 1)
    return np.concatenate(columns, axis=1, dtype=np.float64)


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
