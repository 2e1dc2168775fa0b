"""What may stand in each field of a customer's profile: one rule a field, as a table.

A rule returns the value as it is to be stored, or raises `ValueError` with a Korean message for the client.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import cast
from unicodedata import category, normalize

from email_validator import EmailNotValidError, validate_email

Rule = Callable[[object], object]

_OLDEST_BIRTH_YEAR = 1900
_MOBILE_OR_AREA = re.compile(r"(01[016789]|02|0[3-6]\d|070|050\d)(\d{3,4})(\d{4})", re.ASCII)
_LINE_BREAKS = {"\n", "\r", "\t"}


def text(limit: int, *, lines: bool = False) -> Rule:
    """Text of at most `limit` characters, NFC and trimmed; empty text is stored as nothing."""

    def rule(value: object) -> object:
        cleaned = normalize("NFC", str(value)).strip()
        allowed = _LINE_BREAKS if lines else set[str]()
        if any(category(character) in {"Cc", "Cs"} and character not in allowed for character in cleaned):
            raise ValueError("제어 문자를 쓸 수 없습니다")
        if len(cleaned) > limit:
            raise ValueError(f"{limit}자 이하여야 합니다")
        return cleaned or None

    return rule


def required(rule: Rule) -> Rule:
    """The same rule for a field that cannot be cleared."""

    def checked(value: object) -> object:
        result = rule("" if value is None else value)
        if result is None:
            raise ValueError("비울 수 없습니다")
        return result

    return checked


def email(value: object) -> object:
    """An e-mail address, checked for its form only: nothing is sent or looked up."""
    address = text(100)(value)
    if address is None:
        return None
    try:
        return validate_email(str(address), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise ValueError("이메일 주소 형식이 아닙니다") from None


def phone(value: object) -> object:
    """A Korean phone number, stored with hyphens: 010-1234-5678."""
    number = text(20)(value)
    if number is None:
        return None
    digits = re.sub(r"[\s().-]", "", str(number)).removeprefix("+82")
    digits = digits if digits.startswith("0") else f"0{digits}"
    match = _MOBILE_OR_AREA.fullmatch(digits)
    if match is None:
        raise ValueError("전화번호 형식이 아닙니다 (예: 010-1234-5678)")
    return "-".join(match.groups())


def birth_year(today: date) -> Rule:
    """A year between 1900 and this one."""

    def rule(value: object) -> object:
        if not _OLDEST_BIRTH_YEAR <= cast("int", value) <= today.year:
            raise ValueError(f"{_OLDEST_BIRTH_YEAR}년에서 {today.year}년 사이여야 합니다")
        return value

    return rule


def code(value: object) -> object:
    """One word of a vocabulary, which the schema has checked."""
    return str(value)


def codes(value: object) -> object:
    """Words of a vocabulary, each once, in the order given."""
    return [str(word) for word in dict.fromkeys(cast("Sequence[object]", value))]


def interests(value: object) -> object:
    """Up to twenty short words of the center's own choosing."""
    found = [text(50)(word) for word in cast("Sequence[object]", value)]
    if len(found) > 20:  # noqa: PLR2004
        raise ValueError("20개 이하여야 합니다")
    return [word for word in dict.fromkeys(found) if word is not None]


def flag(value: object) -> object:
    """Yes or no."""
    return bool(value)


def profile_rules(today: date) -> Mapping[str, Rule]:
    """Return the rule of each writable column of `customers`."""
    return {
        "name": required(text(50)),
        "phone": phone,
        "email": email,
        "birth_year": birth_year(today),
        "gender": code,
        "address": text(500),
        "emergency_contact": text(100),
        "occupation": text(50),
        "region": text(100),
        "referral_source": text(50),
        "health_goals": text(2000, lines=True),
        "health_concerns": text(2000, lines=True),
        "notes": text(5000, lines=True),
        "preferred_time_slots": codes,
        "assigned_staff": text(50),
    }


PREFERENCE_RULES: Mapping[str, Rule] = {
    "preferred_services": codes,
    "preferred_time": code,
    "preferred_intensity": code,
    "health_interests": interests,
    "communication_preference": code,
    "marketing_consent": flag,
}
"""The rule of each writable column of `customer_preferences`."""
