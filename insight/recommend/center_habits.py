"""How the center's customers use it on the whole: what a customer's own few rows are shrunk towards."""

from collections.abc import Mapping
from dataclasses import dataclass

DAYS, BANDS, BAND_MINUTES = 7, 12, 120


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
