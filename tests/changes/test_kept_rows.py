"""The cache alone, with a database and a clock that a test holds in its hands."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date

import pytest
from changes.conftest import run

from resolvers.cache import DomainCache, FreshRows, RowKind

TODAY = date(2026, 6, 15)
KIND = RowKind("customer", TODAY, 300.0)


def open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


class Database:
    """Answers every read with the version that the customers are at, when it is let."""

    def __init__(self) -> None:
        self.version = 1
        self.reads: list[list[int]] = []
        self.gate = open_gate()

    async def fetch(self, ids: list[int]) -> Sequence[str]:
        self.reads.append(ids)
        version = self.version
        await self.gate.wait()
        return [f"{one} at {version}" for one in ids]


class World:
    """A cache, whether its feed is heard, and what time it is."""

    def __init__(self, rows: int = 1000) -> None:
        self.heard = True
        self.now = 0.0
        self.database = Database()
        self.cache = DomainCache(rows, is_current=lambda: self.heard, clock=lambda: self.now)

    async def read(self, *ids: int, kind: RowKind = KIND) -> list[str]:
        return await self.cache.read(kind, list(ids), self.database.fetch)

    async def begin(self, *ids: int) -> "tuple[asyncio.Task[list[str]], asyncio.Event]":
        """Begin a read that waits in the database at a gate of its own."""
        gate = self.database.gate = asyncio.Event()
        reading = asyncio.create_task(self.read(*ids))
        await asyncio.sleep(0)
        self.database.gate = open_gate()
        return reading, gate


def test_only_who_is_missing_is_read() -> None:
    async def test() -> None:
        world = World()
        await world.read(1, 2)

        assert await world.read(2, 3, 1) == ["2 at 1", "3 at 1", "1 at 1"]
        assert world.database.reads == [[1, 2], [3]]

    run(test)


def test_readers_of_one_moment_share_a_read() -> None:
    async def test() -> None:
        world = World()
        first, gate = await world.begin(1, 2)
        second = asyncio.create_task(world.read(2))
        await asyncio.sleep(0)
        gate.set()

        assert (await first, await second) == (["1 at 1", "2 at 1"], ["2 at 1"])
        assert world.database.reads == [[1, 2]]

    run(test)


def test_a_reader_reads_for_itself_where_the_one_it_waited_for_gave_up() -> None:
    async def test() -> None:
        world = World()
        first, gate = await world.begin(1)
        second = asyncio.create_task(world.read(1))
        await asyncio.sleep(0)
        first.cancel()
        gate.set()

        assert await second == ["1 at 1"]
        assert world.database.reads == [[1], [1]]

    run(test)


@pytest.mark.parametrize(
    "event",
    [
        lambda cache: cache.changed(frozenset({1}), 0),
        lambda cache: cache.changed(None, 0),
        lambda cache: cache.drop(1),
        lambda cache: cache.lost(),
        lambda cache: cache.back(),
    ],
    ids=["changed", "everybody", "own write", "lost", "back"],
)
def test_a_read_that_began_before_a_change_is_neither_kept_nor_joined(
    event: Callable[[DomainCache], None],
) -> None:
    async def test() -> None:
        world = World()
        old, gate = await world.begin(1)
        world.database.version = 2
        event(world.cache)

        assert await world.read(1) == ["1 at 2"]
        gate.set()
        assert await old == ["1 at 1"]
        assert await world.read(1) == ["1 at 2"]
        assert world.database.reads == [[1], [1]]

    run(test)


def test_nothing_is_kept_or_served_while_changes_are_not_heard() -> None:
    async def test() -> None:
        world = World()
        await world.read(1)
        world.heard = False
        world.database.version = 2

        assert await world.read(1) == ["1 at 2"]
        assert await world.read(1) == ["1 at 2"]
        assert len(world.database.reads) == 3

    run(test)


def test_a_row_is_kept_for_its_time_and_for_its_day() -> None:
    async def test() -> None:
        world = World()
        await world.read(1)
        world.database.version = 2
        world.now = 299.0
        assert await world.read(1) == ["1 at 1"]
        assert await world.read(1, kind=RowKind("customer", date(2026, 6, 16), 300.0)) == ["1 at 2"]
        world.now = 300.0
        assert await world.read(1) == ["1 at 2"]

    run(test)


def test_as_many_rows_are_kept_as_may_be_those_asked_for_last() -> None:
    async def test() -> None:
        world = World(rows=10)

        async def fetch(ids: list[int]) -> list[list[int]]:
            world.database.reads.append(ids)
            return [[0] * 4 for _ in ids]

        for one in (1, 2, 3, 1):
            await world.cache.read(KIND, [one], fetch)
        assert world.cache.rows <= 10
        await world.cache.read(KIND, [3], fetch)

        assert world.database.reads == [[1], [2], [3], [1]]

    run(test)


def test_more_rows_of_one_customer_than_may_be_kept_are_not() -> None:
    async def test() -> None:
        world = World(rows=3)

        async def fetch(ids: list[int]) -> list[list[int]]:
            return [[0] * 4 for _ in ids]

        assert await world.cache.read(KIND, [1], fetch) == [[0] * 4]
        assert world.cache.rows == 0

    run(test)


def test_what_writes_reads_past_the_cache_and_drops_in_it() -> None:
    async def test() -> None:
        world = World()
        await world.read(1)
        world.database.version = 2
        fresh = FreshRows(world.cache)

        assert await fresh.read(KIND, [1], world.database.fetch) == ["1 at 2"]
        assert await world.read(1) == ["1 at 1"]
        fresh.drop(1)
        assert await world.read(1) == ["1 at 2"]

    run(test)
