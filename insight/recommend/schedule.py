"""A weekly plan: how often, on which days, at what time and for which service."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

from insight.recommend.catalogue import CatalogueService
from insight.recommend.center_habits import BAND_MINUTES, BANDS, DAYS
from insight.recommend.expected_use import ExpectedUse, visits_a_week
from insight.recommend.opening_hours import OpeningHours
from insight.recommend.records import Factor, PlannedVisit, ScheduleRecommendation, ServiceRecommendation
from insight.recommend.visit_times import KOREAN_DAYS, VisitTimes, part_of_day
from insight.shortfalls import Shortfall
from insight.visits import WEEKDAYS

_MOST_VISITS = 3  # a week
_DAILY = 7
_WEEKS_A_MONTH = 365.25 / 12 / 7
_RAREST_MONTHS = 6
_MONTHLY_FROM_WEEKS = 4
_HALF_HOUR = 30


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place in the week: weekday, two-hour band, start in minutes after midnight, and its probability."""

    weekday: int
    band: int
    start: int
    chance: float


def frequency_text(visits_a_week: float) -> str:
    """Return how often that is: "주 2회", "2주 1회", "월 1회", "3개월 1회"; six months at the least often."""
    if round(visits_a_week) >= 1:
        return f"주 {min(round(visits_a_week), _DAILY)}회"
    weeks = 1 / visits_a_week if visits_a_week > 0 else float("inf")
    if round(weeks) < _MONTHLY_FROM_WEEKS:
        return f"{max(round(weeks), 2)}주 1회"
    months = round(min(weeks / _WEEKS_A_MONTH, _RAREST_MONTHS))
    return f"{months}개월 1회" if months > 1 else "월 1회"


def recommend_schedule(
    times: VisitTimes,
    use: ExpectedUse | None,
    services: Mapping[str, CatalogueService],
    hours: OpeningHours,
    new_service: ServiceRecommendation | None = None,
) -> ScheduleRecommendation | Shortfall:
    """Plan the customer's week.

    As many visits as they make in a week while they come, 1 to 3 (who comes less often gets one, and the name
    says every how many weeks). The days are those likeliest together, neighbours only where the opening hours
    leave no choice. A visit begins at the customer's usual half hour in the likeliest two-hour band in which
    the whole of it fits the opening hours. The services are the customer's own by their shares; of two visits
    or more the last is for the new service.

    `prior` is the probability that the next visit falls into one of the planned weekdays and bands.

    Returns:
        A shortfall where the customer has no visit, or no service whose session fits the opening hours.
    """
    if use is None or not times.visits:
        return Shortfall("weekly_plan", "visits", 1, 0)
    fitting = {code: service for code, service in services.items() if _fits_somewhere(service, hours)}
    rate = visits_a_week(use.forecast)
    wanted = min(max(round(rate), 1), _MOST_VISITS)
    added = new_service if new_service is not None and new_service.service in fitting else None
    chosen = _services(use, fitting, wanted, added)
    if not chosen:
        return Shortfall("weekly_plan", "sessions", 1, 0)
    longest = max(fitting[code].minutes for code in chosen)
    slots = _spread(_likeliest_slots(times, hours, longest), wanted)
    chosen = chosen if len(slots) == wanted else _services(use, fitting, len(slots), added)
    confidence = min(1.0, sum(slot.chance for slot in slots))
    planned_new = added if added and added.service in chosen else None
    frequency = frequency_text(rate)
    return ScheduleRecommendation(
        schedule_name="주간 최적 스케줄" if round(rate) >= 1 else f"{frequency} 최적 스케줄",
        prior=confidence,
        confidence=confidence,
        reason=f"최근 {times.visits}회 방문의 요일과 시간, {frequency} 방문 간격에 맞춘 계획",
        weekly_plan=tuple(
            _visit(slot, fitting[code], times, planned_new) for slot, code in zip(slots, chosen, strict=True)
        ),
        factors=_factors(times, planned_new),
        goals=planned_new.goals if planned_new else (),
    )


def _fits_somewhere(service: CatalogueService, hours: OpeningHours) -> bool:
    return any(hours.starts(weekday, service.minutes) for weekday in range(DAYS))


