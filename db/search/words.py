"""Text to search for: what it is compared with, and the grams that it is found by.

The grams are those of `gateway.search_grams`: letters and pairs of letters of a name, threes of a phone's
digits behind a #.
"""

from unicodedata import normalize

NAME = "name"
NAME_OR_PHONE = "name or phone"
NAME_OR_WHOLE_PHONE = "name or whole phone"
NAME_OR_END_OF_PHONE = "name or end of phone"

TEXT_CONDITIONS = frozenset({NAME, NAME_OR_PHONE, NAME_OR_WHOLE_PHONE, NAME_OR_END_OF_PHONE})
"""The names of the conditions that search for text."""

PHONE_ENDING = 4
"""Digits of a phone that its mask shows."""

_PAIR = 2  # letters
_GRAM = 3  # digits; fewer say nothing about a phone


def text_condition(text: str, *, phone_parts: bool) -> tuple[str, dict[str, object]]:
    """Match a part of the name, spaces aside, or of the phone number, whatever stands between its digits."""
    key = _key(text)
    values: dict[str, object] = {"name_pattern": f"%{_literally(key)}%", "name_grams": _name_grams(key)}
    digits = key.replace("-", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) >= _GRAM):
        return NAME, values
    values["phone_grams"] = _phone_grams(digits)
    if phone_parts:
        return NAME_OR_PHONE, {**values, "phone_pattern": f"%{digits}%"}
    ending = len(digits) == PHONE_ENDING
    return NAME_OR_END_OF_PHONE if ending else NAME_OR_WHOLE_PHONE, {**values, "phone_digits": digits}


def is_one_gram(text: str) -> bool:
    """Whether a name that has the text's gram has the text, so that nothing is left to compare."""
    return len(_key(text)) <= _PAIR


def _key(text: str) -> str:
    return normalize("NFKC", text).replace(" ", "").lower()


def _name_grams(key: str) -> list[str]:
    pairs = {key[place : place + _PAIR] for place in range(len(key) - _PAIR + 1)}
    return [key] if len(key) == 1 else sorted(pairs)


def _phone_grams(digits: str) -> list[str]:
    return sorted({"#" + digits[place : place + _GRAM] for place in range(len(digits) - _GRAM + 1)})


def _literally(text: str) -> str:
    """Escape what LIKE takes for a wildcard."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
