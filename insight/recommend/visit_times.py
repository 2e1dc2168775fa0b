"""On which weekday and in which hours a customer is likely to come next."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from insight.inputs import Session
from insight.recommend.center_habits import BAND_MINUTES, BANDS, DAYS, CenterHabits
from insight.recommend.opening_hours import OpeningHours
from insight.visits import arrivals
from insight.windows import Window

KOREAN_DAYS = ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일")

_PART_BANDS = {"morning": range(6), "afternoon": range(6, 9), "evening": range(9, BANDS)}
_STATED_DAYS = {"weekday": range(5), "weekend": range(5, DAYS)}
_KOREAN_SLOTS: Mapping[str, str] = MappingProxyType(
    {"morning": "오전", "afternoon": "오후", "evening": "저녁", "weekday": "평일", "weekend": "주말"}
)

_RECENT_VISITS = 50  # habits are read from this many of the latest visits

# How many visits each prior weighs; tried on simulated customers, where they predict the next visit best.
_CENTER_DAYS = 12.0
_CENTER_BANDS = 0.5
_STATED = 3.0
_BESIDE = 0.05
_INDEPENDENCE = 60.0  # that the hour has nothing to do with the weekday

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VisitTimes:
    """A customer's habits of day and hour.

    Attributes:
        chances: 7 weekdays (Monday first) by 12 two-hour bands from midnight: the probability that the next
            visit falls there; they add up to 1 and are 0 where the center is closed.
        visits: How many of the latest visits this rests on.
        on_day: These visits by weekday.
        starts: Weekday and minute after midnight of those whose time is known.
        stated: The preferred time slots that had a say.
    """

    chances: Floats
    visits: int
    on_day: tuple[int, ...]
    starts: tuple[tuple[int, int], ...]
    stated: frozenset[str]


def visit_times(
    sessions: Iterable[Session],
    hours: OpeningHours,
    center: CenterHabits | None,
    preferred: Collection[str],
    today: date,
) -> VisitTimes:
    """Estimate where in the week the next visit falls.

    Counts of the latest 50 visits by weekday and by band are shrunk towards the center's own (without them,
    towards its opening hours), a stated preference counting as 3 visits within it. Day and hour are taken as
    independent with the weight of 60 visits (a Dirichlet prior over the cells); visits without a known time
    speak for their weekday only.

    Args:
        sessions: The customer's sessions; those not completed or after today are left out.
        hours: When the center is open.
        center: The habits of all customers, where they are known.
        preferred: Stated time slots: morning, afternoon, evening, weekday, weekend; others say nothing.
        today: The last day that counts.
    """
    arrived = arrivals(sessions, Window(date.min, today + timedelta(days=1)))
    latest = sorted(arrived)[-_RECENT_VISITS:]
    starts = tuple(
        (day.weekday(), start.hour * 60 + start.minute)
        for day in latest
        if (start := arrived[day]) is not None
    )
    on_day = np.bincount([day.weekday() for day in latest], minlength=DAYS)
    counted = np.zeros((DAYS, BANDS))
    for weekday, minute in starts:
        counted[weekday, minute // BAND_MINUTES] += 1

    opened = _opened(hours)
    usual = _usual(opened, center)
    stated = frozenset(preferred) & (_PART_BANDS.keys() | _STATED_DAYS.keys())
    by_day = _shrunk(on_day, usual.sum(axis=1), _CENTER_DAYS, _places(stated, _STATED_DAYS))
    by_band = _shrunk(
        _blurred(counted.sum(axis=0)), usual.sum(axis=0), _CENTER_BANDS, _places(stated, _PART_BANDS)
    )
    expected = by_band * (opened > 0)
    on_a_day = expected.sum(axis=1)
    expected *= np.divide(by_day, on_a_day, out=np.zeros(DAYS), where=on_a_day > 0)[:, None]
    chances = np.where(opened > 0, counted + _INDEPENDENCE * expected / expected.sum(), 0)
    return VisitTimes(
        chances=chances / chances.sum(),
        visits=len(latest),
        on_day=tuple(int(count) for count in on_day),
        starts=starts,
        stated=stated,
    )


def best_times(times: VisitTimes, count: int = 2) -> tuple[str, ...]:
    """Return the likeliest parts of the week, each on a day of its own: ("화요일 오전", "금요일 오후").

    Only days where the next visit is likelier than on one of seven days taken at random; without a known hour
    and a stated part of the day it is the weekday alone. Empty without any evidence of the customer's own.
    """
    if not times.visits and not times.stated:
        return ()
    by_day = times.chances.sum(axis=1)
    likely = [int(day) for day in np.argsort(-by_day, kind="stable") if by_day[day] > 1 / DAYS]
    if not times.starts and not times.stated & _PART_BANDS.keys():
        return tuple(KOREAN_DAYS[day] for day in likely[:count])
    return tuple(f"{KOREAN_DAYS[day]} {_likeliest_part(times.chances[day])}" for day in likely[:count])


def stated_for(times: VisitTimes, weekday: int, band: int) -> tuple[str, ...]:
    """Return the stated time slots, in Korean, that a weekday and a band lie in."""
    days = [word for word, places in _STATED_DAYS.items() if weekday in places]
    parts = [word for word, bands in _PART_BANDS.items() if band in bands]
    return tuple(_KOREAN_SLOTS[word] for word in (*days, *parts) if word in times.stated)


def _opened(hours: OpeningHours) -> Floats:
    """Return how many half hours of each band the center is open."""
    opened = np.zeros((DAYS, BANDS))
    for weekday in range(DAYS):
        for start in hours.starts(weekday, 30):
            opened[weekday, start // BAND_MINUTES] += 1
    return opened


def _usual(opened: Floats, center: CenterHabits | None) -> Floats:
    """Return where visits fall in general, within the opening hours."""
    everybody = np.zeros_like(opened) if center is None else np.array(center.arrivals, dtype=np.float64)
    within = np.where(opened > 0, everybody, 0)
    usual = within if within.any() else opened
    return usual / usual.sum()


def _places(stated: frozenset[str], places: Mapping[str, range]) -> list[int]:
    return [place for word, members in places.items() if word in stated for place in members]


def _shrunk(counts: NDArray[np.generic], usual: Floats, weight: float, stated: list[int]) -> Floats:
    within = np.zeros_like(usual)
    within[stated] = usual[stated]
    total = within.sum()
    prior = weight * usual + (_STATED * within / total if total else 0)
    return np.asarray(counts, dtype=np.float64) + prior


def _blurred(on_band: Floats) -> Floats:
    """Let each visit count a little in the bands beside its own: habits know no edge at an even hour."""
    beside = np.zeros_like(on_band)
    beside[1:] += on_band[:-1]
    beside[:-1] += on_band[1:]
    return (1 - 2 * _BESIDE) * on_band + _BESIDE * beside


def _likeliest_part(bands: Floats) -> str:
    likeliest = max(_PART_BANDS, key=lambda part: float(bands[list(_PART_BANDS[part])].sum()))
    return _KOREAN_SLOTS[likeliest]
