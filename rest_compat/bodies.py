"""The bodies of the paths that take one: which key becomes which input field, and which are only shown.

A form sends the whole customer back, so keys that cannot be written are ignored, and the answer lists them.
What a value may say beyond its JSON type is the schema's and the resolvers' to judge.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson

from rest_compat.parameters import LARGEST_INTEGER, InvalidParameters

_GENDERS = ("female", "male", "other")
_SLOTS = ("morning", "afternoon", "evening", "weekday", "weekend")
_SERVICES = ("brain", "pulse", "lymph", "red", "ai_bike", "other")
_INTENSITIES = ("low", "medium", "high")
_CHANNELS = ("kakao", "sms", "phone", "email")
_ACTIONS = ("accepted", "rejected", "deferred")
_MOST_BRACKETS = 10_000


class NotJson(Exception):
    """The body is not a JSON object."""


@dataclass(frozen=True, slots=True)
class Body:
    """A kind of body.

    `read` returns the GraphQL input of a body and the keys that were ignored, and raises `NotJson` or
    `InvalidParameters`. `schema` is its JSON Schema, `read_only` are the keys that are ignored.
    """

    read: Callable[[bytes], tuple[dict[str, Any], list[str]]]
    schema: Mapping[str, object]
    read_only: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of the body: its field in GraphQL's input, how its value is read, and its JSON Schema.

    `read` returns the field's value and raises `ValueError` with a Korean message. Null is never read: it
    clears a field, or the resolvers say why it cannot.
    """

    field: str
    read: Callable[[object], object]
    schema: Mapping[str, object]


def _text(field: str, limit: int, **more: object) -> _Key:
    return _Key(field, _read_text, {"type": ["string", "null"], "maxLength": limit, **more})


def _texts(field: str, limit: int, each: int) -> _Key:
    items = {"type": "string", "maxLength": each}
    return _Key(field, _each(_read_text), {"type": ["array", "null"], "maxItems": limit, "items": items})


def _word(field: str, words: tuple[str, ...]) -> _Key:
    def read(value: object) -> object:
        # an empty choice of a form clears the field
        return None if value == "" else _one_of(words)(value)

    return _Key(field, read, {"enum": [*words, "", None]})


def _words(field: str, words: tuple[str, ...]) -> _Key:
    return _Key(field, _each(_one_of(words)), {"type": ["array", "null"], "items": {"enum": list(words)}})


def _read_text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("글이어야 합니다")  # noqa: TRY004 - the client's mistake, not the program's
    return value


def _read_number(value: object) -> object:
    # JSON has one kind of number: 1985.0 is as whole as 1985
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    if not isinstance(number, int) or isinstance(number, bool) or abs(number) > LARGEST_INTEGER:
        raise ValueError("정수여야 합니다")
    return number


def _read_flag(value: object) -> object:
    if not isinstance(value, bool):
        raise ValueError("true 또는 false여야 합니다")  # noqa: TRY004
    return value


def _one_of(words: tuple[str, ...]) -> Callable[[object], object]:
    def read(value: object) -> object:
        if not isinstance(value, str) or value.lower() not in words:
            raise ValueError(f"다음 중 하나여야 합니다: {', '.join(words)}")
        return value.upper()

    return read


def _each(read: Callable[[object], object]) -> Callable[[object], object]:
    def read_all(value: object) -> object:
        if not isinstance(value, list):
            raise ValueError("배열이어야 합니다")  # noqa: TRY004
        return [read(item) for item in cast("list[object]", value)]

    return read_all


_PROFILE = {
    "name": _Key("name", _read_text, {"type": "string", "minLength": 1, "maxLength": 50}),
    "phone": _text("phone", 20),
    "email": _text("email", 100, anyOf=[{"format": "email"}, {"const": ""}]),
    "birth_year": _Key("birthYear", _read_number, {"type": ["integer", "null"], "minimum": 1900}),
    "gender": _word("gender", _GENDERS),
    "address": _text("address", 500),
    "emergency_contact": _text("emergencyContact", 100),
    "occupation": _text("occupation", 50),
    "region": _text("region", 100),
    "referral_source": _text("referralSource", 50),
    "health_goals": _text("healthGoals", 2000),
    "health_concerns": _text("healthConcerns", 2000),
    "notes": _text("notes", 5000),
    "preferred_time_slots": _words("preferredTimeSlots", _SLOTS),
    "assigned_staff": _text("assignedStaff", 50),
}

