"""Lists of customers: how long they are, a page by its number, a stretch by its place."""

from dataclasses import dataclass
from datetime import date

from db.engine import Reader
from db.search.filters import CustomerSort
from db.search.plan import Search
from db.search.statements import (
    COUNTED_AHEAD,
    Shape,
    Statement,
    count_statement,
    counted_statement,
    gram_count_statement,
    list_statement,
)
from db.search.words import NAME, is_one_gram

SortKey = str | date | int
"""What a list is sorted by: a name, the day of the last visit, visits, or KRW."""


@dataclass(frozen=True, slots=True)
class ListPlace:
    """A place in a list: the key of a customer there, which decides, and the number, which decides ties.

    `key` is the year 1 for who never came.
    """

    key: SortKey
    customer_id: int


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of a sorted list: `limit` customers after, or else before, the anchor."""

    limit: int
    anchor: ListPlace | None
    backwards: bool


async def count_customers(reader: Reader, search: Search) -> int:
    """Return how many customers match."""
    return await search.fetch_number(reader, _count_statement(search))


async def customer_page(  # noqa: PLR0913 - a page has that many sides
    reader: Reader, search: Search, sort: CustomerSort, *, page: int, size: int, total: int
) -> list[int]:
    """Return the customers of page `page`, counted from 1, of a list of `total`.

    A page is counted off from the nearer end. One behind the end costs nothing.
    """
    skipped = (page - 1) * size
    behind = total - skipped - size
    if skipped >= total:
        return []
    if skipped <= behind:
        found = await _fetch(reader, search, sort, limit=size, skipped=skipped)
    else:
        last = await _fetch(
            reader, search, sort, limit=min(size, total - skipped), skipped=max(0, behind), backwards=True
        )
        found = last[::-1]
    return [place.customer_id for place in found]


async def customer_slice(
    reader: Reader, search: Search, sort: CustomerSort, stretch: Slice
) -> list[ListPlace]:
    """Return a stretch of the list in its own order, found by key and not by counting."""
    found = await _fetch(
        reader, search, sort, limit=stretch.limit, anchor=stretch.anchor, backwards=stretch.backwards
    )
    return found[::-1] if stretch.backwards else found


def _count_statement(search: Search) -> Statement:
    if search.conditions <= COUNTED_AHEAD:
        return counted_statement(search.conditions)
    if search.conditions == frozenset({NAME}) and is_one_gram(search.wanted.text or ""):
        return gram_count_statement(NAME)
    return count_statement(search.conditions, by_grams=search.by_grams)


async def _fetch(  # noqa: PLR0913 - a stretch has that many sides
    reader: Reader,
    search: Search,
    sort: CustomerSort,
    *,
    limit: int,
    skipped: int = 0,
    anchor: ListPlace | None = None,
    backwards: bool = False,
) -> list[ListPlace]:
    shape = Shape(search.conditions, search.by_grams, sort, backwards=backwards, anchored=anchor is not None)
    text, constants = list_statement(shape)
    place = {"size": limit, "skipped": skipped}
    if anchor is not None:
        place |= {"anchor_key": anchor.key, "anchor": anchor.customer_id}
    rows = await reader.fetch(text, {**constants, **search.values, **place})
    return [ListPlace(int(key) if sort is CustomerSort.REVENUE else key, number) for key, number in rows]
