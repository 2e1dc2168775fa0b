"""Masks: what is left of a value for somebody who may know only that there is one.

A mask keeps the type. A number has no honest mask and becomes null.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

_STARS = "***"
_PHONE = re.compile(r"(?:[-+. ()]*[0-9]){8,15}")
_EMAIL = re.compile(r"([^@\s])[^@\s]*@([^@\s]+)")
_PHONE_ENDING: Final = 4  # digits
_LEAST_HIDDEN: Final = 3
_DISTRICT_WORDS: Final = 2


class Mask(StrEnum):
    """A way of masking."""

    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    TEXT = "text"
    NOTHING = "nothing"


def mask_phone(value: str) -> str:
    """Leave the area code and the last four digits, 010-****-5678; nothing of what is no phone number."""
    if not _PHONE.fullmatch(value):
        return _STARS
    digits = [place for place, character in enumerate(value) if character.isdigit()]
    area = 2 if "".join(value[place] for place in digits).startswith("02") else 3
    area = min(area, len(digits) - _PHONE_ENDING - _LEAST_HIDDEN)
    hidden = set(digits[area:-_PHONE_ENDING])
    return "".join("*" if place in hidden else character for place, character in enumerate(value))


def mask_email(value: str) -> str:
    """Leave the first letter and the domain: k**@example.com."""
    parts = _EMAIL.fullmatch(value.strip())
    return f"{parts[1]}**@{parts[2]}" if parts else _STARS


def mask_address(value: str) -> str:
    """Leave the city and the district, the first two words: 서울시 강남구 ***."""
    words = value.split()
    if len(words) <= _DISTRICT_WORDS:
        return _STARS  # nothing tells a district from a street here
    return " ".join([*words[:_DISTRICT_WORDS], _STARS])


def mask_text(_: str) -> str:
    """Leave nothing of a text but that it is there."""
    return _STARS


MASKS: Mapping[Mask, Callable[[Any], str | None]] = {
    Mask.PHONE: mask_phone,
    Mask.EMAIL: mask_email,
    Mask.ADDRESS: mask_address,
    Mask.TEXT: mask_text,
    Mask.NOTHING: lambda _: None,
}
"""What each way of masking does to a value that is not null."""
