"""Every request leaves a record before its answer: who, from where, what for, whose data, what came of it."""

import hashlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from harness import Gateway, running_gateway, token
from psycopg.rows import dict_row

RECORD = """
SELECT actor, role, address, user_agent, door, task, operation, document_hash, outcome, customers, disclosures
  FROM gateway.audit_record WHERE request_id = %s ORDER BY seq
"""


@pytest.fixture(scope="module")
def center(databases: Any, demo_template: str) -> Iterator[Gateway]:
    with databases.temporary(demo_template) as url, running_gateway(url) as running:
        yield running


def records(center: Gateway, request_id: str) -> list[dict[str, Any]]:
    with psycopg.connect(center.database_url, row_factory=dict_row) as connection:
        return connection.execute(RECORD, [request_id]).fetchall()


def record_of(center: Gateway, method: str, path: str, **options: Any) -> dict[str, Any]:
    """Send a request and return the one record that it left."""
    answer = center.request(method, path, **options)
    (record,) = records(center, answer.headers["x-request-id"])
    return record


def graphql(document: str, **variables: Any) -> dict[str, Any]:
    return {"json": {"query": document, "variables": variables}}


def test_a_read_says_who_whose_what_and_from_where(center: Gateway) -> None:
    document = "query Desk($id: ID!) { customer(id: $id) { name phone } }"
    headers = {"User-Agent": "a desk", "Authorization": f"Bearer {token('STAFF')}"}

    record = record_of(center, "POST", "/graphql", headers=headers, **graphql(document, id=123))

    assert record == {
        "actor": "staff@center.example",
        "role": "STAFF",
        "address": "127.0.0.1",
        "user_agent": "a desk",
        "door": "graphql",
        "task": "query",
        "operation": "Desk",
        "document_hash": hashlib.sha256(document.encode()).hexdigest(),
        "outcome": "OK",
        "customers": [123],
        "disclosures": [{"customers": [123], "returned": ["open"], "masked": ["contact"], "denied": []}],
    }


def test_rest_leaves_the_record_of_its_operation(center: Gateway) -> None:
    record = record_of(center, "GET", "/api/v1/customers/123/detail", role="MANAGER")

    assert (record["door"], record["task"], record["operation"]) == ("rest", "query", "CustomerDetail")
    assert record["disclosures"] == [
        {
            "customers": [123],
            "returned": ["contact", "money", "open", "personal"],
            "masked": [],
            "denied": ["health"],
        }
    ]


def test_what_was_not_asked_for_is_not_in_the_record(center: Gateway) -> None:
    record = record_of(center, "POST", "/graphql", **graphql("{ customer(id: 123) { name } }"))

    assert record["disclosures"][0]["returned"] == ["open"]


def test_customers_of_a_page_are_grouped_by_what_came_out(center: Gateway) -> None:
    document = "{ customerSearch(size: 50) { customers { customerId email healthGoals } } }"
    answer = center.request("POST", "/graphql", role="STAFF", **graphql(document))
    (record,) = records(center, answer.headers["x-request-id"])
    found = answer.json()["data"]["customerSearch"]["customers"]

    assert record["customers"] == sorted(customer["customerId"] for customer in found)
    masked = {one for group in record["disclosures"] if group["masked"] for one in group["customers"]}
    assert masked == {customer["customerId"] for customer in found if customer["email"] is not None}
    assert all(group["denied"] == ["health"] for group in record["disclosures"])


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        ("{ customer(id: 999999) { name } }", "CUSTOMER_NOT_FOUND"),
        ("{ nothing }", "VALIDATION_ERROR"),
        ("{", "VALIDATION_ERROR"),
        ("query A { me { role } } query B { me { role } }", "VALIDATION_ERROR"),
        ("{ me { role } }", "OK"),
    ],
)
def test_what_shows_nobody_has_a_record_too(center: Gateway, document: str, outcome: str) -> None:
    record = record_of(center, "POST", "/graphql", **graphql(document))

    assert (record["outcome"], record["customers"]) == (outcome, [])


@pytest.mark.parametrize(
    ("method", "path", "options", "outcome"),
    [
        ("GET", "/graphql?query={", {}, "VALIDATION_ERROR"),
        ("POST", "/graphql", {"content": "not json"}, "UNSUPPORTED_MEDIA_TYPE"),
        ("POST", "/graphql", {"json": ["a", "batch"]}, "VALIDATION_ERROR"),
        ("GET", "/api/v1/customers/123/detail?unknown=1", {}, "VALIDATION_ERROR"),
        ("GET", "/api/v1/customers/abc/detail", {}, "VALIDATION_ERROR"),
        ("PUT", "/api/v1/customers/123/detail", {"content": "x"}, "UNSUPPORTED_MEDIA_TYPE"),
        ("PUT", "/api/v1/customers/123/detail", {"json": []}, "VALIDATION_ERROR"),
        ("GET", "/api/v1/customers/123/analytics", {"role": "STAFF"}, "UNAUTHORIZED_ACCESS"),
        ("GET", "/api/v1/customers/999999/detail", {}, "CUSTOMER_NOT_FOUND"),
    ],
)
def test_refusals_and_failures_have_records(
    center: Gateway, method: str, path: str, options: dict[str, Any], outcome: str
) -> None:
    record = record_of(center, method, path, **options)

    assert record["outcome"] == outcome
    assert record["actor"] == f"{options.get('role', 'ADMIN').lower()}@center.example"


