"""Walks through lists of customers while others write: who stays as they were is met exactly once."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from harness import TODAY, Gateway, running_gateway

from db.urls import libpq_url

SORTS = ("NAME", "LAST_VISIT", "TOTAL_VISITS", "REVENUE")
NAMES = ("가나다", "김영희", "김영희", "이수민", "박지훈", "최유나", "Anna Schmidt", "힣힣힣")
FIRST_RESTLESS = 6000

PAGE = """
query ($sort: CustomerSort!, $first: Int, $after: String, $last: Int, $before: String) {
  customers(sortBy: $sort, first: $first, after: $after, last: $last, before: $before) {
    nodes { customerId }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
VISIT = """
INSERT INTO service_usage (customer_id, service_date, service_type_id)
SELECT %s, %s, min(service_type_id) FROM service_types
"""
PAYMENT = """
INSERT INTO payments (customer_id, payment_date, amount, payment_method, payment_type)
VALUES (%s, %s, %s, 'card', 'single')
"""


class Restless:
    """Customers who come, change and go all the time, by a connection of their own."""

    def __init__(self, connection: psycopg.Connection[Any], random: Random) -> None:
        self._connection = connection
        self._random = random
        self._ids: list[int] = []
        self._next = FIRST_RESTLESS
        for _ in range(40):
            self._come()

    def stir(self) -> None:
        """Write something about one of them."""
        customer_id = self._random.choice(self._ids)
        day = TODAY - timedelta(days=self._random.randint(0, 700))
        match self._random.randint(0, 4):
            case 0:
                self._come()
            case 1:
                self._run(
                    "UPDATE customers SET name = %s WHERE customer_id = %s",
                    self._random.choice(NAMES),
                    customer_id,
                )
            case 2:
                self._run(VISIT, customer_id, day)
            case 3:
                self._run(PAYMENT, customer_id, day, self._random.choice([10_000, 70_000, 500_000]))
            case _:
                self.go(customer_id)

    def go(self, customer_id: int) -> None:
        """Delete one of them with everything that the center wrote about them."""
        if customer_id in self._ids and len(self._ids) > 1:
            self._ids.remove(customer_id)
            for table in ("service_usage", "payments", "customers"):
                self._run(f"DELETE FROM {table} WHERE customer_id = %s", customer_id)

    def _come(self) -> None:
        self._run(
            "INSERT INTO customers (customer_id, name) VALUES (%s, %s)",
            self._next,
            self._random.choice(NAMES),
        )
        self._ids.append(self._next)
        self._next += 1

    def _run(self, statement: str, *values: object) -> None:
        self._connection.execute(statement, values)


@pytest.fixture
def restless_center(databases: Any, demo_template: str) -> Iterator[tuple[Gateway, psycopg.Connection[Any]]]:
    with (
        databases.temporary(demo_template) as url,
        running_gateway(url) as gateway,
        psycopg.connect(libpq_url(url), autocommit=True) as connection,
    ):
        yield gateway, connection


def pages(gateway: Gateway, sort: str, size: int, *, backwards: bool) -> Iterator[list[int]]:
    """Yield one page after the other, each in the list's own order."""
    side, place, more, end = (
        ("last", "before", "hasPreviousPage", "startCursor")
        if backwards
        else ("first", "after", "hasNextPage", "endCursor")
    )
    cursor = None
    while True:
        page = gateway.data(PAGE, {"sort": sort, side: size, place: cursor})["customers"]
        yield [node["customerId"] for node in page["nodes"]]
        if not page["pageInfo"][more]:
            return
        cursor = page["pageInfo"][end]


def walked(
    gateway: Gateway, sort: str, size: int, *, backwards: bool, meanwhile: Callable[[list[int]], None]
) -> list[int]:
    """Return the customers met who were there from the start, in the list's order."""
    met: list[int] = []
    for page in pages(gateway, sort, size, backwards=backwards):
        met = [*page, *met] if backwards else [*met, *page]
        meanwhile(page)
    return [one for one in met if one < FIRST_RESTLESS]


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_who_is_untouched_is_met_once_and_in_order_whatever_happens_between_pages(
    restless_center: tuple[Gateway, psycopg.Connection[Any]], *, backwards: bool
) -> None:
    gateway, connection = restless_center
    random = Random(7)  # noqa: S311 - which writes, not secrets
    restless = Restless(connection, random)

    def meanwhile(page: list[int]) -> None:
        restless.stir()
        restless.go(page[0] if backwards else page[-1])

    for sort in SORTS:
        still = walked(gateway, sort, 100, backwards=backwards, meanwhile=lambda _: None)
        met = walked(gateway, sort, 90, backwards=backwards, meanwhile=meanwhile)

        assert met == still
        assert len(set(met)) == len(met) == 892


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sort", SORTS)
def test_who_is_untouched_is_met_once_while_others_write_without_a_pause(
    restless_center: tuple[Gateway, psycopg.Connection[Any]], sort: str, seed: int
) -> None:
    gateway, connection = restless_center
    random = Random(seed)  # noqa: S311 - which writes, not secrets
    restless = Restless(connection, random)
    still = walked(gateway, sort, 100, backwards=False, meanwhile=lambda _: None)
    ended = Event()

    def write() -> None:
        while not ended.is_set():
            restless.stir()

    writer = Thread(target=write)
    writer.start()
    try:
        for backwards in (False, True):
            met = walked(gateway, sort, random.randint(3, 40), backwards=backwards, meanwhile=lambda _: None)
            assert met == still
    finally:
        ended.set()
        writer.join()
