"""Days on which many customers came, as arrays."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.integer[Any]]


def distinct_visits(customer: IntArray, day: IntArray) -> tuple[IntArray, IntArray]:
    """Return the distinct pairs of customer and day, in rising order of both."""
    if not len(day):
        return customer, day
    earliest = int(day.min())
    span = int(day.max()) - earliest + 1
    # one number for both sorts several times faster than two columns
    keys = np.sort(customer.astype(np.int64) * span + (day.astype(np.int64) - earliest))
    distinct = np.ones(len(keys), dtype=np.bool_)
    distinct[1:] = keys[1:] != keys[:-1]
    who, since = np.divmod(keys[distinct], span)
    return who, since + earliest


def first_places(customer: IntArray) -> IntArray:
    """Return where each customer's entries begin in an array in rising order of customer."""
    begins = np.ones(len(customer), dtype=np.bool_)
    begins[1:] = customer[1:] != customer[:-1]
    return np.flatnonzero(begins)
