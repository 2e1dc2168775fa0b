"""The GraphQL door over HTTP: what it takes, what it refuses, and how it says so."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from harness import Gateway, running_gateway

from execution import DocumentLimits

WHO = "{ me { role } }"
JSON = {"content-type": "application/json"}
GRAPHQL_JSON = "application/graphql-response+json"
BY_ID = "query ($id: ID!) { customer(id: $id) { name } }"
MUTATION = 'mutation { updateCustomer(input: {id: "123", name: "몰래"}) { customer { name } } }'


def post(gateway: Gateway, content: bytes, **headers: str) -> httpx.Response:
    return gateway.request("POST", "/graphql", content=content, headers={**JSON, **headers})


def ask(gateway: Gateway, document: str, accept: str = "*/*", **body: object) -> httpx.Response:
    return post(gateway, json.dumps({"query": document, **body}).encode(), accept=accept)


def codes(response: httpx.Response) -> set[str]:
    return {error["extensions"]["code"] for error in response.json()["errors"]}


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"],
)
def test_json_is_taken_with_and_without_a_charset(gateway: Gateway, content_type: str) -> None:
    response = post(gateway, b'{"query": "{ me { role } }"}', **{"content-type": content_type})

    assert response.status_code == 200
    assert response.json() == {"data": {"me": {"role": "ADMIN"}}}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"]
)
def test_any_other_kind_of_body_is_refused(gateway: Gateway, content_type: str) -> None:
    response = post(gateway, b'{"query": "{ me { role } }"}', **{"content-type": content_type})

    assert response.status_code == 415
    assert codes(response) == {"UNSUPPORTED_MEDIA_TYPE"}


BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "half an object": b'{"query": ',
    "bytes that are no text": b"\xff\xfe",
    "an array": b"[]",
    "a batch": b'[{"query": "{ me { role } }"}]',
    "null": b"null",
    "text": b'"{ me { role } }"',
    "no query": b"{}",
    "a query of null": b'{"query": null}',
    "a query of nothing": b'{"query": ""}',
    "a query that is a number": b'{"query": 1}',
    "variables in a list": b'{"query": "{ me { role } }", "variables": []}',
    "variables in text": b'{"query": "{ me { role } }", "variables": "{}"}',
    "an operation name that is a number": b'{"query": "{ me { role } }", "operationName": 1}',
    "extensions that are text": b'{"query": "{ me { role } }", "extensions": "x"}',
    "NaN": b'{"query": "{ me { role } }", "variables": {"a": NaN}}',
    "a number beyond every float": b'{"query": "{ me { role } }", "variables": {"a": 1e400}}',
    "a number of 5000 digits": b'{"query": "{ me { role } }", "variables": {"a": ' + b"9" * 5000 + b"}}",
    "a lone surrogate": b'{"query": "{ me { role } }", "variables": {"a": "\\ud800"}}',
    "a lone surrogate in the query": b'{"query": "{ me { role } } #\\udfff"}',
    "a hundred thousand brackets": b'{"query": "{ me { role } }", "variables": {"a": '
    + b"[" * 100_000
    + b"]" * 100_000
    + b"}}",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_body_that_is_no_request_is_refused_with_a_reason(gateway: Gateway, body: bytes) -> None:
    response = post(gateway, body)

    assert response.status_code == 400
    assert "data" not in response.json()
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "VALIDATION_ERROR"
    assert error["extensions"]["detail"]["reason"]


@pytest.mark.parametrize("absent", ["variables", "operationName", "extensions"])
def test_null_stands_for_a_part_that_is_not_sent(gateway: Gateway, absent: str) -> None:
    assert ask(gateway, WHO, **{absent: None}).json() == {"data": {"me": {"role": "ADMIN"}}}


SEVERAL = "query One { me { role } } query Two { me { subject } }"


def test_one_of_several_operations_is_run_by_its_name(gateway: Gateway) -> None:
    response = ask(gateway, SEVERAL, operationName="Two")

    assert response.json() == {"data": {"me": {"subject": "admin@center.example"}}}


@pytest.mark.parametrize("name", [None, "Three"])
def test_several_operations_and_none_of_them_named_is_refused(gateway: Gateway, name: str | None) -> None:
    response = ask(gateway, SEVERAL, operationName=name)

    assert response.status_code == 400
    assert codes(response) == {"VALIDATION_ERROR"}


def test_a_query_can_come_by_get_with_variables_and_a_name(gateway: Gateway) -> None:
    document = "query One($id: ID!) { customer(id: $id) { name } } query Two { me { role } }"
    sent = {"query": document, "variables": '{"id": 123}', "operationName": "One"}

    response = gateway.request("GET", "/graphql", params=sent)

    assert response.json() == {"data": {"customer": {"name": "김영희"}}}


def test_head_is_answered_as_get_without_a_body(gateway: Gateway) -> None:
    response = gateway.request("HEAD", "/graphql", params={"query": WHO})

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize(
    "sent", [{}, {"query": ""}, {"query": BY_ID, "variables": "{"}, {"query": BY_ID, "variables": "[1]"}]
)
def test_a_get_that_is_no_request_is_refused(gateway: Gateway, sent: dict[str, str]) -> None:
    response = gateway.request("GET", "/graphql", params=sent)

    assert response.status_code == 400
    assert codes(response) == {"VALIDATION_ERROR"}


def test_a_mutation_by_get_is_refused(gateway: Gateway) -> None:
    response = gateway.request("GET", "/graphql", params={"query": MUTATION})

    assert response.status_code == 400
    assert codes(response) == {"VALIDATION_ERROR"}
    assert gateway.data(BY_ID, {"id": 123}) == {"customer": {"name": "김영희"}}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_told_which_ones_there_are(gateway: Gateway, method: str) -> None:
    response = gateway.request(method, "/graphql")

    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert codes(response) == {"METHOD_NOT_ALLOWED"}


REFUSED_DOCUMENTS = {
    "syntax": "{ me { role }",
    "an unknown field": "{ me { shoe } }",
    "an unknown argument": "{ me { role(a: 1) } }",
    "an unknown fragment": "{ me { ...Missing } }",
    "an unused fragment": "{ me { role } } fragment Unused on Me { role }",
    "a fragment on an unknown type": "{ me { ...Odd } } fragment Odd on Shoe { size }",
    "fragments in a circle": "{ me { ...A } } fragment A on Me { ...B } fragment B on Me { ...A }",
    "a fragment within itself": "{ me { ...A } } fragment A on Me { ...A }",
    "no selection": "{ me }",
    "an unknown variable": "{ customer(id: $id) { name } }",
    "a missing variable": BY_ID,
    "an unknown directive": "{ me { role @upper } }",
    "a subscription": "subscription { customer { name } }",
    "only a fragment": "fragment A on Me { role }",
    "a type definition": "type Shoe { size: Int }",
    "a comment": "# nothing",
    "two answers under one name": "{ a: me { role } a: customer(id: 123) { name } }",
    "a word that is no number": "{ customers(first: ten) { totalCount } }",
    "a number beyond four bytes": "{ customers(first: 2147483648) { totalCount } }",
    "a number of 5000 digits": "{ customers(first: " + "9" * 5000 + ") { totalCount } }",
    "a number in a default of 5000 digits": "query ($n: Int = " + "9" * 5000
    + ") { customers(first: $n) { totalCount } }",
    "a lone surrogate": '{ customers(filter: {q: "\\ud800"}) { totalCount } }',
    "an unknown enum value": "{ customers(sortBy: SHOE) { totalCount } }",
    "a day that is not": '{ customers(filter: {lastVisitFrom: "2026-02-30"}) { totalCount } }',
}  # fmt: skip


@pytest.mark.parametrize("document", REFUSED_DOCUMENTS.values(), ids=REFUSED_DOCUMENTS)
def test_a_document_that_does_not_fit_is_refused_before_it_runs(gateway: Gateway, document: str) -> None:
    response = ask(gateway, document)

    assert response.status_code == 400
    assert codes(response) == {"VALIDATION_ERROR"}
    assert "data" not in response.json()


@pytest.mark.parametrize(
    ("accept", "status", "media_type"),
    [
        ("*/*", 400, "application/json"),
        ("application/json", 200, "application/json"),
        (GRAPHQL_JSON, 400, GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, application/json;q=0.9", 400, GRAPHQL_JSON),
    ],
)
def test_a_client_that_asks_for_plain_json_alone_gets_200_for_a_refused_document(
    gateway: Gateway, accept: str, status: int, media_type: str
) -> None:
    response = ask(gateway, "{ me { shoe } }", accept)

    assert response.status_code == status
    assert response.headers["content-type"].split(";")[0] == media_type
    assert codes(response) == {"VALIDATION_ERROR"}


@pytest.mark.parametrize("accept", ["*/*", "application/json", GRAPHQL_JSON])
@pytest.mark.parametrize("document", [WHO, "{ customer(id: 0) { name } }"], ids=["data", "field error"])
def test_an_operation_that_ran_is_200_even_where_a_field_failed(
    gateway: Gateway, accept: str, document: str
) -> None:
    response = ask(gateway, document, accept)

    assert response.status_code == 200
    assert "data" in response.json()


def test_an_error_says_where_in_the_document_it_is(gateway: Gateway) -> None:
    (error,) = ask(gateway, "{\n  me { shoe }\n}").json()["errors"]

    assert error["locations"] == [{"line": 2, "column": 8}]
    assert "path" not in error


LIMITS = DocumentLimits()


def unfolded(levels: int) -> str:
    """A document of fragments, each of which spreads the next one twice."""
    chain = " ".join(f"fragment F{n} on Me {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels))
    return f"{{ me {{ ...F0 }} }} {chain} fragment F{levels} on Me {{ role }}"


TOO_LARGE = {
    "too deep for the parser": "{ a " * 3000 + "}" * 3000,
    "too deep for the limit": "{ __typename customers "
    + "{ nodes { a: __typename ... on Customer { serviceHistory { nodes { sessionId " * 1
    + "{ a " * (LIMITS.depth - 2)
    + "}" * (LIMITS.depth - 2)
    + " } } } } } }",
    "too many tokens": "{ me { " + "role " * LIMITS.tokens + "} }",
    "too many aliases": "{ " + " ".join(f"a{n}: me {{ role }}" for n in range(LIMITS.aliases + 1)) + " }",
    "too many aliases behind a fragment": "{ "
    + "me { ...A } " * 3
    + "} fragment A on Me { "
    + " ".join(f"a{n}: role" for n in range(LIMITS.aliases // 2))
    + " }",
    "too long": WHO + "#" * 70_000,
}


@pytest.mark.parametrize("document", TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_document_beyond_a_limit_is_refused_and_told_so(gateway: Gateway, document: str) -> None:
    response = ask(gateway, document)

    assert response.status_code == 400
    assert codes(response) == {"VALIDATION_ERROR"}
    assert all(error["message"] for error in response.json()["errors"])


def test_a_document_at_the_limit_of_aliases_runs(gateway: Gateway) -> None:
    document = "{ me { " + " ".join(f"a{n}: role" for n in range(LIMITS.aliases)) + " } }"

    assert len(ask(gateway, document).json()["data"]["me"]) == LIMITS.aliases


def test_fragments_that_spread_each_other_over_and_over_are_measured_once(gateway: Gateway) -> None:
    # unfolded, this document would hold 2**40 fields
    assert ask(gateway, unfolded(40)).json() == {"data": {"me": {"role": "ADMIN"}}}


def test_a_long_chain_of_fragments_is_answered_or_refused(gateway: Gateway) -> None:
    chain = " ".join(f"fragment F{n} on Me {{ ...F{n + 1} }}" for n in range(450))

    response = ask(gateway, f"{{ me {{ ...F0 }} }} {chain} fragment F450 on Me {{ role }}")

    assert response.status_code in {200, 400}


def test_aliases_that_unfold_without_end_are_counted_and_refused(gateway: Gateway) -> None:
    chain = " ".join(
        f"fragment F{n} on Customer {{ a: activePackage {{ ...P }} ...F{n + 1} ...F{n + 1} }}"
        for n in range(40)
    )
    document = f"""{{ customer(id: 123) {{ ...F0 }} }} {chain}
        fragment F40 on Customer {{ name }} fragment P on PackagePurchase {{ status }}"""

    assert codes(ask(gateway, document)) == {"VALIDATION_ERROR"}


def test_a_body_of_more_than_a_megabyte_is_refused(gateway: Gateway) -> None:
    response = ask(gateway, WHO, variables={"a": "x" * 1024 * 1024})

    assert response.status_code == 413
    assert codes(response) == {"PAYLOAD_TOO_LARGE"}


def test_so_is_one_that_does_not_say_how_long_it_is(gateway: Gateway) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"query": "{ me { role } }", "variables": {"a": "'
        for _ in range(17):
            yield b"x" * 65536
        yield b'"}}'

    response = gateway.request("POST", "/graphql", content=chunks(), headers=JSON)

    assert response.status_code == 413


@pytest.mark.parametrize(
    "document",
    [
        '{ customers(filter: {q: "\\u0000"}) { totalCount } }',
        '{ customer(id: "\\u0000") { name } }',
        'mutation { updateCustomer(input: {id: "123", notes: "a\\u0000b"}) { customer { name } } }',
        '{ customers(after: "\\u0000") { totalCount } }',
        '{ customer(id: 123) { serviceHistory(after: "\\u0000") { totalCount } } }',
        '{ node(id: "\\u0000") { id } }',
    ],
)
def test_a_nul_byte_in_a_literal_is_the_clients_mistake(gateway: Gateway, document: str) -> None:
    assert codes(ask(gateway, document)) == {"VALIDATION_ERROR"}


@pytest.mark.parametrize("name", ["notes", "phone", "email", "id", "healthGoals"])
def test_a_nul_byte_in_a_variable_is_the_clients_mistake(gateway: Gateway, name: str) -> None:
    document = (
        "mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customer { name } } }"
    )

    response = ask(gateway, document, variables={"input": {"id": "123", name: "1\x00"}})

    assert codes(response) == {"VALIDATION_ERROR"}


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 10**19, 10**30, 1.5, True, "5"])
def test_a_number_that_is_no_four_byte_integer_is_refused(gateway: Gateway, number: object) -> None:
    document = "query ($n: Int) { customers(first: $n) { totalCount } }"

    response = ask(gateway, document, variables={"n": number})

    assert (response.status_code, codes(response)) == (400, {"VALIDATION_ERROR"})


def test_variables_nested_deep_are_refused_and_not_fatal(gateway: Gateway) -> None:
    nested: Any = "x"
    for _ in range(800):
        nested = [nested]
    document = "query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }"

    response = ask(gateway, document, variables={"f": {"services": nested}})

    assert (response.status_code, codes(response)) == (400, {"VALIDATION_ERROR"})


def test_variables_that_the_document_does_not_know_are_ignored(gateway: Gateway) -> None:
    assert ask(gateway, WHO, variables={"unknown": 1}).status_code == 200


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer x.y.z", "Basic abc", "bearer " + "x" * 9000]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_token_that_can_be_trusted_nothing_is_answered(
    gateway: Gateway, method: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    sent: dict[str, Any] = {"json": {"query": WHO}} if method == "POST" else {"params": {"query": WHO}}

    response = gateway.request(method, "/graphql", role=None, headers=headers, **sent)

    assert response.status_code == 401
    assert response.headers["www-authenticate"].split()[0] == "Bearer"
    assert list(response.json()) == ["errors"]
    assert codes(response) == {"UNAUTHENTICATED"}


def test_a_stranger_is_turned_away_before_the_body_is_read(gateway: Gateway) -> None:
    response = gateway.request("POST", "/graphql", role=None, content=b"{", headers=JSON)

    assert response.status_code == 401


def test_a_browser_gets_the_page_to_write_queries_on(gateway: Gateway) -> None:
    response = gateway.request("GET", "/graphql", role=None, headers={"Accept": "text/html,*/*;q=0.8"})

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "graphiql" in response.text.lower()


def test_a_browser_with_a_query_gets_an_answer_and_not_the_page(gateway: Gateway) -> None:
    response = gateway.request("GET", "/graphql", params={"query": WHO}, headers={"Accept": "text/html"})

    assert response.json() == {"data": {"me": {"role": "ADMIN"}}}


MISTYPED = [
    "{ custmer(id: 123) { name } }",
    "{ customer(id: 123) { nme } }",
    "{ customer(di: 123) { name } }",
    "{ customers(sortBy: NAMES) { totalCount } }",
    "query ($f: CustomerFiltr) { customers(filter: $f) { totalCount } }",
    "{ customers(filter: {servces: [RED]}) { totalCount } }",
    "{ customer(id: 123) { ...A } } fragment A on Custmer { name }",
]


@pytest.fixture(scope="module")
def production(gateway: Gateway) -> Iterator[Gateway]:
    with running_gateway(gateway.database_url, environment="production") as running:
        yield running


@pytest.mark.parametrize("document", MISTYPED)
def test_production_does_not_guess_what_was_meant(production: Gateway, document: str) -> None:
    response = ask(production, document)

    assert response.status_code == 400
    assert "Did you mean" not in response.text


@pytest.mark.parametrize(
    "variables", [{"s": "NAMES"}, {"f": {"servces": ["RED"]}}, {"f": {"services": ["REED"]}}]
)
def test_production_does_not_guess_in_variables_either(
    production: Gateway, variables: dict[str, object]
) -> None:
    document = """query ($s: CustomerSort! = NAME, $f: CustomerFilter) {
        customers(sortBy: $s, filter: $f) { totalCount } }"""

    response = ask(production, document, variables=variables)

    assert response.status_code == 400
    assert "Did you mean" not in response.text


def test_development_does_guess(gateway: Gateway) -> None:
    assert "Did you mean" in ask(gateway, MISTYPED[0]).text


def test_an_answer_is_utf_8_and_carries_a_request_id(gateway: Gateway) -> None:
    response = post(
        gateway, b'{"query": "{ customer(id: 123) { name } }"}', **{"X-Request-ID": "a-test-of-ours"}
    )

    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert "김영희".encode() in response.content
    assert response.headers["x-request-id"] == "a-test-of-ours"


def test_a_field_that_fails_takes_nothing_from_another_that_waits_for_the_same_answer(
    gateway: Gateway,
) -> None:
    # the failed page makes its customer null, and the packages beside it are no longer waited for
    document = """{
        failed: customer(id: 123) { packages { status } serviceHistory(first: 0) { totalCount } }
        fine: customer(id: 123) { packages { status } }
    }"""

    response = ask(gateway, document)

    assert response.status_code == 200
    assert response.json()["data"] == {"failed": None, "fine": {"packages": [{"status": "EXPIRING"}]}}
