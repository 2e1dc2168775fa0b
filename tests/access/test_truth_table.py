"""Role x scope x field x null, through both doors: what each viewer gets of each private field."""

from collections.abc import Iterator
from functools import reduce
from typing import Any

import psycopg
import pytest
from harness import Gateway, running_gateway, token

FULL, EMPTY = 123, 124
"""A customer who has all private fields, and one who has none of them."""

VALUE, NULL, MASKED, DENIED = "VALUE", "NULL", "MASKED", "DENIED"

VIEWERS = [(role, scopes) for role in ("STAFF", "MANAGER", "ADMIN") for scopes in ((), ("health:read",))]

# field -> class, its place in a GraphQL answer, its place in a REST answer (None: not in the contract)
FIELDS: dict[str, tuple[str, str, str | None]] = {
    "phone": ("contact", "customer.phone", "customer.phone"),
    "email": ("contact", "customer.email", "customer.email"),
    "address": ("contact", "customer.address", "customer.address"),
    "emergency": ("contact", "customer.emergencyContact", "customer.emergency_contact"),
    "birth year": ("personal", "customer.birthYear", "customer.birth_year"),
    "occupation": ("personal", "customer.occupation", "customer.occupation"),
    "notes": ("personal", "customer.notes", "customer.notes"),
    "revenue": ("money", "customer.totalRevenue", "customer.total_revenue"),
    "price": ("money", "customer.packages.0.pricePaid", None),
    "goals": ("health", "customer.healthGoals", "customer.health_goals"),
    "concerns": ("health", "customer.healthConcerns", "customer.health_concerns"),
    "session notes": (
        "health",
        "customer.serviceHistory.nodes.0.sessionNotes",
        "serviceHistory.0.session_notes",
    ),
    "interests": ("health", "customer.preferences.healthInterests", "preferences.health_interests"),
}
NULLABLE = set(FIELDS) - {"revenue", "price", "interests"}
"""The fields that can be null in a row; the others hold 0 or an empty list there."""

MASKED_TO_NULL = {"birth year", "revenue", "price"}
"""Numbers have no mask: null stands for one, and whether there was a number is not told."""

DOCUMENT = """
query ($id: ID!) { customer(id: $id) {
  phone email address emergencyContact birthYear occupation notes totalRevenue healthGoals healthConcerns
  packages { pricePaid }
  serviceHistory(first: 1) { nodes { sessionNotes } }
  preferences { healthInterests }
} }
"""

FILL = """
UPDATE public.customers SET phone = '010-1234-5678', email = 'kim@example.com',
       address = '서울시 강남구 테헤란로 1', emergency_contact = '010-8765-4321', birth_year = 1985,
       occupation = '회사원', notes = '창가 자리', health_goals = '수면 개선', health_concerns = '허리'
 WHERE customer_id = 123;
UPDATE public.service_usage SET session_details = '컨디션 좋음' WHERE customer_id = 123;
UPDATE public.customers SET phone = NULL, email = NULL, address = NULL, emergency_contact = NULL,
       birth_year = NULL, occupation = NULL, notes = NULL, health_goals = NULL, health_concerns = NULL
 WHERE customer_id = 124;
INSERT INTO public.customer_preferences (customer_id) VALUES (124) ON CONFLICT (customer_id) DO NOTHING;
UPDATE public.customer_preferences SET health_interests = NULL WHERE customer_id = 124;
INSERT INTO public.service_usage (usage_id, customer_id, service_date, service_type_id, session_details)
SELECT max(usage_id) + 1, 124, DATE '2026-06-01', 2, NULL FROM public.service_usage;
INSERT INTO public.package_purchases (purchase_id, customer_id, package_id, purchase_date, expiry_date,
       total_sessions, used_sessions, remaining_sessions, price_paid)
SELECT max(purchase_id) + 1, 124, 1, DATE '2026-06-01', DATE '2026-12-01', 10, 0, 10, 0
  FROM public.package_purchases;
"""


