from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insight import Improvement, Shortfall, Window, health_metrics
from insight.health import goal_achievement_rate

TODAY = date(2024, 6, 6)
WINDOW = Window.ending(TODAY, 90)


@dataclass(frozen=True, slots=True)
class AMeasurement:
    value: float
    observed_on: date
    metric: str = "stress_level"


def measured(*values: float, metric: str = "stress_level", until: date = TODAY) -> list[AMeasurement]:
    """One value every 14 days, the last one on `until`."""
    days = [until - timedelta(days=14 * back) for back in range(len(values))]
    return [AMeasurement(value, day, metric) for value, day in zip(reversed(values), days, strict=True)]


def improvement(*values: float, metric: str = "stress_level") -> Improvement:
    (found,) = health_metrics(measured(*values, metric=metric), (), WINDOW).reported_improvements
    return found


def test_before_and_after_are_the_means_of_the_first_and_last_two() -> None:
    found = improvement(8, 6, 9, 5, 3)
    assert (found.before, found.after, found.change) == (7, 4, -43)


def test_two_measurements_are_one_before_and_one_after() -> None:
    found = improvement(7, 4)
    assert (found.before, found.after) == (7, 4)


def test_the_middle_one_of_three_measurements_stands_on_neither_side() -> None:
    found = improvement(7, 1, 4)
    assert (found.before, found.after) == (7, 4)


@pytest.mark.parametrize(
    ("metric", "improved_by"),
    [
        ("stress_level", 50),
        ("pain_level", 50),
        ("weight", 50),
        ("sleep_quality", -50),
        ("grip_strength", -50),
    ],
)
def test_falling_is_better_or_worse_as_the_metric_has_it(metric: str, improved_by: int) -> None:
    found = improvement(8, 4, metric=metric)
    assert (found.change, found.improved_by) == (-50, improved_by)


def test_a_zero_baseline_has_no_change_in_percent() -> None:
    found = improvement(0, 5)
    assert (found.before, found.after, found.change, found.improved_by) == (0, 5, None, None)


def test_one_measurement_is_too_few() -> None:
    health = health_metrics(measured(7), (), WINDOW)
    assert health.reported_improvements == ()
    assert Shortfall("reported_improvements.stress_level", "measurements", 2, 1) in health.shortfalls


def test_measurements_less_than_14_days_apart_are_too_close() -> None:
    measurements = [AMeasurement(7, TODAY - timedelta(days=13)), AMeasurement(4, TODAY)]
    health = health_metrics(measurements, (), WINDOW)
    assert health.reported_improvements == ()
    assert Shortfall("reported_improvements.stress_level", "days_apart", 14, 13) in health.shortfalls


def test_without_measurements_both_figures_say_so() -> None:
    assert health_metrics([], ("focus",), WINDOW).shortfalls == (
        Shortfall("reported_improvements", "measurements", 2, 0),
        Shortfall("goal_achievement_rate", "measured_goals", 1, 0),
    )


def test_a_window_that_holds_enough_is_judged_alone() -> None:
    measurements = [AMeasurement(10, TODAY - timedelta(days=400)), *measured(6, 3)]
    (found,) = health_metrics(measurements, (), WINDOW).reported_improvements
    assert (found.before, found.first_on) == (6, TODAY - timedelta(days=14))


def test_a_window_that_holds_too_little_is_judged_by_the_history_up_to_its_end() -> None:
    measurements = [AMeasurement(10, TODAY - timedelta(days=400)), AMeasurement(5, TODAY)]
    (found,) = health_metrics(measurements, (), WINDOW).reported_improvements
    assert (found.before, found.after, found.first_on) == (10, 5, TODAY - timedelta(days=400))


def test_a_future_measurement_does_not_count() -> None:
    measurements = [*measured(6, 3), AMeasurement(9, TODAY + timedelta(days=1))]
    (found,) = health_metrics(measurements, (), WINDOW).reported_improvements
    assert (found.after, found.last_on) == (3, TODAY)


def test_duplicates_on_one_day_are_one_measurement() -> None:
    measurements = measured(8, 6, 5, 3)
    assert health_metrics(measurements * 2, (), WINDOW) == health_metrics(measurements, (), WINDOW)


def test_a_goal_is_achieved_at_a_fifth() -> None:
    just = [improvement(10, 8), improvement(10, 11, metric="sleep_quality")]
    assert goal_achievement_rate(["stress_management"], just) == 100
    assert goal_achievement_rate(["stress_management", "sleep_quality"], just) == 50


def test_goals_without_a_measured_metric_are_left_out_of_the_rate() -> None:
    assert goal_achievement_rate(["stress_management", "focus", "no_such_goal"], [improvement(10, 5)]) == 100
    assert goal_achievement_rate(["focus"], [improvement(10, 5)]) is None
    assert goal_achievement_rate(["stress_management"], [improvement(0, 5)]) is None


def test_a_goal_named_twice_counts_once() -> None:
    improvements = [improvement(10, 5), improvement(5, 5, metric="focus_level")]
    assert goal_achievement_rate(["focus", "focus", "stress_management"], improvements) == 50


def test_the_block_carries_the_rate_of_its_goals() -> None:
    assert health_metrics(measured(8, 4), ["stress_management"], WINDOW).goal_achievement_rate == 100


@given(
    st.lists(
        st.builds(
            AMeasurement,
            st.floats(0, 300),
            st.dates(date(2023, 1, 1), date(2024, 12, 31)),
            st.sampled_from(["stress_level", "weight", "focus_level"]),
        )
    )
)
def test_the_order_of_the_measurements_makes_no_difference(measurements: list[AMeasurement]) -> None:
    there = health_metrics(measurements, ("focus",), WINDOW)
    back = health_metrics(measurements[::-1], ("focus",), WINDOW)
    assert there == back
