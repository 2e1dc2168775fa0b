"""GET /customers/search: words, filters, sorting and paging over the demo center's 892 customers."""

from collections import Counter
from collections.abc import Callable
from typing import Any, LiteralString
from unicodedata import normalize

import pytest
from harness import TODAY, Gateway
from rest.answers import data_of, error_of, found_ids, invalid_fields, search
from rest.rows import rows

from db.demo import HARD_CASES

_EVERYBODY = 892
_SERVICES = ("brain", "pulse", "lymph", "red", "ai_bike")
_SORT_KEYS: dict[str, Callable[[dict[str, Any]], tuple[Any, int]]] = {
    "name": lambda row: (row["name"], row["customer_id"]),
    "last_visit": lambda row: (row["last_visit_date"] or "", row["customer_id"]),
    "total_visits": lambda row: (row["total_visits"], row["customer_id"]),
    "revenue": lambda row: (row["total_revenue"], row["customer_id"]),
}

_USED = """
SELECT u.customer_id
  FROM service_usage u
  JOIN gateway.service_code c USING (service_type_id)
  LEFT JOIN gateway.session_detail d USING (customer_id, usage_id)
 WHERE c.code = ANY (%(codes)s) AND u.service_date <= %(today)s
   AND coalesce(d.status, 'completed') = 'completed'
"""
_OWN_PACKAGES = """
SELECT customer_id FROM package_purchases
 WHERE expiry_date BETWEEN %(today)s AND %(last)s AND remaining_sessions > 0 AND is_active
"""
_OF_LEVEL = "SELECT customer_id FROM customers WHERE membership_level::text = ANY (%(labels)s)"
_LAST_VISITS = """
SELECT customer_id
  FROM service_usage u LEFT JOIN gateway.session_detail d USING (customer_id, usage_id)
 WHERE service_date <= %(today)s AND coalesce(d.status, 'completed') = 'completed'
 GROUP BY customer_id HAVING max(service_date) BETWEEN %(first)s AND %(last)s
"""


def _ids(gateway: Gateway, statement: LiteralString, **values: object) -> set[int]:
    """Return the customers that a statement of the test's own finds in the center's tables."""
    return {row[0] for row in rows(gateway, statement, today=TODAY, **values)}


@pytest.fixture(scope="module")
def pages_by(gateway: Gateway) -> Callable[[str], list[list[dict[str, Any]]]]:
    """Return everybody, sorted, in pages of a hundred; each sort is read once for the module."""
    read: dict[str, list[list[dict[str, Any]]]] = {}

    def pages(sort: str) -> list[list[dict[str, Any]]]:
        if sort not in read:
            read[sort] = [
                search(gateway, sort_by=sort, size=100, page=page)["customers"] for page in range(1, 10)
            ]
        return read[sort]

    return pages


def _names(gateway: Gateway, text: str) -> list[str]:
    return sorted(customer["name"] for customer in search(gateway, q=text, size=100)["customers"])


@pytest.mark.parametrize(
    "text",
    [
        "김영희",
        "영희",
        "김 영희",
        " 김영희 ",
        "김 영 희",
        normalize("NFD", "김영희"),
        normalize("NFD", "영희"),
    ],
)
def test_a_name_is_found_by_a_part_of_it(gateway: Gateway, text: str) -> None:
    assert _names(gateway, text) == ["김영희"]


@pytest.mark.parametrize("text", ["Anna Schmidt", "anna", "SCHMIDT", "annaschmidt", "a s"])
def test_a_latin_name_is_found_in_any_case(gateway: Gateway, text: str) -> None:
    assert "Anna Schmidt" in _names(gateway, text)


def test_everybody_of_a_name_is_found(gateway: Gateway) -> None:
    namesakes = {HARD_CASES["same_name_first"], HARD_CASES["same_name_second"]}

    assert namesakes <= set(found_ids(gateway, q="이수민"))


def test_a_part_of_a_name_finds_what_sql_finds(gateway: Gateway) -> None:
    found = found_ids(gateway, q="서")

    assert set(found) == _ids(gateway, "SELECT customer_id FROM customers WHERE name LIKE '%%서%%'")


