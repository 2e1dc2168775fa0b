"""Ids of the generated rows, leaving out those of the rows written by hand."""

from dataclasses import dataclass

import numpy as np

from db.demo.arrays import Ints


@dataclass(slots=True)
class Numbers:
    """Gives out the ids of one table in order, all but a range that is already taken."""

    taken: range = range(0)
    following: int = 1

    def take(self, count: int) -> Ints:
        """Return the next ids."""
        ids = np.arange(self.following, self.following + count + len(self.taken), dtype=np.int32)
        free = ids[(ids < self.taken.start) | (ids >= self.taken.stop)][:count]
        if count:
            self.following = int(free[-1]) + 1
        return free


@dataclass(frozen=True, slots=True)
class Numbering:
    """The ids of every table whose rows are numbered as they come."""

    sessions: Numbers
    purchases: Numbers
    payments: Numbers
    reservations: Numbers
    scans: Numbers
    responses: Numbers
    answers: Numbers
