"""The choices of services that a log of sessions holds: what was tried next, and what was taken up again."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from insight.recommend.service_log import CANDIDATES, SessionLog

Ints: TypeAlias = NDArray[np.integer[Any]]
Flags: TypeAlias = NDArray[np.bool_]

_LEAST_OPEN = 2  # a choice of one says nothing


@dataclass(frozen=True, slots=True)
class ServiceChoices:
    """Choices among at least two services.

    Attributes:
        rows: [choices], the session's row in the log, rising.
        mask: [choices, services], which services were open.
    """

    rows: Ints
    mask: Flags

    def at(self, positions: Ints) -> "ServiceChoices":
        """Return some of the choices."""
        return ServiceChoices(self.rows[positions], self.mask[positions])


def new_choices(log: SessionLog) -> ServiceChoices:
    """Return each first use of a service; open are the services that the customer had not used before.

    The first service of a newcomer is one of them.
    """
    rows = np.flatnonzero(log.is_candidate)
    used = _used_above(log, rows, rows)
    is_first = ~used[np.arange(len(rows)), log.service[rows]]
    return _choices(rows[is_first], ~used[is_first])


def again_choices(log: SessionLog) -> ServiceChoices:
    """Return the first known service of each visit that has one; open are those used on earlier days."""
    rows = np.flatnonzero(log.is_candidate)
    begins = np.ones(len(log.day), dtype=np.bool_)
    begins[1:] = (np.diff(log.customer) != 0) | (np.diff(log.day) != 0)
    visit = np.cumsum(begins) - 1
    used = _used_above(log, rows, np.flatnonzero(begins)[visit[rows]])
    is_known = used[np.arange(len(rows)), log.service[rows]]
    rows, used = rows[is_known], used[is_known]
    _, firsts = np.unique(visit[rows], return_index=True)
    return _choices(rows[firsts], used[firsts])


def _choices(rows: Ints, mask: Flags) -> ServiceChoices:
    telling = np.flatnonzero(mask.sum(axis=1) >= _LEAST_OPEN)
    return ServiceChoices(rows[telling], mask[telling])


def _used_above(log: SessionLog, rows: Ints, ends: Ints) -> Flags:
    """Return which services the customers of these rows used in the rows above `ends`."""
    sums = np.zeros((len(log.service) + 1, len(CANDIDATES)), dtype=np.int32)
    np.cumsum(log.service[:, None] == np.arange(len(CANDIDATES)), axis=0, out=sums[1:])
    firsts = np.searchsorted(log.customer, log.customer[rows], "left")
    return sums[ends] > sums[firsts]
