"""The worst documents known: each is refused, or harmlessly answered, before it costs anything."""

import json
from collections.abc import Iterator

import httpx
import pytest
from graphql import build_schema as schema_from_text
from graphql import get_introspection_query
from harness import Gateway, running_gateway

from execution import DocumentCache, DocumentLimits, InvalidDocument

LIMITS = DocumentLimits()
STANDARD = get_introspection_query()


def ask(gateway: Gateway, document: str, role: str = "ADMIN", **variables: object) -> httpx.Response:
    body = {"query": document, "variables": variables}
    return gateway.request("POST", "/graphql", role=role, json=body)


def reasons(response: httpx.Response) -> list[str]:
    return [error["message"] for error in response.json()["errors"]]


def times(number: int, text: str) -> str:
    """Write a text a number of times, with the number of the turn where it has a #."""
    return " ".join(text.replace("#", str(turn)) for turn in range(number))


TOO_MUCH: dict[str, tuple[str, str]] = {
    "root fields": ("{ " + times(101, "me { role }") + " }", "more than 100 root fields"),
    "root fields in a fragment": (
        "{ ...A ...A } fragment A on Query { " + times(51, "me { role }") + " }",
        "more than 100 root fields",
    ),
    "operations": (times(21, "query Q# { me { role } }"), "more than 20 operations"),
    "fragments": (
        "{ me { ...F0 } } " + times(51, "fragment F# on Me { role }"),
        "more than 50 fragments",
    ),
    "variables": (
        "query (" + times(101, "$v#: Int") + ") { me { role } }",
        "more than 100 variables",
    ),
    "directives": ("{ me { " + times(101, "role @include(if: true)") + " } }", "more than 100 directives"),
    "directives on one field": ("{ me " + times(101, "@a") + " { role } }", "more than 100 directives"),
    "values in a list": (
        "{ customers(filter: {services: [" + times(301, "RED") + "]}) { totalCount } }",
        "more than 300 values",
    ),
    "values in an object": (
        "{ customers(filter: {" + times(301, "k#: 1") + "}) { totalCount } }",
        "more than 300 values",
    ),
    "values in a default": (
        "query ($s: [String] = [" + times(301, '"a"') + "]) { me { role } }",
        "more than 300 values",
    ),
    "introspections": (
        "{ " + times(6, "i#: __schema { types { name } }") + " }",
        "more than 5 introspections",
    ),
    "aliases within introspection": (
        "{ __schema { types { " + times(5, "f#: fields { name }") + " } } }",
        "more than 5 introspections",
    ),
    "characters": ("{ me { role } } #" + "x" * 33_000, "longer than 32768 characters"),
    "one name": ("{ me { " + times(1500, "role") + " } }", "asks for the same names too often"),
    "one name with arguments": (
        "{ " + times(90, "customer(id: 1) { name }") + " }",
        "asks for the same names too often",
    ),
    "one name in fragments": (
        "{ me { " + times(45, "...F#") + " } } " + times(45, "fragment F# on Me { " + "role " * 30 + "}"),
        "asks for the same names too often",
    ),
    "fragments that spread all later ones": (
        "{ me { ...F0 } } "
        + " ".join(
            f"fragment F{n} on Me {{ role " + "".join(f"...F{m} " for m in range(n + 1, 38)) + "}"
            for n in range(38)
        ),
        "asks for the same names too often",
    ),
    "brackets": ("{ customers(filter: " + "[" * 900 + "]" * 900 + ") { totalCount } }", "nested too deeply"),
    "braces": ("{ customers(filter: " + "{a:" * 500 + "1" + "}" * 500 + ") { id } }", "nested too deeply"),
    "brackets of a type": (
        "query ($a: " + "[" * 900 + "Int" + "]" * 900 + ") { me { role } }",
        "nested too deeply",
    ),
    "comments": ("#\n" * 3000, "more than 2000 tokens"),
}


