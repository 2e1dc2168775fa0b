"""Changing a customer: what is written, what is refused, and who wins."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

import psycopg
import pytest
from harness import UNCACHED, Gateway, running_gateway

from db.demo import HARD_CASES
from db.urls import libpq_url

Execute = Callable[..., list[tuple[object, ...]]]

UPDATE = """
mutation ($input: UpdateCustomerInput!) {
  updateCustomer(input: $input) { customer { ...Shown } }
}
"""
READ = "query ($id: ID!) { customer(id: $id) { ...Shown } }"
SHOWN = """
fragment Shown on Customer {
  customerId name phone email birthYear gender address emergencyContact occupation region referralSource
  healthGoals healthConcerns notes preferredTimeSlots assignedStaff updatedAt
  preferences {
    preferredServices preferredTime preferredIntensity healthInterests communicationPreference
    marketingConsent
  }
}
"""


RESTORE_PREFERENCES = """
INSERT INTO public.customer_preferences SELECT * FROM saved_preferences WHERE customer_id = %s
"""
COLUMNS = """
name, phone, email, birth_year, gender, address, emergency_contact, occupation, region, referral_source,
health_goals, health_concerns, notes, preferred_time_slots, assigned_staff, updated_at
"""
RESTORE_PROFILE = f"""
UPDATE public.customers c
   SET ({COLUMNS}) = (SELECT {COLUMNS} FROM saved_customers s WHERE s.customer_id = c.customer_id)
 WHERE customer_id = %s
