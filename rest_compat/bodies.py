"""The body of PUT detail: which key becomes which input field, and which are only shown.

A form sends the whole customer back, so keys that cannot be written are ignored, and the answer lists them.
"""

from collections.abc import Mapping
from typing import Any, cast

import orjson

from rest_compat.parameters import InvalidParameters

_PROFILE = {
    "name": "name",
    "phone": "phone",
    "email": "email",
    "birth_year": "birthYear",
    "gender": "gender",
    "address": "address",
    "emergency_contact": "emergencyContact",
    "occupation": "occupation",
    "region": "region",
    "referral_source": "referralSource",
    "health_goals": "healthGoals",
    "health_concerns": "healthConcerns",
    "notes": "notes",
    "preferred_time_slots": "preferredTimeSlots",
    "assigned_staff": "assignedStaff",
}

_PREFERENCES = {
    "preferred_services": "preferredServices",
    "preferred_time": "preferredTime",
    "preferred_intensity": "preferredIntensity",
    "health_interests": "healthInterests",
    "communication_preference": "communicationPreference",
    "marketing_consent": "marketingConsent",
}

_CODES = frozenset(
    {
        "gender",
        "preferred_time_slots",
        "preferred_services",
        "preferred_time",
        "preferred_intensity",
        "communication_preference",
    }
)

READ_ONLY = frozenset(
    {
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
    }
)
"""Keys of the answer that a client cannot write: computed, or the center's own to set."""


class NotJson(Exception):
    """The body is not a JSON object."""


def read_customer_changes(body: bytes) -> tuple[dict[str, Any], list[str]]:
    """Return the GraphQL input of a body, and the keys that were ignored.

    Raises:
        NotJson: the body is no JSON object.
        InvalidParameters: a key is unknown, or `preferences` is no object.
    """
    try:
        sent = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NotJson from None
    if not isinstance(sent, dict):
        raise NotJson
    fields = cast("dict[str, object]", sent)
    problems = _unknown(fields, {*_PROFILE, *READ_ONLY, "preferences"}, "")
    changes = _renamed(fields, _PROFILE)
    preferences = fields.get("preferences")
    if isinstance(preferences, dict):
        wishes = cast("dict[str, object]", preferences)
        problems |= _unknown(wishes, {*_PREFERENCES}, "preferences.")
        changes["preferences"] = _renamed(wishes, _PREFERENCES)
    elif preferences is not None:
        problems["preferences"] = "객체여야 합니다"
    if problems:
        raise InvalidParameters(problems)
    return changes, sorted(READ_ONLY & set(fields))


def _unknown(fields: Mapping[str, object], known: set[str], prefix: str) -> dict[str, str]:
    return {prefix + key: "알 수 없는 항목입니다" for key in fields if key not in known}


def _renamed(fields: Mapping[str, object], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: _enum_names(fields[key]) if key in _CODES else fields[key]
        for key, name in names.items()
        if key in fields
    }


def _enum_names(value: object) -> object:
    """Write codes as GraphQL's enum names; an empty choice of a form clears the field."""
    if isinstance(value, list):
        return [_enum_names(item) for item in cast("list[object]", value)]
    return value.upper() or None if isinstance(value, str) else value
