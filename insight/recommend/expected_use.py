"""How much of each service a customer is expected to use in the time ahead."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from insight.churn.forecast import VisitForecast
from insight.inputs import Session
from insight.recommend.center_habits import CenterHabits
from insight.windows import Window

RECENT_DAYS = 90

# How many of a customer's own visits or sessions each prior weighs; tried on simulated customers.
_CENTER_VISITS = 3.0
_CENTER_SESSIONS = 3.0
_OLDER_SESSIONS = 12.0

_CADENCE_WEEKS = 8


@dataclass(frozen=True, slots=True)
class ExpectedUse:
    """A customer's use of the services, looking ahead.

    Attributes:
        forecast: When visits are to be expected.
        sessions_a_visit: Expected sessions on a day of a visit.
        shares: The expected share of each service in them; they add up to 1.
        used: The services used at least once.
        recent_sessions: Sessions in the last 90 days.
        recent_days: 90, or the days since the first visit where these are fewer, at least 1.
    """

    forecast: VisitForecast
    sessions_a_visit: float
    shares: Mapping[str, float]
    used: frozenset[str]
    recent_sessions: int
    recent_days: int

    def visits(self, days: Collection[int]) -> dict[int, float]:
        """Return the expected visits within each of these numbers of days."""
        ahead = sorted({number for number in days if number > 0})
        expected = self.forecast.expected_visits_each([number / 7 for number in ahead])
        return {**dict.fromkeys(days, 0.0), **dict(zip(ahead, expected, strict=True))}

    def sessions(self, service: str, visits: float) -> float:
        """Return the expected sessions of a service in so many visits."""
        return visits * self.sessions_a_visit * self.shares.get(service, 0.0)


def expected_use(
    sessions: Iterable[Session],
    forecast: VisitForecast,
    services: Collection[str],
    center: CenterHabits | None,
    today: date,
) -> ExpectedUse | None:
    """Estimate a customer's use from their own sessions of these services, shrunk towards the center's.

    Shares: the sessions of the last 90 days, with 12 sessions shared out as in the whole history, which is
    itself shrunk by 3 sessions towards the center's shares (equal ones where these are unknown). Sessions a
    visit: those of the whole history, shrunk by 3 visits.

    Returns:
        None where the customer never had a session of these services.
    """
    done = [
        session
        for session in sessions
        if session.completed and session.service_date <= today and session.service in services
    ]
    if not done:
        return None
    recent = [session for session in done if session.service_date in Window.ending(today, RECENT_DAYS)]
    days = {session.service_date for session in done}
    counts = Counter(str(session.service) for session in done)
    usual = _center_shares(services, center)
    habit = _shrunk_shares(counts, usual, _CENTER_SESSIONS)
    return ExpectedUse(
        forecast=forecast,
        sessions_a_visit=_sessions_a_visit(len(done), len(days), services, center),
        shares=_shrunk_shares(Counter(str(session.service) for session in recent), habit, _OLDER_SESSIONS),
        used=frozenset(counts),
        recent_sessions=len(recent),
        recent_days=min(RECENT_DAYS, (today - min(days)).days + 1),
    )


def visits_a_week(forecast: VisitForecast) -> float:
    """Return how often a customer comes while they come: expected visits in 8 weeks, given that they stay."""
    alive = forecast.probability_alive
    return forecast.expected_visits(_CADENCE_WEEKS) / alive / _CADENCE_WEEKS if alive > 0 else 0.0


def _center_shares(services: Collection[str], center: CenterHabits | None) -> dict[str, float]:
    counts = {service: center.sessions.get(service, 0) if center else 0 for service in services}
    total = sum(counts.values())
    return {service: count / total if total else 1 / len(counts) for service, count in counts.items()}


def _shrunk_shares(counts: Mapping[str, int], prior: Mapping[str, float], weight: float) -> dict[str, float]:
    total = sum(counts.values()) + weight
    return {service: (counts.get(service, 0) + weight * share) / total for service, share in prior.items()}


def _sessions_a_visit(
    sessions: int, visits: int, services: Collection[str], center: CenterHabits | None
) -> float:
    if center is None or not center.visits:
        return sessions / visits
    usual = sum(center.sessions.get(service, 0) for service in services) / center.visits
    return (sessions + _CENTER_VISITS * usual) / (visits + _CENTER_VISITS)
