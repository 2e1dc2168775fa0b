"""Lists of customers: by cursor in both directions, and by page, against a recount in plain Python."""

import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from unicodedata import normalize

import pytest
from harness import TODAY, Gateway, running_gateway
from hypothesis import given, settings
from hypothesis import strategies as st

Rows = Callable[..., list[dict[str, Any]]]
Execute = Callable[..., list[tuple[object, ...]]]

SORTS = ("NAME", "LAST_VISIT", "TOTAL_VISITS", "REVENUE")

LIST = """
query ($filter: CustomerFilter, $sortBy: CustomerSort! = LAST_VISIT, $first: Int, $after: String,
       $last: Int, $before: String) {
  customers(filter: $filter, sortBy: $sortBy, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { customerId } }
    nodes { customerId }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}
"""

SEARCH = """
query ($filter: CustomerFilter, $sortBy: CustomerSort! = LAST_VISIT, $page: Int! = 1, $size: Int! = 20) {
  customerSearch(filter: $filter, sortBy: $sortBy, page: $page, size: $size) {
    customers { customerId }
    pagination { total page size totalPages }
  }
}
"""

PEOPLE = """
SELECT c.customer_id AS id, c.name, c.phone, c.membership_level::text AS level, c.email
  FROM customers c ORDER BY 1
"""
HELD = """
SELECT u.customer_id AS id, u.service_date AS day, coalesce(c.code, 'other') AS service
  FROM service_usage u
  LEFT JOIN gateway.session_detail d ON d.usage_id = u.usage_id
  LEFT JOIN gateway.service_code c ON c.service_type_id = u.service_type_id
 WHERE u.service_date <= %s AND coalesce(d.status, 'completed') = 'completed'
"""
BOUGHT = """
SELECT customer_id AS id, expiry_date AS ends, remaining_sessions > 0 AND is_active IS NOT FALSE AS usable
  FROM package_purchases
"""
PAID = """
SELECT customer_id AS id,
       sum(CASE WHEN payment_type = 'refund' THEN -abs(amount) ELSE amount END)::bigint AS amount
  FROM payments WHERE payment_status = 'completed' AND payment_date <= %s GROUP BY 1
"""

RISKS = "SELECT customer_id AS id, upper(risk_level) AS level FROM gateway.customer_summary"

LEVELS = {
    "basic": "BASIC",
    "silver": "PREMIUM",
    "gold": "PREMIUM",
    "platinum": "PREMIUM",
    "vip": "VIP",
    None: None,
}


@dataclass
class Person:
    """A customer as the rows describe them."""

    id: int
    name: str
    phone: str
    level: str | None
    days: set[date]
    services: set[str]
    packages: list[tuple[date, bool]]
    paid: int = 0
    risk: str | None = None

    @property
    def last_visit(self) -> date:
        return max(self.days, default=date.min)

    @property
    def ends(self) -> date:
        return max((ends for ends, usable in self.packages if usable), default=date.min)


@pytest.fixture(scope="session")
def people(rows: Rows) -> dict[int, Person]:
    found = {
        row["id"]: Person(
            row["id"], row["name"], row["phone"] or "", LEVELS.get(row["level"], "OTHER"), set(), set(), []
        )
        for row in rows(PEOPLE)
    }
    for row in rows(HELD, TODAY):
        found[row["id"]].days.add(row["day"])
        found[row["id"]].services.add(row["service"].upper())
    for row in rows(BOUGHT):
        found[row["id"]].packages.append((row["ends"], row["usable"]))
    for row in rows(PAID, TODAY):
        found[row["id"]].paid = row["amount"]
    for row in rows(RISKS):
        found[row["id"]].risk = row["level"]
    return found


def in_order(found: Sequence[Person], sort: str) -> list[int]:
    keys: dict[str, Callable[[Person], Any]] = {
        "NAME": lambda one: (one.name.encode(), one.id),
        "LAST_VISIT": lambda one: (one.last_visit, one.id),
        "TOTAL_VISITS": lambda one: (len(one.days), one.id),
        "REVENUE": lambda one: (one.paid, one.id),
    }
    return [one.id for one in sorted(found, key=keys[sort], reverse=sort != "NAME")]


def matches(person: Person, wanted: dict[str, Any]) -> bool:
    last_visit = person.last_visit
    return (
        ("q" not in wanted or _has_text(person, wanted["q"]))
        and ("services" not in wanted or bool(person.services & set(wanted["services"])))
        and ("packageStatus" not in wanted or _has_package(person, wanted["packageStatus"]))
        and wanted.get("membershipLevel", person.level) == person.level
        and wanted.get("riskLevel", person.risk) == person.risk
        and ("lastVisitFrom" not in wanted or date.fromisoformat(wanted["lastVisitFrom"]) <= last_visit)
        and (
            "lastVisitTo" not in wanted or date.min < last_visit <= date.fromisoformat(wanted["lastVisitTo"])
        )
    )