def _services(
    use: ExpectedUse, fitting: Collection[str], visits: int, added: ServiceRecommendation | None
) -> list[str]:
    """Deal out the visits by the shares (D'Hondt), the last of several to the new service."""
    own = [code for code in use.used if code in fitting]
    if not own:
        return [added.service] * visits if added else []
    dealt: list[str] = []
    for _ in range(visits - 1 if added and visits > 1 else visits):
        dealt.append(max(sorted(own), key=lambda code: use.shares[code] / (dealt.count(code) + 1)))
    return [*dealt, added.service] if added and visits > 1 else dealt


def _likeliest_slots(times: VisitTimes, hours: OpeningHours, minutes: int) -> list[_Slot]:
    """Return the likeliest slot of each day on which a stay fits."""
    slots: list[_Slot] = []
    for weekday in range(DAYS):
        starts = hours.starts(weekday, minutes)
        bands = [band for band in range(BANDS) if any(start // BAND_MINUTES == band for start in starts)]
        if bands:
            band = max(bands, key=lambda band: float(times.chances[weekday, band]))
            within = [start for start in starts if start // BAND_MINUTES == band]
            start = _usual_start(times, weekday, band, within)
            slots.append(_Slot(weekday, band, start, float(times.chances[weekday, band])))
    return slots


def _usual_start(times: VisitTimes, weekday: int, band: int, within: Sequence[int]) -> int:
    """Return the half hour of the band nearest to the customer's own, first of that weekday, then of any."""
    in_band = [(day, minute) for day, minute in times.starts if minute // BAND_MINUTES == band]
    own = [minute for day, minute in in_band if day == weekday] or [minute for _, minute in in_band]
    if not own:
        return within[0]
    usual = median(own)
    return min(within, key=lambda start: abs(start - usual))


def _spread(slots: Sequence[_Slot], wanted: int) -> tuple[_Slot, ...]:
    """Choose slots: as few neighbouring days as can be, of these the likeliest together."""
    sets = combinations(slots, min(wanted, len(slots)))
    return max(sets, key=lambda chosen: (-_neighbours(chosen), sum(slot.chance for slot in chosen)))


def _neighbours(slots: Sequence[_Slot]) -> int:
    days = {slot.weekday for slot in slots}
    return sum((day + 1) % DAYS in days for day in days)


def _visit(
    slot: _Slot, service: CatalogueService, times: VisitTimes, added: ServiceRecommendation | None
) -> PlannedVisit:
    reasons = [*_reasons(slot, times)]
    if added and service.service == added.service:
        reasons.append(f"추천 서비스 {service.name} 시작")
    return PlannedVisit(
        day=WEEKDAYS[slot.weekday],
        time=f"{slot.start // 60:02d}:{slot.start % 60:02d}",
        service=service.service,
        duration=service.minutes,
        reason=", ".join(reasons),
    )


def _reasons(slot: _Slot, times: VisitTimes) -> list[str]:
    """Say what of the customer's own speaks for a slot, in numbers."""
    reasons: list[str] = []
    day, on_day = KOREAN_DAYS[slot.weekday], times.on_day[slot.weekday]
    reasons.append(
        f"{day} 방문이 전체의 {round(100 * on_day / times.visits)}%"
        if on_day
        else f"다른 방문과 간격을 둔 {day}"
    )
    in_band = sum(minute // BAND_MINUTES == slot.band for _, minute in times.starts)
    part, hour = part_of_day(slot.start), slot.band * BAND_MINUTES // 60
    if in_band:
        share = round(100 * in_band / len(times.starts))
        reasons.append(f"{hour}~{hour + 2}시 방문이 {share}%")
    elif times.stated:
        reasons.append(f"선호 시간대 {part}")
    return reasons


def _factors(times: VisitTimes, added: ServiceRecommendation | None) -> tuple[Factor, ...]:
    stated = (Factor.STATED_PREFERENCES,) if times.stated else ()
    own = (Factor.VISIT_PATTERN, Factor.SERVICE_HISTORY, *stated)
    return tuple(dict.fromkeys((*own, *(added.factors if added else ()))))
