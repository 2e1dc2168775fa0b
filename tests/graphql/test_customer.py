"""One customer: by number, by global id, and with every field of the profile."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from harness import Gateway

from db.demo import HARD_CASES

CUSTOMER = "query ($id: ID!) { customer(id: $id) { id customerId name } }"
NODE = "query ($id: ID!) { node(id: $id) { __typename id ... on Customer { customerId name } } }"
NOBODY = 2_000_000_000

PROFILE = """
query ($id: ID!) {
  customer(id: $id) {
    customerId name phone email birthYear gender address emergencyContact occupation region referralSource
    membershipLevel membershipLabel customerStatus firstVisitDate lastVisitDate totalVisits
    averageVisitInterval totalRevenue averageSatisfaction riskLevel healthGoals healthConcerns notes
    preferredTimeSlots assignedStaff createdAt updatedAt
  }
}
"""


def global_id(number: object, kind: str = "Customer") -> str:
    return b64encode(f"{kind}:{number}".encode()).decode()


def profile(gateway: Gateway, customer_id: int) -> dict[str, Any]:
    return gateway.data(PROFILE, {"id": customer_id})["customer"]


@pytest.mark.parametrize("key", [123, "123", "00123", global_id(123)])
def test_a_customer_is_found_by_number_text_and_global_id(gateway: Gateway, key: object) -> None:
    answer = gateway.data(CUSTOMER, {"id": key})

    assert answer["customer"] == {"id": global_id(123), "customerId": 123, "name": "김영희"}


def test_a_customer_is_found_by_a_number_written_into_the_document(gateway: Gateway) -> None:
    assert gateway.data("{ customer(id: 123) { name } }") == {"customer": {"name": "김영희"}}


def test_a_customers_id_leads_back_to_the_customer(gateway: Gateway) -> None:
    found = gateway.data(CUSTOMER, {"id": 124})["customer"]

    answer = gateway.data(NODE, {"id": found["id"]})

    assert answer["node"] == {"__typename": "Customer", **found}


def test_a_node_that_is_not_there_is_null(gateway: Gateway) -> None:
    assert gateway.data(NODE, {"id": global_id(NOBODY)}) == {"node": None}


def test_a_customer_who_is_not_there_is_an_error_and_null(gateway: Gateway) -> None:
    answer = gateway.graphql(CUSTOMER, {"id": NOBODY})

    assert answer["data"] == {"customer": None}
    assert answer["errors"][0]["path"] == ["customer"]
    assert answer["errors"][0]["extensions"] == {
        "code": "CUSTOMER_NOT_FOUND",
        "detail": {"customerId": NOBODY},
    }


def test_one_missing_customer_does_not_hide_another(gateway: Gateway) -> None:
    document = f'{{ here: customer(id: "123") {{ name }} gone: customer(id: "{NOBODY}") {{ name }} }}'

    answer = gateway.graphql(document)

    assert answer["data"] == {"here": {"name": "김영희"}, "gone": None}
    assert [error["path"] for error in answer["errors"]] == [["gone"]]


UNREADABLE = {
    "zero": "0",
    "negative": "-1",
    "beyond four bytes": "2147483648",
    "beyond eight bytes": "9" * 20,
    "beyond Python's own digits": "9" * 5000,
    "a word": "abc",
    "nothing": "",
    "full-width digits": "１２３",
    "a superscript": "²",
    "a sign": "+1",
    "a space": " 123",
    "a NUL byte": "1\x00",
    "base64 of nothing known": "////",
    "no base64": "Customer:123",
    "a global id of another type": global_id(123, "Package"),
    "a global id of nobody": global_id(""),
    "a negative global id": global_id(-1),
    "a global id beyond four bytes": global_id(2**31),
    "a global id of two numbers": global_id("12:3"),
    "a global id of a superscript": global_id("²"),
}


@pytest.mark.parametrize("document", [CUSTOMER, NODE], ids=["customer", "node"])
@pytest.mark.parametrize("key", UNREADABLE.values(), ids=UNREADABLE)
def test_an_id_that_cannot_be_read_is_the_clients_mistake(gateway: Gateway, document: str, key: str) -> None:
    answer = gateway.graphql(document, {"id": key})

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "VALIDATION_ERROR"
    assert list(error["extensions"]["detail"]["fields"]) == ["id"]


@pytest.mark.parametrize("key", [1.5, True, None, [123], {"id": 123}])
def test_an_id_of_another_kind_never_reaches_a_field(gateway: Gateway, key: object) -> None:
    answer = gateway.graphql(CUSTOMER, {"id": key})

    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["code"] == "VALIDATION_ERROR"


def test_a_number_is_not_a_global_id(gateway: Gateway) -> None:
    assert gateway.error_code(NODE, {"id": "123"}) == "VALIDATION_ERROR"


def test_kim_younghee_is_answered_in_full(gateway: Gateway) -> None:
    assert profile(gateway, 123) == {
        "customerId": 123,
        "name": "김영희",
        "phone": "010-1234-5678",
        "email": "kim@example.com",
        "birthYear": 1985,
        "gender": "FEMALE",
        "address": "서울시 강남구 가온빛로 12, 301호",
        "emergencyContact": "010-8765-4321",
        "occupation": "회사원",
        "region": "서울 강남구",
        "referralSource": "지인 소개",
        "membershipLevel": "VIP",
        "membershipLabel": "vip",
        "customerStatus": "ACTIVE",
        "firstVisitDate": "2026-01-23",
        "lastVisitDate": "2026-06-08",
        "totalVisits": 12,
        "averageVisitInterval": 14,
        "totalRevenue": 2_500_000,
        "averageSatisfaction": 4.8,
        "riskLevel": "STABLE",
        "healthGoals": "스트레스 해소, 수면 개선",
        "healthConcerns": "업무 스트레스로 잠들기 어려움",
        "notes": None,
        "preferredTimeSlots": ["MORNING", "WEEKEND"],
        "assignedStaff": "이직원",
        "createdAt": "2026-01-23T10:00:00Z",
        "updatedAt": "2026-06-08T15:30:00Z",
    }


def test_a_customer_without_visits_has_empty_totals(gateway: Gateway) -> None:
    found = profile(gateway, HARD_CASES["no_visits"])

    assert (found["totalVisits"], found["totalRevenue"]) == (0, 0)
    assert (found["lastVisitDate"], found["averageVisitInterval"]) == (None, None)
    assert found["averageSatisfaction"] is None
    assert found["customerStatus"] == "DORMANT"


def test_empty_text_of_an_old_row_is_null(gateway: Gateway) -> None:
    found = profile(gateway, HARD_CASES["dirty_row"])

    emptied = ("phone", "email", "gender", "emergencyContact", "membershipLevel", "membershipLabel")
    assert [found[name] for name in emptied] == [None] * len(emptied)


def test_a_membership_that_nobody_knows_is_passed_on(gateway: Gateway) -> None:
    found = profile(gateway, HARD_CASES["unknown_level"])

    assert (found["membershipLevel"], found["membershipLabel"]) == ("OTHER", "family")


def test_a_visit_before_the_sign_up_counts_and_the_recorded_first_visit_stays(gateway: Gateway) -> None:
    found = profile(gateway, HARD_CASES["before_sign_up"])

    assert found["totalVisits"] == 3
    assert found["firstVisitDate"] == "2026-03-07"


def test_ratings_that_nobody_gave_stay_missing(gateway: Gateway) -> None:
    found = profile(gateway, HARD_CASES["never_rated"])

    assert (found["totalVisits"], found["averageSatisfaction"]) == (5, None)


def test_two_sessions_on_one_day_are_one_visit(gateway: Gateway) -> None:
    assert profile(gateway, HARD_CASES["one_day"])["totalVisits"] == 1


def test_refunds_can_leave_less_than_nothing(gateway: Gateway) -> None:
    assert profile(gateway, HARD_CASES["fully_refunded"])["totalRevenue"] <= 0


@pytest.mark.parametrize("case", sorted(HARD_CASES))
def test_every_hard_case_can_be_answered_in_full(gateway: Gateway, case: str) -> None:
    assert profile(gateway, HARD_CASES[case])["customerId"] == HARD_CASES[case]


def test_the_status_follows_the_last_visit(
    writable_gateway: Gateway, execute: Callable[..., list[tuple[object, ...]]]
) -> None:
    statuses = {}
    for days_ago in (0, 30, 31, 90, 91):
        execute(
            """UPDATE gateway.customer_summary SET last_visit_on = date '2026-06-15' - %s
                WHERE customer_id = 123""",
            days_ago,
        )
        statuses[days_ago] = profile(writable_gateway, 123)["customerStatus"]

    assert statuses == {0: "ACTIVE", 30: "ACTIVE", 31: "INACTIVE", 90: "INACTIVE", 91: "DORMANT"}


def test_a_customer_without_a_summary_yet_is_answered(
    writable_gateway: Gateway, execute: Callable[..., list[tuple[object, ...]]]
) -> None:
    execute("INSERT INTO public.customers (customer_id, name) VALUES (5000, '새고객')")

    found = profile(writable_gateway, 5000)

    assert (found["totalVisits"], found["totalRevenue"], found["lastVisitDate"]) == (0, 0, None)


@pytest.mark.parametrize("role", ["STAFF", "MANAGER", "ADMIN"])
def test_every_role_reads_customers(gateway: Gateway, role: str) -> None:
    assert gateway.data(CUSTOMER, {"id": 123}, role=role)["customer"]["name"] == "김영희"


def test_the_asker_is_told_who_they_are(gateway: Gateway) -> None:
    answer = gateway.data("{ me { subject role scopes name } }", role="MANAGER")

    assert answer["me"] == {
        "subject": "manager@center.example",
        "role": "MANAGER",
        "scopes": [],
        "name": answer["me"]["name"],
    }
