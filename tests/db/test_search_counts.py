"""Totals are counted once for all who ask at the same time, and remembered for a moment."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from harness import TODAY

from db.engine import Database, Reader
from db.search import CustomerCounts, CustomerFilter, Search, prepare_search
from db.vocabulary import PackageStatus

Result = TypeVar("Result")
ACTIVE = CustomerFilter(package_status=PackageStatus.ACTIVE)


@pytest.fixture(scope="module")
def url(databases: Any, demo_template: str) -> Iterator[str]:
    with databases.temporary(demo_template) as url:
        yield url


def asked(url: str, question: Callable[[Reader, Search], Awaitable[Result]]) -> Result:
    async def ask() -> Result:
        database = Database(url, size=4, wait_seconds=10)
        await database.open()
        try:
            reader = Reader(database)
            return await question(reader, await prepare_search(reader, ACTIVE, TODAY))
        finally:
            await database.close()

    return asyncio.run(ask())


def test_many_who_ask_at_once_are_told_what_was_counted_once(url: str) -> None:
    async def ask(reader: Reader, search: Search) -> tuple[set[int], int]:
        counts = CustomerCounts()
        return set(
            await asyncio.gather(*(counts.count(reader, search) for _ in range(20)))
        ), reader.statements

    totals, statements = asked(url, ask)

    assert len(totals) == statements == 1
    assert totals != {0}


def test_another_filter_and_another_day_are_counted_for_themselves(url: str) -> None:
    async def ask(reader: Reader, search: Search) -> list[int]:
        counts = CustomerCounts()
        everybody = await prepare_search(reader, CustomerFilter(), TODAY)
        later = await prepare_search(reader, ACTIVE, TODAY + timedelta(days=3650))
        return [await counts.count(reader, one) for one in (search, everybody, later)]

    active, everybody, later = asked(url, ask)

    assert everybody == 892
    assert 0 == later < active < everybody


def test_when_who_counts_gives_up_the_next_one_counts(url: str) -> None:
    async def ask(reader: Reader, search: Search) -> tuple[bool, int]:
        counts = CustomerCounts()
        first, second = (asyncio.create_task(counts.count(reader, search)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        total = await second
        return first.cancelled(), total

    cancelled, total = asked(url, ask)

    assert cancelled
    assert total > 0


def test_a_change_made_here_is_counted_anew(url: str) -> None:
    async def ask(reader: Reader, search: Search) -> list[int]:
        counts = CustomerCounts()
        statements: list[int] = []
        for _ in range(2):
            await counts.count(reader, search)
            statements.append(reader.statements)
        counts.forget()
        await counts.count(reader, search)
        return [*statements, reader.statements]

    assert asked(url, ask) == [1, 1, 2]
