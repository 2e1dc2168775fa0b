"""Where a customer's value stands among all customers, read from a small table of quantiles."""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

QuantileTable: TypeAlias = NDArray[np.float64]
"""1,001 values in rising order; the one at index i is the least that i/1000 of the customers stay within."""

_STEPS = 1000


def quantile_table(values: ArrayLike) -> QuantileTable:
    """Return the 1,001 quantiles of a population.

    They are values that occur (inverse of the empirical distribution), never between two of them, so that a
    value shared by many, such as a revenue of 0, keeps its whole width in the table.

    Args:
        values: One finite number per customer, in any order.

    Raises:
        ValueError: When there is no value, or one that is not finite.
    """
    population = np.sort(np.asarray(values, dtype=np.float64), axis=None)
    if population.size == 0 or not np.isfinite(population).all():
        raise ValueError("a quantile table needs at least one value, and only finite ones")
    ranks = -(-population.size * np.arange(_STEPS + 1) // _STEPS)
    return population[np.maximum(ranks - 1, 0)]


def percentile_of(value: float, table: QuantileTable) -> int:
    """Return the percentile as the contract shows it, a whole number 0-100."""
    return round(fractional_percentile(value, table))


def fractional_percentile(value: float, table: QuantileTable) -> float:
    """Return 100 * (less + equal / 2) / N for a finite value, 0-100, at most 0.1 from the exact figure.

    A value that stands in the table takes the middle of its places there; one between two entries is
    interpolated.
    """
    first, behind_last = (int(np.searchsorted(table, value, side)) for side in ("left", "right"))
    if first < behind_last:
        return 100 * (first + behind_last - 1) / (2 * _STEPS)
    if first == 0:
        return 0.0
    if first > _STEPS:
        return 100.0
    below, above = float(table[first - 1]), float(table[first])
    return 100 * (first - 1 + (value - below) / (above - below)) / _STEPS
