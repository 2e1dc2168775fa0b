"""How the center's customers use it on the whole: what a customer's own few rows are shrunk towards."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from insight.visit_days import IntArray

DAYS, BANDS, BAND_MINUTES = 7, 12, 120
_NO_MINUTE = 24 * 60


@dataclass(frozen=True, slots=True)
class CenterHabits:
    """Counts over all customers, fitted and stored as the part `visits`.

    Attributes:
        visits: Distinct days with at least one completed session, summed over customers.
        sessions: Completed sessions of each service by its code.
        arrivals: Visits by weekday (Monday first) and two-hour band from midnight, 7 rows of 12; a visit
            counts at its earliest known start, one without a known time not at all.
    """

    visits: int
    sessions: Mapping[str, int]
    arrivals: tuple[tuple[int, ...], ...]


def count_habits(
    customer: IntArray, day: IntArray, minute: IntArray, sessions: Mapping[str, int]
) -> CenterHabits | None:
    """Count the visits of many customers; None without any.

    Args:
        customer: Whose, one entry a completed session, in any order.
        day: When, as `date.toordinal()`.
        minute: When it started, in minutes after midnight; negative where that is not known.
        sessions: How many sessions of each service these are.
    """
    if not len(customer):
        return None
    order = np.lexsort((np.where(minute < 0, _NO_MINUTE, minute), day, customer))
    who, when, start = customer[order], day[order], minute[order]
    begins = np.ones(len(who), dtype=np.bool_)
    begins[1:] = (who[1:] != who[:-1]) | (when[1:] != when[:-1])
    timed = begins & (start >= 0)
    weekday = (when[timed] - 1) % DAYS  # the first of all days was a Monday
    places = weekday * BANDS + start[timed] // BAND_MINUTES
    counts = np.bincount(places, minlength=DAYS * BANDS).reshape(DAYS, BANDS)
    return CenterHabits(int(begins.sum()), dict(sessions), tuple(tuple(row) for row in counts.tolist()))
