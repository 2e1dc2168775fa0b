"""The domain cache: rows as they were read, kept by customer until the change feed says that they changed.

It holds unmasked rows and knows no viewer: what is shown of them is decided on the way out, as of any others.
A fill that began before a change of its customer is never stored, and nothing is stored or served while the
feed is lost.
"""

from asyncio import Future, get_running_loop, shield
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from datetime import date
from time import monotonic
from typing import Any, Protocol, TypeVar, cast

from cachetools import LRUCache

_Value = TypeVar("_Value")

Fetch = Callable[[list[int]], Awaitable[Sequence[_Value]]]
"""Reads customers' values from the database, in the order of their numbers."""


@dataclass(frozen=True, slots=True)
class RowKind:
    """What is kept: which loader's values, as of which day, and for how many seconds at most.

    `arguments` tells a loader's values apart that depend on more than the customer.
    """

    loader: str
    today: date
    seconds: float
    arguments: Hashable = None


class RowCache(Protocol):
    """What the loaders read through."""

    async def read(self, kind: RowKind, ids: list[int], fetch: Fetch[_Value]) -> list[_Value]:
        """Return the values of these customers, in their order."""
        ...

    def drop(self, customer_id: int) -> None:
        """Drop what is kept of a customer, who has changed."""
        ...


@dataclass(slots=True)
class _Kept:
    """What is kept of one customer: values with their sizes and when they expire."""

    values: dict[RowKind, tuple[Any, int, float]] = field(
        default_factory=dict[RowKind, tuple[Any, int, float]]
    )

    @property
    def rows(self) -> int:
        return sum(size for _, size, _ in self.values.values())


class _Unread:
    """What a fill that failed leaves to those who waited for it."""


_UNREAD = _Unread()
_Fill = Future[Any]


class DomainCache:
    """Keeps up to `rows` rows, of the customers that were asked for last; none where it is 0.

    `is_current` tells whether the change feed is heard. Every value that is read goes in, whichever operation
    reads it, and readers of one value at one moment share one statement.
    """

    def __init__(
        self, rows: int, *, is_current: Callable[[], bool], clock: Callable[[], float] = monotonic
    ) -> None:
        self._rows = rows
        self._is_current = is_current
        self._clock = clock
        self._kept: LRUCache[int, _Kept] = LRUCache(max(rows, 1), getsizeof=lambda kept: kept.rows)
        self._fills: defaultdict[int, dict[RowKind, _Fill]] = defaultdict(dict)

    @property
    def rows(self) -> int:
        """How many rows are kept at the moment."""
        return int(self._kept.currsize)

    async def read(self, kind: RowKind, ids: list[int], fetch: Fetch[_Value]) -> list[_Value]:
        """Return the values of these customers, in their order, from the database where they are not kept."""
        if not self._rows or not self._is_current():
            return list(await fetch(ids))
        found: dict[int, _Value] = {}
        joined: dict[int, _Fill] = {}
        missing: list[int] = []
        for one in ids:
            if (kept := self._value(one, kind)) is not None:
                found[one] = kept[0]
            elif (fill := self._fills.get(one, {}).get(kind)) is not None:
                joined[one] = fill
            else:
                missing.append(one)
        if missing:
            found |= await self._fill(kind, missing, fetch)
        if joined:
            found |= await self._wait(joined, fetch)
        return [found[one] for one in ids]

    def drop(self, customer_id: int) -> None:
        """Drop what is kept of a customer, and let no fill that is under way be stored or joined."""
        self._kept.pop(customer_id, None)
        self._fills.pop(customer_id, None)

    def changed(self, customers: frozenset[int] | None, position: int) -> None:  # noqa: ARG002 - the feed's
        """Drop what is kept of customers who changed; of everybody where it is None."""
        if customers is None:
            self._clear()
            return
        for customer_id in customers:
            self.drop(customer_id)

    def lost(self) -> None:
        """Drop everything: it may be old by now."""
        self._clear()

    def back(self) -> None:
        """Begin anew: a fill that began before the feed was back is not stored."""
        self._clear()

    def _clear(self) -> None:
        self._kept.clear()
        self._fills.clear()

    def _value(self, customer_id: int, kind: RowKind) -> tuple[Any] | None:
        """Return what is kept, in a tuple since it may be None."""
        kept = self._kept.get(customer_id)
        entry = kept.values.get(kind) if kept else None
        return (entry[0],) if entry and entry[2] > self._clock() else None

    async def _fill(self, kind: RowKind, ids: list[int], fetch: Fetch[_Value]) -> Mapping[int, _Value]:
        loop = get_running_loop()
        fills: dict[int, _Fill] = {one: loop.create_future() for one in ids}
        for one, fill in fills.items():
            self._fills[one][kind] = fill
        values: dict[int, _Value] = {}
        try:
            values = dict(zip(ids, await fetch(ids), strict=True))
        finally:
            for one, fill in fills.items():
                self._end(one, kind, fill, values)
        return values

    def _end(self, customer_id: int, kind: RowKind, fill: _Fill, values: Mapping[int, Any]) -> None:
        """Store what a fill brought, unless its customer changed since it began, and hand it to who waits."""
        fill.set_result(values.get(customer_id, _UNREAD) if values else _UNREAD)
        ours = self._fills.get(customer_id, {})
        if ours.get(kind) is not fill:
            return
        del ours[kind]
        if not ours:
            del self._fills[customer_id]
        if values and self._is_current():
            self._store(customer_id, kind, values[customer_id])

    def _store(self, customer_id: int, kind: RowKind, value: object) -> None:
        now, size = self._clock(), _size(value)
        before = self._kept.get(customer_id)
        live = {key: entry for key, entry in before.values.items() if entry[2] > now} if before else {}
        kept = _Kept({**live, kind: (value, size, now + kind.seconds)})
        if kept.rows <= self._rows:
            self._kept[customer_id] = kept

    async def _wait(self, joined: Mapping[int, _Fill], fetch: Fetch[_Value]) -> Mapping[int, _Value]:
        """Return what others are reading; what they fail to read is read here."""
        values = {one: await shield(fill) for one, fill in joined.items()}
        unread = [one for one, value in values.items() if value is _UNREAD]
        if unread:
            values |= dict(zip(unread, await fetch(unread), strict=True))
        return cast("Mapping[int, _Value]", values)


class FreshRows:
    """Reads past the cache, for what writes: it drops there what it changes, and is never given old rows."""

    def __init__(self, cache: RowCache) -> None:
        self._cache = cache

    async def read(self, kind: RowKind, ids: list[int], fetch: Fetch[_Value]) -> list[_Value]:  # noqa: ARG002
        """Return the values of these customers from the database, in their order."""
        return list(await fetch(ids))

    def drop(self, customer_id: int) -> None:
        """Drop what is kept of a customer."""
        self._cache.drop(customer_id)


def _size(value: object) -> int:
    """Return how many rows a value holds; nothing takes the place of a row too."""
    rows: object = getattr(value, "sessions", value)
    return max(1, len(rows)) if isinstance(rows, Sized) else 1
