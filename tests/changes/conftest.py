"""What the tests of the change feed share: a center, its changes as psql makes them, and who listens."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from db.changes import Dispatcher, Listener
from db.urls import libpq_url

PATIENCE = 30  # seconds until something must have happened, on the slowest machine


@dataclass
class Told:
    """What a subscriber was told, in order: `lost`, `back`, or whose data changed."""

    words: list[object] = field(default_factory=list[object])
    positions: list[int] = field(default_factory=list[int])

    def changed(self, customers: frozenset[int] | None, position: int) -> None:
        self.words.append(customers)
        self.positions.append(position)

    def lost(self) -> None:
        self.words.append("lost")

    def back(self) -> None:
        self.words.append("back")

    @property
    def customers(self) -> set[object]:
        """Everyone of whom a change was told."""
        return {one for word in self.words if isinstance(word, frozenset) for one in word}


@pytest.fixture(scope="module")
def url(databases: Any, demo_template: str) -> Iterator[str]:
    with databases.temporary(demo_template) as url:
        yield libpq_url(url)


@pytest.fixture
def psql(url: str) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """Run a statement as psql would; what earlier tests left untold is gone."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM gateway.customer_change")

        def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

        yield run


@asynccontextmanager
async def dispatching(url: str) -> AsyncGenerator[Dispatcher]:
    dispatcher = Dispatcher(url)
    dispatcher.open()
    yield dispatcher
    await dispatcher.close()


@asynccontextmanager
async def listening(url: str) -> AsyncGenerator[Told]:
    """A listener, and what it tells; it may not have heard anything yet."""
    told = Told()
    listener = Listener(url)
    listener.subscribe([told])
    await listener.open()
    yield told
    await listener.close()


async def until(seen: Callable[[], bool]) -> None:
    """Wait until something is seen; it must be."""
    async with asyncio.timeout(PATIENCE):
        while not seen():  # noqa: ASYNC110 - what is seen may be in the database
            await asyncio.sleep(0.01)


def run(test: Callable[[], Awaitable[None]]) -> None:
    """Run a test in an event loop of its own."""

    async def whole() -> None:
        async with asyncio.timeout(2 * PATIENCE):
            await test()

    asyncio.run(whole())
