from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight import PERIODS, Window

DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))
LENGTHS = st.integers(1, 800)


def test_a_window_ends_with_today_and_has_as_many_days_as_asked() -> None:
    window = Window.ending(date(2024, 6, 6), PERIODS["30d"])
    assert window == Window(date(2024, 5, 8), date(2024, 6, 7))
    assert date(2024, 6, 6) in window
    assert date(2024, 5, 8) in window
    assert date(2024, 6, 7) not in window
    assert date(2024, 5, 7) not in window


def test_the_months_of_a_window_cross_the_year() -> None:
    assert Window(date(2023, 11, 30), date(2024, 2, 1)).months() == ("2023-11", "2023-12", "2024-01")


def test_a_window_without_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        Window.ending(date(2024, 6, 6), 0)


@given(DAYS, LENGTHS)
def test_the_window_before_is_as_long_and_leaves_no_gap(today: date, days: int) -> None:
    window = Window.ending(today, days)
    before = window.previous()
    assert before.end == window.start
    assert before.end - before.start == window.end - window.start == timedelta(days=days)


@given(DAYS, LENGTHS)
def test_the_months_are_those_of_every_day_of_the_window_once_and_in_order(today: date, days: int) -> None:
    window = Window.ending(today, days)
    of_each_day = [f"{window.start + timedelta(days=offset):%Y-%m}" for offset in range(days)]
    assert window.months() == tuple(dict.fromkeys(of_each_day))
