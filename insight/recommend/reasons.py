"""Why a service is recommended, in Korean, from the customer's own evidence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from insight.recommend.josa import with_josa
from insight.recommend.records import Factor
from insight.recommend.service_log import CANDIDATES, RECENT_VISITS, States
from insight.recommend.service_scores import ServiceScore
from insight.recommend.words import BENEFITS, BENEFITS_BY_GOAL, GOAL_NAMES, SERVICE_NAMES, season_name

_MOST_PHRASES = 2
_LEAST_RECENT = 2  # sessions, below which the whole history says more than the last visits


@dataclass(frozen=True, slots=True)
class _Case:
    """A score with the state it came from, one service of one customer."""

    score: ServiceScore
    state: States

    @property
    def place(self) -> int:
        return CANDIDATES.index(self.score.service)

    @property
    def is_newcomer(self) -> bool:
        return not self.state.counts[0].any()

    def sessions(self, service: str) -> int:
        return int(self.state.counts[0, CANDIDATES.index(service)])

    def mean_rating(self, service: str) -> float | None:
        place = CANDIDATES.index(service)
        rated = int(self.state.rated[0, place])
        return int(self.state.rating_sums[0, place]) / rated if rated else None


def reason_for(score: ServiceScore, state: States) -> str:
    """Return the reason for a score, from the strongest factors that speak for it.

    Args:
        score: From `score_services`.
        state: The customer's state (one row) that it was computed from.
    """
    case = _Case(score, state)
    phrases = [
        phrase
        for factor in score.factors
        if score.contributions[factor] > 0 and (phrase := _PHRASES[factor](case)) is not None
    ][:_MOST_PHRASES]
    if not score.is_new:
        return ", ".join(phrases) or _used_so_far(case)
    if score.choices == 1 and not case.is_newcomer:
        return "아직 이용하지 않은 유일한 서비스"
    reason = ", ".join(phrases) or _peers_chose(case)
    return reason if case.is_newcomer else f"미이용 서비스 중 {reason}"


def benefit_of(score: ServiceScore) -> str:
    """Return what the service may be good for: by the strongest goal that spoke for it, else in general."""
    by_goal = BENEFITS_BY_GOAL[score.service]
    return next((by_goal[goal] for goal in score.goals if goal in by_goal), BENEFITS[score.service])


def _goals(case: _Case) -> str | None:
    names = [f"'{GOAL_NAMES[goal]}'" for goal in case.score.goals[:_MOST_PHRASES]]
    return f"{with_josa('·'.join(names) + ' 목표', '과/와')} 부합" if names else None


def _peers(case: _Case) -> str | None:
    """Return what peers chose, unless fewer chose it than chance would have them."""
    return _peers_chose(case) if case.score.peer_share * case.score.choices >= 1 else None


def _peers_chose(case: _Case) -> str:
    percent = f"{round(100 * case.score.peer_share)}%"
    who = "첫 이용 고객" if case.is_newcomer else "비슷한 이용 고객"
    return f"{who}의 {with_josa(percent, '이/가')} {'선택' if case.is_newcomer else '다음으로 선택'}"


def _season(case: _Case) -> str | None:
    if not case.score.in_season:
        return None
    month = date.fromordinal(int(case.state.day[0])).month
    return f"{season_name(month)} 수요가 높은 시기"


def _history(case: _Case) -> str | None:
    if case.state.held[0, case.place]:
        return "보유 패키지로 이용 가능"
    if case.score.is_new:
        companion = case.score.companion
        if companion is None:
            return None
        known = f"{SERVICE_NAMES[companion]}({case.sessions(companion)}회 이용)"
        return f"{with_josa(known, '과/와')} 함께 찾는 서비스"
    recent = int(case.state.recent[0, case.place])
    if recent < _LEAST_RECENT:
        return _used_so_far(case)
    return f"최근 {min(RECENT_VISITS, int(case.state.visits[0]))}회 방문에서 {recent}회 이용"


def _used_so_far(case: _Case) -> str:
    return f"지금까지 {case.sessions(case.score.service)}회 이용한 서비스"


def _satisfaction(case: _Case) -> str | None:
    if case.score.is_new:
        return _companion_rating(case)
    service = case.score.service
    own = case.mean_rating(service)
    others = [
        mean for other in CANDIDATES if other != service and (mean := case.mean_rating(other)) is not None
    ]
    if own is None or (others and own < min(others)):
        return None
    rating = f"{SERVICE_NAMES[service]} 만족도 평균 {own:.1f}점({int(case.state.rated[0, case.place])}회)"
    if others and own > max(others):
        return f"{with_josa(rating, '으로/로')} 가장 높음"
    return rating


def _companion_rating(case: _Case) -> str | None:
    companion = case.score.liked_companion
    if companion is None:
        return None
    mean = case.mean_rating(companion)
    if mean is None:
        return None
    all_rated = int(case.state.rating_sums.sum()) / int(case.state.rated.sum())
    named = f"{SERVICE_NAMES[companion]}(평균 {mean:.1f}점)"
    if mean >= all_rated:
        return f"만족도가 높은 {with_josa(named, '과/와')} 함께 찾는 서비스"
    return f"만족도가 낮았던 {with_josa(named, '을/를')} 대신할 서비스"


_PHRASES: Mapping[Factor, Callable[[_Case], str | None]] = MappingProxyType(
    {
        Factor.SERVICE_HISTORY: _history,
        Factor.SATISFACTION_RATINGS: _satisfaction,
        Factor.HEALTH_GOALS: _goals,
        Factor.PEER_PATTERNS: _peers,
        Factor.SEASONAL_TRENDS: _season,
    }
)