def _has_text(person: Person, text: str) -> bool:
    key = _key(text)
    if not key or key in _key(person.name):
        return True
    digits = key.replace("-", "")
    return (
        digits.isascii()
        and digits.isdigit()
        and len(digits) >= 3
        and digits in "".join(filter(str.isdigit, person.phone))
    )


def _key(text: str) -> str:
    return normalize("NFKC", text).replace(" ", "").lower()


def _has_package(person: Person, status: str) -> bool:
    usable = person.ends >= TODAY
    return {
        "ACTIVE": usable,
        "EXPIRING": usable and person.ends <= TODAY + timedelta(days=30),
        "EXPIRED": bool(person.packages) and not usable,
    }[status]


def connection(gateway: Gateway, **wanted: object) -> dict[str, Any]:
    return gateway.data(LIST, wanted)["customers"]


def ids(page: dict[str, Any]) -> list[int]:
    return [edge["node"]["customerId"] for edge in page["edges"]]


def forwards(gateway: Gateway, size: int = 100, **wanted: object) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = connection(gateway, first=size, after=cursor, **wanted)
        yield page
        if not page["pageInfo"]["hasNextPage"]:
            return
        cursor = page["pageInfo"]["endCursor"]


def backwards(gateway: Gateway, size: int = 100, **wanted: object) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = connection(gateway, last=size, before=cursor, **wanted)
        yield page
        if not page["pageInfo"]["hasPreviousPage"]:
            return
        cursor = page["pageInfo"]["startCursor"]


def search(gateway: Gateway, **wanted: object) -> tuple[list[int], dict[str, int]]:
    found = gateway.data(SEARCH, wanted)["customerSearch"]
    return [customer["customerId"] for customer in found["customers"]], found["pagination"]


def refused(gateway: Gateway, document: str, **wanted: object) -> list[str]:
    (error,) = gateway.graphql(document, wanted)["errors"]
    assert error["extensions"]["code"] == "VALIDATION_ERROR"
    return list(error["extensions"]["detail"]["fields"])


@pytest.mark.parametrize("sort", SORTS)
def test_walking_forwards_meets_everybody_once_and_in_order(
    gateway: Gateway, people: dict[int, Person], sort: str
) -> None:
    met = [one for page in forwards(gateway, sortBy=sort) for one in ids(page)]

    assert met == in_order(list(people.values()), sort)


@pytest.mark.parametrize("sort", SORTS)
def test_walking_backwards_meets_the_same_order_from_its_end(
    gateway: Gateway, people: dict[int, Person], sort: str
) -> None:
    pages = list(backwards(gateway, sortBy=sort))

    assert [one for page in reversed(pages) for one in ids(page)] == in_order(list(people.values()), sort)


@pytest.mark.parametrize("sort", SORTS)
def test_the_pages_of_the_search_are_in_the_same_order(
    gateway: Gateway, people: dict[int, Person], sort: str
) -> None:
    total_pages = math.ceil(len(people) / 100)

    met = [
        one
        for page in range(1, total_pages + 1)
        for one in search(gateway, sortBy=sort, page=page, size=100)[0]
    ]

    assert met == in_order(list(people.values()), sort)


def test_a_stretch_says_truly_whether_the_list_goes_on(gateway: Gateway, people: dict[int, Person]) -> None:
    found = [page["pageInfo"] for page in forwards(gateway)]

    assert [page["hasNextPage"] for page in found] == [True] * (len(found) - 1) + [False]
    assert [page["hasPreviousPage"] for page in found] == [False] + [True] * (len(found) - 1)
    assert len(found) == math.ceil(len(people) / 100)


def test_backwards_it_says_so_of_what_comes_before(gateway: Gateway) -> None:
    found = [page["pageInfo"] for page in backwards(gateway)]

    assert [page["hasPreviousPage"] for page in found] == [True] * (len(found) - 1) + [False]
    assert [page["hasNextPage"] for page in found] == [False] + [True] * (len(found) - 1)


@pytest.mark.parametrize("size", [1, 3])
def test_small_steps_lose_nobody_among_equals(gateway: Gateway, people: dict[int, Person], size: int) -> None:
    order = in_order([one for one in people.values() if one.level == "VIP"], "TOTAL_VISITS")[: 8 * size]
    wanted = {"filter": {"membershipLevel": "VIP"}, "sortBy": "TOTAL_VISITS"}

    met: list[int] = []
    for page in forwards(gateway, size, **wanted):
        met += ids(page)
        if len(met) >= len(order):
            break

    assert met == order