_PREFERENCES = {
    "preferred_services": _words("preferredServices", _SERVICES),
    "preferred_time": _word("preferredTime", _SLOTS),
    "preferred_intensity": _word("preferredIntensity", _INTENSITIES),
    "health_interests": _texts("healthInterests", 20, each=50),
    "communication_preference": _word("communicationPreference", _CHANNELS),
    "marketing_consent": _Key("marketingConsent", _read_flag, {"type": ["boolean", "null"]}),
}

_FEEDBACK = {
    "action": _Key("action", _one_of(_ACTIONS), {"enum": list(_ACTIONS)}),
    "feedback_score": _Key(
        "feedbackScore", _read_number, {"type": ["integer", "null"], "minimum": 1, "maximum": 5}
    ),
    "comment": _text("comment", 2000),
}

_READ_ONLY = (
    "customer_id",
    "membership_level",
    "customer_status",
    "first_visit_date",
    "last_visit_date",
    "total_visits",
    "average_visit_interval",
    "total_revenue",
    "average_satisfaction",
    "risk_level",
    "created_at",
    "updated_at",
)
# keys of the answer that a client cannot write: computed, or the center's own to set

_CHANGES_SCHEMA: Mapping[str, object] = {
    "type": "object",
    "description": "바꿀 항목만 보낸다. null은 값을 지우고, 읽기 전용 항목은 무시된다.",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        **{name: key.schema for name, key in _PROFILE.items()},
        "preferences": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {name: key.schema for name, key in _PREFERENCES.items()},
        },
        **{name: {"description": "읽기 전용: 무시된다"} for name in _READ_ONLY},
    },
}

_FEEDBACK_SCHEMA: Mapping[str, object] = {
    "type": "object",
    "description": "추천에 대한 답. 같은 사람이 다시 보내면 앞의 답을 대신한다.",
    "required": ["action"],
    "additionalProperties": False,
    "properties": {name: key.schema for name, key in _FEEDBACK.items()},
}


def is_json(content_type: str) -> bool:
    """Return whether a Content-Type says JSON, and no other encoding than UTF-8."""
    kind, *parameters = content_type.lower().split(";")
    pairs = [parameter.partition("=") for parameter in parameters]
    charsets = {value.strip().strip('"') for name, _, value in pairs if name.strip() == "charset"}
    return kind.strip() == "application/json" and charsets <= {"utf-8", "utf8"}


def read_json(body: bytes) -> object:
    """Return what a body of JSON says.

    Raises:
        NotJson: it is not JSON, not UTF-8, or of more lists and objects than anyone means.
    """
    # counted first: a third of a million empty lists keep the garbage collector busy for a third of a second
    if body.count(b"[") + body.count(b"{") > _MOST_BRACKETS:
        raise NotJson
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NotJson from None


def _read_customer_changes(body: bytes) -> tuple[dict[str, Any], list[str]]:
    fields = _read_object(body)
    ignored = [key for key in _READ_ONLY if key in fields]
    preferences = fields.get("preferences")
    problems: dict[str, str] = {}
    profile = {key: value for key, value in fields.items() if key not in {*_READ_ONLY, "preferences"}}
    changes = _read(profile, _PROFILE, "", problems)
    if isinstance(preferences, dict):
        wishes = cast("dict[str, object]", preferences)
        changes["preferences"] = _read(wishes, _PREFERENCES, "preferences.", problems)
    elif preferences is not None:
        problems["preferences"] = "객체여야 합니다"
    if problems:
        raise InvalidParameters(problems)
    return changes, ignored


def _read_feedback(body: bytes) -> tuple[dict[str, Any], list[str]]:
    problems: dict[str, str] = {}
    feedback = _read(_read_object(body), _FEEDBACK, "", problems)
    if feedback.get("action") is None:
        problems.setdefault("action", f"다음 중 하나여야 합니다: {', '.join(_ACTIONS)}")
    if problems:
        raise InvalidParameters(problems)
    return feedback, []


def _read_object(body: bytes) -> dict[str, object]:
    sent = read_json(body)
    if not isinstance(sent, dict):
        raise NotJson
    return cast("dict[str, object]", sent)


def _read(
    sent: Mapping[str, object], keys: Mapping[str, _Key], prefix: str, problems: dict[str, str]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in sent.items():
        if name not in keys:
            problems[prefix + name] = "알 수 없는 항목입니다"
            continue
        key = keys[name]
        try:
            values[key.field] = None if value is None else key.read(value)
        except ValueError as error:
            problems[prefix + name] = str(error)
    return values


CUSTOMER_CHANGES = Body(_read_customer_changes, _CHANGES_SCHEMA, _READ_ONLY)
"""The body of PUT detail: what is to change of a customer."""

FEEDBACK = Body(_read_feedback, _FEEDBACK_SCHEMA)
"""The body of POST feedback: what came of a recommendation."""