@pytest.mark.parametrize(
    "text", ["010-1234-5678", "01012345678", "010 1234 5678", "5678", "1234-5678", "123-45"]
)
def test_a_phone_is_found_by_its_digits(gateway: Gateway, text: str) -> None:
    assert 123 in found_ids(gateway, q=text)


def test_two_digits_are_no_phone(gateway: Gateway) -> None:
    assert found_ids(gateway, q="56") == []


def test_a_search_without_a_match_is_empty(gateway: Gateway) -> None:
    found = search(gateway, q="없는이름")

    assert found["customers"] == []
    assert found["pagination"] == {"total": 0, "page": 1, "size": 20, "total_pages": 0}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("%", ["100%_할인"]),
        ("_", ["100%_할인"]),
        ("0%_할", ["100%_할인"]),
        ("김%희", []),
        ("김_희", []),
        ("\\", []),
    ],
)
def test_wildcards_of_sql_are_only_characters(gateway: Gateway, text: str, names: list[str]) -> None:
    assert _names(gateway, text) == names


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE customers; --", "') OR 1=1 --", "{0}", "%s", "%(q)s", "🙂", "$1"]
)
def test_what_looks_like_a_statement_is_only_text(gateway: Gateway, text: str) -> None:
    assert _names(gateway, text) == []


@pytest.mark.parametrize("text", ["\x00", "김\x00영희", "김\x1b영희", "김\n영희", "김\u200b영희", "가" * 101])
def test_unprintable_or_endless_text_is_refused(gateway: Gateway, text: str) -> None:
    assert invalid_fields(gateway.rest("/customers/search", params={"q": text})) == {"q"}


def test_a_hundred_characters_are_not_too_many(gateway: Gateway) -> None:
    assert found_ids(gateway, q="가" * 100) == []


@pytest.mark.parametrize("services", [*_SERVICES, "brain,ai_bike", "AI_BIKE , brain,,brain"])
def test_a_service_finds_whoever_used_it(gateway: Gateway, services: str) -> None:
    codes = [word.strip().lower() for word in services.split(",")]

    found = found_ids(gateway, service_filter=services)

    assert set(found) == _ids(gateway, _USED, codes=codes)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("services", ["sauna", "brain,sauna", "other"])
def test_an_unknown_service_is_refused(gateway: Gateway, services: str) -> None:
    answer = gateway.rest(f"/customers/search?service_filter={services}")

    assert invalid_fields(answer) == {"service_filter"}


def test_active_finds_whoever_has_a_package_to_use(gateway: Gateway) -> None:
    assert set(found_ids(gateway, package_status="active")) == _ids(gateway, _OWN_PACKAGES, last="9999-12-31")


def test_expiring_packages_are_active_ones_that_end_within_thirty_days(gateway: Gateway) -> None:
    expiring = set(found_ids(gateway, package_status="expiring"))

    assert expiring
    assert expiring < set(found_ids(gateway, package_status="active"))
    assert 123 in expiring


def test_expired_finds_whoever_had_packages_and_can_use_none(gateway: Gateway) -> None:
    expired = set(found_ids(gateway, package_status="expired"))

    assert HARD_CASES["expired"] in expired
    assert expired.isdisjoint(found_ids(gateway, package_status="active"))
    assert expired <= _ids(gateway, "SELECT customer_id FROM package_purchases")


def test_an_active_customers_row_names_the_package(gateway: Gateway) -> None:
    found = search(gateway, package_status="active", size=100)["customers"]

    assert all(row["active_package"] and row["package_usage_summary"] for row in found)


def test_without_an_active_package_none_is_named(gateway: Gateway) -> None:
    found = search(gateway, package_status="expired", size=100)["customers"]

    assert {(row["active_package"], row["package_usage_summary"]) for row in found} == {(None, None)}


@pytest.mark.parametrize(
    ("level", "labels"),
    [
        ("basic", ["basic", "bronze"]),
        ("premium", ["silver", "gold", "platinum", "premium"]),
        ("vip", ["vip"]),
        ("VIP", ["vip"]),
    ],
)
def test_a_level_finds_the_centers_labels_of_it(gateway: Gateway, level: str, labels: list[str]) -> None:
    found = set(found_ids(gateway, membership_level=level))

    assert found
    assert found == _ids(gateway, _OF_LEVEL, labels=labels)