@pytest.mark.parametrize("path", ["/graphql?query={me{role}}", "/api/v1/customers/123/detail"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer forged"}], ids=["none", "forged"])
def test_a_bad_token_has_a_record_of_nobody(center: Gateway, path: str, headers: dict[str, str]) -> None:
    record = record_of(center, "GET", path, role=None, headers=headers)

    assert (record["actor"], record["role"], record["outcome"]) == (None, None, "UNAUTHENTICATED")
    assert record["address"] == "127.0.0.1"


def test_a_write_has_a_record_before_and_one_after(center: Gateway) -> None:
    answer = center.request("PUT", "/api/v1/customers/124/detail", json={"occupation": "기록된 직업"})
    before, after = records(center, answer.headers["x-request-id"])

    assert (before["outcome"], before["task"], before["customers"]) == ("STARTED", "mutation", [])
    assert (after["outcome"], after["task"], after["customers"]) == ("OK", "mutation", [124])


@pytest.mark.parametrize(
    ("forwarded", "kept"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:DB8::7%홍길동", "2001:db8::7"),
        ("홍길동 010-9876-5432", None),
    ],
)
def test_what_a_proxy_says_is_kept_where_it_is_an_address(
    center: Gateway, forwarded: str, kept: str | None
) -> None:
    headers = {
        "X-Forwarded-For": forwarded.encode(),
        "Authorization": f"Bearer {token()}".encode(),
    }

    record = record_of(center, "GET", "/api/v1/customers/123/detail", headers=headers)

    assert record["address"] == kept


def test_health_and_public_pages_leave_none(center: Gateway) -> None:
    for path in ("/livez", "/readyz", "/", "/api/v1/openapi.json"):
        answer = center.request("GET", path, role=None)
        assert records(center, answer.headers["x-request-id"]) == []


def test_no_value_stands_in_any_record(center: Gateway) -> None:
    document = '{ customerSearch(filter: {q: "김영희"}) { customers { name phone email healthGoals } } }'
    center.request("POST", "/graphql", **graphql(document))
    with psycopg.connect(center.database_url) as connection:
        told = str(connection.execute("SELECT r::text FROM gateway.audit_record r").fetchall())

    for value in ("김영희", "010-1234-5678", "kim@example.com", "스트레스"):
        assert value not in told


@pytest.fixture
def deaf(databases: Any, demo_template: str) -> Iterator[Gateway]:
    """A gateway whose database takes no audit records."""
    with (
        databases.temporary(demo_template) as url,
        running_gateway(url, audit_wait_seconds=0.3) as running,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        connection.execute("REVOKE INSERT ON gateway.audit_record FROM wellness_gateway")
        yield running
        connection.execute("GRANT INSERT ON gateway.audit_record TO wellness_gateway")
        assert running.rest("/customers/123/detail").status_code == 200


def test_nothing_is_shown_or_written_that_cannot_be_recorded(deaf: Gateway) -> None:
    read = deaf.rest("/customers/123/detail")
    write = deaf.rest("/customers/123/detail", method="PUT", json={"occupation": "없어야 할 직업"})
    stranger = deaf.rest("/customers/123/detail", role=None)
    asked = deaf.request("POST", "/graphql", **graphql("{ customer(id: 123) { name } }"))
    forged = deaf.request("GET", "/graphql?query={me{role}}", role=None)

    for answer in (read, write, stranger):
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "AUDIT_UNAVAILABLE")
        assert answer.headers["retry-after"]
    for answer in (asked, forged):
        assert answer.status_code == 503
        assert answer.json()["errors"][0]["extensions"]["code"] == "AUDIT_UNAVAILABLE"
        assert not answer.json().get("data")
    with psycopg.connect(deaf.database_url) as connection:
        row = connection.execute("SELECT occupation FROM public.customers WHERE customer_id = 123").fetchone()
    assert row == ("회사원",)


def test_a_server_stays_ready_while_its_log_fails_and_says_so(deaf: Gateway) -> None:
    assert deaf.rest("/customers/123/detail").status_code == 503
    failing = deaf.request("GET", "/readyz", role=None)
    with psycopg.connect(deaf.database_url) as connection:
        connection.execute("GRANT INSERT ON gateway.audit_record TO wellness_gateway")
    assert deaf.rest("/customers/123/detail").status_code == 200
    well = deaf.request("GET", "/readyz", role=None)

    # without requests the log would never be tried again, so it must not keep them away
    assert (failing.status_code, failing.json()["checks"]["audit"]) == (200, "failing")
    assert (well.status_code, well.json()["checks"]["audit"]) == (200, "ok")
