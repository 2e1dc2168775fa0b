"""Array types of the simulator, and days as numbers: PostgreSQL counts them from 2000-01-01, so do we."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.floating[Any]]
Flags: TypeAlias = NDArray[np.bool_]
Words: TypeAlias = NDArray[np.bytes_]
"""UTF-8 text of differing lengths, filled up with NULs as numpy's `S` type does."""

Rng: TypeAlias = np.random.Generator

EPOCH = date(2000, 1, 1)
_EPOCH_WEEKDAY = EPOCH.weekday()
_YEAR = 365.25


def day_number(day: date) -> int:
    """Return the days since 2000-01-01."""
    return (day - EPOCH).days


def weekdays(days: Ints) -> Ints:
    """Return the weekday of each day number, Monday 0 to Sunday 6."""
    return (days + _EPOCH_WEEKDAY) % 7


def season(days: Ints) -> Floats:
    """Return the time of the year as a wave: 1 in mid-January, -1 in mid-July."""
    return np.cos((days - 15) * np.float32(2 * np.pi / _YEAR), dtype=np.float32)


def gumbels(rng: Rng, shape: tuple[int, ...]) -> Floats:
    """Return standard Gumbel noise: the largest of utility plus noise is a draw from the softmax."""
    exponentials = rng.standard_exponential(shape, dtype=np.float32)
    return -np.log(np.maximum(exponentials, np.float32(1e-30)))


def words(options: list[str]) -> Words:
    """Return texts as UTF-8 words."""
    return np.array([option.encode() for option in options], dtype=np.bytes_)


def joined(*parts: Words | bytes) -> Words:
    """Return the parts put together, row by row."""
    whole: Words = np.asarray(parts[0], dtype=np.bytes_)
    for part in parts[1:]:
        whole = np.strings.add(whole, np.asarray(part, dtype=np.bytes_))
    return whole


def pick(rng: Rng, shares: Sequence[float], size: int) -> Ints:
    """Draw positions with these shares (any positive weights)."""
    steps = np.cumsum(np.asarray(shares, dtype=np.float64))
    return np.searchsorted(steps / steps[-1], rng.random(size), side="right").astype(np.int32)
