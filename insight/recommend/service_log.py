"""What customers used so far: a log of many customers' sessions, and a customer's state at a moment in it.

The state before a day rests on the days before it only. `states_before` reads it for many moments out of a
log at once; `customer_state` counts the same figures for one customer, whose sessions are at hand.
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


def states_before(log: SessionLog, rows: Ints) -> States:
    """Return the states of the customers of these rows of the log, each before the day of its row."""
    customer, day = log.customer[rows], log.day[rows]
    first_of_visit, visit_of_row = _visits(log)
    visit = visit_of_row[rows]
    start = first_of_visit[visit]
    first = np.searchsorted(log.customer, customer, "left")
    first_visit = visit_of_row[first]
    recent_start = first_of_visit[np.maximum(visit - RECENT_VISITS, first_visit)]

    services = log.service[:, None] == np.arange(len(CANDIDATES))
    has_rating = services & log.is_rated[:, None]
    used, rated = _running(services), _running(has_rating)
    sums = _running(np.where(has_rating, log.rating[:, None], 0))
    last = _last_rows(services)[start]
    known = last >= first[:, None]
    since = np.where(known, day[:, None] - log.day[np.where(known, last, 0)], NEVER)
    return States(
        day=day,
        visits=visit - first_visit,
        counts=used[start] - used[first],
        recent=used[start] - used[recent_start],
        since=since,
        rated=rated[start] - rated[first],
        rating_sums=sums[start] - sums[first],
        goals=log.goals[customer],
    )


def _visits(log: SessionLog) -> tuple[Ints, Ints]:
    """Return the first row of each visit, and the visit of each row."""
    begins = np.ones(len(log.day), dtype=np.bool_)
    begins[1:] = (np.diff(log.customer) != 0) | (np.diff(log.day) != 0)
    return np.flatnonzero(begins), np.cumsum(begins) - 1


def _running(values: NDArray[np.generic]) -> Ints:
    """Return the sums of the rows above each row, with one more row for the end."""
    sums = np.zeros((len(values) + 1, values.shape[1]), dtype=np.int32)
    np.cumsum(values, axis=0, out=sums[1:])
    return sums


def _last_rows(services: Flags) -> Ints:
    """Return, above each row, the last row with each service; -1 where there is none."""
    places = np.full((len(services) + 1, services.shape[1]), -1, dtype=np.int64)
    places[1:] = np.where(services, np.arange(len(services))[:, None], -1)
    return np.maximum.accumulate(places, axis=0)
