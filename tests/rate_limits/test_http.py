"""Limits as clients meet them, at both doors."""

import re

import httpx
import pytest
from harness import Gateway, running_gateway
from rate_limits.conftest import left, somebody

ANALYTICS = "/customers/123/analytics"
DETAIL = "/customers/123/detail"
WHO = "{ me { role } }"
MESSAGE = "요청 한도를 초과했습니다. 잠시 후 다시 시도하세요"
GRAPHQL_JSON = "application/graphql-response+json"


def twenty(selection: str = "analytics { period }") -> str:
    return "{" + " ".join(f"c{number}: customer(id: 123) {{ {selection} }}" for number in range(20)) + "}"


def test_the_101st_analytics_call_of_an_hour_is_refused_and_the_detail_is_not(limited: Gateway) -> None:
    manager = somebody(limited)
    with httpx.Client(base_url=f"{limited.url}/api/v1", headers=manager.headers) as client:
        statuses = [client.get(ANALYTICS, params={"metrics": "visitPattern"}).status_code for _ in range(101)]

    assert statuses == [200] * 100 + [429]
    assert manager.rest(DETAIL).status_code == 200


def test_twenty_aliases_cost_what_twenty_calls_cost(limited: Gateway) -> None:
    manager = somebody(limited)

    answers = [manager.graphql(twenty()) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert [left(answer)["analytics"] for answer in answers] == [80, 60, 40, 20, 0, 0]


@pytest.mark.parametrize(
    ("document", "cost"),
    [
        ("{ customerSearch(size: 7) { customers { analytics { period } } } }", 7),
        ("{ customers { edges { node { analytics { period } } } } }", 20),
        ("{ customers(last: 3) { nodes { ...A ...A } } } fragment A on Customer { analytics { period } }", 3),
        ('{ node(id: "Q3VzdG9tZXI6MTIz") { ... on Customer { analytics { period } } } }', 1),
        ("{ customer(id: 123) { name analytics @include(if: false) { period } } }", 0),
        ("{ customers(first: 100) { nodes { name } } }", 0),
    ],
)
def test_no_form_of_asking_is_cheaper(limited: Gateway, document: str, cost: int) -> None:
    manager = somebody(limited)
    assert manager.graphql(document).status_code == 200

    assert left(manager.rest(ANALYTICS))["analytics"] == 100 - cost - 1


def test_both_doors_count_in_one_place(limited: Gateway) -> None:
    manager = somebody(limited)
    manager.graphql(WHO)
    manager.graphql(twenty())

    assert left(manager.rest(ANALYTICS)) == {"general": 997, "analytics": 79}


def test_one_persons_limit_is_nobody_elses(limited: Gateway) -> None:
    one, other = somebody(limited), somebody(limited)
    for _ in range(5):
        one.graphql(twenty())

    assert one.rest(ANALYTICS).status_code == 429
    assert other.rest(ANALYTICS).status_code == 200


def test_a_refused_request_costs_nothing_in_any_class(limited: Gateway) -> None:
    manager = somebody(limited)
    for _ in range(5):
        manager.graphql(twenty())

    assert [manager.graphql(twenty()).status_code for _ in range(3)] == [429] * 3
    assert left(manager.rest(DETAIL)) == {"general": 1000 - 5 - 1}


def test_a_document_that_does_not_fit_the_schema_costs_a_request(limited: Gateway) -> None:
    manager = somebody(limited)
    assert manager.graphql("{ analytics }").status_code == 400

    assert left(manager.rest(DETAIL)) == {"general": 998}


def test_answers_of_both_doors_say_where_the_limits_stand(limited: Gateway) -> None:
    manager = somebody(limited)

    for answer in (manager.rest(ANALYTICS), manager.graphql("{ customer(id: 1) { analytics { period } } }")):
        assert answer.headers["RateLimit-Policy"] == '"general";q=1000;w=3600, "analytics";q=100;w=3600'
        assert re.fullmatch(r'"general";r=99\d;t=\d+, "analytics";r=9\d;t=\d+', answer.headers["RateLimit"])


def test_a_refusal_says_why_and_for_how_long(limited: Gateway) -> None:
    manager = somebody(limited)
    for _ in range(5):
        manager.graphql(twenty())

    by_rest, by_graphql = manager.rest(ANALYTICS), manager.graphql(twenty())

    assert by_rest.status_code == by_graphql.status_code == 429
    error = by_rest.json()["error"]
    assert error["code"] == "RATE_LIMIT_EXCEEDED"
    assert error["message"] == MESSAGE
    wait = error["detail"].pop("retry_after")
    assert error["detail"] == {"class": "analytics", "limit": 100, "window": 3600, "cost": 1, "remaining": 0}
    assert 0 < wait <= 7200
    (told,) = by_graphql.json()["errors"]
    assert told["message"] == MESSAGE
    assert told["extensions"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert told["extensions"]["detail"]["cost"] == 20
    assert "data" not in by_graphql.json()
    for answer, waiting in ((by_rest, wait), (by_graphql, told["extensions"]["detail"]["retryAfter"])):
        assert answer.headers["Retry-After"] == str(waiting)
        assert '"analytics";r=0;' in answer.headers["RateLimit"]
        assert '"analytics";q=100;w=3600' in answer.headers["RateLimit-Policy"]


@pytest.mark.parametrize("accept", ["*/*", "application/json", GRAPHQL_JSON])
def test_whatever_a_client_accepts_a_refusal_is_a_429(limited: Gateway, accept: str) -> None:
    manager = somebody(limited)
    document = "{ customers(first: 100) { nodes { a: analytics { period } b: analytics { period } } } }"

    assert manager.graphql(document, accept=accept).status_code == 429


def test_no_wait_is_told_for_what_no_wait_helps(limited: Gateway) -> None:
    manager = somebody(limited)
    document = "{ customers(first: 100) { nodes { a: analytics { period } b: analytics { period } } } }"

    refused = manager.graphql(document)

    assert "Retry-After" not in refused.headers
    assert refused.json()["errors"][0]["extensions"]["detail"] == {
        "class": "analytics",
        "limit": 100,
        "window": 3600,
        "cost": 200,
        "remaining": 100,
        "retryAfter": None,
    }


def test_browsers_may_read_where_the_limits_stand(limited: Gateway) -> None:
    origin = {"Origin": "http://localhost:3000"}
    answer = limited.request("GET", "/api/v1" + DETAIL, headers=origin)

    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"Retry-After", "RateLimit", "RateLimit-Policy"} <= set(exposed)


def test_a_role_may_have_a_limit_of_its_own(gateway: Gateway) -> None:
    with running_gateway(gateway.database_url, rate_limit_general="2/day, ADMIN=3/minute") as strict:
        admin, staff = somebody(strict, "ADMIN"), somebody(strict, "STAFF")

        assert [admin.rest(DETAIL).status_code for _ in range(4)] == [200, 200, 200, 429]
        assert [staff.rest(DETAIL).status_code for _ in range(3)] == [200, 200, 429]
        assert staff.rest(DETAIL).headers["RateLimit-Policy"] == '"general";q=2;w=86400'


def test_nothing_of_a_refused_operation_runs(writable_gateway: Gateway) -> None:
    change = (
        'mutation { updateCustomer(input: {id: "123", occupation: "거절된 직업"}) { customer { name } } }'
    )
    with running_gateway(writable_gateway.database_url, rate_limit_general="1/day") as strict:
        admin = somebody(strict, "ADMIN")
        admin.graphql(WHO)
        assert admin.graphql(change).status_code == 429
        assert admin.rest(DETAIL, method="PUT", json={"occupation": "거절된 직업"}).status_code == 429

    (customer,) = writable_gateway.data("{ customer(id: 123) { occupation } }").values()
    assert customer["occupation"] != "거절된 직업"


def test_a_page_of_100_customers_with_100_sessions_each_is_answered(gateway: Gateway) -> None:
    document = """{ customers(first: 100) { edges { node { serviceHistory(first: 100) {
        nodes { serviceDate } } } } } }"""

    assert gateway.request("POST", "/graphql", json={"query": document}).status_code == 200


def test_an_answer_of_too_many_objects_is_refused_before_it_runs(gateway: Gateway) -> None:
    history = "serviceHistory(first: 100) { nodes { serviceDate } }"
    aliases = " ".join(f"h{number}: {history}" for number in range(5))
    document = f"{{ customers(first: 100) {{ nodes {{ {aliases} }} }} }}"

    refused = gateway.request("POST", "/graphql", json={"query": document})

    assert refused.status_code == 400
    (error,) = refused.json()["errors"]
    assert error["extensions"]["code"] == "VALIDATION_ERROR"
    assert "more than 50000 objects" in error["message"]
    assert refused.headers["Server-Timing"] == 'sql;desc="0 statements"'
