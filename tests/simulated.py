"""The demo simulator's customers as plain arrays, with the truth behind them, for tests of the models."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from db.demo import DemoPlan, simulated
from db.demo.arrays import day_number
from db.demo.chunk import Chunk
from db.demo.services import CONSULTATION, GOALS, SERVICES
from db.demo.sessions import COMPLETED, UNRATED

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SERVICE_CODES = tuple(str(service) for service in SERVICES)
"""What a service's index stands for."""
GOAL_TAGS = GOALS
"""What a column of `goals` stands for."""
UNSAID = -1
"""No rating, or no day."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """Customers 0 to `customers` - 1; days count from 2000-01-01.

    Attributes:
        today: The last day they lived.
        visit_customer: Whose visit it was; in the order of customer and day.
        visit_day: Its day; no customer has two visits on one day.
        event_customer: Whose service it was, completed and one of the five; in order of customer, day, time.
        event_day: Its day.
        event_service: Index in `SERVICE_CODES`.
        event_rating: 1 to 5, or `UNSAID`.
        goals: A column a goal of `GOAL_TAGS`, whether stated or not.
        goal_texts: The goals as the customer put them, None for those who were not asked.
        dropped: Truth: whether the customer has left for good.
        next_visit: Truth: day of the first visit after today; `UNSAID` for those who left.
        affinity: Truth: utility of each service, without the season.
    """

    today: int
    visit_customer: Ints
    visit_day: Ints
    event_customer: Ints
    event_day: Ints
    event_service: Ints
    event_rating: Ints
    goals: Flags
    goal_texts: tuple[str | None, ...]
    dropped: Flags
    next_visit: Ints
    affinity: Floats

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return len(self.dropped)

    def comes_within(self, days: int) -> Flags:
        """Truth: who comes again within so many days after today."""
        return (self.next_visit != UNSAID) & (self.next_visit <= self.today + days)


@lru_cache(maxsize=4)
def simulated_customers(
    customers: int, *, today: date = date(2026, 6, 15), seed: int = 20240606
) -> Simulated:
    """Return so many simulated customers; the same arguments give the same ones."""
    # the plan counts the 18 customers who are written by hand, and the simulator has none of them
    parts = [_part(chunk) for chunk in simulated(DemoPlan(today, customers + 18, seed))]
    offsets = np.cumsum([0, *(part.customers for part in parts)])
    shifted = list(zip(parts, offsets, strict=False))
    return Simulated(
        today=day_number(today),
        visit_customer=np.concatenate([part.visit_customer + offset for part, offset in shifted]),
        visit_day=np.concatenate([part.visit_day for part in parts]),
        event_customer=np.concatenate([part.event_customer + offset for part, offset in shifted]),
        event_day=np.concatenate([part.event_day for part in parts]),
        event_service=np.concatenate([part.event_service for part in parts]),
        event_rating=np.concatenate([part.event_rating for part in parts]),
        goals=np.concatenate([part.goals for part in parts]),
        goal_texts=tuple(text for part in parts for text in part.goal_texts),
        dropped=np.concatenate([part.dropped for part in parts]),
        next_visit=np.concatenate([part.next_visit for part in parts]),
        affinity=np.concatenate([part.affinity for part in parts]),
    )


def _part(chunk: Chunk) -> Simulated:
    history, sessions = chunk.history, chunk.sessions
    order = np.lexsort((history.visits.day, history.visits.customer))
    held = (sessions.status == COMPLETED) & (sessions.service != CONSULTATION)
    rating = sessions.rating[held].astype(np.int64)
    return Simulated(
        today=chunk.today,
        visit_customer=history.visits.customer[order].astype(np.int64),
        visit_day=history.visits.day[order].astype(np.int64),
        event_customer=sessions.customer[held].astype(np.int64),
        event_day=sessions.day[held].astype(np.int64),
        event_service=sessions.service[held].astype(np.int64),
        event_rating=np.where(rating == UNRATED, UNSAID, rating),
        goals=history.truth.profiles.goals,
        goal_texts=tuple(
            None if missing else bytes(text).decode()
            for text, missing in zip(chunk.people.goals, chunk.people.no_goals, strict=True)
        ),
        dropped=history.truth.dropped,
        next_visit=history.truth.next_visit.astype(np.int64),
        affinity=history.truth.profiles.affinity.astype(np.float64),
    )
