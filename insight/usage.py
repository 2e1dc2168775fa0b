"""Which services a customer uses, how they liked them, and which are growing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from insight.chance import split_probability
from insight.inputs import Session
from insight.shortfalls import Shortfall
from insight.windows import Window

OTHER_SERVICE = "other"
SERVICES = frozenset({"brain", "pulse", "lymph", "red", "ai_bike", OTHER_SERVICE})
"""The services known by name."""

WORST_RATING, BEST_RATING = 1, 5
"""The ends of the scale of ratings."""

_GROWTH_MINIMUM_SESSIONS = 4
_GROWTH_PRIOR_SESSIONS = 2
_GROWTH_P = 0.1


@dataclass(frozen=True, slots=True)
class ServiceShare:
    """A service's share of the window's sessions, in whole percent."""

    service: str
    percent: int


@dataclass(frozen=True, slots=True)
class ServiceSatisfaction:
    """A service's mean rating, 1.0-5.0 to one decimal; None where no session of it was rated."""

    service: str
    mean_rating: float | None


@dataclass(frozen=True, slots=True)
class ServiceGrowth:
    """A service's growth over the window before, in signed whole percent; None below 4 sessions in both."""

    service: str
    percent: int | None


@dataclass(frozen=True, slots=True)
class ServiceUsage:
    """What a customer used during a window.

    Attributes:
        most_used_service: The service with the most sessions, of equals the latest used; None without any.
        service_distribution: Most used first; the percentages add up to 100. Empty without sessions.
        satisfaction_by_service: One for each service of the distribution, in its order.
        growth_trend: One for each service used in this window or in the one before, most used first.
        shortfalls: One for each figure that is None or empty.
    """

    most_used_service: str | None
    service_distribution: tuple[ServiceShare, ...]
    satisfaction_by_service: tuple[ServiceSatisfaction, ...]
    growth_trend: tuple[ServiceGrowth, ...]
    shortfalls: tuple[Shortfall, ...]


def service_usage(sessions: Iterable[Session], window: Window) -> ServiceUsage:
    """Describe the services of one customer; `sessions` must reach back over the window before as well."""
    completed = [session for session in sessions if session.completed]
    current = [session for session in completed if session.service_date in window]
    before = window.previous()
    counts = Counter(_known_service(session) for session in current)
    counts_before = Counter(
        _known_service(session) for session in completed if session.service_date in before
    )
    ranked = _by_use(current, counts)
    dropped = sorted(service for service in counts_before if service not in counts)

    ratings = _ratings(current)
    satisfaction = tuple(ServiceSatisfaction(service, _mean_rating(ratings[service])) for service in ranked)
    growth = tuple(
        ServiceGrowth(service, growth_percent(counts_before[service], counts[service]))
        for service in (*ranked, *dropped)
    )
    return ServiceUsage(
        most_used_service=ranked[0] if ranked else None,
        service_distribution=_distribution(ranked, counts),
        satisfaction_by_service=satisfaction,
        growth_trend=growth,
        shortfalls=_shortfalls(satisfaction, growth, counts + counts_before),
    )


def growth_percent(sessions_before: int, sessions_now: int) -> int | None:
    """Return the growth of a service from one window to the next, in whole percent.

    100 * ((n1 + 2) / (n0 + 2) - 1), where the 2 keeps small counts from looking dramatic. None when
    n0 + n1 < 4. 0 unless the change is more than chance: the probability of a split at least as uneven, when
    each session falls into either window alike (two-sided binomial), is below 0.1.
    """
    if sessions_before + sessions_now < _GROWTH_MINIMUM_SESSIONS:
        return None
    if split_probability(sessions_before, sessions_now) >= _GROWTH_P:
        return 0
    ratio = (sessions_now + _GROWTH_PRIOR_SESSIONS) / (sessions_before + _GROWTH_PRIOR_SESSIONS)
    return round(100 * (ratio - 1))


def growth_text(percent: int) -> str:
    """Return a growth as the contract writes it: "+15%", "-5%", "0%"."""
    return f"{percent:+d}%" if percent else "0%"


def valid_rating(session: Session) -> int | None:
    """Return the rating of a session, 1-5; None where there is none or one out of range."""
    rating = session.satisfaction_rating
    return rating if rating is not None and WORST_RATING <= rating <= BEST_RATING else None


def _known_service(session: Session) -> str:
    return session.service if session.service in SERVICES else OTHER_SERVICE


def _by_use(sessions: Iterable[Session], counts: Mapping[str, int]) -> list[str]:
    """Return the services by number of sessions, then by latest use, then by name."""
    last_used: dict[str, tuple[date, time]] = {}
    for session in sessions:
        service = _known_service(session)
        used_at = (session.service_date, session.start_time or time.min)
        last_used[service] = max(used_at, last_used.get(service, used_at))
    return sorted(sorted(counts), key=lambda service: (counts[service], last_used[service]), reverse=True)


def _distribution(ranked: Sequence[str], counts: Mapping[str, int]) -> tuple[ServiceShare, ...]:
    """Round the shares by largest remainder, so that they add up to 100."""
    total = sum(counts.values())
    floors = {service: 100 * counts[service] // total for service in ranked}
    by_remainder = sorted(ranked, key=lambda service: 100 * counts[service] % total, reverse=True)
    rounded_up = frozenset(by_remainder[: 100 - sum(floors.values())])
    return tuple(ServiceShare(service, floors[service] + (service in rounded_up)) for service in ranked)


def _ratings(sessions: Iterable[Session]) -> dict[str, list[int]]:
    """Return the valid ratings of each service that was used; others are as good as missing."""
    ratings: dict[str, list[int]] = {}
    for session in sessions:
        given = ratings.setdefault(_known_service(session), [])
        rating = valid_rating(session)
        if rating is not None:
            given.append(rating)
    return ratings


def _mean_rating(ratings: Sequence[int]) -> float | None:
    return round(sum(ratings) / len(ratings), 1) if ratings else None


def _shortfalls(
    satisfaction: Sequence[ServiceSatisfaction],
    growth: Sequence[ServiceGrowth],
    sessions_in_both: Mapping[str, int],
) -> tuple[Shortfall, ...]:
    least = _GROWTH_MINIMUM_SESSIONS
    shortfalls: list[Shortfall] = []
    if not satisfaction:
        unused = ("most_used_service", "service_distribution", "satisfaction_by_service")
        shortfalls += [Shortfall(field, "sessions", 1, 0) for field in unused]
    if not growth:
        shortfalls.append(Shortfall("growth_trend", "sessions", least, 0))
    shortfalls += [
        Shortfall(f"satisfaction_by_service.{item.service}", "ratings", 1, 0)
        for item in satisfaction
        if item.mean_rating is None
    ]
    shortfalls += [
        Shortfall(f"growth_trend.{item.service}", "sessions", least, sessions_in_both[item.service])
        for item in growth
        if item.percent is None
    ]
    return tuple(shortfalls)
