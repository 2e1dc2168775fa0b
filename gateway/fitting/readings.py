"""What models are fitted to, read once for all of them."""

from datetime import date
from functools import cached_property

import numpy as np

from db.fitting.purchases import purchase_rows
from db.fitting.samples import sampled_customers
from db.fitting.session import FittingConnection
from db.fitting.sessions import SessionRows, session_rows, stated_goals
from insight.churn import VisitStatistics, visit_statistics
from insight.goals import goal_tags
from insight.recommend.service_log import CANDIDATES, Purchases, SessionLog, goal_bits
from insight.visit_days import IntArray

_MOST_CUSTOMERS = 40_000  # more make no parameter better, and everything slower


class Readings:
    """The sessions, up to the end of a day, of everybody or of a sample that is the same all day."""

    def __init__(self, connection: FittingConnection, today: date) -> None:
        self.connection = connection
        self.today = today

    @cached_property
    def customers(self) -> list[int]:
        """The sampled customers, in rising order; each of them came at least once."""
        return sampled_customers(self.connection, self.today, _MOST_CUSTOMERS)

    @cached_property
    def sessions(self) -> SessionRows:
        """Their completed sessions; services as positions in `CANDIDATES`."""
        return session_rows(self.connection, self.today, self.customers, CANDIDATES)

    @cached_property
    def purchases(self) -> Purchases:
        """The packages they bought, with customers as positions in `customers`."""
        rows = purchase_rows(self.connection, self.today, self.customers, CANDIDATES)
        return Purchases(self._places(rows.customer), rows.day, rows.expires, rows.sessions)

    @cached_property
    def visits(self) -> VisitStatistics:
        """How often they came, in weeks, in the order of `customers`."""
        return visit_statistics(self.sessions.customer, self.sessions.day, self.today.toordinal())

    @cached_property
    def log(self) -> SessionLog:
        """Their sessions with their health goals."""
        texts = stated_goals(self.connection, self.customers)
        # many customers name their goals in the same words
        bits = {text: goal_bits(goal_tags(text)) for text in set(texts.values())}
        return self._log(np.array([bits.get(texts.get(one, ""), 0) for one in self.customers], np.int64))

    @cached_property
    def log_without_health(self) -> SessionLog:
        """The same sessions, without anything about anybody's health."""
        return self._log(np.zeros(len(self.customers), np.int64))

    def read(self) -> None:
        """Read the sessions now, which takes longer than any fit to them."""
        _ = self.sessions

    def rng(self) -> np.random.Generator:
        """Return chance that is the same for everybody who fits on this day."""
        return np.random.default_rng(self.today.toordinal())

    def _log(self, goals: IntArray) -> SessionLog:
        sessions = self.sessions
        places = self._places(sessions.customer)
        return SessionLog(places, sessions.day, sessions.service, sessions.rating, goals, self.purchases)

    def _places(self, customers: IntArray) -> IntArray:
        return np.searchsorted(np.asarray(self.customers, np.int64), customers)