"""


@pytest.fixture(scope="module")
def shared_writable(databases: Any, demo_template: str) -> Iterator[Gateway]:
    with databases.temporary(demo_template) as url:
        run(url, "CREATE TABLE saved_customers AS TABLE public.customers")
        run(url, "CREATE TABLE saved_preferences AS TABLE public.customer_preferences")
        with running_gateway(url, **UNCACHED) as gateway:
            yield gateway


@pytest.fixture
def writable_gateway(shared_writable: Gateway) -> Gateway:
    """One gateway for all of these tests; each finds its two customers as the demo has them."""
    url = shared_writable.database_url
    customers = (123, HARD_CASES["no_visits"])
    for customer_id in customers:
        run(url, "DELETE FROM public.customer_preferences WHERE customer_id = %s", customer_id)
        run(url, RESTORE_PREFERENCES, customer_id)
        run(url, RESTORE_PROFILE, customer_id)
    return shared_writable


def run(url: str, statement: str, *values: object) -> None:
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute(statement, values)


def update(gateway: Gateway, **changes: object) -> dict[str, Any]:
    answer = gateway.data(UPDATE + SHOWN, {"input": {"id": "123", **changes}})
    return answer["updateCustomer"]["customer"]


def read(gateway: Gateway, customer_id: int = 123) -> dict[str, Any]:
    return gateway.data(READ + SHOWN, {"id": customer_id})["customer"]


def attempt(gateway: Gateway, role: str = "ADMIN", **changes: object) -> dict[str, Any]:
    body = gateway.graphql(UPDATE + SHOWN, {"input": {"id": "123", **changes}}, role=role)
    (error,) = body["errors"]
    return error["extensions"]


def refused_fields(gateway: Gateway, **changes: object) -> set[str]:
    refusal = attempt(gateway, **changes)
    assert refusal["code"] == "VALIDATION_ERROR"
    return set(refusal["detail"]["fields"])


def test_a_change_writes_what_is_given_and_leaves_the_rest(writable_gateway: Gateway) -> None:
    before = read(writable_gateway)

    after = update(writable_gateway, occupation="프리랜서")

    assert after == {**before, "occupation": "프리랜서", "updatedAt": after["updatedAt"]}
    assert after["updatedAt"] > before["updatedAt"]
    assert read(writable_gateway) == after


EVERYTHING = {
    "name": "김영희나",
    "phone": "02-345-6789",
    "email": "new@example.org",
    "birthYear": 1999,
    "gender": "OTHER",
    "address": "부산시 해운대구",
    "emergencyContact": "어머니 010-1111-2222",
    "occupation": "의사",
    "region": "부산",
    "referralSource": "간판",
    "healthGoals": "체중 감량\n수면",
    "healthConcerns": "허리",
    "notes": "창가 자리\t선호",
    "preferredTimeSlots": ["EVENING", "WEEKDAY"],
    "assignedStaff": "박직원",
    "preferences": {
        "preferredServices": ["AI_BIKE", "RED"],
        "preferredTime": "EVENING",
        "preferredIntensity": "HIGH",
        "healthInterests": ["weight", "근력"],
        "communicationPreference": "SMS",
        "marketingConsent": False,
    },
}


def test_every_field_can_be_changed_at_once(writable_gateway: Gateway) -> None:
    after = update(writable_gateway, **EVERYTHING)

    assert {name: after[name] for name in EVERYTHING} == EVERYTHING
    assert read(writable_gateway) == after


def test_null_clears_everything_but_the_name(writable_gateway: Gateway) -> None:
    cleared = {name: None for name in EVERYTHING if name not in {"name", "preferences"}}

    after = update(writable_gateway, **cleared)

    assert {name: after[name] for name in cleared} == {**cleared, "preferredTimeSlots": []}
    assert after["name"] == "김영희"
    assert after["preferences"]["preferredServices"] == ["BRAIN", "PULSE"]


def test_empty_text_clears_as_null_does(writable_gateway: Gateway) -> None:
    after = update(writable_gateway, occupation="", notes="  ", phone="", email="")

    assert [after[name] for name in ("occupation", "notes", "phone", "email")] == [None] * 4


def test_preferences_change_one_by_one(writable_gateway: Gateway) -> None:
    before = read(writable_gateway)["preferences"]

    after = update(writable_gateway, preferences={"preferredTime": None, "marketingConsent": False})

    assert after["preferences"] == {**before, "preferredTime": None, "marketingConsent": False}
    assert after["name"] == "김영희"


def test_preferences_are_made_where_there_were_none(writable_gateway: Gateway) -> None:
    customer_id = HARD_CASES["no_visits"]
    assert read(writable_gateway, customer_id)["preferences"] is None

    after = update(writable_gateway, id=customer_id, preferences={"communicationPreference": "PHONE"})

    assert after["preferences"] == {
        "preferredServices": [],
        "preferredTime": None,
        "preferredIntensity": None,
        "healthInterests": [],
        "communicationPreference": "PHONE",
        "marketingConsent": None,
    }


def test_a_change_of_preferences_alone_moves_the_customers_time(writable_gateway: Gateway) -> None:
    before = read(writable_gateway)["updatedAt"]

    assert update(writable_gateway, preferences={"marketingConsent": False})["updatedAt"] > before


def test_a_customer_is_changed_by_global_id_too(writable_gateway: Gateway) -> None:
    assert update(writable_gateway, id="Q3VzdG9tZXI6MTIz", region="제주")["region"] == "제주"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ({"phone": "01012345678"}, {"phone": "010-1234-5678"}),
        ({"phone": "+82 10 1234 5678"}, {"phone": "010-1234-5678"}),
        ({"phone": "02)345-6789"}, {"phone": "02-345-6789"}),
        ({"email": " Kim@Example.ORG "}, {"email": "Kim@example.org"}),
        ({"name": "  김영희 "}, {"name": "김영희"}),
        ({"name": "김영희"}, {"name": "김영희"}),
        ({"preferredTimeSlots": ["EVENING", "EVENING"]}, {"preferredTimeSlots": ["EVENING"]}),
        ({"notes": "한 줄\n두 줄"}, {"notes": "한 줄\n두 줄"}),
        ({"name": "가" * 50, "address": "나" * 500}, {"name": "가" * 50, "address": "나" * 500}),
        ({"birthYear": 2026}, {"birthYear": 2026}),
        ({"occupation": "😀'; DROP TABLE customers; --"}, {"occupation": "😀'; DROP TABLE customers; --"}),
    ],
    ids=str,
)
def test_a_value_is_stored_in_one_form(
    writable_gateway: Gateway, written: dict[str, object], stored: dict[str, object]
) -> None:
    after = update(writable_gateway, **written)

    assert {name: after[name] for name in stored} == stored


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": None}, "name"),
        ({"name": " "}, "name"),
        ({"name": "가" * 51}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "두\n줄"}, "name"),
        ({"phone": "1234"}, "phone"),
        ({"phone": "010-1234-567x"}, "phone"),
        ({"phone": "010１２３４５６７８"}, "phone"),
        ({"email": "kim"}, "email"),
        ({"email": "kim@@example.org"}, "email"),
        ({"email": "a" * 101 + "@example.org"}, "email"),
        ({"birthYear": 1899}, "birthYear"),
        ({"birthYear": 2027}, "birthYear"),
        ({"birthYear": -1}, "birthYear"),
        ({"emergencyContact": "가" * 101}, "emergencyContact"),
        ({"referralSource": "가" * 51}, "referralSource"),
        ({"healthGoals": "가" * 2001}, "healthGoals"),
        ({"healthConcerns": "\x07"}, "healthConcerns"),
        ({"notes": "가" * 5001}, "notes"),
        ({"assignedStaff": "가" * 51}, "assignedStaff"),
        ({"preferences": {"healthInterests": ["가" * 51]}}, "preferences.healthInterests"),
        ({"preferences": {"healthInterests": [str(n) for n in range(21)]}}, "preferences.healthInterests"),
        ({}, "input"),
        ({"preferences": {}}, "input"),
        ({"id": "abc", "name": "가"}, "id"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_value_that_breaks_its_rule_is_named_as_the_schema_names_it(
    gateway: Gateway, changes: dict[str, object], field: str
) -> None:
    assert refused_fields(gateway, **changes) == {field}


def test_all_mistakes_are_told_at_once_and_nothing_is_written(writable_gateway: Gateway) -> None:
    before = read(writable_gateway)

    fields = refused_fields(
        writable_gateway,
        region="부산",
        birthYear=1800,
        emergencyContact="가" * 200,
        preferences={"marketingConsent": False, "healthInterests": ["가" * 51]},
    )

    assert fields == {"birthYear", "emergencyContact", "preferences.healthInterests"}
    assert read(writable_gateway) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"membershipLevel": "VIP"},
        {"totalRevenue": 1},
        {"nickname": "영"},
        {"gender": "female"},
        {"gender": "UNKNOWN"},
        {"birthYear": "1985"},
        {"birthYear": 2**31},
        {"birthYear": 1985.5},
        {"name": 5},
        {"preferredTimeSlots": ["NOON"]},
        {"preferredTimeSlots": [None]},
        {"preferences": {"preferredServices": ["SAUNA"]}},
        {"preferences": {"marketingConsent": "yes"}},
        {"preferences": {"favourite": 1}},
        {"preferences": []},
        {"updatedAt": "yesterday"},
        {"updatedAt": 1718000000},
        {"updatedAt": "0001-01-01T00:00:00+14:00"},
        {"updatedAt": "9999-12-31T23:59:59-14:00"},
    ],
    ids=str,
)
def test_a_field_or_a_word_that_is_not_in_the_schema_is_refused_before_anything_runs(
    gateway: Gateway, changes: dict[str, object]
) -> None:
    body = gateway.graphql(UPDATE + SHOWN, {"input": {"id": "123", **changes}})

    assert "data" not in body
    assert {error["extensions"]["code"] for error in body["errors"]} == {"VALIDATION_ERROR"}


def test_a_customer_who_is_not_there_cannot_be_changed(gateway: Gateway) -> None:
    assert attempt(gateway, id=2_000_000_000, name="아무개")["code"] == "CUSTOMER_NOT_FOUND"


@pytest.mark.parametrize("role", ["STAFF", "MANAGER"])
def test_only_an_admin_may_change_and_nobody_else_does(writable_gateway: Gateway, role: str) -> None:
    before = read(writable_gateway)

    refusal = attempt(writable_gateway, role, name="다른이름")

    assert refusal["code"] == "UNAUTHORIZED_ACCESS"
    assert read(writable_gateway) == before


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_mutation_that_comes_by_get_changes_nothing(gateway: Gateway, method: str) -> None:
    before = read(gateway)
    document = 'mutation { updateCustomer(input: {id: "123", name: "몰래"}) { customer { name } } }'

    response = gateway.request(method, "/graphql", params={"query": document})

    assert response.status_code == 400
    assert read(gateway) == before


def test_a_mutation_reads_back_what_it_wrote_the_one_before_included(writable_gateway: Gateway) -> None:
    document = """mutation {
        first: updateCustomer(input: {id: "123", region: "부산"}) { customer { region occupation } }
        second: updateCustomer(input: {id: "123", occupation: "의사"}) { customer { region occupation } }
    }"""

    answer = writable_gateway.data(document)

    assert answer["first"]["customer"] == {"region": "부산", "occupation": "회사원"}
    assert answer["second"]["customer"] == {"region": "부산", "occupation": "의사"}


def test_a_second_mutation_that_fails_leaves_the_first_one_written(writable_gateway: Gateway) -> None:
    document = """mutation {
        first: updateCustomer(input: {id: "123", region: "부산"}) { customer { region } }
        second: updateCustomer(input: {id: "123", name: ""}) { customer { name } }
    }"""

    body = writable_gateway.graphql(document)

    assert [error["path"] for error in body["errors"]] == [["second"]]
    assert read(writable_gateway)["region"] == "부산"


def test_the_time_that_was_read_lets_the_change_through(writable_gateway: Gateway) -> None:
    seen = read(writable_gateway)["updatedAt"]

    assert update(writable_gateway, updatedAt=seen, region="부산")["region"] == "부산"


def test_a_time_that_is_no_longer_true_is_a_conflict_and_writes_nothing(writable_gateway: Gateway) -> None:
    seen = read(writable_gateway)["updatedAt"]
    between = update(writable_gateway, region="부산")

    refusal = attempt(
        writable_gateway, updatedAt=seen, region="제주", preferences={"marketingConsent": False}
    )

    assert refusal == {"code": "CONFLICT", "detail": {"customerId": 123}}
    assert read(writable_gateway) == between


def test_every_change_leaves_a_time_that_the_next_one_can_use(writable_gateway: Gateway) -> None:
    seen = read(writable_gateway)["updatedAt"]
    times = [seen]
    for number in range(5):
        seen = update(writable_gateway, updatedAt=seen, occupation=f"직업 {number}")["updatedAt"]
        times.append(seen)

    assert times == sorted(set(times))


@pytest.mark.parametrize(
    "stored", ["2026-06-01 10:00:00.123456", "2026-06-01 10:00:00.1", "2026-06-01 10:00:00"]
)
def test_a_time_comes_back_to_the_microsecond(
    writable_gateway: Gateway, execute: Execute, stored: str
) -> None:
    execute("UPDATE customers SET updated_at = %s WHERE customer_id = 123", stored)

    shown = read(writable_gateway)["updatedAt"]

    assert datetime.fromisoformat(shown).replace(tzinfo=None) == datetime.fromisoformat(stored)
    assert update(writable_gateway, updatedAt=shown, region="부산")["region"] == "부산"


def test_one_microsecond_off_is_a_conflict(writable_gateway: Gateway, execute: Execute) -> None:
    execute("UPDATE customers SET updated_at = '2026-06-01 10:00:00.123456' WHERE customer_id = 123")

    refusal = attempt(writable_gateway, updatedAt="2026-06-01T10:00:00.123457Z", region="부산")

    assert refusal["code"] == "CONFLICT"


def test_the_same_moment_in_another_time_zone_is_the_same_moment(
    writable_gateway: Gateway, execute: Execute
) -> None:
    execute("UPDATE customers SET updated_at = '2026-06-01 10:00:00.5' WHERE customer_id = 123")

    after = update(writable_gateway, updatedAt="2026-06-01T19:00:00.5+09:00", region="부산")

    assert after["region"] == "부산"


def test_a_row_from_the_future_still_moves_forward(writable_gateway: Gateway, execute: Execute) -> None:
    execute("UPDATE customers SET updated_at = '2999-01-01' WHERE customer_id = 123")

    assert update(writable_gateway, region="부산")["updatedAt"] == "2999-01-01T00:00:00.000001Z"


def test_a_row_without_a_time_gets_one(writable_gateway: Gateway, execute: Execute) -> None:
    execute("UPDATE customers SET updated_at = NULL WHERE customer_id = 123")
    assert attempt(writable_gateway, updatedAt="2026-06-01T10:00:00Z", region="부산")["code"] == "CONFLICT"

    after = update(writable_gateway, updatedAt=None, region="부산")

    assert after["updatedAt"] is not None


def test_of_many_changes_that_saw_the_same_time_exactly_one_wins(writable_gateway: Gateway) -> None:
    seen = read(writable_gateway)["updatedAt"]
    writers = 8
    together = Barrier(writers)

    def write(number: int) -> dict[str, Any]:
        together.wait()
        changes = {"id": "123", "updatedAt": seen, "occupation": f"직업 {number}"}
        return writable_gateway.graphql(UPDATE + SHOWN, {"input": changes})

    with ThreadPoolExecutor(writers) as pool:
        answers = list(pool.map(write, range(writers)))

    (winner,) = [answer for answer in answers if "errors" not in answer]
    lost = [answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer]
    assert lost == ["CONFLICT"] * (writers - 1)
    assert read(writable_gateway) == winner["data"]["updateCustomer"]["customer"]


def test_changes_to_different_fields_at_once_are_both_kept(writable_gateway: Gateway) -> None:
    changes: list[dict[str, object]] = [
        {"region": "부산"},
        {"occupation": "의사"},
        {"preferences": {"marketingConsent": False}},
        {"preferences": {"preferredTime": "EVENING"}},
    ]
    together = Barrier(len(changes))

    def write(change: dict[str, object]) -> None:
        together.wait()
        update(writable_gateway, id=HARD_CASES["no_visits"], **change)

    with ThreadPoolExecutor(len(changes)) as pool:
        list(pool.map(write, changes))

    after = read(writable_gateway, HARD_CASES["no_visits"])
    assert (after["region"], after["occupation"]) == ("부산", "의사")
    assert after["preferences"]["marketingConsent"] is False
    assert after["preferences"]["preferredTime"] == "EVENING"
