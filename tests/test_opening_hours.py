"""The setting of the opening hours, as people write it."""

import pytest

from gateway.opening_hours import USUAL_HOURS, read_opening_hours
from gateway.settings import BadSettings, read_settings


def hours_of(text: str) -> list[tuple[int, int] | None]:
    return [(day.opens // 60, day.closes // 60) if day else None for day in read_opening_hours(text).days]


def test_days_and_ranges_of_days_have_their_hours() -> None:
    assert hours_of(USUAL_HOURS) == [(9, 21)] * 5 + [(9, 18), (10, 17)]


def test_a_day_that_is_closed_or_not_named_has_none() -> None:
    assert hours_of("mon-wed 10:00-20:00, fri closed") == [(10, 20)] * 3 + [None] * 4


def test_a_center_may_be_open_around_the_clock() -> None:
    assert hours_of("Mon-Sun 00:00-24:00") == [(0, 24)] * 7


@pytest.mark.parametrize(
    "text",
    [
        "",
        "closed",
        "mon-sun closed",
        "mon 09:00",
        "mon 9:00-18:00",
        "mon 18:00-09:00",
        "mon 09:00-09:00",
        "mon 09:00-24:30",
        "mon 09:60-18:00",
        "fri-mon 09:00-18:00",
        "mon-wed 09:00-18:00, tue closed",
        "월 09:00-18:00",
        "mon 09:00-18:00,",
    ],
)
def test_what_cannot_be_meant_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(BadSettings, match="OPENING_HOURS"):
        read_settings(opening_hours=text, _env_file=None)
