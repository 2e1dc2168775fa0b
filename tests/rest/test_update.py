"""PUT /customers/{customer_id}/detail: what is written, what is ignored, what is refused."""

import json
from typing import Any
from unicodedata import normalize

import httpx
import pytest
from harness import Gateway
from rest.answers import data_of, detail, error_of, invalid_fields
from rest.rows import a_customer, rows, stored

_PREFERENCES = {
    "preferred_services": ["lymph", "ai_bike"],
    "preferred_time": "evening",
    "preferred_intensity": "high",
    "health_interests": ["다이어트", "수면"],
    "communication_preference": "sms",
    "marketing_consent": False,
}

_CHANNELS = "SELECT communication_preference FROM customer_preferences WHERE customer_id = %(customer_id)s"
_COUNTS = "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM customer_preferences)"


def _put(center: Gateway, customer_id: int, changes: Any, **options: Any) -> httpx.Response:
    return center.rest(f"/customers/{customer_id}/detail", method="PUT", json=changes, **options)


def _profile(center: Gateway, customer_id: int) -> dict[str, Any]:
    """Return what may be written of a customer, as it stands now."""
    customer = detail(center, customer_id)["customer"]
    return {key: value for key, value in customer.items() if key != "updated_at"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "도서연"),
        ("phone", "02-345-6789"),
        ("email", "new@example.org"),
        ("birth_year", 1985),
        ("gender", "other"),
        ("address", "부산시 해운대구 누리로 7"),
        ("emergency_contact", "남편 010-4567-8901"),
        ("occupation", "프리랜서"),
        ("region", "부산"),
        ("referral_source", "전단지"),
        ("health_goals", "체중 감량, 근력 향상"),
        ("health_concerns", "불면"),
        ("notes", "첫 줄\n둘째 줄\t끝"),
        ("preferred_time_slots", ["evening", "weekend"]),
        ("assigned_staff", "정하늘"),
    ],
)
def test_only_what_is_sent_changes(center: Gateway, key: str, value: object) -> None:
    customer_id = a_customer(center)
    before = _profile(center, customer_id)

    assert _put(center, customer_id, {key: value}).status_code == 200

    assert _profile(center, customer_id) == {**before, key: value}


def test_an_update_answers_with_the_customer_as_stored(center: Gateway) -> None:
    customer_id = a_customer(center)

    answer = data_of(_put(center, customer_id, {"occupation": "화가"}))

    assert answer["customer"]["occupation"] == "화가"
    assert answer == detail(center, customer_id)


def test_a_change_is_in_the_centers_own_table(center: Gateway) -> None:
    customer_id = a_customer(center)

    _put(center, customer_id, {"occupation": "화가", "preferred_time_slots": ["evening"]})

    assert stored(center, customer_id, "occupation") == "화가"
    assert stored(center, customer_id, "preferred_time_slots") == ["evening"]


def test_an_update_moves_the_time_of_the_change(center: Gateway) -> None:
    customer_id = a_customer(center, updated_at="2026-01-01T00:00:00")

    _put(center, customer_id, {"occupation": "화가"})

    assert detail(center, customer_id)["customer"]["updated_at"] > "2026-01-01T00:00:00Z"


def test_a_trailing_slash_is_no_redirect(center: Gateway) -> None:
    customer_id = a_customer(center)

    answer = center.rest(f"/customers/{customer_id}/detail/", method="PUT", json={"occupation": "화가"})

    assert answer.status_code == 200
    assert _profile(center, customer_id)["occupation"] == "화가"


def test_the_whole_customer_can_be_sent_back_with_a_change(center: Gateway) -> None:
    before = detail(center, 200)
    form = {**before["customer"], "notes": "양식에서", "preferences": _PREFERENCES}

    answer = _put(center, 200, form)

    after = data_of(answer)
    assert after["preferences"] == _PREFERENCES
    kept = before["customer"].keys() - {"notes", "updated_at"}
    assert {key: after["customer"][key] for key in kept} == {key: before["customer"][key] for key in kept}
    assert after["customer"]["notes"] == "양식에서"