def test_there_are_equals_to_be_lost(people: dict[int, Person]) -> None:
    visits = [len(one.days) for one in people.values()]

    assert len(set(visits)) < len(visits) // 2
    assert visits.count(0) > 0


def test_customers_who_never_came_close_the_list_of_last_visits(
    gateway: Gateway, people: dict[int, Person]
) -> None:
    never = [one.id for one in people.values() if not one.days]

    page = connection(gateway, last=len(never), sortBy="LAST_VISIT")

    assert sorted(ids(page)) == sorted(never)


def test_there_and_back_again_is_the_same_stretch(gateway: Gateway) -> None:
    there = connection(gateway, first=30, sortBy="REVENUE")

    back = connection(gateway, last=10, before=there["edges"][20]["cursor"], sortBy="REVENUE")

    assert ids(back) == ids(there)[10:20]


def test_nodes_and_edges_hold_the_same_customers(gateway: Gateway) -> None:
    page = connection(gateway, first=5)

    assert [node["customerId"] for node in page["nodes"]] == ids(page)
    assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
    assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]


def test_a_list_without_a_size_holds_twenty(gateway: Gateway) -> None:
    assert len(ids(connection(gateway))) == 20
    assert len(ids(connection(gateway, before=connection(gateway, first=50)["pageInfo"]["endCursor"]))) == 20


def test_nobody_is_an_empty_list(gateway: Gateway) -> None:
    page = connection(gateway, filter={"q": "아무도아님"})

    assert (page["edges"], page["totalCount"]) == ([], 0)
    assert page["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


def test_after_the_last_customer_comes_an_empty_page(gateway: Gateway, people: dict[int, Person]) -> None:
    last = connection(gateway, last=1)["pageInfo"]["endCursor"]

    page = connection(gateway, after=last)

    assert page["edges"] == []
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (False, True)
    assert page["totalCount"] == len(people)


def test_the_cursor_of_a_customer_outside_the_filter_still_marks_a_place(
    gateway: Gateway, people: dict[int, Person]
) -> None:
    order = in_order(list(people.values()), "NAME")
    outsider = next(one for one in order[50:] if people[one].level != "VIP")
    vips = [one for one in order[order.index(outsider) :] if people[one].level == "VIP"]
    edges = connection(gateway, first=100, sortBy="NAME")["edges"]
    (cursor,) = [edge["cursor"] for edge in edges if edge["node"]["customerId"] == outsider]

    page = connection(gateway, first=10, after=cursor, sortBy="NAME", filter={"membershipLevel": "VIP"})

    assert ids(page) == vips[:10]


def encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decoded(cursor: str) -> bytes:
    return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


@pytest.mark.parametrize("sort", SORTS)
def test_a_cursor_shows_neither_who_it_is_nor_what_is_sorted_by(gateway: Gateway, sort: str) -> None:
    wanted = {"filter": {"q": "김영희"}, "sortBy": sort}
    (edge,) = connection(gateway, first=1, **wanted)["edges"]

    shown = decoded(edge["cursor"])
    for secret in ("김영희", "123", "2026", "2500000", "36", sort.lower()):
        assert secret.encode() not in shown


def test_all_cursors_are_as_long_and_no_two_places_share_one(gateway: Gateway) -> None:
    cursors = [
        edge["cursor"] for sort in SORTS for edge in connection(gateway, first=100, sortBy=sort)["edges"]
    ]

    assert len({len(cursor) for cursor in cursors}) == 1
    assert len(set(cursors)) == len(cursors)


def test_the_same_place_has_the_same_cursor_on_every_server_with_the_secret(gateway: Gateway) -> None:
    with running_gateway(gateway.database_url) as other:
        assert connection(other, first=3) == connection(gateway, first=3)


def test_a_server_with_another_secret_refuses_our_cursors(gateway: Gateway) -> None:
    cursor = connection(gateway, first=1)["pageInfo"]["endCursor"]

    with running_gateway(
        gateway.database_url, cursor_secret="another invented secret of 40 bytes!!"
    ) as other:
        assert refused(other, LIST, after=cursor) == ["after"]


def test_not_one_bit_of_a_cursor_can_be_changed(gateway: Gateway) -> None:
    sealed = decoded(connection(gateway, first=1)["pageInfo"]["endCursor"])

    for place in range(0, len(sealed), 9):
        forged = bytearray(sealed)
        forged[place] ^= 1
        assert refused(gateway, LIST, after=urlsafe_b64encode(forged).decode().rstrip("=")) == ["after"]


FOREIGN_CURSORS = {
    "garbage": "garbage",
    "not base64": "한글",
    "bytes that are no text": "____",
    "hardly any bytes": "AA",
    "in the clear": encoded("customer:last_visit:123"),
    "longer than any": "A" * 100_000,
}


@pytest.mark.parametrize("side", ["after", "before"])
@pytest.mark.parametrize("cursor", FOREIGN_CURSORS.values(), ids=FOREIGN_CURSORS)
def test_a_cursor_that_is_not_of_this_list_is_refused(gateway: Gateway, side: str, cursor: str) -> None:
    assert refused(gateway, LIST, **{side: cursor}) == [side]


@pytest.mark.parametrize("sort", [sort for sort in SORTS if sort != "NAME"])
def test_a_cursor_of_another_sort_is_refused(gateway: Gateway, sort: str) -> None:
    cursor = connection(gateway, first=1, sortBy="NAME")["pageInfo"]["endCursor"]

    assert refused(gateway, LIST, after=cursor, sortBy=sort) == ["after"]


@pytest.mark.parametrize(
    "wanted",
    [
        {"first": 5, "last": 5},
        {"first": 5, "before": "any"},
        {"last": 5, "after": "any"},
        {"after": "any", "before": "any"},
    ],
)
def test_both_directions_at_once_are_refused(gateway: Gateway, wanted: dict[str, Any]) -> None:
    assert refused(gateway, LIST, **wanted) == ["first"]


@pytest.mark.parametrize("side", ["first", "last"])
@pytest.mark.parametrize("size", [0, -1, 101, 2**31 - 1])
def test_a_size_out_of_bounds_is_refused(gateway: Gateway, side: str, size: int) -> None:
    assert refused(gateway, LIST, **{side: size}) == [side]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [({"size": 0}, "size"), ({"size": 101}, "size"), ({"page": 0}, "page"), ({"page": -1}, "page")],
)
def test_a_page_out_of_bounds_is_refused(gateway: Gateway, wanted: dict[str, int], field: str) -> None:
    assert refused(gateway, SEARCH, **wanted) == [field]