@pytest.fixture(scope="module")
def center(databases: Any, demo_template: str) -> Iterator[Gateway]:
    with databases.temporary(demo_template) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(FILL)
        with running_gateway(url) as running:
            yield running


def expected(field: str, role: str, scopes: tuple[str, ...], *, null: bool) -> str:
    field_class = FIELDS[field][0]
    if field_class == "health" and role != "ADMIN" and "health:read" not in scopes:
        return DENIED
    masked = field_class in {"contact", "personal", "money"} and role == "STAFF"
    if masked and (not null or field in MASKED_TO_NULL):
        return MASKED
    return NULL if null and field in NULLABLE else VALUE


def state_at(answer: Any, redactions: list[dict[str, Any]], place: str) -> str:
    path: list[str | int] = [int(key) if key.isdigit() else key for key in place.split(".")]
    value = reduce(lambda found, key: found[key], path, answer)
    for redaction in redactions:
        if redaction["path"] == path:
            assert redaction["state"] == MASKED or value is None
            return redaction["state"]
    return NULL if value is None else VALUE


@pytest.mark.parametrize("customer_id", [FULL, EMPTY])
@pytest.mark.parametrize(("role", "scopes"), VIEWERS)
def test_each_field_comes_out_of_graphql_as_the_policy_says(
    center: Gateway, role: str, scopes: tuple[str, ...], customer_id: int
) -> None:
    headers = {"Authorization": f"Bearer {token(role, scopes=scopes)}"}
    body = {"query": DOCUMENT, "variables": {"id": customer_id}}
    answer = center.request("POST", "/graphql", headers=headers, json=body).json()
    redactions = answer.get("extensions", {}).get("redactions", [])

    found = {field: state_at(answer["data"], redactions, place) for field, (_, place, _) in FIELDS.items()}

    assert found == {field: expected(field, role, scopes, null=customer_id == EMPTY) for field in FIELDS}


@pytest.mark.parametrize("customer_id", [FULL, EMPTY])
@pytest.mark.parametrize(("role", "scopes"), VIEWERS)
def test_each_field_comes_out_of_rest_as_the_policy_says(
    center: Gateway, role: str, scopes: tuple[str, ...], customer_id: int
) -> None:
    headers = {"Authorization": f"Bearer {token(role, scopes=scopes)}"}
    answer = center.rest(f"/customers/{customer_id}/detail", headers=headers).json()
    places = {field: place for field, (_, _, place) in FIELDS.items() if place}

    found = {
        field: state_at(answer["data"], answer.get("redactions", []), place)
        for field, place in places.items()
    }

    assert found == {field: expected(field, role, scopes, null=customer_id == EMPTY) for field in places}
    assert ("redactions" in answer) is (not {MASKED, DENIED}.isdisjoint(found.values()))


def test_masks_are_these(center: Gateway) -> None:
    customer = center.data(
        "{ customer(id: 123) { phone email address emergencyContact occupation notes } }", role="STAFF"
    )["customer"]

    assert customer == {
        "phone": "010-****-5678",
        "email": "k**@example.com",
        "address": "서울시 강남구 ***",
        "emergencyContact": "010-****-4321",
        "occupation": "***",
        "notes": "***",
    }


@pytest.mark.parametrize(("role", "scopes"), [viewer for viewer in VIEWERS if viewer[0] != "STAFF"])
def test_health_metrics_are_denied_as_one(center: Gateway, role: str, scopes: tuple[str, ...]) -> None:
    headers = {"Authorization": f"Bearer {token(role, scopes=scopes)}"}
    answer = center.rest("/customers/123/analytics", headers=headers).json()

    shown = role == "ADMIN" or bool(scopes)
    assert (answer["data"]["healthMetrics"] is not None) is shown
    assert answer.get("redactions") == (None if shown else [{"path": ["healthMetrics"], "state": DENIED}])
