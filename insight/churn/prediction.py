"""What the churn model expects of customers, for arrays of them.

`repeats`, `recency` and `age` are as in `VisitStatistics`; they, horizons and numbers of visits are numbers
or arrays that broadcast, and times have the unit that the model was fitted in. Given that a customer is still
there, rate and chance to leave are independent: the rate is Gamma(R + j, alpha + T) when j of the k phases of
the running gap are over, the chance Beta(a, b + x) (b + x + 1 where customers may leave at once). So the
number of phases in a horizon is negative binomial, and all of the following is exact for every k.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaln, expit  # pyright: ignore[reportMissingTypeStubs]

from insight.churn.likelihood import log_leaving, log_staying
from insight.churn.model import ChurnModel
from insight.visit_days import FloatArray

_CELLS = 500_000  # numbers in a table at a time
_LOG_NEGLIGIBLE = 18.0  # a probability of e^-18
_MOST_PHASES = 50_000
_TINY = 1e-300


def probability_alive(
    model: ChurnModel, repeats: ArrayLike, recency: ArrayLike, age: ArrayLike
) -> FloatArray:
    """Return the probability that each customer has not left for good, 0-1."""
    x, tx, now = _floats(repeats, recency, age)
    return expit(log_staying(model, x, tx, now) - log_leaving(model, x, tx))


def visit_within(
    model: ChurnModel, repeats: ArrayLike, recency: ArrayLike, age: ArrayLike, horizon: ArrayLike
) -> FloatArray:
    """Return the probability of at least one visit in (T, T + horizon], 0-1."""
    x, tx, now, ahead = _floats(repeats, recency, age, horizon)
    waiting = log_staying(model, x, tx, now)
    alive = expit(waiting - log_leaving(model, x, tx))
    return -alive * np.expm1(np.minimum(log_staying(model, x, tx, now + ahead) - waiting, 0))


def still_waiting(model: ChurnModel, repeats: ArrayLike, recency: ArrayLike, age: ArrayLike) -> FloatArray:
    """Return how probable a gap at least as long as the present one is, for a customer who stays, 0-1.

    S(T) / S(tx): small when somebody is overdue by their own cadence.
    """
    x, tx, now = _floats(repeats, recency, age)
    return np.exp(np.minimum(log_staying(model, x, tx, now) - log_staying(model, x, tx, tx), 0))


def visits_at_least(  # noqa: PLR0913, PLR0917 - a history is three numbers
    model: ChurnModel,
    repeats: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    visits: ArrayLike,
    horizon: ArrayLike,
) -> FloatArray:
    """Return the probability of `visits` (at least 1) or more in (T, T + horizon], 0-1.

    P(alive) times the chance to stay after the visits before the last of them, B(a, c + n - 1) / B(a, c),
    times the probability that n k - j phases end in time, averaged over the j phases that are over.
    """
    x, tx, now, count, ahead = _floats(repeats, recency, age, visits, horizon)
    survived = model.b + x + model.leaves_at_once
    stays = np.exp(betaln(model.a, survived + count - 1) - betaln(model.a, survived))
    scaled = model.alpha + now
    weight = model.r + model.k * x
    share, ahead_share = (now - tx) / scaled, ahead / (scaled + ahead)
    phase_weight = np.ones_like(share)
    total, in_time = np.zeros_like(share), 0.0
    for phase in range(model.k):
        if phase:
            phase_weight = phase_weight * (weight + (phase - 1)) * share / phase
        total = total + phase_weight
        in_time = in_time + phase_weight * betainc(model.k * count - phase, weight + phase, ahead_share)
    return probability_alive(model, x, tx, now) * stays * in_time / total


def expected_visits(
    model: ChurnModel, repeats: ArrayLike, recency: ArrayLike, age: ArrayLike, horizon: ArrayLike
) -> FloatArray:
    """Return the expected number of visits in (T, T + horizon].

    The sum over the number of phases in the horizon; unlike the closed form for k = 1 (Fader, Hardie & Lee
    2005, equation 10) it has no pole at a = 1.
    """
    columns = np.broadcast_arrays(*_floats(repeats, recency, age, horizon))
    flat = [column.ravel() for column in columns]
    most = _most_phases(model, flat[0], flat[2], flat[3])
    order = np.argsort(most)
    expected = np.zeros(len(order))
    start = 0
    while start < len(order):  # customers who need about as many phases at a time
        rows = order[start : start + max(1, _CELLS // most[order[start]] // 2)]
        length = int(most[rows[-1]])
        rows = rows[: max(1, _CELLS // length)]
        length = int(most[rows[-1]])
        expected[rows] = _over_phases(model, [column[rows, np.newaxis] for column in flat], length)
        start += len(rows)
    alive = probability_alive(model, *columns[:3])
    return alive * expected.reshape(alive.shape)


def _most_phases(
    model: ChurnModel, repeats: FloatArray, age: FloatArray, horizon: FloatArray
) -> NDArray[np.int64]:
    """Return how many phases hold all but a negligible part of each distribution."""
    ratio = horizon / (model.alpha + age)
    mean = (model.r + model.k * repeats + model.k) * ratio
    spread = np.sqrt(mean * (1 + ratio))
    # beyond the bulk the tail is geometric with the share of the horizon in all the time
    tail = _LOG_NEGLIGIBLE / np.log1p(1 / np.maximum(ratio, _TINY))
    return np.minimum(mean + 8 * spread + tail + 2, _MOST_PHASES).astype(np.int64)


def _over_phases(model: ChurnModel, columns: list[FloatArray], length: int) -> FloatArray:
    """Return the expected visits of customers who are still there, from sums over phases (axis 1)."""
    x, tx, now, ahead = columns
    weight, scaled = model.r + model.k * x, model.alpha + now
    share = (now - tx) / scaled
    ratio = ahead / (scaled + ahead)
    log_ratio, log_rest = np.log(np.maximum(ratio, _TINY)), np.log1p(-ratio)
    # after n visits to come: the sum of the chances to be there for each of them
    visits = np.arange(length // model.k + 1)
    survived = model.b + x + model.leaves_at_once
    stays = np.cumprod(
        np.concatenate([np.ones_like(x), (survived + visits) / (model.a + survived + visits)], 1), 1
    )
    made = np.concatenate([np.zeros_like(x), np.cumsum(stays, axis=1)], axis=1)

    phases = np.arange(1, length)
    phase_weight = np.ones_like(share)
    total, expected = np.zeros_like(share), np.zeros(len(x))
    for over in range(model.k):
        if over:
            phase_weight = phase_weight * (weight + (over - 1)) * share / over
        steps = np.log((weight + over + phases - 1) / phases) + log_ratio
        log_chance = np.concatenate([np.zeros_like(x), np.cumsum(steps, axis=1)], axis=1)
        chance = np.exp(log_chance + (weight + over) * log_rest)
        ended = (np.arange(length) + over) // model.k
        expected += phase_weight[:, 0] * (chance * made[:, ended]).sum(axis=1)
        total = total + phase_weight
    return expected / total[:, 0]


def _floats(*values: ArrayLike) -> tuple[FloatArray, ...]:
    return tuple(np.asarray(value, dtype=np.float64) for value in values)
