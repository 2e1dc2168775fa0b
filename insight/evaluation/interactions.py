"""Who used what in the order of time, and the last new item of each: hidden, to be found again."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Interactions:
    """One entry a use; those of one moment count in the order in which they stand here.

    Attributes:
        user: Position of the user, from 0.
        item: Position of the item, from 0.
        time: Any number that rises.
        items: How many items there are.
    """

    user: Ints
    item: Ints
    time: Floats
    items: int

    def in_order(self) -> "Interactions":
        """Return the uses of each user in the order of time, the users in theirs."""
        order = np.lexsort((self.time, self.user))
        return Interactions(self.user[order], self.item[order], self.time[order], self.items)

    def at(self, rows: Ints | Flags) -> "Interactions":
        """Return some of the entries."""
        return Interactions(self.user[rows], self.item[rows], self.time[rows], self.items)


@dataclass(frozen=True, slots=True)
class FirstUses:
    """Moments at which users chose an item that was new to them, after at least one other.

    The only item that was left to a user was no choice, and is none of them.

    Attributes:
        start: The row of the user's first use.
        row: The row of the new item; the rows from `start` up to it are what is known.
        user: Whose it is.
        item: The new item.
    """

    start: Ints
    row: Ints
    user: Ints
    item: Ints

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.row)

    def at(self, chosen: Ints | Flags | slice) -> "FirstUses":
        """Return some of them."""
        return FirstUses(self.start[chosen], self.row[chosen], self.user[chosen], self.item[chosen])


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Interactions cut before the last new item of each user who has used at least two.

    Attributes:
        seen: What is left, in order; users with one item are whole.
        learnable: The first uses that are left.
        hidden: Those that are to be found; `row` is the number of a row of `seen`, behind the user's last.
    """

    seen: Interactions
    learnable: FirstUses
    hidden: FirstUses


def leave_last_new_out(interactions: Interactions) -> LeftOut:
    """Hide the last new item that each user chose, and everything the user did from then on."""
    ordered = interactions.in_order()
    first_uses = _first_uses(ordered)
    is_last = np.ones(first_uses.count, dtype=np.bool_)
    is_last[:-1] = first_uses.user[1:] != first_uses.user[:-1]
    hidden = first_uses.at(is_last)

    ends = np.full(int(ordered.user.max(initial=-1)) + 1, len(ordered.user))
    ends[hidden.user] = hidden.row
    is_seen = np.arange(len(ordered.user)) < ends[ordered.user]
    new_row = np.cumsum(is_seen) - is_seen
    return LeftOut(ordered.at(is_seen), _moved(first_uses.at(~is_last), new_row), _moved(hidden, new_row))


def _first_uses(ordered: Interactions) -> FirstUses:
    rows = len(ordered.user)
    begins = np.ones(rows, dtype=np.bool_)
    begins[1:] = ordered.user[1:] != ordered.user[:-1]
    starts = np.flatnonzero(begins)[np.cumsum(begins) - 1]
    pair = ordered.user.astype(np.int64) * ordered.items + ordered.item
    firsts = np.sort(np.unique(pair, return_index=True)[1])
    known_before = np.arange(len(firsts)) - np.searchsorted(firsts, starts[firsts])
    firsts = firsts[(known_before > 0) & (known_before < ordered.items - 1)]
    return FirstUses(starts[firsts], firsts, ordered.user[firsts], ordered.item[firsts])


def _moved(uses: FirstUses, new_row: Ints) -> FirstUses:
    return FirstUses(new_row[uses.start], new_row[uses.row], uses.user, uses.item)
