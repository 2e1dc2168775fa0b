"""The choices of services that a log of sessions holds: what was tried next, and what was taken up again."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from insight.recommend.past import Past

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


def new_choices(past: Past) -> ServiceChoices:
    """Return each first use of a service; open are the services that the customer had not used before.

    The first service of a newcomer is one of them.
    """
    rows = np.flatnonzero(past.log.is_candidate)
    used = past.used_above(rows, rows)
    is_first = ~used[np.arange(len(rows)), past.log.service[rows]]
    return _choices(rows[is_first], ~used[is_first])


def again_choices(past: Past) -> ServiceChoices:
    """Return the first known service of each visit that has one; open are those used on earlier days."""
    rows = np.flatnonzero(past.log.is_candidate)
    visit = past.visit[rows]
    used = past.used_above(rows, past.first_of_visit[visit])
    is_known = used[np.arange(len(rows)), past.log.service[rows]]
    known_rows, open_there = rows[is_known], used[is_known]
    _, firsts = np.unique(visit[is_known], return_index=True)
    return _choices(known_rows[firsts], open_there[firsts])


def _choices(rows: Ints, mask: Flags) -> ServiceChoices:
    telling = np.flatnonzero(mask.sum(axis=1) >= _LEAST_OPEN)
    return ServiceChoices(rows[telling], mask[telling])
