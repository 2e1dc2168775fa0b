"""What is recommended, as plain records: three kinds, each with what it rests on."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class RecommendationKind(StrEnum):
    """What is recommended: a service, a package, or a weekly schedule."""

    SERVICE = "service"
    PACKAGE = "package"
    SCHEDULE = "schedule"


class Basis(StrEnum):
    """Whether health data had a say; who may not see health data gets an answer that never depends on it."""

    FULL = "full"
    WITHOUT_HEALTH = "without_health"


class Factor(StrEnum):
    """What can move an answer, in the contract's words."""

    SERVICE_HISTORY = "service_history"
    SATISFACTION_RATINGS = "satisfaction_ratings"
    HEALTH_GOALS = "health_goals"
    PEER_PATTERNS = "peer_patterns"
    SEASONAL_TRENDS = "seasonal_trends"
    VISIT_PATTERN = "visit_pattern"
    PACKAGE_PRICES = "package_prices"
    STATED_PREFERENCES = "stated_preferences"
    FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True)
class SuggestedSchedule:
    """When to come for a service: "주 2회", "30분", ["화요일 오전", ...] (best first, perhaps none)."""

    frequency: str
    duration: str
    best_times: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceRecommendation:
    """One service to try, or to take up again.

    Attributes:
        service: The service's code.
        prior: The model's probability, 0-1, before feedback.
        confidence: The probability that is shown, 0-1, after feedback.
        reason: Korean, made of the customer's own evidence.
        expected_benefit: Korean.
        factors: What moved this recommendation, strongest first.
        goals: The health goals that had a say; always empty without health data.
    """

    service: str
    prior: float
    confidence: float
    reason: str
    expected_benefit: str
    suggested_schedule: SuggestedSchedule
    factors: tuple[Factor, ...]
    goals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceSessions:
    """So many sessions of a service."""

    service: str
    sessions: int


@dataclass(frozen=True, slots=True)
class PackageRecommendation:
    """One package of the catalogue, priced against single visits.

    Attributes:
        package_id: The catalogue's number.
        prior: P(at least 80% of the sessions are used before it expires), before feedback.
        confidence: The same after feedback, as shown.
        sessions: What it holds.
        price: KRW.
        savings: KRW that the sessions it is expected to be used for would cost more one by one.
        based_on: Korean: which rows the expectation rests on.
        optimization: Korean: what was optimized.
    """

    package_id: int
    package_name: str
    prior: float
    confidence: float
    reason: str
    sessions: tuple[ServiceSessions, ...]
    total_sessions: int
    price: int
    savings: int
    based_on: str
    optimization: str
    factors: tuple[Factor, ...]
    goals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """One visit of a weekly plan: "Monday", "10:00", a service's code, minutes, and why (Korean)."""

    day: str
    time: str
    service: str
    duration: int
    reason: str


@dataclass(frozen=True, slots=True)
class ScheduleRecommendation:
    """A weekly plan.

    Attributes:
        prior: The probability that the next visit falls on a planned day and band, before feedback.
        confidence: The same after feedback, as shown.
        reason: Korean.
        weekly_plan: In the order of the week.
    """

    schedule_name: str
    prior: float
    confidence: float
    reason: str
    weekly_plan: tuple[PlannedVisit, ...]
    factors: tuple[Factor, ...]
    goals: tuple[str, ...] = ()


Recommendation: TypeAlias = ServiceRecommendation | PackageRecommendation | ScheduleRecommendation
