"""What the churn model expects of customers, for arrays of them.

`repeats`, `recency` and `age` are as in `VisitStatistics`; they, horizons and numbers of visits are numbers
or arrays that broadcast, and times have the unit that the model was fitted in. Given that a customer is still
there, rate and chance to leave are independent: the rate is Gamma(R + j, alpha + T) when j of the k phases of
the running gap are over, the chance Beta(a, b + x) (b + x + 1 where customers may leave at once). So the
number of phases in a horizon is negative binomial, and all of the following is exact for every k.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaln, expit  # pyright: ignore[reportMissingTypeStubs]

from insight.churn.likelihood import log_leaving, log_staying
from insight.churn.model import ChurnModel
from insight.visit_days import FloatArray

_BLOCK = 32  # numbers of visits looked at in one step
_ROWS = 4096  # customers at a time
_NEGLIGIBLE = 1e-7  # visits
_MOST_VISITS = 20_000


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

    The sum of P(N >= n) over n, until what follows is negligible; unlike the closed form for k = 1 (Fader,
    Hardie & Lee 2005, equation 10) it has no pole at a = 1.
    """
    columns = np.broadcast_arrays(*_floats(repeats, recency, age, horizon))
    flat = [column.reshape(-1, 1) for column in columns]
    expected = np.concatenate(
        [
            _summed(model, [column[start : start + _ROWS] for column in flat])
            for start in range(0, len(flat[0]), _ROWS)
        ]
        or [np.zeros(0)]
    )
    return expected.reshape(columns[0].shape)


def _summed(model: ChurnModel, columns: list[FloatArray]) -> FloatArray:
    expected = np.zeros(len(columns[0]))
    open_rows = np.arange(len(expected))
    for first in range(1, _MOST_VISITS, _BLOCK):
        x, tx, now, ahead = (column[open_rows] for column in columns)
        visits = np.arange(first, first + _BLOCK, dtype=np.float64)
        block = visits_at_least(model, x, tx, now, visits, ahead)
        expected[open_rows] += block.sum(axis=1)
        open_rows = open_rows[block[:, -1] > _NEGLIGIBLE]
        if not len(open_rows):
            break
    return expected


def _floats(*values: ArrayLike) -> tuple[FloatArray, ...]:
    return tuple(np.asarray(value, dtype=np.float64) for value in values)
