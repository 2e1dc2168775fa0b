"""What customers used so far: a log of many customers' sessions, and a customer's state at a moment in it.

The state before a day rests on the days before it only. `Past.states_before` reads it for many moments
out of a log at once; `customer_state` counts the same figures for one customer, whose sessions are at hand.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from insight.goal_stems import GoalTag
from insight.inputs import Session

Ints: TypeAlias = NDArray[np.integer[Any]]
Flags: TypeAlias = NDArray[np.bool_]

CANDIDATES = ("brain", "pulse", "lymph", "red", "ai_bike")
"""The services that are recommended; arrays over services follow this order."""

GOALS = tuple(GoalTag)
"""The goals; bit i of a customer's goals stands for the i-th."""

RECENT_VISITS = 5
NEVER = -1
"""Days since a service that was never used."""

WORST_RATING, BEST_RATING = 1, 5


@dataclass(frozen=True, slots=True)
class SessionLog:
    """Completed sessions of many customers, in the order of customer and day.

    Attributes:
        customer: The customer's position in `goals`, from 0, never falling.
        day: `date.toordinal()` of the session's day; never falls within a customer.
        service: Position in `CANDIDATES`; any other number is another service, which counts as a visit only.
        rating: 1 to 5; any other number is a missing rating.
        goals: `goal_bits` of each customer.

    Raises:
        ValueError: When the order is another.
    """

    customer: Ints
    day: Ints
    service: Ints
    rating: Ints
    goals: Ints

    def __post_init__(self) -> None:
        customer_steps = np.diff(self.customer)
        if (customer_steps < 0).any() or (np.diff(self.day)[customer_steps == 0] < 0).any():
            raise ValueError("a session log must stand in the order of customer and day")

    @property
    def is_rated(self) -> Flags:
        """Which sessions have a rating."""
        return (self.rating >= WORST_RATING) & (self.rating <= BEST_RATING)

    @property
    def is_candidate(self) -> Flags:
        """Which sessions are of a service of `CANDIDATES`."""
        return (self.service >= 0) & (self.service < len(CANDIDATES))

    def of(self, chosen: Flags) -> "SessionLog":
        """Return the log without the sessions of customers whose flag is down."""
        kept = chosen[self.customer]
        return self.where(kept)

    def where(self, kept: Flags) -> "SessionLog":
        """Return the log of the sessions whose flag is up; all customers keep their places."""
        return SessionLog(
            self.customer[kept], self.day[kept], self.service[kept], self.rating[kept], self.goals
        )


@dataclass(frozen=True, slots=True)
class States:
    """Customers at moments, a row each; arrays over services have the columns of `CANDIDATES`.

    Attributes:
        day: `date.toordinal()` of the moment.
        visits: Days with a completed session before it, other services included.
        counts: Sessions of each service before it.
        recent: The same on the last `RECENT_VISITS` visits.
        since: Days since the last use of each service, `NEVER` where there was none.
        rated: Sessions of each service that have a rating.
        rating_sums: The sum of these ratings.
        goals: `goal_bits` of the customer.
    """

    day: Ints
    visits: Ints
    counts: Ints
    recent: Ints
    since: Ints
    rated: Ints
    rating_sums: Ints
    goals: Ints


def goal_bits(goals: Iterable[GoalTag]) -> int:
    """Return a set of goals as a number, a bit a goal."""
    return sum(1 << GOALS.index(goal) for goal in set(goals))


def customer_state(sessions: Iterable[Session], today: date, goals: Iterable[GoalTag] = ()) -> States:
    """Return one customer's state (one row) at the end of a day, in any order of their sessions.

    Cancelled, missed and future sessions count nowhere. Without any session it is a newcomer's state.
    """
    held = [item for item in sessions if item.completed and item.service_date <= today]
    days = sorted({item.service_date for item in held})
    recently = set(days[-RECENT_VISITS:])
    size = len(CANDIDATES)
    counts, recent, rated, rating_sums = [0] * size, [0] * size, [0] * size, [0] * size
    since = [NEVER] * size
    for item in held:
        if item.service not in CANDIDATES:
            continue
        place, ago = CANDIDATES.index(item.service), (today - item.service_date).days
        counts[place] += 1
        recent[place] += item.service_date in recently
        since[place] = ago if since[place] == NEVER else min(since[place], ago)
        rating = item.satisfaction_rating
        if rating is not None and WORST_RATING <= rating <= BEST_RATING:
            rated[place] += 1
            rating_sums[place] += rating
    one = [np.array([value]) for value in (today.toordinal(), len(days), goal_bits(goals))]
    table = [np.array([row]) for row in (counts, recent, since, rated, rating_sums)]
    return States(one[0], one[1], *table, goals=one[2])


class Past:
    """What stands above each row of a log, counted once for all who ask."""

    def __init__(self, log: SessionLog) -> None:
        services = log.service == np.arange(len(CANDIDATES))[:, None]
        rated = services & log.is_rated
        self.log = log
        self._used, self._rated = _running(services), _running(rated)
        self._rating_sums = _running(np.where(rated, log.rating, 0))
        self._rows_of = [np.flatnonzero(row) for row in services]
        begins = np.ones(len(log.day), dtype=np.bool_)
        begins[1:] = (np.diff(log.customer) != 0) | (np.diff(log.day) != 0)
        self.first_of_visit: Ints = np.flatnonzero(begins)
        """The first row of each visit."""
        self.visit: Ints = np.cumsum(begins) - 1
        """The visit of each row."""
        sizes = np.bincount(log.customer, minlength=len(log.goals))
        self._first = np.concatenate([[0], np.cumsum(sizes)])

    def first_rows(self, rows: Ints) -> Ints:
        """Return the first row of the customer of each of these rows."""
        return self._first[self.log.customer[rows]]

    def used_above(self, rows: Ints, ends: Ints) -> Flags:
        """Return which services the customers of these rows used above the rows `ends`, [rows, services]."""
        return (self._used[:, ends] > self._used[:, self.first_rows(rows)]).T

    def states_before(self, rows: Ints) -> States:
        """Return the states of the customers of these rows, each before the day of its row."""
        day, visit, first = self.log.day[rows], self.visit[rows], self.first_rows(rows)
        first_visit = self.visit[first]
        start = self.first_of_visit[visit]
        recent_start = self.first_of_visit[np.maximum(visit - RECENT_VISITS, first_visit)]
        return States(
            day=day,
            visits=visit - first_visit,
            counts=(self._used[:, start] - self._used[:, first]).T,
            recent=(self._used[:, start] - self._used[:, recent_start]).T,
            since=self._since(day, first, start),
            rated=(self._rated[:, start] - self._rated[:, first]).T,
            rating_sums=(self._rating_sums[:, start] - self._rating_sums[:, first]).T,
            goals=self.log.goals[self.log.customer[rows]],
        )

    def _since(self, day: Ints, first: Ints, start: Ints) -> Ints:
        since = np.full((len(day), len(CANDIDATES)), NEVER, dtype=np.int64)
        for service, rows in enumerate(self._rows_of):
            if not len(rows):
                continue
            last = rows[np.maximum(np.searchsorted(rows, start) - 1, 0)]
            known = (last >= first) & (last < start)
            since[known, service] = day[known] - self.log.day[last[known]]
        return since


def _running(values: NDArray[np.generic]) -> Ints:
    """Return the sums of what stands left of each column, with one more column for the end."""
    sums = np.zeros((len(values), values.shape[1] + 1), dtype=np.int32)
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums
