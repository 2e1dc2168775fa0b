"""The contract's printed examples against live answers: nesting, keys, JSON types, and 김영희's figures.

The examples stand verbatim in `contract/`, except for `+33` and `+60`, which are no JSON.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from harness import TODAY, Gateway
from rest.answers import analytics, data_of, detail, recommendations, search
from rest.contract_differences import ADDED, EXAMPLE_DAY, MAPS, NULLABLE

_REQUESTS = {
    "detail": "/customers/123/detail",
    "analytics": "/customers/123/analytics?period=1y",
    "search": "/customers/search?q=김영희&service_filter=brain,pulse&package_status=active",
    "segment": "/customers/segments/123",
    "recommendations": "/customers/123/recommendations?count=20",
}


def _example(name: str) -> Any:
    path = Path(__file__).parent / "contract" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    kinds = {dict: "object", list: "array", str: "string", int: "number", float: "number", type(None): "null"}
    return kinds[type(value)]


def _differences(example: Any, answer: Any, place: str) -> Iterator[str]:
    if answer is None and place in NULLABLE:
        return
    if _kind(example) != _kind(answer):
        yield f"{place}: {_kind(answer)} instead of {_kind(example)}"
    elif isinstance(example, dict) and place in MAPS:
        if not answer:
            yield f"{place}: empty"
        for value in answer.values():
            yield from _differences(next(iter(example.values())), value, f"{place}.*")
    elif isinstance(example, dict):
        yield from _differences_of_objects(example, answer, place)
    elif isinstance(example, list) and example:
        if not answer:
            yield f"{place}: empty"
        for item in answer:
            yield from _differences(_counterpart(example, item), item, f"{place}[]")


def _counterpart(examples: list[Any], item: Any) -> Any:
    """Return the example of the item's own type, where the examples have types."""
    return next((one for one in examples if _type_of(one) == _type_of(item)), examples[0])


def _type_of(item: Any) -> Any:
    return item.get("type") if isinstance(item, dict) else None


def _differences_of_objects(example: dict[str, Any], answer: dict[str, Any], place: str) -> Iterator[str]:
    for key in example.keys() | answer.keys():
        inner = f"{place}.{key}".removeprefix(".")
        if key not in answer:
            yield f"{inner}: missing"
        elif key not in example:
            if inner not in ADDED:
                yield f"{inner}: not in the contract"
        else:
            yield from _differences(example[key], answer[key], inner)


def _shifted(printed: str) -> str:
    """Move a printed day, or moment, by as many days as today is away from the example's day."""
    day = date.fromisoformat(printed[:10]) + (TODAY - EXAMPLE_DAY)
    return day.isoformat() + printed[10:]


_OF_CUSTOMER = _example("detail")["data"]["customer"]


@pytest.mark.parametrize("name", _REQUESTS)
def test_a_live_answer_has_the_form_of_the_example(gateway: Gateway, name: str) -> None:
    answer = gateway.rest(_REQUESTS[name]).json()

    assert list(_differences(_example(name), answer, "")) == []


@pytest.mark.parametrize("name", _REQUESTS)
def test_every_success_has_the_common_envelope(gateway: Gateway, name: str) -> None:
    answer = gateway.rest(_REQUESTS[name]).json()

    assert {key: _kind(value) for key, value in answer.items()} == {
        key: _kind(value) for key, value in _example("envelope").items()
    }


def test_an_error_reads_as_the_example(gateway: Gateway) -> None:
    answer = gateway.rest("/customers/999999/detail").json()

    example = _example("error")
    assert list(_differences(example | {"error": example["error"] | {"detail": {}}}, answer, "")) == [
        "error.detail.customer_id: not in the contract"
    ]
    assert answer["error"]["code"] == example["error"]["code"]
    assert answer["error"]["message"] == example["error"]["message"]


def test_the_body_of_the_contracts_update_is_accepted(writable_gateway: Gateway) -> None:
    sent = _example("update")

    answer = writable_gateway.rest("/customers/123/detail", method="PUT", json=sent)

    assert answer.status_code == 200
    stored = detail(writable_gateway, 123)["customer"]
    assert {key: stored[key] for key in sent} == sent


def test_the_body_of_the_contracts_feedback_is_accepted(writable_gateway: Gateway) -> None:
    (first,) = recommendations(writable_gateway, 123, count=1)["recommendations"]
    path = f"/customers/123/recommendations/{first['recommendation_id']}/feedback"
    sent = _example("feedback")

    stored = data_of(writable_gateway.rest(path, method="POST", json=sent))

    assert {key: stored[key] for key in sent} == sent