@pytest.mark.parametrize(("level", "written"), [("basic", "basic"), ("premium", "premium"), ("vip", "VIP")])
def test_a_level_is_written_as_the_contract_does(gateway: Gateway, level: str, written: str) -> None:
    found = search(gateway, membership_level=level)["customers"]

    assert {row["membership_level"] for row in found} == {written}


@pytest.mark.parametrize("level", ["stable", "warning", "danger"])
def test_a_risk_level_finds_those_who_have_it(gateway: Gateway, level: str) -> None:
    found = search(gateway, risk_level=level, size=100)["customers"]

    assert {row["risk_level"] for row in found} == {level}


def test_everybody_who_ever_came_has_one_risk_level(gateway: Gateway) -> None:
    totals = [
        search(gateway, risk_level=level)["pagination"]["total"] for level in ("stable", "warning", "danger")
    ]

    ((came,),) = rows(gateway, "SELECT count(*) FROM gateway.customer_summary WHERE total_visits > 0")
    assert sum(totals) == came


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-05-01", "2026-05-31"), ("2026-06-08", "2026-06-08"), ("2026-01-01", None), (None, "2025-12-31")],
)
def test_visit_dates_are_inclusive(gateway: Gateway, first: str | None, last: str | None) -> None:
    bounds = {"last_visit_from": first, "last_visit_to": last}

    found = found_ids(gateway, **{name: day for name, day in bounds.items() if day})

    assert found
    assert set(found) == _ids(gateway, _LAST_VISITS, first=first or "0001-01-01", last=last or "9999-12-31")


@pytest.mark.parametrize(
    "day",
    ["2024-02-30", "20240101", "2024-1-1", "2024-W01-1", "2024-001", "24-01-01", "today", "2024-01-01T00:00"],
)
@pytest.mark.parametrize("name", ["last_visit_from", "last_visit_to"])
def test_an_impossible_day_is_refused(gateway: Gateway, name: str, day: str) -> None:
    assert invalid_fields(gateway.rest("/customers/search", params={name: day})) == {name}


def test_visit_dates_the_wrong_way_round_are_refused(gateway: Gateway) -> None:
    answer = gateway.rest("/customers/search?last_visit_from=2026-02-01&last_visit_to=2026-01-01")

    assert invalid_fields(answer) == {"last_visit_from"}


def test_filters_narrow_each_other(gateway: Gateway) -> None:
    together = set(
        found_ids(gateway, service_filter="brain", package_status="active", membership_level="vip")
    )

    assert together == (
        set(found_ids(gateway, service_filter="brain"))
        & set(found_ids(gateway, package_status="active"))
        & set(found_ids(gateway, membership_level="vip"))
    )


@pytest.mark.parametrize("sort", _SORT_KEYS)
def test_a_sort_orders_by_value_and_ties_by_id(
    pages_by: Callable[[str], list[list[dict[str, Any]]]], sort: str
) -> None:
    found = [row for page in pages_by(sort) for row in page]

    keys = [_SORT_KEYS[sort](row) for row in found]
    assert keys == sorted(keys, reverse=sort != "name")
    assert max(Counter(value for value, _ in keys).values()) > 1


@pytest.mark.parametrize("sort", _SORT_KEYS)
def test_the_pages_hold_everybody_once(
    pages_by: Callable[[str], list[list[dict[str, Any]]]], sort: str
) -> None:
    pages = pages_by(sort)

    assert [len(page) for page in pages] == [100] * 8 + [92]
    assert len({row["customer_id"] for page in pages for row in page}) == _EVERYBODY


def test_pages_of_another_size_keep_the_order(
    gateway: Gateway, pages_by: Callable[[str], list[list[dict[str, Any]]]]
) -> None:
    found = [
        row
        for page in range(1, 5)
        for row in search(gateway, sort_by="total_visits", size=25, page=page)["customers"]
    ]

    assert found == pages_by("total_visits")[0]