@pytest.mark.parametrize("document", [LIST, SEARCH], ids=["customers", "customerSearch"])
@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"lastVisitFrom": "2026-06-02", "lastVisitTo": "2026-06-01"}, "lastVisitFrom"),
        ({"packageStatus": "COMPLETED"}, "packageStatus"),
        ({"q": "가" * 101}, "q"),
        ({"q": "a\x00b"}, "q"),
        ({"q": "a\nb"}, "q"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_by_its_name_in_the_schema(
    gateway: Gateway, document: str, wanted: dict[str, str], field: str
) -> None:
    assert refused(gateway, document, filter=wanted) == [field]


def test_a_page_beyond_the_last_is_empty_and_still_has_the_total(
    gateway: Gateway, people: dict[int, Person]
) -> None:
    found, pagination = search(gateway, page=2**31 - 1, size=100)

    assert found == []
    assert pagination["total"] == len(people)
    assert pagination["totalPages"] == math.ceil(len(people) / 100)


@pytest.mark.parametrize("side", ["after", "before"])
def test_the_cursor_of_a_deleted_customer_still_leads_on(
    writable_gateway: Gateway, execute: Execute, side: str
) -> None:
    execute("INSERT INTO public.customers (customer_id, name) VALUES (5000, '하하하')")
    around = [one for page in forwards(writable_gateway, sortBy="NAME") for one in ids(page)]
    before = connection(writable_gateway, first=1, filter={"q": "하하하"}, sortBy="NAME")
    execute("DELETE FROM public.customers WHERE customer_id = 5000")

    size = {"after": "first", "before": "last"}[side]
    wanted = {side: before["pageInfo"]["endCursor"], size: 1, "sortBy": "NAME"}

    beside = around.index(5000) + (1 if side == "after" else -1)
    assert ids(connection(writable_gateway, **wanted)) == [around[beside]]


def test_customers_who_never_came_are_listed_last(writable_gateway: Gateway, execute: Execute) -> None:
    execute(
        """INSERT INTO public.customers (customer_id, name)
           SELECT 5000 + n, '새고객' FROM generate_series(1, 3) AS n"""
    )

    found = [one for page in backwards(writable_gateway, 2, filter={"q": "새고객"}) for one in ids(page)]

    assert found == [5002, 5001, 5003]


def test_the_total_is_counted_only_when_it_is_asked_for(statements: Callable[..., int]) -> None:
    # nobody else asks for this filter, whose total would be remembered
    stretch = '{ customers(first: 3, filter: {lastVisitFrom: "2020-02-02"}) { nodes { name } %s } }'

    assert statements(stretch % "") == 2
    assert statements(stretch % "totalCount") == 3


def test_the_total_is_that_of_the_filter(gateway: Gateway, people: dict[int, Person]) -> None:
    page = connection(gateway, first=1, filter={"membershipLevel": "PREMIUM"})

    assert page["totalCount"] == sum(one.level == "PREMIUM" for one in people.values())


WORDS = st.sampled_from(
    ["김", "영희", "이수민", "김 영 희", "1234", "010", "12", "anna", "SCHMIDT", "100%", "_", "%", "\\", "'",
     "7777", "010-0125", "ａｎｎａ", "없는이름"]
)  # fmt: skip
DAYS = st.integers(-5, 800).map(lambda back: str(TODAY - timedelta(days=back)))


@st.composite
def filters(draw: st.DrawFn) -> dict[str, Any]:
    """Some filters, with the visit dates the right way round."""
    wanted: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "q": WORDS,
                "services": st.lists(
                    st.sampled_from(["BRAIN", "PULSE", "LYMPH", "RED", "AI_BIKE", "OTHER"]), min_size=1
                ),
                "packageStatus": st.sampled_from(["ACTIVE", "EXPIRING", "EXPIRED"]),
                "membershipLevel": st.sampled_from(["BASIC", "PREMIUM", "VIP", "OTHER"]),
                "riskLevel": st.sampled_from(["STABLE", "WARNING", "DANGER"]),
                "lastVisitFrom": DAYS,
                "lastVisitTo": DAYS,
            },
        )
    )
    if {"lastVisitFrom", "lastVisitTo"} <= set(wanted):
        wanted["lastVisitFrom"], wanted["lastVisitTo"] = sorted(
            (wanted["lastVisitFrom"], wanted["lastVisitTo"])
        )
    return wanted