@pytest.mark.parametrize(("document", "reason"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_document_with_too_much_of_something_is_told_what(
    gateway: Gateway, document: str, reason: str
) -> None:
    response = ask(gateway, document)

    assert response.status_code == 400
    (told,) = reasons(response)
    assert reason in told


ENOUGH = {
    "root fields": "{ " + times(100, "a#: me { role }") + " }",
    "directives": "{ me { " + times(9, "role @include(if: true)") + " } }",
    "fragments that spread each other twice": "{ me { ...F0 } } "
    + " ".join(f"fragment F{n} on Me {{ ...F{n + 1} ...F{n + 1} }}" for n in range(18))
    + " fragment F18 on Me { role }",
    "inline fragments": "{ " + "... on Query { " * 100 + "me { role }" + " }" * 100 + " }",
    "a huge string": '{ customers(filter: {q: "' + "a" * 30_000 + '"}) { totalCount } }',
    "a huge block string": '{ customers(filter: {q: """' + " a\n" * 9000 + '"""}) { totalCount } }',
    "escapes": '{ customers(filter: {q: "' + "\\u00e9" * 5000 + '"}) { totalCount } }',
    "an id of 5000 digits": "{ customer(id: " + "9" * 5000 + ") { name } }",
    "byte order marks": "\ufeff" * 30_000 + "{ me { role } }",
    "introspection as tools ask for it": STANDARD,
}


@pytest.mark.parametrize("document", ENOUGH.values(), ids=ENOUGH)
def test_a_document_that_only_looks_bad_is_answered(gateway: Gateway, document: str) -> None:
    response = ask(gateway, document)

    assert response.status_code == 200
    assert "data" in response.json()
    assert {error["extensions"]["code"] for error in response.json().get("errors", [])} <= {
        "VALIDATION_ERROR"
    }


MISTAKEN = {
    "unknown fields": "{ me { " + times(1900, "f#") + " } }",
    "unknown arguments": "{ customers(" + times(290, "k#: 1") + ") { totalCount } }",
    "unknown enum values": "{ customers(filter: {services: [" + times(290, "R#") + "]}) { totalCount } }",
    "unknown keys beside a huge string": '{ customers(filter: {q: "'
    + "a" * 30_000
    + '" '
    + times(290, "k#: 1")
    + "}) { totalCount } }",
    "a huge name": "{ me { " + "x" * 30_000 + " } }",
    "a huge number": "{ customers(first: " + "9" * 30_000 + ") { totalCount } }",
    "a huge fraction": "{ customers(first: 1." + "9" * 30_000 + ") { totalCount } }",
    "a huge value": "{ customers(first: [" + times(290, "1") + "]) { totalCount } }",
    "one argument many times": "{ customers(" + times(290, "first: 1") + ") { totalCount } }",
    "fragments in circles": "{ me { ...F0 } } "
    + times(30, "fragment F# on Me { " + times(30, "...F@").replace("@", "0") + " }"),
    "unused variables": "query (" + times(99, "$v#: Int") + ") { me { role } }",
}


@pytest.mark.parametrize("document", MISTAKEN.values(), ids=MISTAKEN)
def test_what_is_told_of_mistakes_is_short_however_many_there_are(gateway: Gateway, document: str) -> None:
    response = ask(gateway, document)

    assert response.status_code == 400
    assert len(reasons(response)) <= LIMITS.errors
    assert max(len(reason) for reason in reasons(response)) <= 300
    assert all(len(error.get("locations", [])) <= 10 for error in response.json()["errors"])
    assert len(response.content) < 12_000


def test_the_limits_of_documents_are_settings(gateway: Gateway) -> None:
    settings = {
        "document_tokens": 500,
        "document_depth": 5,
        "document_aliases": 3,
        "document_root_fields": 2,
    }
    with running_gateway(gateway.database_url, **settings) as strict:
        assert "500 tokens" in reasons(ask(strict, "{ me { " + times(500, "role") + " } }"))[0]
        assert "3 aliases" in reasons(ask(strict, "{ me { " + times(4, "a#: role") + " } }"))[0]
        assert "2 root fields" in reasons(ask(strict, "{ " + times(3, "me { role }") + " }"))[0]
        deep = "{ customers { nodes { serviceHistory { nodes { customer { serviceHistory { totalCount }}}}}}}"
        assert "5 levels" in reasons(ask(strict, deep))[0]


SCHEMA = schema_from_text("type Query { a: Int b: Int }")


def test_a_valid_document_is_read_once() -> None:
    cache = DocumentCache(SCHEMA, LIMITS, suggestions=False)

    assert cache.get("{ a }") is cache.get("{ a }")


def test_documents_are_kept_up_to_a_size_and_the_least_used_dropped_first() -> None:
    cache = DocumentCache(SCHEMA, DocumentLimits(kept=20), suggestions=False)
    kept, dropped = cache.get("{ a b }"), cache.get("{ b a }")
    assert cache.get("{ a b }") is kept

    cache.get("{ a  b  a }")

    assert cache.get("{ a b }") is kept
    assert cache.get("{ b a }") is not dropped


def test_comparisons_are_counted_for_each_document_anew() -> None:
    cache = DocumentCache(SCHEMA, DocumentLimits(comparisons=10), suggestions=False)
    for spaces in range(1, 20):
        cache.get("{ a" + " " * spaces + "a }")

    with pytest.raises(InvalidDocument, match="same names too often"):
        cache.get("{ a a a a a }")


@pytest.fixture(scope="module")
def production(gateway: Gateway) -> Iterator[Gateway]:
    with running_gateway(gateway.database_url, environment="production") as running:
        yield running


HIDDEN = {
    "the schema": "{ __schema { queryType { name } } }",
    "a type": '{ __type(name: "Customer") { fields { name } } }',
    "under an alias": "{ innocent: __schema { queryType { name } } }",
    "in a fragment": "{ ...A } fragment A on Query { __schema { queryType { name } } }",
    "in an inline fragment": "{ ... on Query { ... { __schema { queryType { name } } } } }",
    "beside data": "{ me { role } __schema { queryType { name } } }",
}


@pytest.mark.parametrize("document", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("role", ["STAFF", "MANAGER"])
def test_production_tells_its_schema_to_administrators_alone(
    production: Gateway, role: str, document: str
) -> None:
    refused = ask(production, document, role)

    assert refused.status_code == 400
    assert "data" not in refused.json()
    assert [error["extensions"]["code"] for error in refused.json()["errors"]] == ["UNAUTHORIZED_ACCESS"]
    assert "errors" not in ask(production, document).json()


@pytest.mark.parametrize("role", ["STAFF", "ADMIN"])
def test_development_tells_its_schema_to_everyone_with_a_token(gateway: Gateway, role: str) -> None:
    assert "errors" not in ask(gateway, STANDARD, role).json()


@pytest.mark.parametrize(
    ("setting", "allowed"), [("everyone", {"STAFF", "ADMIN"}), ("admin", {"ADMIN"}), ("nobody", set[str]())]
)
def test_who_may_read_the_schema_is_a_setting(gateway: Gateway, setting: str, allowed: set[str]) -> None:
    with running_gateway(gateway.database_url, introspection=setting) as running:
        readers = {
            role for role in ("STAFF", "ADMIN") if "data" in ask(running, HIDDEN["the schema"], role).json()
        }

    assert readers == allowed


def test_the_name_of_a_type_is_no_secret(production: Gateway) -> None:
    response = ask(
        production,
        '{ __typename me { __typename } customers(filter: {q: "__schema"}) { totalCount } }',
        "STAFF",
    )

    assert response.json()["data"]["__typename"] == "Query"


def test_introspection_by_get_and_in_json_text_is_the_same(production: Gateway) -> None:
    response = production.request("GET", "/graphql", role="STAFF", params={"query": HIDDEN["a type"]})

    assert json.loads(response.content)["errors"][0]["extensions"]["code"] == "UNAUTHORIZED_ACCESS"
