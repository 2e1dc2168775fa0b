"""How a customer's measured health changed, and which goals that achieved."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean

from insight.goals import METRIC_OF_GOAL
from insight.inputs import Measurement
from insight.shortfalls import Shortfall
from insight.windows import Window

LOWER_IS_BETTER = frozenset(
    {"stress_level", "pain_level", "fatigue_level", "weight", "body_fat_percentage", "visceral_fat_level"}
)
"""The metrics that improve by falling; every other one improves by rising."""

_MINIMUM_MEASUREMENTS = 2
_MINIMUM_DAYS_APART = 14
_MEASUREMENTS_A_SIDE = 2
_ACHIEVED_PERCENT = 20


@dataclass(frozen=True, slots=True)
class Improvement:
    """The change of one metric.

    Attributes:
        metric: The metric's code.
        before: Mean of the first two measurements, in the metric's unit, to one decimal.
        after: Mean of the last two, likewise.
        change: Signed whole percent of before; None where before is 0 to one decimal.
        improved_by: The same with the sign of its direction: positive is better, for stress as for sleep.
        first_on: Day of the first measurement used.
        last_on: Day of the last one.
    """

    metric: str
    before: float
    after: float
    change: int | None
    improved_by: int | None
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class HealthMetrics:
    """What measurements say about a customer.

    Attributes:
        reported_improvements: One for each metric that was measured well enough, by name.
        goal_achievement_rate: 0-100; None where no goal's metric was measured well enough.
        shortfalls: One for each metric measured too little, and one for the rate when it is None.
    """

    reported_improvements: tuple[Improvement, ...]
    goal_achievement_rate: int | None
    shortfalls: tuple[Shortfall, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A metric's value of one day, the mean where it was measured more than once."""

    day: date
    value: float


def health_metrics(
    measurements: Iterable[Measurement], goal_tags: Iterable[str], window: Window
) -> HealthMetrics:
    """Describe a customer's measured health at the end of the window.

    A metric is judged by its measurements within the window when these suffice (two, at least 14 days
    apart), otherwise by all up to the window's end: a questionnaire twice a year still tells a 30-day reader
    something, and `first_on` says how far back it looks.
    """
    improvements: list[Improvement] = []
    shortfalls: list[Shortfall] = []
    readings = _readings(measurements, window)
    for metric, history in sorted(readings.items()):
        within = [reading for reading in history if reading.day in window]
        judged = history if _shortfall(metric, within) else within
        shortfall = _shortfall(metric, judged)
        if shortfall:
            shortfalls.append(shortfall)
        else:
            improvements.append(_improvement(metric, judged))

    rate = goal_achievement_rate(goal_tags, improvements)
    if not readings:
        shortfalls.append(Shortfall("reported_improvements", "measurements", _MINIMUM_MEASUREMENTS, 0))
    if rate is None:
        shortfalls.append(Shortfall("goal_achievement_rate", "measured_goals", 1, 0))
    return HealthMetrics(tuple(improvements), rate, tuple(shortfalls))


def goal_achievement_rate(goal_tags: Iterable[str], improvements: Iterable[Improvement]) -> int | None:
    """Return the share, 0-100, of the measured goals whose metric improved by at least 20%.

    A goal is measured when its metric has an `improved_by`; None when no goal is. The whole percent that is
    shown is the one that is judged.
    """
    improved_by = {item.metric: item.improved_by for item in improvements}
    metrics = {METRIC_OF_GOAL.get(tag) for tag in goal_tags}
    judged = [by for metric, by in improved_by.items() if metric in metrics and by is not None]
    if not judged:
        return None
    return round(100 * sum(by >= _ACHIEVED_PERCENT for by in judged) / len(judged))


def _readings(measurements: Iterable[Measurement], window: Window) -> Mapping[str, list[_Reading]]:
    """Return each metric's readings up to the end of the window, oldest first, one a day."""
    values: defaultdict[str, defaultdict[date, list[float]]] = defaultdict(lambda: defaultdict(list))
    for measurement in measurements:
        if measurement.observed_on < window.end:
            values[measurement.metric][measurement.observed_on].append(measurement.value)
    return {
        metric: [_Reading(day, fmean(by_day[day])) for day in sorted(by_day)]
        for metric, by_day in values.items()
    }


def _shortfall(metric: str, readings: Sequence[_Reading]) -> Shortfall | None:
    field = f"reported_improvements.{metric}"
    if len(readings) < _MINIMUM_MEASUREMENTS:
        return Shortfall(field, "measurements", _MINIMUM_MEASUREMENTS, len(readings))
    days_apart = (readings[-1].day - readings[0].day).days
    if days_apart < _MINIMUM_DAYS_APART:
        return Shortfall(field, "days_apart", _MINIMUM_DAYS_APART, days_apart)
    return None


def _improvement(metric: str, readings: Sequence[_Reading]) -> Improvement:
    """Compare the ends of at least two readings.

    Two or three readings give one to each side, and the middle one of three to neither: a measurement that
    stood on both sides would hide half of the change.
    """
    a_side = min(_MEASUREMENTS_A_SIDE, len(readings) // 2)
    before = fmean(reading.value for reading in readings[:a_side])
    after = fmean(reading.value for reading in readings[-a_side:])
    shown_before = round(before, 1)
    change = round(100 * (after - before) / abs(before)) if shown_before else None
    falling_is_better = metric in LOWER_IS_BETTER
    return Improvement(
        metric=metric,
        before=shown_before,
        after=round(after, 1),
        change=change,
        improved_by=-change if change is not None and falling_is_better else change,
        first_on=readings[0].day,
        last_on=readings[-1].day,
    )
