from dataclasses import dataclass
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight import (
    ServiceGrowth,
    ServiceSatisfaction,
    ServiceShare,
    Shortfall,
    Window,
    growth_text,
    service_usage,
)
from insight.usage import SERVICES, growth_percent

TODAY = date(2024, 6, 6)
WINDOW = Window.ending(TODAY, 90)
BEFORE = WINDOW.previous()


@dataclass(frozen=True, slots=True)
class ASession:
    service: str = "brain"
    service_date: date = TODAY
    start_time: time | None = None
    completed: bool = True
    satisfaction_rating: int | None = None


def sessions_of(service: str, count: int, day: date = TODAY) -> list[ASession]:
    return [ASession(service, day) for _ in range(count)]


def test_shares_are_rounded_so_that_they_add_up_to_100() -> None:
    sessions = [*sessions_of("brain", 5), *sessions_of("pulse", 4), *sessions_of("lymph", 2), ASession("red")]
    assert service_usage(sessions, WINDOW).service_distribution == (
        ServiceShare("brain", 42),
        ServiceShare("pulse", 33),
        ServiceShare("lymph", 17),
        ServiceShare("red", 8),
    )


@given(st.dictionaries(st.sampled_from(sorted(SERVICES)), st.integers(1, 40), min_size=1))
def test_any_distribution_adds_up_to_100_within_one_point_of_the_truth(counts: dict[str, int]) -> None:
    sessions = [session for service, count in counts.items() for session in sessions_of(service, count)]
    shares = service_usage(sessions, WINDOW).service_distribution
    assert sum(share.percent for share in shares) == 100
    total = sum(counts.values())
    assert all(abs(share.percent - 100 * counts[share.service] / total) < 1 for share in shares)


def test_of_equally_used_services_the_latest_used_counts_as_most_used() -> None:
    yesterday = TODAY - timedelta(days=1)
    sessions = [
        ASession("brain", yesterday),
        ASession("red"),
        ASession("red", yesterday),
        ASession("brain", yesterday),
    ]
    assert service_usage(sessions, WINDOW).most_used_service == "red"


def test_of_services_used_on_the_same_day_the_later_hour_counts() -> None:
    sessions = [
        ASession("pulse", start_time=time(15)),
        ASession("brain", start_time=time(9)),
        ASession("red"),
    ]
    assert service_usage(sessions, WINDOW).most_used_service == "pulse"


def test_an_unknown_service_type_counts_as_other() -> None:
    usage = service_usage([ASession("cryo"), ASession(""), ASession("brain")], WINDOW)
    assert usage.service_distribution == (ServiceShare("other", 67), ServiceShare("brain", 33))


def test_future_and_cancelled_sessions_do_not_count() -> None:
    sessions = [ASession("red", TODAY + timedelta(days=1)), ASession("pulse", completed=False), ASession()]
    assert service_usage(sessions, WINDOW).service_distribution == (ServiceShare("brain", 100),)


def test_without_sessions_everything_is_missing_with_its_reason() -> None:
    usage = service_usage([], WINDOW)
    assert usage.most_used_service is None
    assert usage.service_distribution == usage.satisfaction_by_service == usage.growth_trend == ()
    assert usage.shortfalls == (
        Shortfall("most_used_service", "sessions", 1, 0),
        Shortfall("service_distribution", "sessions", 1, 0),
        Shortfall("satisfaction_by_service", "sessions", 1, 0),
        Shortfall("growth_trend", "sessions", 4, 0),
    )


def test_satisfaction_is_the_mean_of_the_rated_sessions_only() -> None:
    sessions = [ASession(satisfaction_rating=rating) for rating in (5, 4, 5, None)]
    assert service_usage(sessions, WINDOW).satisfaction_by_service == (ServiceSatisfaction("brain", 4.7),)


def test_a_missing_satisfaction_stays_missing() -> None:
    usage = service_usage([ASession("red")], WINDOW)
    assert usage.satisfaction_by_service == (ServiceSatisfaction("red", None),)
    assert Shortfall("satisfaction_by_service.red", "ratings", 1, 0) in usage.shortfalls


def test_an_out_of_range_satisfaction_is_ignored() -> None:
    sessions = [ASession(satisfaction_rating=rating) for rating in (0, 6, -1, 50, 3)]
    assert service_usage(sessions, WINDOW).satisfaction_by_service == (ServiceSatisfaction("brain", 3.0),)


def test_growth_compares_with_the_equal_window_before() -> None:
    long_ago = BEFORE.start - timedelta(days=1)
    sessions = [
        *sessions_of("brain", 10),
        *sessions_of("brain", 2, BEFORE.start),
        *sessions_of("brain", 9, long_ago),
    ]
    assert service_usage(sessions, WINDOW).growth_trend == (ServiceGrowth("brain", 200),)


def test_a_service_that_is_no_longer_used_shows_its_fall() -> None:
    sessions = [*sessions_of("brain", 1), *sessions_of("pulse", 6, BEFORE.start)]
    usage = service_usage(sessions, WINDOW)
    assert usage.growth_trend == (ServiceGrowth("brain", None), ServiceGrowth("pulse", -75))
    assert Shortfall("growth_trend.brain", "sessions", 4, 1) in usage.shortfalls


@pytest.mark.parametrize(
    ("before", "now", "percent"),
    [
        (0, 0, None),
        (0, 3, None),
        (0, 4, 0),  # p = .125
        (0, 5, 250),  # p = .0625
        (3, 4, 0),
        (10, 2, -67),
        (98, 130, 32),
    ],
)
def test_growth_is_reported_only_when_chance_does_not_explain_it(
    before: int, now: int, percent: int | None
) -> None:
    assert growth_percent(before, now) == percent


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_growth_has_the_sign_of_the_change(before: int, now: int) -> None:
    percent = growth_percent(before, now)
    assert percent is None or percent * (now - before) >= 0


@pytest.mark.parametrize(("percent", "text"), [(15, "+15%"), (-5, "-5%"), (0, "0%")])
def test_growth_is_written_with_its_sign(percent: int, text: str) -> None:
    assert growth_text(percent) == text
