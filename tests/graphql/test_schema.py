"""The schema as a client reads it over HTTP: described everywhere, and the same as the stored one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import build_client_schema, build_schema, get_introspection_query, lexicographic_sort_schema
from graphql.utilities import print_schema
from harness import Gateway

from access import FIELD_CAPABILITIES

STORED = Path("schema/schema.graphql")
OURS_NOT = ("__",)
BUILT_IN = {"Int", "Float", "String", "Boolean", "ID"}


@pytest.fixture(scope="module")
def introspection(gateway: Gateway) -> dict[str, Any]:
    query = get_introspection_query(descriptions=True, input_value_deprecation=True, specified_by_url=True)
    return gateway.data(query)


def types(introspection: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for kind in introspection["__schema"]["types"]:
        if not kind["name"].startswith(OURS_NOT) and kind["name"] not in BUILT_IN:
            yield kind


def undescribed(introspection: dict[str, Any]) -> Iterator[str]:
    for kind in types(introspection):
        if not kind["description"]:
            yield kind["name"]
        for field in (kind["fields"] or []) + (kind["inputFields"] or []):
            if not field["description"]:
                yield f"{kind['name']}.{field['name']}"
            for argument in field.get("args", []):
                if not argument["description"]:
                    yield f"{kind['name']}.{field['name']}({argument['name']}:)"


def test_every_type_field_and_argument_is_described(introspection: dict[str, Any]) -> None:
    assert sorted(undescribed(introspection)) == []


def test_no_description_carries_the_indentation_of_the_code(introspection: dict[str, Any]) -> None:
    for kind in types(introspection):
        assert "\n   " not in kind["description"], kind["name"]
        assert kind["description"] == kind["description"].strip()


def test_what_is_introspected_is_what_is_stored(introspection: dict[str, Any]) -> None:
    live = build_client_schema(introspection)
    stored = build_schema(STORED.read_text(encoding="utf-8"))

    assert print_schema(lexicographic_sort_schema(live)) == print_schema(lexicographic_sort_schema(stored))


def test_every_root_field_has_its_line_in_the_policy(introspection: dict[str, Any]) -> None:
    roots = {
        f"{kind['name']}.{field['name']}"
        for kind in types(introspection)
        if kind["name"] in {"Query", "Mutation"}
        for field in kind["fields"]
    }

    assert roots <= set(FIELD_CAPABILITIES)


def test_lists_never_hold_null(introspection: dict[str, Any]) -> None:
    for kind in types(introspection):
        for field in kind["fields"] or []:
            inner = field["type"]
            while inner["kind"] == "NON_NULL":
                inner = inner["ofType"]
            if inner["kind"] == "LIST":
                assert inner["ofType"]["kind"] == "NON_NULL", f"{kind['name']}.{field['name']}"


@pytest.mark.parametrize("role", ["STAFF", "ADMIN"])
def test_the_schema_may_be_read_with_any_token_and_by_get(gateway: Gateway, role: str) -> None:
    response = gateway.request(
        "GET", "/graphql", role=role, params={"query": "{ __schema { queryType { name } } }"}
    )

    assert response.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}


def test_nobody_reads_it_without_a_token(gateway: Gateway) -> None:
    response = gateway.request(
        "POST", "/graphql", role=None, json={"query": "{ __schema { queryType { name } } }"}
    )

    assert response.status_code == 401


def test_typenames_are_told(gateway: Gateway) -> None:
    answer = gateway.data("{ __typename customer(id: 123) { __typename packages { __typename } } }")

    assert answer == {
        "__typename": "Query",
        "customer": {"__typename": "Customer", "packages": [{"__typename": "PackagePurchase"}]},
    }


def test_introspection_that_circles_is_refused(gateway: Gateway) -> None:
    circle = "fields { type { " * 6 + "name" + " } }" * 6

    assert gateway.error_code(f"{{ __schema {{ types {{ {circle} }} }} }}") == "VALIDATION_ERROR"
