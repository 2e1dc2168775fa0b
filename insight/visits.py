"""Cadence, consistency and habits of a customer's visits."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from statistics import fmean, median

from insight.chance import tail_probability
from insight.inputs import Session
from insight.shortfalls import Counted, Shortfall
from insight.windows import Window, month_of

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# The longest median gap, in days, that still carries the name; beyond the last one visits are "rare".
_FREQUENCIES = (
    (3.5, "very-frequent"),
    (10, "weekly"),
    (18, "bi-weekly"),
    (45, "monthly"),
    (120, "occasional"),
)

# The population's squared coefficient of variation, and how many of a customer's own gaps it weighs.
_PRIOR_CV2 = 0.7
_PRIOR_GAPS = 3

_BAND_HOURS = 2
_OPEN_BANDS = 6  # the center opens from 09 to 21
_CHANCE_P = 0.1

_MINIMUM: Mapping[str, tuple[Counted, int]] = {
    "average_interval_days": ("visits", 3),
    "visit_frequency": ("visits", 3),
    "consistency_score": ("visits", 4),
    "preferred_days": ("visits", 5),
    "preferred_times": ("timed_visits", 5),
}


@dataclass(frozen=True, slots=True)
class MonthlyVisits:
    """Visits in one calendar month ("YYYY-MM"), as far as the window covers it."""

    month: str
    visits: int


@dataclass(frozen=True, slots=True)
class VisitPattern:
    """How a customer came during a window; a visit is a day with at least one completed session.

    Attributes:
        average_interval_days: Mean gap between visits in whole days; None below 3 visits.
        visit_frequency: very-frequent, weekly, bi-weekly, monthly, occasional or rare; None below 3 visits.
        consistency_score: 0-100, 100 for equal gaps without end; None below 4 visits.
        preferred_days: English weekdays, strongest habit first; empty where there is no habit, None below
            5 visits.
        preferred_times: Two-hour bands such as "10:00-12:00", strongest habit first; empty where there is no
            habit, None below 5 visits whose time is known.
        monthly_visits: Every month of the window, oldest first, zeros included.
        shortfalls: One for each figure that is None.
    """

    average_interval_days: int | None
    visit_frequency: str | None
    consistency_score: int | None
    preferred_days: tuple[str, ...] | None
    preferred_times: tuple[str, ...] | None
    monthly_visits: tuple[MonthlyVisits, ...]
    shortfalls: tuple[Shortfall, ...]


def visit_pattern(sessions: Iterable[Session], window: Window) -> VisitPattern:
    """Describe the visits of one customer within the window."""
    arrived = arrivals(sessions, window)
    days = sorted(arrived)
    times = [arrival for arrival in arrived.values() if arrival is not None]
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]

    found: dict[Counted, int] = {"visits": len(days), "timed_visits": len(times)}
    missing = {
        field: Shortfall(field, counted, needed, found[counted])
        for field, (counted, needed) in _MINIMUM.items()
        if found[counted] < needed
    }
    return VisitPattern(
        average_interval_days=None if "average_interval_days" in missing else round(fmean(gaps)),
        visit_frequency=None if "visit_frequency" in missing else visit_frequency(gaps),
        consistency_score=None if "consistency_score" in missing else consistency_score(gaps),
        preferred_days=None if "preferred_days" in missing else preferred_days(days),
        preferred_times=None if "preferred_times" in missing else preferred_times(times),
        monthly_visits=_monthly_visits(days, window),
        shortfalls=tuple(missing.values()),
    )


def arrivals(sessions: Iterable[Session], window: Window) -> dict[date, time | None]:
    """Return the day of each visit within the window, with the earliest start that is known for it."""
    arrived: dict[date, time | None] = {}
    for session in sessions:
        day, start = session.service_date, session.start_time
        if not session.completed or day not in window:
            continue
        earliest = arrived.setdefault(day, start)
        if start is not None and (earliest is None or start < earliest):
            arrived[day] = start
    return arrived


def visit_frequency(gaps_days: Sequence[int]) -> str:
    """Name the cadence of at least one gap by the median gap, which one long holiday does not move."""
    typical = median(gaps_days)
    return next((name for longest, name in _FREQUENCIES if typical <= longest), "rare")


def consistency_score(gaps_days: Sequence[int]) -> int:
    """Score how alike at least one gap is to the others, 0-100.

    100 / (1 + CV2), CV2 = ((n - 1) s2 / mean2 + 3 * 0.7) / (n + 2): the squared coefficient of variation of
    n gaps, shrunk towards 0.7 so that three equal gaps are not yet called perfect.
    """
    mean = fmean(gaps_days)
    squared_deviations = sum((gap - mean) ** 2 for gap in gaps_days)
    prior = _PRIOR_GAPS * _PRIOR_CV2
    shrunk_cv2 = (squared_deviations / mean**2 + prior) / (len(gaps_days) - 1 + _PRIOR_GAPS)
    return round(100 / (1 + shrunk_cv2))


def preferred_days(days: Sequence[date]) -> tuple[str, ...]:
    """Return the weekdays that hold more of the visits than chance (1/7 each) explains, best first."""
    counts = Counter(day.weekday() for day in days)
    return tuple(WEEKDAYS[weekday] for weekday in _above_chance(counts, 1 / len(WEEKDAYS)))


def preferred_times(arrived_at: Sequence[time]) -> tuple[str, ...]:
    """Return the two-hour bands that hold more of the arrivals than chance explains, best first.

    Chance is 1/6 a band: the twelve opening hours hold six bands' worth of time. For the half-open bands at
    both ends of the day this asks a little more than needed.
    """
    counts = Counter(arrival.hour // _BAND_HOURS * _BAND_HOURS for arrival in arrived_at)
    habits = _above_chance(counts, 1 / _OPEN_BANDS)
    return tuple(f"{hour:02d}:00-{hour + _BAND_HOURS:02d}:00" for hour in habits)


def _above_chance(counts: Mapping[int, int], chance: float) -> list[int]:
    """Return the keys that are more frequent than chance, by count, then in their natural order.

    More frequent: the share is above chance, and so many or more would fall there with a probability below
    0.1 if every place were equally likely (one-sided binomial tail).
    """
    total = sum(counts.values())
    habits = [
        key
        for key, count in counts.items()
        if count > total * chance and tail_probability(count, total, chance) < _CHANCE_P
    ]
    return sorted(habits, key=lambda key: (-counts[key], key))


def _monthly_visits(days: Iterable[date], window: Window) -> tuple[MonthlyVisits, ...]:
    counts = Counter(month_of(day) for day in days)
    return tuple(MonthlyVisits(month, counts[month]) for month in window.months())
