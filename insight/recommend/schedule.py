"""A weekly plan: how often, on which days, at what time and for which service."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from statistics import median

from insight.recommend.catalogue import CatalogueService
from insight.recommend.center_habits import BAND_MINUTES, DAYS
from insight.recommend.expected_use import ExpectedUse, visits_a_week
from insight.recommend.opening_hours import OpeningHours
from insight.recommend.records import Factor, PlannedVisit, ScheduleRecommendation, ServiceRecommendation
from insight.recommend.visit_times import KOREAN_DAYS, VisitTimes, stated_for
from insight.shortfalls import Shortfall
from insight.visits import WEEKDAYS

_MOST_VISITS = 3  # a week
_WEEKLY = 2 / 3  # visits a week: nearer to once a week than to every two weeks
_DAILY = 7
_WEEKS_A_MONTH = 365.25 / 12 / 7
_RAREST_MONTHS = 6
_MONTHLY_FROM_WEEKS = 3.5


@dataclass(frozen=True, slots=True)
class _Slot:
    """A visit's place in the week: weekday, two-hour band, start in minutes after midnight, and chance."""

    service: str
    weekday: int
    band: int
    start: int
    chance: float


def frequency_text(visits_a_week: float) -> str:
    """Return how often that is: "주 2회", "2주 1회", "월 1회", "3개월 1회"; six months at the least often."""
    if visits_a_week >= _WEEKLY:
        return f"주 {min(max(round(visits_a_week), 1), _DAILY)}회"
    weeks = 1 / visits_a_week if visits_a_week > 0 else float("inf")
    if weeks < _MONTHLY_FROM_WEEKS:
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
    says every how many weeks). The services are the customer's own by their shares; one of two visits or more
    is for the new service. The days are those likeliest together, neighbours only where the opening hours
    leave no choice. A visit begins at the customer's usual half hour in the likeliest two-hour band in which
    the whole of it fits the opening hours.

    `prior` is the probability that the next visit falls into one of the planned weekdays and bands.

    Returns:
        A shortfall where the customer has no visit, never had a session of these services, or none that fits
        the opening hours.
    """
    if not times.visits:
        return Shortfall("weekly_plan", "visits", 1, 0)
    fitting = {code for code, service in services.items() if _fits(service, hours)}
    if use is None or not use.used & fitting:
        return Shortfall("weekly_plan", "sessions", 1, 0)
    rate = visits_a_week(use.forecast)
    wanted = min(max(round(rate), 1), _MOST_VISITS)
    added = new_service if new_service is not None and new_service.service in fitting else None
    dealt = _services(use, fitting, wanted, added)
    slots = _spread(dealt, {code: _places(services[code], times, hours) for code in dealt})
    planned_new = added if added and any(slot.service == added.service for slot in slots) else None
    confidence = min(1.0, sum(slot.chance for slot in slots))
    frequency = frequency_text(rate)
    return ScheduleRecommendation(
        schedule_name="주간 최적 스케줄" if rate >= _WEEKLY else f"{frequency} 최적 스케줄",
        prior=confidence,
        confidence=confidence,
        reason=f"최근 {times.visits}회 방문의 요일과 시간, {frequency} 방문 간격에 맞춘 계획",
        weekly_plan=tuple(_visit(slot, services[slot.service], times, planned_new) for slot in slots),
        factors=_factors(times, planned_new),
        goals=planned_new.goals if planned_new else (),
    )


def _fits(service: CatalogueService, hours: OpeningHours) -> bool:
    return any(hours.starts(weekday, service.minutes) for weekday in range(DAYS))


def _services(
    use: ExpectedUse, fitting: Collection[str], visits: int, added: ServiceRecommendation | None
) -> list[str]:
    """Deal out the visits by the shares (D'Hondt), the last of several to the new service."""
    own = sorted(code for code in use.used if code in fitting)
    dealt: list[str] = []
    for _ in range(visits - 1 if added and visits > 1 else visits):
        dealt.append(max(own, key=lambda code: use.shares[code] / (dealt.count(code) + 1)))
    return [*dealt, added.service] if added and visits > 1 else dealt


def _places(service: CatalogueService, times: VisitTimes, hours: OpeningHours) -> dict[int, _Slot]:
    """Return the likeliest slot of a service on each day on which it fits."""
    places: dict[int, _Slot] = {}
    for weekday in range(DAYS):
        starts = hours.starts(weekday, service.minutes)
        bands = sorted({start // BAND_MINUTES for start in starts})
        if bands:
            band = max(bands, key=lambda band: float(times.chances[weekday, band]))
            within = [start for start in starts if start // BAND_MINUTES == band]
            start = _usual_start(times, weekday, band, within)
            places[weekday] = _Slot(
                service.service, weekday, band, start, float(times.chances[weekday, band])
            )
    return places


def _usual_start(times: VisitTimes, weekday: int, band: int, within: Sequence[int]) -> int:
    """Return the half hour of a band nearest to the customer's own starts.

    Those of the same weekday and band count, or else those of the band, or else all.
    """
    in_band = [(day, minute) for day, minute in times.starts if minute // BAND_MINUTES == band]
    on_day = [(day, minute) for day, minute in in_band if day == weekday]
    own = [minute for _, minute in on_day or in_band or times.starts]
    if not own:
        return within[0]
    usual = median(own)
    return min(within, key=lambda start: abs(start - usual))


def _spread(dealt: Sequence[str], places: Mapping[str, Mapping[int, _Slot]]) -> tuple[_Slot, ...]:
    """Give each service a day: as few neighbours as can be, of these the likeliest together.

    Where not all of them find a day of their own, the last ones are left out.
    """
    for visits in range(len(dealt), 0, -1):
        plans = [
            tuple(places[code][day] for code, day in zip(order, days, strict=True))
            for order in dict.fromkeys(permutations(dealt[:visits]))
            for days in combinations(range(DAYS), visits)
            if all(day in places[code] for code, day in zip(order, days, strict=True))
        ]
        if plans:
            return max(plans, key=lambda plan: (-_neighbours(plan), sum(slot.chance for slot in plan)))
    return ()


def _neighbours(slots: Sequence[_Slot]) -> int:
    days = {slot.weekday for slot in slots}
    return sum((day + 1) % DAYS in days for day in days)


def _visit(
    slot: _Slot, service: CatalogueService, times: VisitTimes, added: ServiceRecommendation | None
) -> PlannedVisit:
    reasons = [_day_reason(slot, times), *_hour_reasons(slot, times)]
    if added and service.service == added.service:
        reasons.append(f"추천 서비스 {service.name} 시작")
    return PlannedVisit(
        day=WEEKDAYS[slot.weekday],
        time=f"{slot.start // 60:02d}:{slot.start % 60:02d}",
        service=service.service,
        duration=service.minutes,
        reason=", ".join(reasons),
    )


def _day_reason(slot: _Slot, times: VisitTimes) -> str:
    day, on_day = KOREAN_DAYS[slot.weekday], times.on_day[slot.weekday]
    if on_day:
        return f"{day} 방문이 전체의 {round(100 * on_day / times.visits)}%"
    return f"다른 방문과 겹치지 않는 {day}"


def _hour_reasons(slot: _Slot, times: VisitTimes) -> list[str]:
    reasons: list[str] = []
    in_band = sum(minute // BAND_MINUTES == slot.band for _, minute in times.starts)
    if in_band:
        hour = slot.band * BAND_MINUTES // 60
        reasons.append(f"{hour}~{hour + 2}시 방문이 {round(100 * in_band / len(times.starts))}%")
    stated = stated_for(times, slot.weekday, slot.band)
    if stated:
        reasons.append(f"선호 시간대({', '.join(stated)})")
    return reasons


def _factors(times: VisitTimes, added: ServiceRecommendation | None) -> tuple[Factor, ...]:
    stated = (Factor.STATED_PREFERENCES,) if times.stated else ()
    own = (Factor.VISIT_PATTERN, Factor.SERVICE_HISTORY, *stated)
    return tuple(dict.fromkeys((*own, *(added.factors if added else ()))))
