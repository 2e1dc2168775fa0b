"""Customers who live exactly as the churn model says, for tests of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insight.churn import ChurnModel, VisitStatistics


@dataclass(frozen=True, slots=True)
class LivedCustomers:
    """What is seen of them up to their age, and what is true: visits to come, and who is still there."""

    statistics: VisitStatistics
    visits_ahead: NDArray[np.int64]
    alive: NDArray[np.bool_]


def lived_customers(
    model: ChurnModel, count: int, seed: int, *, longest: float = 100.0, horizon: float = 20.0
) -> LivedCustomers:
    rng = np.random.default_rng(seed)
    rate, chance = rng.gamma(model.r, 1 / model.alpha, count), rng.beta(model.a, model.b, count)
    age = rng.uniform(1.0, longest, count)
    repeats, recency, log_gaps, now = (np.zeros(count) for _ in range(4))
    ahead = np.zeros(count, dtype=np.int64)
    stays = rng.random(count) >= chance if model.leaves_at_once else np.ones(count, dtype=np.bool_)
    alive = stays.copy()
    while stays.any():
        gap = rng.gamma(model.k, 1.0, count) / rate
        now += np.where(stays, gap, 0)
        seen, to_come = stays & (now <= age), stays & (now > age) & (now <= age + horizon)
        repeats += seen
        log_gaps += np.where(seen, np.log(gap), 0)
        recency[seen] = now[seen]
        ahead += to_come
        leaves = rng.random(count) < chance
        alive &= ~(seen & leaves)
        stays &= ~leaves & (now <= age + horizon)
    return LivedCustomers(VisitStatistics(repeats, recency, age, log_gaps), ahead, alive)