def test_what_cannot_be_written_is_ignored_and_listed(center: Gateway) -> None:
    customer_id = a_customer(center)

    answer = _put(center, customer_id, {"total_revenue": 1, "customer_id": 5, "occupation": "화가"})

    assert sorted(answer.json()["ignored"]) == ["customer_id", "total_revenue"]
    assert data_of(answer)["customer"]["customer_id"] == customer_id
    assert data_of(answer)["customer"]["total_revenue"] == 0


def test_nothing_is_listed_as_ignored_when_nothing_was(center: Gateway) -> None:
    assert "ignored" not in _put(center, a_customer(center), {"occupation": "화가"}).json()


_CLEARABLE = [
    "phone",
    "email",
    "gender",
    "address",
    "emergency_contact",
    "occupation",
    "region",
    "referral_source",
    "health_goals",
    "health_concerns",
    "notes",
    "assigned_staff",
]


@pytest.mark.parametrize("key", [*_CLEARABLE, "birth_year"])
def test_null_clears(center: Gateway, key: str) -> None:
    customer_id = a_customer(center)

    assert data_of(_put(center, customer_id, {key: None}))["customer"][key] is None

    assert stored(center, customer_id, key) is None


@pytest.mark.parametrize("key", _CLEARABLE)
def test_an_empty_text_clears(center: Gateway, key: str) -> None:
    customer_id = a_customer(center)

    assert data_of(_put(center, customer_id, {key: ""}))["customer"][key] is None

    assert stored(center, customer_id, key) is None


@pytest.mark.parametrize("cleared", [None, []])
def test_time_slots_can_be_cleared(center: Gateway, cleared: object) -> None:
    customer = data_of(_put(center, a_customer(center), {"preferred_time_slots": cleared}))["customer"]

    assert customer["preferred_time_slots"] == []


@pytest.mark.parametrize("name", [None, "", "  "])
def test_a_name_cannot_be_cleared(center: Gateway, name: object) -> None:
    assert invalid_fields(_put(center, a_customer(center), {"name": name})) == {"name"}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"name": normalize("NFD", "한가람")}, {"name": "한가람"}),
        ({"name": "  한가람 "}, {"name": "한가람"}),
        ({"phone": "01045678901"}, {"phone": "010-4567-8901"}),
        ({"phone": "010 4567 8901"}, {"phone": "010-4567-8901"}),
        ({"phone": "+82 10-4567-8901"}, {"phone": "010-4567-8901"}),
        ({"phone": "0234567890"}, {"phone": "02-3456-7890"}),
        ({"email": " Someone@EXAMPLE.org "}, {"email": "Someone@example.org"}),
        ({"gender": "MALE"}, {"gender": "male"}),
        ({"preferred_time_slots": ["evening", "evening"]}, {"preferred_time_slots": ["evening"]}),
        ({"birth_year": 1985.0}, {"birth_year": 1985}),
    ],
)
def test_values_are_stored_in_one_spelling(
    center: Gateway, sent: dict[str, Any], stored: dict[str, Any]
) -> None:
    customer = data_of(_put(center, a_customer(center), sent))["customer"]

    assert {key: customer[key] for key in stored} == stored


_LIMITS = {
    "name": 50,
    "email": 100,
    "address": 500,
    "emergency_contact": 100,
    "occupation": 50,
    "region": 100,
    "referral_source": 50,
    "health_goals": 2000,
    "health_concerns": 2000,
    "notes": 5000,
    "assigned_staff": 50,
}


@pytest.mark.parametrize("key", sorted(_LIMITS.keys() - {"email"}))
def test_text_may_be_as_long_as_its_column(center: Gateway, key: str) -> None:
    text = "가" * _LIMITS[key]

    assert data_of(_put(center, a_customer(center), {key: text}))["customer"][key] == text


