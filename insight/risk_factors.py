"""What speaks for losing a customer, each with the numbers it rests on, in Korean.

A factor's strength says how much it tells, so that the strongest comes first. Its base is about the log odds
of having left for good that the factor adds among simulated customers, all of them (and those seen in the
last 90 days): overdue 5.4 (3.6), falling 3.0 (4.3), package ended 1.8 (0.0), low satisfaction 0.4 (0.2). One
visit and a package that ends tell next to nothing about leaving, but that there is something to do. Evidence
beyond the threshold doubles the strength at most.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from math import log
from statistics import fmean

from insight.chance import split_probability
from insight.inputs import Package, Session
from insight.usage import valid_rating

_SELDOM = 0.10
_CHANCE_P = 0.1
_WINDOW = timedelta(days=90)
_RATINGS, _PRIOR_RATINGS, _LOW_BY = 3, 3, 0.5
_ENDS_WITHIN, _UNUSED = 14, 0.3

_OVERDUE, _FALLING = 4.5, 3.5
_ENDED_AND_GONE, _ENDED = 1.8, 0.5
_DISSATISFIED, _SINGLE, _ENDING = 0.4, 0.3, 0.25


@dataclass(frozen=True, slots=True)
class RiskFactor:
    """One reason to worry.

    Attributes:
        text: A Korean sentence with its evidence.
        action: What to do about it, in Korean.
        strength: How much it tells; larger is stronger.
    """

    text: str
    action: str
    strength: float


def overdue(days: Sequence[date], today: date, still_waiting: float) -> RiskFactor | None:
    """Return the factor where fewer than 10% of the gaps of a customer who stays last this long.

    Args:
        days: The visits' days, oldest first, at least one.
        today: The day of asking.
        still_waiting: S(T) / S(tx) of the churn model.
    """
    if still_waiting >= _SELDOM:
        return None
    waited = (today - days[-1]).days
    if len(days) > 1:
        usual = round((days[-1] - days[0]).days / (len(days) - 1))
        what = f"마지막 방문 후 {waited}일이 지나 평소 간격(평균 {usual}일)을 크게 넘겼습니다."
    else:
        what = f"첫 방문 후 {waited}일 동안 다시 오지 않았습니다."
    return RiskFactor(
        text=f"{what} 계속 다니는 고객이 이만큼 쉬는 경우는 {_percent(still_waiting)}입니다.",
        action=f"{waited}일째 미방문, 안부 연락과 예약 제안",
        strength=_OVERDUE * _beyond(still_waiting, _SELDOM),
    )


def falling(days: Iterable[date], today: date) -> RiskFactor | None:
    """Return the factor where the last 90 days hold fewer visits than the 90 before, by more than chance."""
    middle = today - _WINDOW
    start = middle - _WINDOW
    ages = [(start < day <= middle, middle < day <= today) for day in days]
    before, now = sum(earlier for earlier, _ in ages), sum(later for _, later in ages)
    chance = split_probability(before, now)
    if now >= before or chance >= _CHANCE_P:
        return None
    return RiskFactor(
        text=f"최근 90일 방문이 {now}회로, 그 전 90일의 {before}회보다 줄었습니다"
        f"(우연일 확률 {_percent(chance)}).",
        action="방문 주기 상담과 맞춤 일정 제안",
        strength=_FALLING * _beyond(chance, _CHANCE_P),
    )


def dissatisfied(sessions: Iterable[Session], today: date, population: float) -> RiskFactor | None:
    """Return the factor where the last three ratings are well below the population's mean.

    Their mean is shrunk by three ratings of the population, since the ratings of one simulated customer vary
    three times as much as customers do; it is low when it is 0.5 or more below.
    """
    rated = {
        (s.service_date, s.start_time or time.min, s.service): rating
        for s in sessions
        if s.completed and s.service_date <= today and (rating := valid_rating(s)) is not None
    }
    last = [rated[key] for key in sorted(rated)[-_RATINGS:]]
    shrunk = (sum(last) + _PRIOR_RATINGS * population) / (len(last) + _PRIOR_RATINGS)
    below = population - shrunk
    if not last or below < _LOW_BY:
        return None
    return RiskFactor(
        text=f"최근 만족도 평가 {len(last)}건의 평균이 {fmean(last):.1f}점으로, "
        f"전체 평균 {population:.1f}점보다 낮습니다.",
        action="만족도 상담과 프로그램 조정 제안",
        strength=_DISSATISFIED * min(2.0, below / _LOW_BY),
    )


def package_ended(packages: Iterable[Package], days: Sequence[date], today: date) -> RiskFactor | None:
    """Return the factor where the customer had a package, and has none that can be used."""
    held = [package for package in packages if package.total_sessions > 0]
    if not held or any(package.usable for package in held):
        return None
    last = max(held, key=lambda package: package.expiry_date)
    name, left = f"'{last.short_name}' 패키지", last.remaining_sessions
    since = (today - last.expiry_date).days
    if left <= 0:
        text = f"{name} {last.total_sessions}회를 모두 사용한 뒤 갱신하지 않았습니다."
    elif since > 0:
        text = (
            f"{name}가 {left}회를 남기고 {last.expiry_date}에 만료된 뒤 {since}일 동안 갱신되지 않았습니다."
        )
    else:
        text = f"{name}가 {left}회를 남기고 종료된 뒤 갱신되지 않았습니다."
    gone = not days or today - days[-1] > _WINDOW
    return RiskFactor(text, action="패키지 갱신 제안", strength=_ENDED_AND_GONE if gone else _ENDED)


def package_ending(packages: Iterable[Package], today: date) -> RiskFactor | None:
    """Return the factor where a package ends within 14 days with at least 30% of it unused."""
    ending = [
        package
        for package in packages
        if package.usable
        and 0 <= (package.expiry_date - today).days <= _ENDS_WITHIN
        and package.remaining_sessions >= _UNUSED * package.total_sessions > 0
    ]
    if not ending:
        return None
    fullest = max(ending, key=lambda package: package.remaining_sessions / package.total_sessions)
    left, total = fullest.remaining_sessions, fullest.total_sessions
    days = (fullest.expiry_date - today).days
    when = f"{days}일 뒤" if days else "오늘"
    return RiskFactor(
        text=f"'{fullest.short_name}' 패키지가 {when} 끝나는데 {total}회 중 {left}회"
        f"({round(100 * left / total)}%)가 남아 있습니다.",
        action=f"만료 전 남은 {left}회 예약 제안",
        strength=_ENDING * (1 + min(1.0, left / total)),
    )


def single_visit(days: Sequence[date], today: date) -> RiskFactor | None:
    """Return the factor where the customer came once."""
    if len(days) != 1:
        return None
    ago = (today - days[0]).days
    return RiskFactor(
        text=f"지금까지 방문이 1회({days[0]}, {ago}일 전)뿐입니다.",
        action="두 번째 방문 예약 제안",
        strength=_SINGLE,
    )


def _beyond(chance: float, threshold: float) -> float:
    """Return 1 at the threshold, rising with the order of magnitude below it to 2 at its square."""
    return min(2.0, log(max(chance, threshold**2)) / log(threshold))


def _percent(chance: float) -> str:
    percent = round(100 * chance)
    return f"{percent}%" if percent else "1% 미만"
