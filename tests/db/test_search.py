"""The statements that find customers, run as the resolvers run them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

import psycopg
import pytest
from harness import TODAY

from db.demo import HARD_CASES
from db.engine import Database, Reader
from db.search import (
    CustomerFilter,
    CustomerSort,
    ListPlace,
    Search,
    Slice,
    count_customers,
    customer_page,
    customer_slice,
    prepare_search,
)
from db.urls import libpq_url
from db.vocabulary import (
    MEMBERSHIP_LABELS,
    SERVICE_BITS,
    MembershipLevel,
    PackageStatus,
    ServiceCode,
    membership_level,
)

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

    def ask(self, wanted: CustomerFilter, question: Callable[[Reader, Search], Awaitable[Result]]) -> Result:
        async def ask() -> Result:
            database = Database(self.url, size=1, wait_seconds=10)
            await database.open()
            try:
                reader = Reader(database)
                return await question(reader, await prepare_search(reader, wanted, TODAY))
            finally:
                await database.close()

        return asyncio.run(ask())

    def found(self, wanted: CustomerFilter, sort: CustomerSort = CustomerSort.NAME) -> list[int]:
        return self.page(wanted, sort, page=1, size=10_000)

    def page(self, wanted: CustomerFilter, sort: CustomerSort, *, page: int, size: int) -> list[int]:
        async def ask(reader: Reader, search: Search) -> list[int]:
            total = await count_customers(reader, search)
            return await customer_page(reader, search, sort, page=page, size=size, total=total)

        return self.ask(wanted, ask)

    def count(self, wanted: CustomerFilter) -> int:
        return self.ask(wanted, count_customers)

    def stretch(
        self,
        sort: CustomerSort,
        limit: int,
        anchor: ListPlace | None,
        *,
        wanted: CustomerFilter = EVERYBODY,
        backwards: bool = False,
    ) -> list[ListPlace]:
        part = Slice(limit, anchor, backwards)
        return self.ask(wanted, lambda reader, search: customer_slice(reader, search, sort, part))


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
    "thrice": ("다다다", None),
    "twice": ("다다", None),
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
        ("다다다", "thrice"),
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
def test_customers_who_never_did_anything_are_in_every_list(odd_center: Center, sort: CustomerSort) -> None:
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
    async def walk(reader: Reader, search: Search) -> list[int]:
        met: list[ListPlace] = []
        anchor = None
        while True:
            part = await customer_slice(reader, search, sort, Slice(37, anchor, backwards))
            if not part:
                return [place.customer_id for place in met]
            met = [*part, *met] if backwards else [*met, *part]
            anchor = part[0] if backwards else part[-1]

    assert center.ask(EVERYBODY, walk) == center.found(EVERYBODY, sort)


def test_a_slice_before_the_anchor_is_in_the_order_of_the_list(center: Center) -> None:
    whole = center.stretch(CustomerSort.REVENUE, 50, None)

    assert center.stretch(CustomerSort.REVENUE, 5, whole[40], backwards=True) == whole[35:40]
    assert center.stretch(CustomerSort.REVENUE, 5, whole[40]) == whole[41:46]


def test_the_place_of_a_customer_who_is_gone_is_still_a_place(center: Center) -> None:
    first, second, third = center.stretch(CustomerSort.NAME, 3, None)
    between = ListPlace(second.key, second.customer_id - 1)

    assert between not in {first, second, third}
    assert center.stretch(CustomerSort.NAME, 2, between) == [second, third]


@pytest.mark.parametrize("sort", CustomerSort)
def test_pages_from_both_ends_are_parts_of_one_list(center: Center, sort: CustomerSort) -> None:
    whole = center.found(EVERYBODY, sort)

    pages = [center.page(EVERYBODY, sort, page=page, size=100) for page in range(1, 11)]

    assert [one for page in pages for one in page] == whole
    assert pages[-1] == []


@pytest.mark.parametrize(("text", "statements"), [(None, 2), ("민서", 3)])
def test_a_page_and_its_total_are_two_statements_and_words_one_more(
    center: Center, text: str | None, statements: int
) -> None:
    async def ask(reader: Reader, search: Search) -> int:
        total = await count_customers(reader, search)
        await customer_page(reader, search, CustomerSort.NAME, page=1, size=10, total=total)
        return reader.statements

    assert center.ask(CustomerFilter(text=text), ask) == statements


@pytest.mark.parametrize("text", ["다", "다다", "다다다"])
def test_as_many_are_counted_as_found(odd_center: Center, text: str) -> None:
    wanted = CustomerFilter(text=text)

    assert odd_center.count(wanted) == len(odd_center.found(wanted)) > 0


@pytest.mark.parametrize("text", ["김", "민서", "1234", "010", "0101", "anna", "100%", "없는이름"])
@pytest.mark.parametrize("sort", CustomerSort)
def test_gathering_by_grams_and_walking_find_the_same(center: Center, text: str, sort: CustomerSort) -> None:
    async def ask(reader: Reader, search: Search) -> list[object]:
        return [
            (
                await count_customers(reader, way),
                await customer_slice(reader, way, sort, Slice(999, None, backwards=False)),
            )
            for way in (replace(search, by_grams=True), replace(search, by_grams=False))
        ]

    gathered, walked = center.ask(CustomerFilter(text=text), ask)

    assert gathered == walked


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


def test_a_label_is_read_in_sql_as_everywhere_else(center: Center) -> None:
    labels = [
        *MEMBERSHIP_LABELS,
        *map(str.upper, MEMBERSHIP_LABELS),
        " V I P ",
        "ｖｉｐ",
        "diamond",
        "",
        " ",
        None,
    ]

    told = center.execute(
        "SELECT label, gateway.contract_level(label) FROM unnest(%s::text[]) AS label", labels
    )

    assert told == [(label, membership_level(label)) for label in labels]


def test_the_one_index_of_words_knows_letters_pairs_and_threes_of_digits(center: Center) -> None:
    ((grams,),) = center.execute("SELECT gateway.search_grams('A 김ｂ', '+82 (10) 1')")

    assert sorted(grams) == sorted(["a", "김", "b", "a김", "김b", "#821", "#210", "#101"])


@pytest.mark.parametrize(("name", "phone"), [("", None), ("가", ""), ("가", "12"), (" ", "전화 없음")])
def test_hardly_anything_has_hardly_any_grams(center: Center, name: str, phone: str | None) -> None:
    ((grams,),) = center.execute("SELECT gateway.search_grams(%s, %s)", name, phone)

    assert grams == list(name.strip())