_REFUSED: list[tuple[dict[str, Any], set[str]]] = [
    ({"nickname": "가람"}, {"nickname"}),
    ({"preferences": {"colour": "red"}}, {"preferences.colour"}),
    ({"birthYear": 1990}, {"birthYear"}),
    *[({key: "가" * (limit + 1)}, {key}) for key, limit in _LIMITS.items()],
    *[({"email": text}, {"email"}) for text in ("kim", "kim@", "@example.com", "a b@c.de", "a@b@c.de")],
    *[({"phone": text}, {"phone"}) for text in ("1234", "전화", "010-1234-567890", "+1 202 555 0100")],
    *[({"birth_year": year}, {"birth_year"}) for year in (1899, 2027, -1, 0, 2**31, 1e300, 1985.5)],
    *[({"birth_year": value}, {"birth_year"}) for value in ("1985", True, [], {})],
    *[({"gender": value}, {"gender"}) for value in ("woman", 1, ["female"])],
    *[({key: "앞\x00뒤"}, {key}) for key in ("name", "notes", "email", "address", "phone")],
    *[({key: "앞\x1b뒤"}, {key}) for key in ("name", "notes", "health_goals")],
    ({"occupation": "두\n줄"}, {"occupation"}),
    *[({key: value}, {key}) for key in ("name", "phone", "notes") for value in (5, True, ["글"], {"a": 1})],
    ({"preferred_time_slots": "morning"}, {"preferred_time_slots"}),
    ({"preferred_time_slots": ["noon"]}, {"preferred_time_slots"}),
    ({"preferred_time_slots": [None]}, {"preferred_time_slots"}),
    ({"preferences": "none"}, {"preferences"}),
    ({"preferences": ["kakao"]}, {"preferences"}),
    ({"preferences": {"preferred_services": ["sauna"]}}, {"preferences.preferred_services"}),
    ({"preferences": {"preferred_time": "noon"}}, {"preferences.preferred_time"}),
    ({"preferences": {"preferred_intensity": 3}}, {"preferences.preferred_intensity"}),
    ({"preferences": {"health_interests": "수면"}}, {"preferences.health_interests"}),
    ({"preferences": {"health_interests": [1]}}, {"preferences.health_interests"}),
    ({"preferences": {"health_interests": ["앞\x00뒤"]}}, {"preferences.health_interests"}),
    ({"preferences": {"health_interests": ["가" * 51]}}, {"preferences.health_interests"}),
    ({"preferences": {"health_interests": [str(n) for n in range(21)]}}, {"preferences.health_interests"}),
    ({"preferences": {"communication_preference": "pigeon"}}, {"preferences.communication_preference"}),
    ({"preferences": {"marketing_consent": "yes"}}, {"preferences.marketing_consent"}),
    (
        {"name": 5, "gender": "x", "preferences": {"preferred_time": 1}},
        {"name", "gender", "preferences.preferred_time"},
    ),
    ({"email": "kim", "phone": "1", "birth_year": 1800}, {"email", "phone", "birth_year"}),
]


@pytest.mark.parametrize(
    ("changes", "fields"), _REFUSED, ids=[ascii(changes)[:60] for changes, _ in _REFUSED]
)
def test_what_breaks_a_rule_is_refused_by_its_name(
    center: Gateway, changes: dict[str, Any], fields: set[str]
) -> None:
    assert invalid_fields(_put(center, 201, changes)) == fields


@pytest.mark.parametrize(
    "changes",
    [
        {"occupation": "화가", "email": "kim"},
        {"occupation": "화가", "nickname": "가람"},
        {"occupation": "화가", "birth_year": "1985"},
        {"occupation": "화가", "preferences": {"health_interests": ["앞\x00뒤"]}},
        {"email": "new@example.org", "preferences": {**_PREFERENCES, "preferred_time": "noon"}},
    ],
    ids=["form", "unknown key", "type", "text of a preference", "word of a preference"],
)
def test_nothing_is_written_when_one_field_is_refused(center: Gateway, changes: dict[str, Any]) -> None:
    customer_id = a_customer(center)
    before = detail(center, customer_id)

    assert _put(center, customer_id, changes).status_code == 400

    assert detail(center, customer_id) == before


