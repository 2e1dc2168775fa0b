"""No detour leads to what a viewer may not see."""

from base64 import urlsafe_b64decode

import pytest
from harness import Gateway

HERS = {
    "phone": "010-1234-5678",
    "middle": "1234",
    "goals": "스트레스 해소",
    "occupation": "회사원",
    "revenue": "2500000",
}
"""What the demo center's customer 123 has, and STAFF may not see."""


PRIVATE = "phone healthGoals occupation totalRevenue"
KIM = '(filter: {q: "김영희"})'

DETOURS = {
    "aliases": "{ customer(id: 123) { a: phone b: phone c: healthGoals d: occupation e: totalRevenue } }",
    "fragments": f"""{{ customer(id: 123) {{ ...A }} }}
        fragment A on Customer {{ ...B }} fragment B on Customer {{ {PRIVATE} }}""",
    "inline": f"{{ customer(id: 123) {{ ... on Customer {{ {PRIVATE} }} }} }}",
    "interface": f"{{ customer(id: 123) {{ ... on Node {{ ... on Customer {{ {PRIVATE} }} }} }} }}",
    "node": f'{{ node(id: "Q3VzdG9tZXI6MTIz") {{ ... on Customer {{ {PRIVATE} }} }} }}',
    "connection": f"{{ customers{KIM} {{ edges {{ node {{ {PRIVATE} }} cursor }} }} }}",
    "page": f"{{ customerSearch{KIM} {{ customers {{ {PRIVATE} }} }} }}",
    "directives": """query ($yes: Boolean = true) { customer(id: 123) {
        phone @include(if: $yes) healthGoals @skip(if: false) occupation totalRevenue } }""",
}


@pytest.mark.parametrize("detour", DETOURS)
def test_no_path_to_a_field_is_open(gateway: Gateway, detour: str) -> None:
    told = gateway.request("POST", "/graphql", role="STAFF", json={"query": DETOURS[detour]}).text

    assert "010-****-5678" in told
    assert not any(secret in told for secret in HERS.values())


@pytest.mark.parametrize("digits", ["1234", "12345678", "0101234", "234", "010", "10-1234-5678"])
def test_staff_cannot_find_a_phone_by_part_of_it(gateway: Gateway, digits: str) -> None:
    found = gateway.rest("/customers/search", role="STAFF", params={"q": digits, "size": 100}).json()["data"]

    assert 123 not in {customer["customer_id"] for customer in found["customers"]}


@pytest.mark.parametrize("digits", ["010-1234-5678", "01012345678", "5678"])
def test_staff_finds_a_phone_by_what_they_know_or_see(gateway: Gateway, digits: str) -> None:
    found = gateway.rest("/customers/search", role="STAFF", params={"q": digits, "size": 100}).json()["data"]

    assert 123 in {customer["customer_id"] for customer in found["customers"]}


def test_a_manager_finds_a_phone_by_its_middle(gateway: Gateway) -> None:
    found = gateway.rest("/customers/search", role="MANAGER", params={"q": "1234", "size": 100}).json()[
        "data"
    ]

    assert 123 in {customer["customer_id"] for customer in found["customers"]}


def test_staff_cannot_sort_by_a_revenue_they_do_not_see(gateway: Gateway) -> None:
    answer = gateway.rest("/customers/search?sort_by=revenue", role="STAFF")

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "UNAUTHORIZED_ACCESS"
    assert answer.json()["error"]["detail"] == {"argument": "sort_by", "field_class": "money"}
    for document in (
        "{ customers(sortBy: REVENUE) { totalCount } }",
        "{ customerSearch(sortBy: REVENUE) { pagination { total } } }",
    ):
        assert gateway.error_code(document, role="STAFF") == "UNAUTHORIZED_ACCESS"


@pytest.mark.parametrize("role", ["MANAGER", "ADMIN"])
def test_who_sees_revenue_sorts_by_it(gateway: Gateway, role: str) -> None:
    assert gateway.rest("/customers/search?sort_by=revenue", role=role).status_code == 200


def test_cursors_hold_nothing_personal(gateway: Gateway) -> None:
    document = '{ customers(filter: {q: "김영희"}, sortBy: NAME) { edges { cursor } } }'
    (edge,) = gateway.data(document)["customers"]["edges"]
    history = "{ customer(id: 123) { serviceHistory(first: 1) { edges { cursor } } } }"
    (session,) = gateway.data(history)["customer"]["serviceHistory"]["edges"]

    for cursor in (edge["cursor"], session["cursor"]):
        shown = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        assert not any(secret.encode() in shown for secret in ("김영희", "123", "2026", "name", "session"))


def test_a_denied_field_is_not_an_error(gateway: Gateway) -> None:
    answer = gateway.graphql("{ customer(id: 123) { healthGoals name } }", role="STAFF")

    assert answer == {
        "data": {"customer": {"healthGoals": None, "name": "김영희"}},
        "extensions": {"redactions": [{"path": ["customer", "healthGoals"], "state": "DENIED"}]},
    }


def test_an_answer_without_redactions_does_not_speak_of_them(gateway: Gateway) -> None:
    assert "extensions" not in gateway.graphql("{ customer(id: 123) { phone healthGoals } }")
    assert "redactions" not in gateway.rest("/customers/123/detail").json()


def test_redactions_name_the_response_keys_of_every_customer_on_a_page(gateway: Gateway) -> None:
    answer = gateway.graphql("{ page: customerSearch(size: 3) { customers { tel: phone } } }", role="STAFF")

    paths = [redaction["path"] for redaction in answer["extensions"]["redactions"]]
    assert paths == [
        ["page", "customers", number, "tel"]
        for number, customer in enumerate(answer["data"]["page"]["customers"])
        if customer["tel"] is not None
    ]
