"""An invented customer whose every personal value is a marker, found in whatever way it is written."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from typing import Any
from unicodedata import normalize
from urllib.parse import quote, quote_plus

BIRTH_YEAR = 1907

PROFILE: dict[str, Any] = {
    "name": "한새벽뜰",
    "phone": "010-9137-4826",
    "email": "zebrafinch.ok@canary.example",
    "address": "서울시 강남구 물레방앗간길 8814",
    "emergency_contact": "남편 소쩍새바위",
    "birth_year": BIRTH_YEAR,
    "occupation": "Kestrelwright",
    "notes": "Mossgrown 손목시계를 두고 갔다",
    "health_goals": "Lumbarwise 허리 통증을 줄인다",
    "health_concerns": "Tinnitusbell 이명이 있다",
    "region": "은모래섬마을",
    "referral_source": "Heronpost 소개",
}
"""The profile, under REST's names."""

INTERESTS = ["sleepwillow_care"]
SESSION_NOTES = "Shoulderfrost 어깨가 굳었다"

OPEN = frozenset({"name", "region", "referral_source"})
CONTACT_AND_PERSONAL = frozenset(
    {"phone", "email", "address", "emergency_contact", "birth_year", "occupation", "notes"}
)
HEALTH = frozenset({"health_goals", "health_concerns", "health_interests", "session_notes"})
EVERYTHING = OPEN | CONTACT_AND_PERSONAL | HEALTH

_MARKERS: dict[str, tuple[str, ...]] = {
    "name": ("한새벽뜰",),
    # what the mask leaves, 010 and 4826, is no part of it
    "phone": ("010-9137", "0109137", "9137-4826", "91374826"),
    "email": ("zebrafinch",),
    "address": ("물레방앗간길",),
    "emergency_contact": ("소쩍새바위",),
    "occupation": ("Kestrelwright",),
    "notes": ("Mossgrown", "손목시계를"),
    "health_goals": ("Lumbarwise", "허리 통증"),
    "health_concerns": ("Tinnitusbell", "이명이"),
    "region": ("은모래섬마을",),
    "referral_source": ("Heronpost",),
    "health_interests": ("sleepwillow",),
    "session_notes": ("Shoulderfrost", "어깨가"),
}

_WRITINGS: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: normalize("NFD", text),
    lambda text: json.dumps(text)[1:-1],
    lambda text: text.encode("unicode_escape").decode(),
    quote,
    quote_plus,
    # UTF-8 that somebody took for Latin-1, which is how headers reach an application
    lambda text: text.encode().decode("latin-1"),
    lambda text: json.dumps(text.encode().decode("latin-1"))[1:-1],
    lambda text: repr(text.encode())[2:-1],
    lambda text: text.encode().hex(),
)


def markers_in(haystack: str | bytes) -> set[str]:
    """Return the fields whose values stand in a text, whatever way they are written."""
    text = haystack if isinstance(haystack, bytes) else haystack.encode("utf-8", "surrogateescape")
    folded = text.lower()
    found = {field for field, forms in _FORMS.items() if any(form in folded for form in forms)}
    return found | ({"birth_year"} if _BIRTH_YEAR.search(folded) else set())


def _forms_of(marker: str) -> Iterator[bytes]:
    for write in _WRITINGS:
        yield write(marker).encode().lower()
    text = marker.encode()
    for shift in range(3):  # where a value begins among base64's groups of three bytes
        begin, end = (4 * shift + 2) // 3, (4 * (shift + len(text))) // 3
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(b"\0" * shift + text + b"\0\0")[begin:end].lower()


_FORMS = {
    field: {form for marker in markers for form in _forms_of(marker)} for field, markers in _MARKERS.items()
}
# a number like others: not inside a longer one, a decimal, a time, an address, a [process id], or t=seconds
_BIRTH_YEAR = re.compile(rb"(?<![0-9a-z.+=[-])(?<![0-9]:)%d(?![0-9a-z.:-])" % BIRTH_YEAR)