@pytest.mark.parametrize("changes", [{}, {"preferences": {}}, {"preferences": None}, {"total_visits": 3}])
def test_a_body_that_changes_nothing_is_refused(center: Gateway, changes: dict[str, Any]) -> None:
    status, code, _ = error_of(_put(center, a_customer(center), changes))

    assert (status, code) == (400, "VALIDATION_ERROR")


def test_preferences_are_made_where_there_were_none(center: Gateway) -> None:
    customer_id = a_customer(center)
    assert detail(center, customer_id)["preferences"] is None

    _put(center, customer_id, {"preferences": _PREFERENCES})

    assert detail(center, customer_id)["preferences"] == _PREFERENCES


def test_of_preferences_too_only_what_is_sent_changes(center: Gateway) -> None:
    customer_id = a_customer(center)
    _put(center, customer_id, {"preferences": _PREFERENCES})

    _put(center, customer_id, {"preferences": {"preferred_time": "morning"}})

    assert detail(center, customer_id)["preferences"] == {**_PREFERENCES, "preferred_time": "morning"}


def test_preferences_change_without_the_profile(center: Gateway) -> None:
    customer_id = a_customer(center)
    before = _profile(center, customer_id)

    _put(center, customer_id, {"preferences": _PREFERENCES})

    assert _profile(center, customer_id) == before


def test_one_row_holds_a_customers_preferences(center: Gateway) -> None:
    customer_id = a_customer(center)
    for channel in ("kakao", "email"):
        _put(center, customer_id, {"preferences": {"communication_preference": channel}})

    assert rows(center, _CHANNELS, customer_id=customer_id) == [("email",)]


@pytest.mark.parametrize("key", ["preferred_time", "preferred_intensity", "communication_preference"])
@pytest.mark.parametrize("cleared", [None, ""])
def test_a_preference_can_be_cleared(center: Gateway, key: str, cleared: object) -> None:
    customer_id = a_customer(center)
    _put(center, customer_id, {"preferences": _PREFERENCES})

    _put(center, customer_id, {"preferences": {key: cleared}})

    assert detail(center, customer_id)["preferences"] == {**_PREFERENCES, key: None}


def test_a_customer_who_is_not_there_cannot_be_changed(center: Gateway) -> None:
    before = rows(center, _COUNTS)

    answer = _put(center, 999999, {"occupation": "화가", "preferences": _PREFERENCES})

    assert error_of(answer) == (404, "CUSTOMER_NOT_FOUND", {"customer_id": 999999})
    assert rows(center, _COUNTS) == before


@pytest.mark.parametrize("role", ["STAFF", "MANAGER"])
def test_only_admins_write(center: Gateway, role: str) -> None:
    customer_id = a_customer(center)
    before = detail(center, customer_id)

    answer = _put(center, customer_id, {"occupation": "화가", "preferences": _PREFERENCES}, role=role)

    assert error_of(answer)[:2] == (403, "UNAUTHORIZED_ACCESS")
    assert detail(center, customer_id) == before


def test_without_a_token_nothing_is_written(center: Gateway) -> None:
    customer_id = a_customer(center)
    before = detail(center, customer_id)

    assert _put(center, customer_id, {"occupation": "화가"}, role=None).status_code == 401

    assert detail(center, customer_id) == before


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8"])
def test_json_may_name_its_charset(center: Gateway, content_type: str) -> None:
    body = json.dumps({"occupation": "화가"}).encode()

    answer = center.rest(
        f"/customers/{a_customer(center)}/detail",
        method="PUT",
        content=body,
        headers={"Content-Type": content_type},
    )

    assert data_of(answer)["customer"]["occupation"] == "화가"