def test_last_visits_sort_by_default(
    gateway: Gateway, pages_by: Callable[[str], list[list[dict[str, Any]]]]
) -> None:
    assert search(gateway)["customers"] == pages_by("last_visit")[0][:20]


def test_an_unknown_sort_is_refused(gateway: Gateway) -> None:
    assert invalid_fields(gateway.rest("/customers/search?sort_by=phone")) == {"sort_by"}


@pytest.mark.parametrize("page", [46, 1000, 2**31 - 1])
def test_a_page_beyond_the_end_is_empty_and_tells_the_totals(gateway: Gateway, page: int) -> None:
    found = search(gateway, page=page)

    assert found["customers"] == []
    assert found["pagination"] == {"total": _EVERYBODY, "page": page, "size": 20, "total_pages": 45}


@pytest.mark.parametrize("size", [1, 100])
def test_a_page_holds_one_to_a_hundred(gateway: Gateway, size: int) -> None:
    assert len(search(gateway, size=size)["customers"]) == size


@pytest.mark.parametrize(
    "number", ["0", "-1", "2147483648", "99999999999999999999", "abc", "1.5", "1e2", "+1", "１"]
)
@pytest.mark.parametrize("name", ["page", "size"])
def test_a_number_out_of_bounds_is_refused(gateway: Gateway, name: str, number: str) -> None:
    assert invalid_fields(gateway.rest("/customers/search", params={name: number})) == {name}


def test_more_than_a_hundred_on_a_page_are_refused(gateway: Gateway) -> None:
    assert invalid_fields(gateway.rest("/customers/search?size=101")) == {"size"}


def test_a_repeated_parameter_is_refused(gateway: Gateway) -> None:
    assert invalid_fields(gateway.rest("/customers/search?size=5&size=6")) == {"size"}


@pytest.mark.parametrize("query", ["sort=name", "customer_id=1", "Q=x", "filters[q]=x"])
def test_an_unknown_parameter_is_refused_by_its_name(gateway: Gateway, query: str) -> None:
    assert invalid_fields(gateway.rest(f"/customers/search?{query}")) == {query.partition("=")[0]}


def test_an_empty_parameter_counts_as_not_sent(gateway: Gateway) -> None:
    names = ("q", "service_filter", "package_status", "membership_level", "risk_level")
    names += ("last_visit_from", "last_visit_to", "sort_by", "page", "size")

    assert search(gateway, **dict.fromkeys(names, "")) == search(gateway)


def test_filters_are_repeated_as_they_were_understood(gateway: Gateway) -> None:
    found = search(
        gateway,
        q=" 김 ",
        service_filter="BRAIN, pulse,,brain",
        package_status="Active",
        membership_level="VIP",
        risk_level="stable",
        last_visit_from="2026-01-01",
        last_visit_to="2026-06-01",
        sort_by="name",
        size=5,
    )

    assert found["filters_applied"] == {
        "q": "김",
        "service_filter": ["brain", "pulse"],
        "package_status": "active",
        "membership_level": "vip",
        "risk_level": "stable",
        "last_visit_from": "2026-01-01",
        "last_visit_to": "2026-06-01",
    }


@pytest.mark.parametrize(
    "parameters", [{}, {"q": "  "}, {"service_filter": ","}, {"sort_by": "name", "page": 2}]
)
def test_what_does_not_filter_is_not_repeated(gateway: Gateway, parameters: dict[str, Any]) -> None:
    assert search(gateway, **parameters)["filters_applied"] == {}


@pytest.mark.parametrize("role", ["STAFF", "MANAGER", "ADMIN"])
def test_every_role_searches(gateway: Gateway, role: str) -> None:
    found = data_of(gateway.rest("/customers/search?q=김영희", role=role))

    assert found["pagination"]["total"] == 1


def test_a_refused_search_names_everything_wrong(gateway: Gateway) -> None:
    answer = gateway.rest("/customers/search?size=many&sort_by=phone&risk_level=high&colour=red")

    assert error_of(answer)[0] == 400
    assert invalid_fields(answer) == {"size", "sort_by", "risk_level", "colour"}
