"""Days and moments as files write them."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

_YEAR_FIRST = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{2})([0-9]{2}))"
    r"(?:[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?\s?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)

_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?")


def day_of(text: str) -> date:
    """Read a day that begins with its year: 2026-01-31, 2026/1/31, 2026.01.31 or 20260131, a time behind it.

    The time is left out, and so is its zone: the day is the one that is written.

    Raises:
        ValueError: It is another text, or no day.
    """
    match = _YEAR_FIRST.fullmatch(text)
    if match is None:
        raise ValueError("not a day such as 2026-01-31")
    year, _, month, day, joined_month, joined_day, *_ = match.groups()
    return date(int(year), int(month or joined_month), int(day or joined_day))


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment as a number that rises with time: seconds, unless it was written as a number itself."""

    value: float
    is_number: bool


def moment_of(text: str) -> Moment:
    """Read a number, or a day or a time as above; without a zone it is UTC.

    Raises:
        ValueError: It is neither.
    """
    if _NUMBER.fullmatch(text):
        return Moment(float(text), is_number=True)
    day, match = day_of(text), _YEAR_FIRST.fullmatch(text)
    hour, minute, second, fraction, zone = match.group(7, 8, 9, 10, 11) if match else (None,) * 5
    at = datetime(
        day.year,
        day.month,
        day.day,
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        tzinfo=datetime.strptime(zone, "%z").tzinfo if zone else UTC,
    )
    return Moment(at.timestamp() + float(f"0.{fraction or 0}"), is_number=False)
