"""How good forecasts and rankings are, told by what happened.

Outcomes are flags or 0 and 1, probabilities 0-1, one entry a customer. Places are those of the one item that
was chosen in rankings of several: 1 is the first. None where a measure has no meaning: without entries, or
for `auc` when everybody or nobody had the outcome.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 10


def auc(outcomes: ArrayLike, scores: ArrayLike) -> float | None:
    """Return how often one with the outcome scores higher than one without, 0-1; a tie is half a success.

    The Mann-Whitney statistic over the number of pairs, which is the area under the ROC curve.
    """
    happened, score = np.asarray(outcomes, dtype=np.bool_), _floats(scores)
    positive = int(happened.sum())
    negative = len(happened) - positive
    if not positive or not negative:
        return None
    return (float(_ranks(score)[happened].sum()) - positive * (positive + 1) / 2) / (positive * negative)


def brier(outcomes: ArrayLike, probabilities: ArrayLike) -> float | None:
    """Return the mean squared difference between probability and outcome, 0-1 (Brier 1950)."""
    return _mean((_floats(probabilities) - _floats(outcomes)) ** 2)


def expected_calibration_error(
    outcomes: ArrayLike, probabilities: ArrayLike, bins: int = BINS
) -> float | None:
    """Return how far what happened is from what was said, 0-1.

    Probabilities fall into `bins` of equal width, and 1 into the last; the differences between the mean
    probability and the share that happened count by the entries of each bin (Naeini et al. 2015).
    """
    happened, said = _floats(outcomes), _floats(probabilities)
    if not len(said):
        return None
    place = np.minimum((said * bins).astype(np.int64), bins - 1)
    return float(np.abs(np.bincount(place, said - happened, minlength=bins)).sum()) / len(said)


def mean_absolute_error(values: ArrayLike, forecasts: ArrayLike) -> float | None:
    """Return the mean distance between forecast and value, in their unit."""
    return _mean(np.abs(_floats(values) - _floats(forecasts)))


def rank_correlation(values: ArrayLike, forecasts: ArrayLike) -> float | None:
    """Return how alike two orders are, -1 to 1 (Spearman); None where all of either are the same."""
    one, other = (_ranks(_floats(side)) for side in (values, forecasts))
    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:  # noqa: PLR2004 - an order takes two
        return None
    return float(np.corrcoef(one, other)[0, 1])


def places_of(scores: ArrayLike, chosen: ArrayLike, mask: ArrayLike) -> NDArray[np.float64]:
    """Return the place of the chosen item in each ranking by falling score.

    An item that ties with others gets the middle of their places, rounded up, so that no order of the items
    helps it.

    Args:
        scores: [rankings, items].
        chosen: [rankings], the position of an item that the mask opens.
        mask: [rankings, items], true for the items that are ranked.
    """
    score, is_open, column = _floats(scores), np.asarray(mask, dtype=np.bool_), np.asarray(chosen)
    own = score[np.arange(len(column)), column][:, None]
    above = (is_open & (score > own)).sum(axis=1)
    level = (is_open & (score == own)).sum(axis=1)
    return 1.0 + above + level // 2


def hit_at(places: ArrayLike, first: int) -> float | None:
    """Return the share of rankings that have the chosen item among the first so many, 0-1."""
    return _mean(_floats(places) <= first)


def ndcg_at(places: ArrayLike, first: int) -> float | None:
    """Return the mean of 1 / log2(1 + place), and 0 behind the first so many, 0-1.

    The normalised discounted cumulative gain where one item is right (Jarvelin & Kekalainen 2002).
    """
    place = _floats(places)
    return _mean(np.where(place <= first, 1 / np.log2(1 + place), 0.0))


def mean_average_precision(places: ArrayLike) -> float | None:
    """Return the mean of 1 / place, 0-1, which is the mean average precision where one item is right."""
    return _mean(1 / _floats(places))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rank of each value from 1, the mean rank of those that are the same."""
    _, level, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[level]


def _floats(values: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def _mean(values: NDArray[np.generic]) -> float | None:
    return float(values.mean()) if len(values) else None
