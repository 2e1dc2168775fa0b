"""Moments as the rows store them: in UTC, most of them without a zone."""

import numpy as np

from db.demo import copying
from db.demo.arrays import Ints
from db.demo.copying import Field

_DAY = 24 * 60
_SEOUL = 9 * 60
NOON = 12 * 60


def seoul_moment(day: Ints, minute: Ints | int = NOON) -> Field:
    """Return the moments at which it is so many minutes after midnight in Seoul."""
    return copying.moment(day.astype(np.int64) * _DAY + minute - _SEOUL)
