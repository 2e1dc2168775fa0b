"""What customers used and bought: the log of many, and the state of one (`past` has the states of many)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from insight.churn.forecast import visit_days
from insight.goal_stems import GoalTag
from insight.inputs import Session
from insight.usage import BEST_RATING, WORST_RATING, valid_rating

Ints: TypeAlias = NDArray[np.integer[Any]]
Flags: TypeAlias = NDArray[np.bool_]

CANDIDATES = ("brain", "pulse", "lymph", "red", "ai_bike")
"""The services that are recommended; arrays over services follow this order."""

GOALS = tuple(GoalTag)
"""The goals; bit i of a customer's goals stands for the i-th."""

RECENT_VISITS = 5
NEVER = -1
"""Days since a service that was never used."""


@dataclass(frozen=True, slots=True)
class Purchases:
    """Packages that were bought and not paid back, in any order.

    Attributes:
        customer: As in the log of sessions.
        day: `date.toordinal()` of the day it was bought.
        expires: The same of the last day it can be used; a great number where it never expires.
        sessions: [purchases, services], how many sessions of each of `CANDIDATES` it holds.
    """

    customer: Ints
    day: Ints
    expires: Ints
    sessions: Ints

    @classmethod
    def none(cls) -> "Purchases":
        """Return no purchases at all."""
        empty = np.zeros(0, dtype=np.int64)
        return cls(empty, empty, empty, np.zeros((0, len(CANDIDATES)), dtype=np.int64))


@dataclass(frozen=True, slots=True)
class SessionLog:
    """Completed sessions of many customers, in the order of customer and day.

    Attributes:
        customer: The customer's position in `goals`, from 0, never falling.
        day: `date.toordinal()` of the session's day; never falls within a customer.
        service: Position in `CANDIDATES`; any other number is another service, which counts as a visit only.
        rating: 1 to 5; any other number is a missing rating.
        goals: `goal_bits` of each customer.
        purchases: The customers' packages.

    Raises:
        ValueError: When the order is another.
    """

    customer: Ints
    day: Ints
    service: Ints
    rating: Ints
    goals: Ints
    purchases: Purchases = field(default_factory=Purchases.none)

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
        """Return the log without the sessions of customers whose flag is down; all keep their places."""
        kept = chosen[self.customer]
        return replace(
            self,
            customer=self.customer[kept],
            day=self.day[kept],
            service=self.service[kept],
            rating=self.rating[kept],
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
        held: Whether a package bought before has sessions of the service left.
        goals: `goal_bits` of the customer.
    """

    day: Ints
    visits: Ints
    counts: Ints
    recent: Ints
    since: Ints
    rated: Ints
    rating_sums: Ints
    held: Flags
    goals: Ints


def goal_bits(goals: Iterable[GoalTag]) -> int:
    """Return a set of goals as a number, a bit a goal."""
    return sum(1 << GOALS.index(goal) for goal in set(goals))


@dataclass(frozen=True, slots=True)
class BoughtPackage:
    """A package that was bought and not paid back.

    Attributes:
        bought_on: The day of the purchase.
        expires_on: The last day it can be used; None where it never expires.
        sessions: How many sessions of each service it held when it was bought, by code.
    """

    bought_on: date
    expires_on: date | None
    sessions: Mapping[str, int]


def customer_state(
    sessions: Iterable[Session],
    today: date,
    goals: Iterable[GoalTag] = (),
    packages: Iterable[BoughtPackage] = (),
) -> States:
    """Return one customer's state (one row) at the end of a day, from rows in any order.

    Cancelled, missed and future sessions count nowhere. Without any session it is a newcomer's state.

    Args:
        sessions: The customer's whole history.
        today: The day.
        goals: From `insight.goal_tags` of the customer's own words; none for viewers without health data.
        packages: All that the customer bought.
    """
    past = [item for item in sessions if item.completed and item.service_date <= today]
    days = visit_days(past, today)
    recently = set(days[-RECENT_VISITS:])
    bought = [package for package in packages if _is_open(package, today)]
    uses = [[item for item in past if item.service == service] for service in CANDIDATES]
    use_days = [[item.service_date for item in row] for row in uses]
    ratings = [_ratings(row) for row in uses]
    held = [
        any(_is_left(package, service, row) for package in bought)
        for service, row in zip(CANDIDATES, use_days, strict=True)
    ]
    return States(
        day=np.array([today.toordinal()]),
        visits=np.array([len(days)]),
        counts=np.array([[len(row) for row in uses]]),
        recent=np.array([[sum(day in recently for day in row) for row in use_days]]),
        since=np.array([[(today - max(row)).days if row else NEVER for row in use_days]]),
        rated=np.array([[len(row) for row in ratings]]),
        rating_sums=np.array([[sum(row) for row in ratings]]),
        held=np.array([held]),
        goals=np.array([goal_bits(goals)]),
    )


def _ratings(sessions: Iterable[Session]) -> list[int]:
    return [rating for session in sessions if (rating := valid_rating(session)) is not None]


def _is_open(package: BoughtPackage, today: date) -> bool:
    return package.bought_on <= today and (package.expires_on is None or package.expires_on >= today)


def _is_left(package: BoughtPackage, service: str, use_days: Iterable[date]) -> bool:
    """Whether the sessions of a service since the purchase leave any of the package's own."""
    return sum(day >= package.bought_on for day in use_days) < package.sessions.get(service, 0)