# the connection pool of the gateway, which runs in a thread beside the test, rolls the dice while we draw
@pytest.mark.filterwarnings("ignore:Do not use the .random. module inside strategies")
@settings(max_examples=40, derandomize=True, deadline=None)
@given(wanted=filters(), sort=st.sampled_from(SORTS))
def test_any_filters_together_keep_what_a_recount_keeps(
    gateway: Gateway, people: dict[int, Person], wanted: dict[str, Any], sort: str
) -> None:
    kept = in_order([one for one in people.values() if matches(one, wanted)], sort)

    found, pagination = search(gateway, filter=wanted, sortBy=sort, size=100)

    assert found == kept[:100]
    assert pagination["total"] == len(kept)
    assert ids(connection(gateway, filter=wanted, sortBy=sort, last=50)) == kept[-50:]


@pytest.mark.parametrize(
    "wanted",
    [{"services": ["AI_BIKE"]}, {"packageStatus": "ACTIVE"}, {"packageStatus": "EXPIRING"},
     {"packageStatus": "EXPIRED"}, {"membershipLevel": "OTHER"}, {"membershipLevel": "BASIC"},
     {"riskLevel": "STABLE"}, {"riskLevel": "WARNING"}, {"riskLevel": "DANGER"},
     {"lastVisitFrom": str(TODAY)}, {"lastVisitTo": "2025-06-15"}, {"q": "1234"}, {"q": "%"}, {"q": "a S"}],
    ids=str,
)  # fmt: skip
def test_each_filter_keeps_somebody_and_not_everybody(
    gateway: Gateway, people: dict[int, Person], wanted: dict[str, Any]
) -> None:
    _, pagination = search(gateway, filter=wanted)

    assert pagination["total"] == sum(matches(one, wanted) for one in people.values())
    assert 0 < pagination["total"] < len(people)


def test_two_digits_say_nothing_about_a_phone_number(gateway: Gateway) -> None:
    assert search(gateway, filter={"q": "01"})[1]["total"] == 0


@pytest.mark.parametrize("wanted", [{}, {"q": None}, {"q": "  "}, {"services": None}, {"lastVisitTo": None}])
def test_a_filter_left_empty_filters_nobody(
    gateway: Gateway, people: dict[int, Person], wanted: dict[str, Any]
) -> None:
    assert search(gateway, filter=wanted)[1]["total"] == len(people)


def test_a_name_in_decomposed_letters_is_found(gateway: Gateway) -> None:
    found, _ = search(gateway, filter={"q": normalize("NFD", "김영희")})

    assert 123 in found
