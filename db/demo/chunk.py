"""A chunk of invented customers with everything they did: the simulator's answer, without SQL."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from db.demo.arrays import Flags, Ints, Rng, day_number
from db.demo.health import HealthRecords, draw_health
from db.demo.payments import Payments, draw_payments
from db.demo.people import People, draw_people
from db.demo.profiles import HISTORY_DAYS, draw_profiles
from db.demo.sessions import Sessions, lay_out_sessions
from db.demo.totals import Totals, count_totals
from db.demo.visits import History, simulate

CHUNK = 15_000
"""Customers drawn at a time: about half a GB of memory at the height."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Customers with these ids and all that belongs to them; arrays name customers by their row here.

    Attributes:
        ids: customer ids.
        today: day number of the day up to which they lived.
        history: visits and purchases, and the truth behind them.
        refunded: which purchases were paid back.
        therapist: user id of the one who usually looks after a customer.
        seed: for what nobody models (note texts, means of payment); see `details`.
    """

    ids: Ints
    today: int
    people: People
    history: History
    sessions: Sessions
    payments: Payments
    refunded: Flags
    therapist: Ints
    health: HealthRecords
    totals: Totals
    seed: int

    def details(self, purpose: int) -> Rng:
        """Return the random generator for one table's details, the same at every call."""
        return np.random.default_rng([self.seed, purpose])


def draw_chunk(ids: Ints, today: date, rng: Rng, days: int = HISTORY_DAYS) -> Chunk:
    """Draw the customers with these ids, as they are on a day, having signed up within so many before it."""
    day = day_number(today)
    lives, looks, books, bodies = rng.spawn(4)
    profiles = draw_profiles(len(ids), day, lives, days)
    history = simulate(profiles, day, lives)
    sessions, therapist = lay_out_sessions(history, day, books)
    payments, refunded = draw_payments(history.truth, history.purchases, sessions, day, books)
    return Chunk(
        ids=ids,
        today=day,
        people=draw_people(ids, profiles, today.year, looks),
        history=history,
        sessions=sessions,
        payments=payments,
        refunded=refunded,
        therapist=therapist,
        health=draw_health(profiles, history.visits, bodies),
        totals=count_totals(len(ids), history.visits, sessions, payments, day),
        seed=int(rng.integers(1 << 62)),
    )