@pytest.mark.parametrize(
    "key",
    sorted(
        _OF_CUSTOMER.keys() - {"address", "first_visit_date", "last_visit_date", "created_at", "updated_at"}
    ),
)
def test_her_profile_is_the_examples(gateway: Gateway, key: str) -> None:
    assert detail(gateway, 123)["customer"][key] == _OF_CUSTOMER[key]


def test_her_address_begins_as_the_example_prints_it(gateway: Gateway) -> None:
    printed = _OF_CUSTOMER["address"].removesuffix("...")

    assert detail(gateway, 123)["customer"]["address"].startswith(printed)


@pytest.mark.parametrize("key", ["first_visit_date", "last_visit_date", "created_at", "updated_at"])
def test_her_days_are_the_examples_moved_to_today(gateway: Gateway, key: str) -> None:
    assert detail(gateway, 123)["customer"][key] == _shifted(_OF_CUSTOMER[key])


def test_her_newest_session_is_the_examples(gateway: Gateway) -> None:
    (printed,) = _example("detail")["data"]["serviceHistory"]

    newest = detail(gateway, 123)["serviceHistory"][0]

    assert newest == {**printed, "service_date": _shifted(printed["service_date"])}


def test_her_package_is_the_examples(gateway: Gateway) -> None:
    (printed,) = _example("detail")["data"]["activePackages"]

    (package,) = detail(gateway, 123)["activePackages"]

    assert package == {
        **printed,
        "purchase_date": _shifted(printed["purchase_date"]),
        "expiry_date": _shifted(printed["expiry_date"]),
    }


def test_her_preferences_are_the_examples(gateway: Gateway) -> None:
    assert detail(gateway, 123)["preferences"] == _example("detail")["data"]["preferences"]


def test_her_row_in_a_search_is_the_examples(gateway: Gateway) -> None:
    (printed,) = _example("search")["data"]["customers"]

    (row,) = search(gateway, q="김영희")["customers"]

    assert row == {
        **printed,
        "first_visit_date": _shifted(printed["first_visit_date"]),
        "last_visit_date": _shifted(printed["last_visit_date"]),
        "package_usage_summary": "브8/10 펄6/10 림4/10 레0/10",  # in the words of the example, of her package
    }


def test_a_search_pages_as_the_example(gateway: Gateway) -> None:
    assert search(gateway)["pagination"] == _example("search")["data"]["pagination"]


def test_a_search_repeats_its_filters_as_the_example(gateway: Gateway) -> None:
    found = search(gateway, service_filter="brain,pulse", package_status="active")

    assert found["filters_applied"] == _example("search")["data"]["filters_applied"]


@pytest.mark.parametrize(
    ("block", "key"),
    [
        ("visitPattern", "average_interval_days"),
        ("visitPattern", "visit_frequency"),
        ("visitPattern", "preferred_times"),
        ("serviceUsage", "most_used_service"),
        ("serviceUsage", "service_distribution"),
        ("revenueContribution", "total_revenue"),
        ("revenueContribution", "average_monthly_revenue"),
        ("healthMetrics", "reported_improvements"),
    ],
)
def test_her_figures_over_a_year_are_the_examples(gateway: Gateway, block: str, key: str) -> None:
    assert analytics(gateway, 123, period="1y")[block][key] == _example("analytics")["data"][block][key]


def test_her_first_three_months_brought_what_the_example_prints(gateway: Gateway) -> None:
    printed = _example("analytics")["data"]["revenueContribution"]["revenue_trend"]

    trend = analytics(gateway, 123, period="1y")["revenueContribution"]["revenue_trend"]

    # her days move by whole days, not months: single months may trade payments, the quarter may not
    amounts = [month["amount"] for month in trend if month["amount"]]
    assert sum(amounts[:3]) == sum(month["amount"] for month in printed)
    assert sum(amounts) == 2_500_000


def test_her_visits_by_month_add_up_to_all_of_them(gateway: Gateway) -> None:
    months = analytics(gateway, 123, period="1y")["visitPattern"]["monthly_visits"]

    assert sum(month["visits"] for month in months) == 12


@pytest.mark.parametrize(
    ("block", "key"), [("visitPattern", "monthly_visits"), ("revenueContribution", "revenue_trend")]
)
def test_months_follow_each_other_without_a_gap(gateway: Gateway, block: str, key: str) -> None:
    months = [row["month"] for row in analytics(gateway, 123, period="1y")[block][key]]

    days = [date.fromisoformat(f"{month}-01") for month in months]
    assert all((before + timedelta(days=31)).replace(day=1) == after for before, after in pairwise(days))
    assert days[-1] == TODAY.replace(day=1)
