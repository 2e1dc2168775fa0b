"""The states of many customers at moments in a log; the state before a day rests on earlier days only."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from insight.recommend.service_log import CANDIDATES, NEVER, RECENT_VISITS, Purchases, SessionLog, States

Ints: TypeAlias = NDArray[np.integer[Any]]
Flags: TypeAlias = NDArray[np.bool_]

_DAY_BITS = 22
_LAST_DAY = (1 << _DAY_BITS) - 1  # the year 9999 is within


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
        self._held = self._holdings(log.purchases)

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
            held=self._held[:, start].T,
            goals=self.log.goals[self.log.customer[rows]],
        )

    def _holdings(self, bought: Purchases) -> Flags:
        """Return which services have sessions left in a package before the day of each row, [services, rows].

        A package counts from the day after it was bought, to its end or to the day on which the last of its
        sessions was used; a session on the day it was bought is one of them.
        """
        moments = _moments(self.log.customer, self.log.day)
        start = np.searchsorted(moments, _moments(bought.customer, bought.day), "right")
        end = np.searchsorted(moments, _moments(bought.customer, bought.expires), "right")
        first_use = np.searchsorted(moments, _moments(bought.customer, bought.day), "left")
        next_visit = np.append(self.first_of_visit, len(moments))[self.visit + 1]
        steps = np.zeros((len(CANDIDATES), len(moments) + 1), dtype=np.int32)
        for service, rows in enumerate(self._rows_of):
            sessions = bought.sessions[:, service]
            last_use = np.searchsorted(rows, first_use) + sessions - 1
            used_up = (sessions > 0) & (last_use < len(rows))
            ends = end.copy()
            ends[used_up] = np.minimum(end[used_up], next_visit[rows[last_use[used_up]]])
            has = (sessions > 0) & (ends > start)
            np.add.at(steps[service], start[has], 1)
            np.add.at(steps[service], ends[has], -1)
        return np.cumsum(steps, axis=1) > 0

    def _since(self, day: Ints, first: Ints, start: Ints) -> Ints:
        since = np.full((len(day), len(CANDIDATES)), NEVER, dtype=np.int64)
        for service, rows in enumerate(self._rows_of):
            if not len(rows):
                continue
            last = rows[np.maximum(np.searchsorted(rows, start) - 1, 0)]
            known = (last >= first) & (last < start)
            since[known, service] = day[known] - self.log.day[last[known]]
        return since


def _moments(customer: Ints, day: Ints) -> Ints:
    """Return numbers in the order of customer and day."""
    return (customer.astype(np.int64) << _DAY_BITS) + np.minimum(day, _LAST_DAY)


def _running(values: NDArray[np.generic]) -> Ints:
    """Return the sums of what stands left of each column, with one more column for the end."""
    sums = np.zeros((len(values), values.shape[1] + 1), dtype=np.int32)
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums
