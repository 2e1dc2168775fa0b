"""Which items keep company: how many users have both, and what that says of one user's next item.

A user's own uses count for nothing in what is said of that user: everything is as if the user were not among
those it is learned from. Otherwise a model would learn how well items are explained by themselves.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, cast

import numpy as np
from scipy import sparse  # pyright: ignore[reportMissingTypeStubs]

from insight.evaluation.interactions import FirstUses, Flags, Floats, Interactions, Ints

_Matrix: TypeAlias = Any
_csr = cast("Callable[..., _Matrix]", sparse.csr_array)  # pyright: ignore[reportUnknownMemberType]

_PRIOR_USERS = 5.0  # how many users the popularity of an item weighs in those who have another
_CELLS = 1_000_000


class Company:
    """Counts of users by item and by pair of items, read for moments of the same users."""

    def __init__(self, seen: Interactions) -> None:
        self._seen = seen
        users = int(seen.user.max(initial=-1)) + 1
        self._has = _csr((np.ones(len(seen.user)), (seen.user, seen.item)), shape=(users, seen.items))
        self._has.sum_duplicates()
        self._has.data[:] = 1.0
        self._users = max(len(np.unique(seen.user)) - 1, 1)
        self._count = np.asarray(self._has.sum(axis=0), dtype=np.float64)
        self._pairs = (self._has.T @ self._has).tocsr()
        self._lifts = tuple(self._logs_of_lifts(less) for less in (0.0, 1.0))

    @property
    def items(self) -> int:
        """How many items there are."""
        return self._seen.items

    def opened(self, moments: FirstUses) -> Flags:
        """Return which items the user of each moment had not used, [moments, items]."""
        return np.asarray(self._uses(moments).toarray(), dtype=np.float64) == 0

    def popularity(self, moments: FirstUses) -> Floats:
        """Return the share of the other users who have each item, never quite 0, [moments, items]."""
        return (self._count - self._own(moments) + 0.5) / (self._users + 1)

    def cosine(self, moments: FirstUses) -> Floats:
        """Return the sum of the cosines of each item with those the user has, [moments, items].

        The cosine of two items: users who have both over the root of the product of users who have either
        (Sarwar et al. 2001, on sets). The user's own item counts in it, as such recommenders do.
        """
        root = np.sqrt(np.maximum(self._count, 1))
        has = self._uses(moments)
        has.data[:] = 1.0
        return (has / root @ self._pairs).toarray() / root

    def company(self, moments: FirstUses) -> tuple[Floats, ...]:
        """Return how probable each item is for the other users who have an item of this user's.

        Three arrays, [moments, items]: the mean over the user's items; the mean weighted by how often they
        were used; and the last item's.
        """
        uses = self._uses(moments)
        even, often = uses.copy(), uses
        even.data[:] = 1.0
        last = _csr(
            (np.ones(moments.count), (np.arange(moments.count), self._seen.item[moments.row - 1])),
            shape=(moments.count, self.items),
        )
        own, popularity = self._own(moments), self.popularity(moments)
        return tuple(self._conditional(weights, own, popularity) for weights in (even, often, last))

    def lift(self, moments: FirstUses) -> Floats:
        """Return what the user's items together say for each item, but for what says the same for all.

        The sum over the user's items h of log(1 + users who have both / (5 P(item))), over the root of their
        number: naive Bayes with P(item | h) shrunk like above, dampened since the items h go together.
        """
        has = self._uses(moments)
        has.data[:] = 1.0
        with_own, without_own = (
            np.asarray((has @ lifts).toarray(), dtype=np.float64) for lifts in self._lifts
        )
        number = np.asarray(has.sum(axis=1), dtype=np.float64)[:, None]
        return np.where(self._own(moments) > 0, without_own, with_own) / np.sqrt(number)

    def _logs_of_lifts(self, less: float) -> _Matrix:
        """Return log(1 + users who have both / (5 P(item))) of each pair, with so many users less."""
        popularity = (np.maximum(self._count - less, 0) + 0.5) / (self._users + 1)
        lifts = self._pairs.copy()
        lifts.data = np.log1p((lifts.data - less) / (_PRIOR_USERS * popularity[lifts.indices]))
        return lifts

    def _conditional(self, weights: _Matrix, own: Floats, popularity: Floats) -> Floats:
        """Return the weighted mean of P(item | one of the user's), shrunk towards the item's popularity."""
        total = np.asarray(weights.sum(axis=1))
        others = np.maximum(self._count - 1, 0) + _PRIOR_USERS
        scaled = weights / others
        scaled_total = np.asarray(scaled.sum(axis=1))[:, None]
        both = (scaled @ self._pairs).toarray() - scaled_total * own
        return (both + _PRIOR_USERS * popularity * scaled_total) / total[:, None]

    def _own(self, moments: FirstUses) -> Floats:
        return self._has[moments.user].toarray()

    def _uses(self, moments: FirstUses) -> _Matrix:
        """Return how often the user had used each item before the moment, sparse, [moments, items]."""
        lengths = moments.row - moments.start
        moment = np.repeat(np.arange(moments.count), lengths)
        rows = np.arange(len(moment)) + np.repeat(moments.start - (np.cumsum(lengths) - lengths), lengths)
        used = _csr((np.ones(len(rows)), (moment, self._seen.item[rows])), shape=(moments.count, self.items))
        used.sum_duplicates()
        return used


def batches(moments: FirstUses, items: int) -> Iterator[FirstUses]:
    """Yield the moments in parts for which arrays over all items are not large."""
    size = max(_CELLS // max(items, 1), 1)
    for start in range(0, moments.count, size):
        yield moments.at(slice(start, start + size))


def drawn(moments: FirstUses, most: int, rng: np.random.Generator) -> FirstUses:
    """Return at most so many of the moments, in their order."""
    if moments.count <= most:
        return moments
    chosen: Ints = np.sort(rng.choice(moments.count, most, replace=False))
    return moments.at(chosen)
