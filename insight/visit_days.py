"""Days on which many customers came, as arrays."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.integer[Any]]


def distinct_visits(customer: IntArray, day: IntArray) -> tuple[IntArray, IntArray]:
    """Return the distinct pairs of customer and day, in rising order of both."""
    order = np.lexsort((day, customer))
    who, when = customer[order], day[order].astype(np.int64)
    distinct = np.ones(len(who), dtype=np.bool_)
    distinct[1:] = (who[1:] != who[:-1]) | (when[1:] != when[:-1])
    return who[distinct], when[distinct]


def first_places(customer: IntArray) -> IntArray:
    """Return where each customer's entries begin in an array in rising order of customer."""
    begins = np.ones(len(customer), dtype=np.bool_)
    begins[1:] = customer[1:] != customer[:-1]
    return np.flatnonzero(begins)
