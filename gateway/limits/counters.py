"""Who used up how much, in a sliding window: where a subject stands, and a counter in memory.

What was used in the window before fades as this one passes. All units of a request are taken, or none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor

from cachetools import LRUCache

from access import LimitClass, Quota

_SUBJECTS = 100_000  # counters kept in memory; the ones longest unused go first


@dataclass(frozen=True, slots=True)
class Demand:
    """Units of one class that a request asks for, and the quota that they must fit into."""

    limit_class: LimitClass
    quota: Quota
    units: int

    def key(self, subject: str) -> str:
        """Return the name of the counter; the braces keep a subject's counters on one node of a cluster."""
        return f"wellness:limits:{{{subject}}}:{self.limit_class}:{self.quota.seconds}"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a subject stands in one class: units used in the last window and in this one, seconds into it."""

    demand: Demand
    previous: int
    current: int
    elapsed: float

    @property
    def used(self) -> float:
        """Units used, those of the window before in proportion to what the sliding window still has of it."""
        seconds = self.demand.quota.seconds
        return self.previous * (seconds - self.elapsed) / seconds + self.current

    @property
    def fits(self) -> bool:
        """Whether the units asked for fit."""
        seconds, room = self.demand.quota.seconds, self.demand.quota.amount - self.demand.units
        # without a division, which would round
        return self.previous * (seconds - self.elapsed) <= (room - self.current) * seconds

    @property
    def remaining(self) -> int:
        """Whole units left."""
        return max(0, floor(self.demand.quota.amount - self.used))

    @property
    def resets_in(self) -> int:
        """Seconds until the next window begins."""
        return ceil(self.demand.quota.seconds - self.elapsed)

    @property
    def retry_after(self) -> int | None:
        """Seconds until the units asked for fit, if nothing else is asked for; None if they never do."""
        seconds, room = self.demand.quota.seconds, self.demand.quota.amount - self.demand.units
        if room < 0:
            return None
        if self.fits:
            return 0
        if self.current <= room:
            wait = seconds - (room - self.current) * seconds / self.previous - self.elapsed
        else:
            wait = 2 * seconds - room * seconds / self.current - self.elapsed
        return max(1, ceil(wait))


@dataclass(frozen=True, slots=True)
class Taking:
    """Whether all units were taken, and where that leaves the subject; in the order of the demands."""

    taken: bool
    standings: Sequence[Standing]


class LocalCounter:
    """Counts in the memory of this process; `clock` tells seconds and never goes back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: LRUCache[str, tuple[int, int, int]] = LRUCache(_SUBJECTS)

    def take(self, subject: str, demands: Sequence[Demand]) -> Taking:
        """Take all units, or none."""
        now = self._clock()
        standings = [self._standing(subject, demand, now) for demand in demands]
        if not all(standing.fits for standing in standings):
            return Taking(taken=False, standings=standings)
        return Taking(taken=True, standings=[self._add(subject, standing, now) for standing in standings])

    def _standing(self, subject: str, demand: Demand, now: float) -> Standing:
        seconds = demand.quota.seconds
        window, previous, current = self._kept.get(demand.key(subject), (0, 0, 0))
        age = int(now // seconds) - window
        if age:
            previous, current = (current, 0) if age == 1 else (0, 0)
        return Standing(demand, previous, current, now % seconds)

    def _add(self, subject: str, before: Standing, now: float) -> Standing:
        demand, current = before.demand, before.current + before.demand.units
        self._kept[demand.key(subject)] = int(now // demand.quota.seconds), before.previous, current
        return Standing(demand, before.previous, current, before.elapsed)
