"""Parameters of the documented paths: how each is read, and what it becomes in GraphQL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.datastructures import QueryParams

Value = str | int | bool | list[str]
Reader = Callable[[str], Value]

LARGEST_INTEGER = 2**31 - 1
"""What GraphQL's Int can hold, and the center's keys."""


class InvalidParameters(Exception):
    """Parameters that cannot be read; `fields` says which and why."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query or of a path.

    `read` turns its text into the GraphQL variable `variable` and raises `ValueError` with a Korean message;
    `schema` is its JSON Schema for the OpenAPI document.
    """

    name: str
    variable: str
    read: Reader
    schema: Mapping[str, object]
    description: str


def read_parameters(parameters: Sequence[Parameter], query: QueryParams) -> dict[str, Value]:
    """Return the GraphQL variables of a query string. An empty parameter counts as not sent.

    Raises:
        InvalidParameters: one is unknown, repeated, or not of its kind.
    """
    known = {parameter.name: parameter for parameter in parameters}
    variables: dict[str, Value] = {}
    problems: dict[str, str] = {}
    for name in dict.fromkeys(query.keys()):
        texts = query.getlist(name)
        if name not in known:
            problems[name] = "알 수 없는 파라미터입니다"
        elif len(texts) > 1:
            problems[name] = "한 번만 쓸 수 있습니다"
        elif texts[0]:
            try:
                value = known[name].read(texts[0])
            except ValueError as error:
                problems[name] = str(error)
            else:
                variables |= {known[name].variable: value} if value not in ("", []) else {}
    if problems:
        raise InvalidParameters(problems)
    return variables


def read_path(parameters: Sequence[Parameter], texts: Mapping[str, str]) -> dict[str, Value]:
    """Return the GraphQL variables of the parts of a path.

    Raises:
        InvalidParameters: one is not of its kind.
    """
    variables: dict[str, Value] = {}
    for parameter in parameters:
        try:
            variables[parameter.variable] = parameter.read(texts[parameter.name])
        except ValueError as error:
            raise InvalidParameters({parameter.name: str(error)}) from None
    return variables


def customer_number(value: str) -> Value:
    """A number that a customer can have."""
    try:
        number = whole_number(value)
    except ValueError:
        number = 0
    if number < 1:
        raise ValueError(f"1에서 {LARGEST_INTEGER} 사이의 정수여야 합니다")
    return number


def text(value: str) -> Value:
    """Any text, trimmed."""
    return value.strip()


def whole_number(value: str) -> int:
    """A whole number that GraphQL's Int can hold."""
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(LARGEST_INTEGER))):
        raise ValueError("정수여야 합니다")
    if abs(int(value)) > LARGEST_INTEGER:
        raise ValueError("너무 큰 수입니다")
    return int(value)


def day(value: str) -> Value:
    """A date as YYYY-MM-DD."""
    try:
        return _iso_date(value)
    except ValueError:
        raise ValueError("YYYY-MM-DD 형식의 날짜여야 합니다") from None


def one_of(words: Mapping[str, str]) -> Reader:
    """One of some words, in any case; the table gives each word's name in GraphQL."""
    names = {word.lower(): name for word, name in words.items()}

    def read(value: str) -> Value:
        if value.lower() not in names:
            raise ValueError(f"다음 중 하나여야 합니다: {', '.join(words)}")
        return names[value.lower()]

    return read


def some_of(words: Mapping[str, str]) -> Reader:
    """Some of some words, separated by commas, each counted once."""
    read_one = one_of(words)

    def read(value: str) -> Value:
        parts = (part.strip() for part in value.split(",") if part.strip())
        return list(dict.fromkeys(str(read_one(part)) for part in parts))

    return read


def _iso_date(value: str) -> str:
    day = date.fromisoformat(value).isoformat()
    if day != value:  # ISO has other ways to write a day: 20240530, 2024-W22-4
        raise ValueError(value)
    return day
