"""Checks on what clients send: numbers within bounds, text that a database can hold."""

from unicodedata import normalize

from resolvers.errors import InvalidInput

MAX_ID = 2**31 - 1
"""The center's keys are four-byte integers."""

MAX_PAGE = 100
"""Customers or sessions on one page, at most."""

DEFAULT_PAGE = 20
"""Customers or sessions on one page, where no size is asked for."""

_MAX_SEARCH_TEXT = 100


def customer_number(value: str, name: str = "id") -> int:
    """Read a customer's number.

    Raises:
        InvalidInput: it is not a whole number between 1 and 2,147,483,647.
    """
    if not (
        value.isascii() and value.isdigit() and len(value) <= len(str(MAX_ID)) and 0 < int(value) <= MAX_ID
    ):
        raise InvalidInput({name: f"1에서 {MAX_ID} 사이의 정수여야 합니다"})
    return int(value)


def page_size(name: str, value: int) -> int:
    """Return the size of a page.

    Raises:
        InvalidInput: it is not between 1 and 100.
    """
    if not 1 <= value <= MAX_PAGE:
        raise InvalidInput({name: f"1에서 {MAX_PAGE} 사이여야 합니다"})
    return value


def page_number(value: int) -> int:
    """Return the number of a page.

    Raises:
        InvalidInput: it is below 1.
    """
    if value < 1:
        raise InvalidInput({"page": "1 이상이어야 합니다"})
    return value


def search_text(value: str | None) -> str | None:
    """Return the text to search for, in NFC and trimmed; None when nothing is left.

    Raises:
        InvalidInput: it holds a control character or is too long.
    """
    text = normalize("NFC", value or "").strip()
    if len(text) > _MAX_SEARCH_TEXT or not text.isprintable():
        raise InvalidInput({"q": f"제어 문자가 없는 {_MAX_SEARCH_TEXT}자 이하의 글이어야 합니다"})
    return text or None
