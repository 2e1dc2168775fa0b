"""The center's opening hours, as a setting writes them."""

import re
from typing import Annotated

from pydantic import AfterValidator

from insight.recommend.opening_hours import DayHours, OpeningHours

USUAL_HOURS = "mon-fri 09:00-21:00, sat 09:00-18:00, sun 10:00-17:00"
"""The opening hours of a center that says nothing else."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = re.compile(
    rf"(?P<first>{'|'.join(_DAYS)})(?:-(?P<last>{'|'.join(_DAYS)}))? +"
    r"(?:(?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)|closed)"
)
_FORM = "opening hours look like " + USUAL_HOURS + "; a day may be closed, and one not named is"


def read_opening_hours(text: str) -> OpeningHours:
    """Read opening hours such as "mon-fri 09:00-21:00, sat 10:00-14:00, sun closed".

    Raises:
        ValueError: the text has another form, names a day twice, or has the center always closed.
    """
    days: dict[int, DayHours | None] = {}
    for part in text.lower().split(","):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise ValueError(_FORM)
        first = _DAYS.index(match["first"])
        named = range(first, _DAYS.index(match["last"] or match["first"]) + 1)
        if not named or days.keys() & set(named):
            raise ValueError(f"{part.strip()}: each day once, and a range from the earlier day to the later")
        hours = DayHours(_minutes(match["opens"]), _minutes(match["closes"])) if match["opens"] else None
        days |= dict.fromkeys(named, hours)
    return OpeningHours(tuple(days.get(day) for day in range(len(_DAYS))))


def _minutes(time: str) -> int:
    """Return the minutes after midnight; 24:00 ends a day."""
    hours, minutes = (int(number) for number in time.split(":"))
    if minutes > 59:  # noqa: PLR2004
        raise ValueError(f"{time} is no time of day")
    return 60 * hours + minutes


def _checked(text: str) -> str:
    read_opening_hours(text)
    return text


OpeningHoursText = Annotated[str, AfterValidator(_checked)]
"""Text that `read_opening_hours` can read."""
