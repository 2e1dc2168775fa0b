from dataclasses import dataclass
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight import Shortfall, Window, visit_pattern
from insight.visits import consistency_score, visit_frequency

TODAY = date(2024, 6, 6)
WINDOW = Window.ending(TODAY, 180)
MONDAY = date(2024, 2, 5)


@dataclass(frozen=True, slots=True)
class ASession:
    service_date: date
    start_time: time | None = None
    service: str = "brain"
    completed: bool = True
    satisfaction_rating: int | None = None


def weekly(visits: int, *, start_time: time | None = None) -> list[ASession]:
    return [ASession(MONDAY + timedelta(weeks=week), start_time) for week in range(visits)]


def test_one_visit_has_no_pattern_and_says_what_is_missing() -> None:
    pattern = visit_pattern([ASession(MONDAY)], WINDOW)
    assert pattern.average_interval_days is None
    assert pattern.visit_frequency is None
    assert pattern.consistency_score is None
    assert pattern.preferred_days is None
    assert pattern.preferred_times is None
    assert pattern.shortfalls == (
        Shortfall("average_interval_days", "visits", 3, 1),
        Shortfall("visit_frequency", "visits", 3, 1),
        Shortfall("consistency_score", "visits", 4, 1),
        Shortfall("preferred_days", "visits", 5, 1),
        Shortfall("preferred_times", "timed_visits", 5, 0),
    )


def test_many_sessions_all_on_one_day_are_one_visit() -> None:
    pattern = visit_pattern([ASession(MONDAY, time(10)) for _ in range(9)], WINDOW)
    assert sum(month.visits for month in pattern.monthly_visits) == 1
    assert pattern.average_interval_days is None


def test_a_duplicate_of_a_session_changes_nothing() -> None:
    sessions = weekly(6, start_time=time(10))
    assert visit_pattern(sessions * 2, WINDOW) == visit_pattern(sessions, WINDOW)


def test_future_and_cancelled_sessions_do_not_count() -> None:
    sessions = weekly(6)
    others = [ASession(TODAY + timedelta(days=1)), ASession(MONDAY + timedelta(days=3), completed=False)]
    assert visit_pattern([*sessions, *others], WINDOW) == visit_pattern(sessions, WINDOW)


def test_a_visit_today_counts() -> None:
    pattern = visit_pattern([ASession(TODAY)], WINDOW)
    assert pattern.monthly_visits[-1].visits == 1


def test_every_month_of_the_window_is_listed_with_its_zeros() -> None:
    pattern = visit_pattern([ASession(date(2024, 1, 15)), ASession(date(2024, 1, 22))], WINDOW)
    assert [(month.month, month.visits) for month in pattern.monthly_visits] == [
        ("2023-12", 0),
        ("2024-01", 2),
        ("2024-02", 0),
        ("2024-03", 0),
        ("2024-04", 0),
        ("2024-05", 0),
        ("2024-06", 0),
    ]


def test_three_visits_have_an_interval_but_no_consistency_yet() -> None:
    pattern = visit_pattern([ASession(MONDAY + timedelta(days=days)) for days in (0, 13, 28)], WINDOW)
    assert pattern.average_interval_days == 14
    assert pattern.visit_frequency == "bi-weekly"
    assert pattern.consistency_score is None


@pytest.mark.parametrize(
    ("gaps", "name"),
    [
        ([3, 4], "very-frequent"),
        ([4], "weekly"),
        ([10], "weekly"),
        ([11], "bi-weekly"),
        ([18], "bi-weekly"),
        ([45], "monthly"),
        ([120], "occasional"),
        ([121], "rare"),
        ([7, 7, 7, 300], "weekly"),
    ],
)
def test_frequency_is_named_by_the_median_gap(gaps: list[int], name: str) -> None:
    assert visit_frequency(gaps) == name


def test_three_equal_gaps_are_consistent_but_not_yet_perfect() -> None:
    assert consistency_score([14, 14, 14]) == 70  # CV2 = (0 + 2.1) / 5
    assert consistency_score([14] * 50) == 96


def test_uneven_gaps_lower_the_score() -> None:
    assert consistency_score([10, 20, 30]) == 66  # CV2 = (200 / 400 + 2.1) / 5


@given(st.lists(st.integers(1, 400), min_size=1, max_size=300))
def test_consistency_stays_within_0_and_100(gaps: list[int]) -> None:
    assert 0 <= consistency_score(gaps) <= 100


def test_a_weekday_habit_is_found_and_the_rest_of_the_week_is_not_named() -> None:
    pattern = visit_pattern([*weekly(8), ASession(MONDAY + timedelta(days=3))], WINDOW)
    assert pattern.preferred_days == ("Monday",)


def test_the_strongest_habit_comes_first() -> None:
    fridays = [ASession(MONDAY + timedelta(weeks=week, days=4)) for week in range(8)]
    assert visit_pattern([*weekly(6), *fridays], WINDOW).preferred_days == ("Friday", "Monday")


def test_visits_spread_over_the_week_show_no_habit() -> None:
    days = [ASession(MONDAY + timedelta(days=8 * step)) for step in range(7)]
    pattern = visit_pattern(days, WINDOW)
    assert pattern.preferred_days == ()
    assert "preferred_days" not in {shortfall.field for shortfall in pattern.shortfalls}


def test_a_time_habit_is_a_two_hour_band() -> None:
    assert visit_pattern(weekly(5, start_time=time(11, 30)), WINDOW).preferred_times == ("10:00-12:00",)


def test_a_visit_stands_in_the_band_of_its_first_session() -> None:
    sessions = [
        session
        for visit in weekly(5, start_time=time(11, 50))
        for session in (ASession(visit.service_date, time(12, 40)), visit, ASession(visit.service_date))
    ]
    assert visit_pattern(sessions, WINDOW).preferred_times == ("10:00-12:00",)


def test_visits_without_a_known_time_give_no_preferred_times() -> None:
    pattern = visit_pattern([*weekly(9), ASession(MONDAY + timedelta(days=1), time(10))], WINDOW)
    assert pattern.preferred_days is not None
    assert pattern.preferred_times is None
    assert pattern.shortfalls == (Shortfall("preferred_times", "timed_visits", 5, 1),)


@given(st.lists(st.tuples(st.integers(-10, 400), st.none() | st.times(), st.booleans()), max_size=60))
def test_a_figure_is_missing_exactly_when_a_shortfall_names_it(
    rows: list[tuple[int, time | None, bool]],
) -> None:
    sessions = [ASession(TODAY - timedelta(days=ago), start, completed=done) for ago, start, done in rows]
    pattern = visit_pattern(sessions, WINDOW)
    fields = (
        "average_interval_days",
        "visit_frequency",
        "consistency_score",
        "preferred_days",
        "preferred_times",
    )
    missing = {field for field in fields if getattr(pattern, field) is None}
    assert {shortfall.field for shortfall in pattern.shortfalls} == missing
    assert all(shortfall.found < shortfall.needed for shortfall in pattern.shortfalls)
