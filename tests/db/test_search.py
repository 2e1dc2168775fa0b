"""The statements that find customers, run as the resolvers run them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import psycopg
import pytest
from harness import TODAY

from db.demo import HARD_CASES
from db.engine import Database, Reader
from db.search import CustomerFilter, CustomerSort, Slice, count_customers, customer_page, customer_slice
from db.urls import libpq_url
from db.vocabulary import MEMBERSHIP_LABELS, SERVICE_BITS, MembershipLevel, PackageStatus, ServiceCode

Result = TypeVar("Result")

EVERYBODY = CustomerFilter()


@dataclass
class Center:
    """A demo center to search in."""

    url: str

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(libpq_url(self.url), autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def ask(self, question: Callable[[Reader], Awaitable[Result]]) -> Result:
        async def ask() -> Result:
            database = Database(self.url, size=1, wait_seconds=10)
            await database.open()
            try:
                return await question(Reader(database))
            finally:
                await database.close()

        return asyncio.run(ask())

    def found(self, wanted: CustomerFilter, sort: CustomerSort = CustomerSort.NAME) -> list[int]:
        return self.ask(lambda reader: customer_page(reader, wanted, sort, page=1, size=10_000, today=TODAY))

    def count(self, wanted: CustomerFilter) -> int:
        return self.ask(lambda reader: count_customers(reader, wanted, TODAY))

    def stretch(
        self, sort: CustomerSort, limit: int, anchor: int | None, *, backwards: bool = False
    ) -> list[int]:
        part = Slice(limit, anchor, backwards)
        return self.ask(lambda reader: customer_slice(reader, EVERYBODY, sort, part, TODAY))


@pytest.fixture(scope="module")
def center(databases: Any, demo_template: str) -> Iterator[Center]:
    with databases.temporary(demo_template) as url:
        yield Center(url)


@pytest.fixture(scope="module")
def odd_center(databases: Any, demo_template: str) -> Iterator[Center]:
    """A center with customers that no demo has."""
    with databases.temporary(demo_template) as url:
        center = Center(url)
        for number, (name, phone) in enumerate(ODD_PEOPLE.values(), start=5000):
            center.execute(
                "INSERT INTO public.customers (customer_id, name, phone) VALUES (%s, %s, %s)",
                number,
                name,
                phone,
            )
        yield center


ODD_PEOPLE = {
    "spaced": ("홍 길 동", "010 9999 8888"),
    "wide": ("Ｊｏｈｎ", "+82-10-9999-7777"),
    "percent": ("50%할인", None),
    "underscore": ("a_b", ""),
    "backslash": ("c\\d", "내선 2222"),
    "quote": ("O'Brien", "02-333-4444"),
    "decomposed": ("\u1112\u1161\u11ab\u1100\u1173\u11af", "010-1111-2222"),
}
ODD_IDS = dict(zip(ODD_PEOPLE, range(5000, 5100), strict=False))


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("홍길동", "spaced"),
        ("홍 길", "spaced"),
        ("john", "wide"),
        ("ＪＯＨＮ", "wide"),
        ("50%", "percent"),
        ("%할", "percent"),
        ("a_b", "underscore"),
        ("c\\d", "backslash"),
        ("o'b", "quote"),
        ("한글", "decomposed"),
        ("99998888", "spaced"),
        ("9999-8888", "spaced"),
        ("8210-9999", "wide"),
        ("023334", "quote"),
    ],
)
def test_text_finds_part_of_a_name_or_of_a_phone_number(odd_center: Center, text: str, who: str) -> None:
    found = odd_center.found(CustomerFilter(text=text))

    assert [one for one in found if one >= 5000] == [ODD_IDS[who]]


@pytest.mark.parametrize("text", ["a%b", "a__b", "_b_", "c\\\\d", "%%%%", "' OR 1=1 --", "22", "２２"])
def test_text_is_never_a_pattern(odd_center: Center, text: str) -> None:
    assert [one for one in odd_center.found(CustomerFilter(text=text)) if one >= 5000] == []


def test_three_digits_of_a_phone_number_are_enough(odd_center: Center) -> None:
    assert ODD_IDS["backslash"] in odd_center.found(CustomerFilter(text="222"))


@pytest.mark.parametrize("sort", CustomerSort)
def test_customers_without_a_summary_are_in_every_list(odd_center: Center, sort: CustomerSort) -> None:
    found = odd_center.found(EVERYBODY, sort)

    assert set(ODD_IDS.values()) <= set(found)
    assert len(found) == len(set(found)) == odd_center.count(EVERYBODY)


@pytest.mark.parametrize(
    "wanted",
    [
        CustomerFilter(services=(ServiceCode.BRAIN,)),
        CustomerFilter(package_status=PackageStatus.ACTIVE),
        CustomerFilter(package_status=PackageStatus.EXPIRED),
        CustomerFilter(last_visit_from=TODAY - timedelta(days=9999)),
        CustomerFilter(last_visit_to=TODAY),
        CustomerFilter(membership_level=MembershipLevel.OTHER),
    ],
    ids=str,
)
def test_they_pass_no_filter_that_asks_for_something(odd_center: Center, wanted: CustomerFilter) -> None:
    assert set(ODD_IDS.values()).isdisjoint(odd_center.found(wanted))


@pytest.mark.parametrize("sort", CustomerSort)
@pytest.mark.parametrize("backwards", [False, True])
def test_slices_laid_end_to_end_are_the_whole_list(
    center: Center, sort: CustomerSort, *, backwards: bool
) -> None:
    async def walk(reader: Reader) -> list[int]:
        met: list[int] = []
        anchor = None
        while True:
            part = await customer_slice(reader, EVERYBODY, sort, Slice(37, anchor, backwards), TODAY)
            if not part:
                return met
            met = [*part, *met] if backwards else [*met, *part]
            anchor = part[0] if backwards else part[-1]

    assert center.ask(walk) == center.found(EVERYBODY, sort)


def test_a_slice_before_the_anchor_is_in_the_order_of_the_list(center: Center) -> None:
    whole = center.found(EVERYBODY, CustomerSort.REVENUE)

    assert center.stretch(CustomerSort.REVENUE, 5, whole[40], backwards=True) == whole[35:40]
    assert center.stretch(CustomerSort.REVENUE, 5, whole[40]) == whole[41:46]


@pytest.mark.parametrize("backwards", [False, True])
def test_nothing_lies_beyond_an_anchor_that_is_not_there(center: Center, *, backwards: bool) -> None:
    # which is why the resolver asks whether the anchor is still there
    assert center.stretch(CustomerSort.NAME, 5, 2_000_000_000, backwards=backwards) == []


def test_a_page_is_one_statement_and_so_is_a_total(center: Center) -> None:
    async def ask(reader: Reader) -> int:
        await customer_page(reader, EVERYBODY, CustomerSort.NAME, page=1, size=10, today=TODAY)
        await count_customers(reader, EVERYBODY, TODAY)
        return reader.statements

    assert center.ask(ask) == 2


def test_every_membership_label_belongs_to_one_level(center: Center) -> None:
    by_level = {level: center.count(CustomerFilter(membership_level=level)) for level in MembershipLevel}

    ((labelled,),) = center.execute("SELECT count(membership_level) FROM customers")
    assert sum(by_level.values()) == labelled
    ((unknown,),) = center.execute(
        "SELECT count(*) FROM customers WHERE membership_level::text <> ALL (%s)", list(MEMBERSHIP_LABELS)
    )
    assert by_level[MembershipLevel.OTHER] == unknown


def test_services_ask_for_any_of_them(center: Center) -> None:
    each = {code: set(center.found(CustomerFilter(services=(code,)))) for code in ServiceCode}

    both = set(center.found(CustomerFilter(services=(ServiceCode.RED, ServiceCode.AI_BIKE))))

    assert both == each[ServiceCode.RED] | each[ServiceCode.AI_BIKE]
    assert HARD_CASES["unknown_service"] in each[ServiceCode.OTHER]


def test_a_service_asked_for_twice_is_asked_for_once(center: Center) -> None:
    twice = CustomerFilter(services=(ServiceCode.RED, ServiceCode.RED))

    assert center.found(twice) == center.found(CustomerFilter(services=(ServiceCode.RED,)))


def test_every_service_has_a_bit_of_its_own() -> None:
    assert sorted(SERVICE_BITS.values()) == [1, 2, 4, 8, 16, 32]


@pytest.mark.parametrize(
    ("days", "statuses"),
    [(-1, {"EXPIRED"}), (0, {"ACTIVE", "EXPIRING"}), (30, {"ACTIVE", "EXPIRING"}), (31, {"ACTIVE"})],
)
def test_a_package_counts_to_its_last_day(center: Center, days: int, statuses: set[str]) -> None:
    center.execute(
        """UPDATE gateway.customer_summary
              SET package_ends_on = %s, last_package_ends_on = %s WHERE customer_id = 124""",
        TODAY + timedelta(days=days),
        TODAY + timedelta(days=days),
    )

    kept = {
        status.name
        for status in (PackageStatus.ACTIVE, PackageStatus.EXPIRING, PackageStatus.EXPIRED)
        if 124 in center.found(CustomerFilter(package_status=status))
    }

    assert kept == statuses


def test_visit_dates_are_both_included(center: Center) -> None:
    day = TODAY - timedelta(days=40)

    found = center.found(CustomerFilter(last_visit_from=day, last_visit_to=day))

    assert HARD_CASES["one_visit"] in found
