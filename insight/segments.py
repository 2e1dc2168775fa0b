"""Which kinds of customer a customer is, and where they stand among the others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from insight.population import QuantileTable, fractional_percentile
from insight.segment_evidence import SegmentEvidence
from insight.shortfalls import Shortfall

NEUTRAL_SEGMENT = "occasional_visitor"
"""Who comes now and then and stands out in nothing."""

_THRESHOLD = 0.5
_UPPER_THIRD, _LOWER_THIRD = 67, 33
_MANY_SERVICES, _SEVERAL_SERVICES = 3.5, 1.75
_STRONG, _MODERATE = 0.65, 0.4
_YEAR = 365


@dataclass(frozen=True, slots=True)
class PeerTables:
    """Quantiles over all customers; None where there is none yet.

    Attributes:
        visits: Visits in the last 365 days.
        revenue: Net revenue of the last 365 days in KRW.
        satisfaction: Mean rating of those who rated.
    """

    visits: QuantileTable | None = None
    revenue: QuantileTable | None = None
    satisfaction: QuantileTable | None = None


@dataclass(frozen=True, slots=True)
class Characteristics:
    """A customer in four words; None where a shortfall says why.

    Attributes:
        visit_frequency: high, medium or low third of all customers by visits in the last 365 days.
        spending_level: premium, standard or budget third by revenue in the last 365 days.
        service_diversity: high, medium or low by the effective number of services (3.5, 1.75).
        loyalty_level: strong, moderate or weak; see `loyalty`.
    """

    visit_frequency: str | None
    spending_level: str | None
    service_diversity: str | None
    loyalty_level: str | None


@dataclass(frozen=True, slots=True)
class PeerComparison:
    """Percentiles among all customers, 0-100; None where a shortfall says why."""

    visit_frequency_percentile: int | None
    spending_percentile: int | None
    satisfaction_percentile: int | None


@dataclass(frozen=True, slots=True)
class CustomerSegment:
    """A customer's segments.

    Attributes:
        primary_segment: The best-scoring segment, `NEUTRAL_SEGMENT` where none reaches its threshold.
        secondary_segments: The others that reach it, best first.
        shortfalls: One for each figure that is None.
    """

    primary_segment: str
    secondary_segments: tuple[str, ...]
    characteristics: Characteristics
    peer_comparison: PeerComparison
    shortfalls: tuple[Shortfall, ...]


@dataclass(frozen=True, slots=True)
class _Standing:
    """The evidence, and the fractional percentiles of visits and revenue, None without a table."""

    evidence: SegmentEvidence
    visits: float | None
    revenue: float | None


def customer_segment(evidence: SegmentEvidence, tables: PeerTables) -> CustomerSegment:
    """Put a customer into segments and compare them with all others."""
    standing = _Standing(
        evidence,
        visits=_standing(evidence.visits, tables.visits),
        revenue=_standing(evidence.revenue, tables.revenue),
    )
    scores = {segment: rule(standing) for segment, rule in RULES.items()}
    ranked = sorted((name for name in scores if scores[name] >= _THRESHOLD), key=lambda name: -scores[name])
    return CustomerSegment(
        primary_segment=ranked[0] if ranked else NEUTRAL_SEGMENT,
        secondary_segments=tuple(ranked[1:]),
        characteristics=_characteristics(standing),
        peer_comparison=PeerComparison(
            visit_frequency_percentile=_whole(standing.visits),
            spending_percentile=_whole(standing.revenue),
            satisfaction_percentile=_whole(_standing(evidence.satisfaction, tables.satisfaction)),
        ),
        shortfalls=_shortfalls(evidence, tables),
    )


def loyalty(evidence: SegmentEvidence) -> float | None:
    """Return how firmly a customer is tied to the center, 0-1; None without a visit.

    The mean, each as far as it is known, of the probability that they still come (weight 2), the days since
    the first visit as a share of a year (1), and the consistency (1).
    """
    if evidence.tenure_days is None:
        return None
    known = [(min(evidence.tenure_days / _YEAR, 1.0), 1)]
    if evidence.churn is not None:
        known.append((1 - evidence.churn, 2))
    if evidence.consistency is not None:
        known.append((evidence.consistency / 100, 1))
    return sum(value * weight for value, weight in known) / sum(weight for _, weight in known)


def _ramp(value: float | None, low: float, high: float) -> float:
    """Return 0 up to `low`, 1 from `high` on, and a straight line between; 0 for what is not known."""
    return min(max((value - low) / (high - low), 0.0), 1.0) if value is not None else 0.0


def _active(standing: _Standing) -> float:
    return 1 - _dormant(standing)


def _dormant(standing: _Standing) -> float:
    return _ramp(standing.evidence.silent_days, 60, 120)


def _at_risk(standing: _Standing) -> float:
    return _active(standing) * _ramp(standing.evidence.churn, 0.2, 0.8)


def _new(standing: _Standing) -> float:
    tenure = standing.evidence.tenure_days
    return 1.0 if tenure is None else 1 - _ramp(tenure, 30, 90)


def _health_enthusiast(standing: _Standing) -> float:
    evidence = standing.evidence
    return _active(standing) * min(
        _ramp(standing.visits, 30, 70), _ramp(evidence.services, 1.5, 3.5), _ramp(evidence.goals, 0, 2)
    )


def _high_value(standing: _Standing) -> float:
    return _ramp(standing.revenue, 45, 95)


def _regular_visitor(standing: _Standing) -> float:
    return _active(standing) * min(
        _ramp(standing.visits, 25, 90), _ramp(standing.evidence.consistency, 50, 80)
    )


def _growing(standing: _Standing) -> float:
    return _ramp(standing.evidence.growth, 0, 100)


def _bargain(standing: _Standing) -> float:
    return _ramp(standing.evidence.discounted, 0.2, 0.8)


RULES: Mapping[str, Callable[[_Standing], float]] = MappingProxyType(
    {
        "dormant": _dormant,
        "at_risk": _at_risk,
        "new": _new,
        "health_enthusiast": _health_enthusiast,
        "high_value": _high_value,
        "regular_visitor": _regular_visitor,
        "growing": _growing,
        "bargain": _bargain,
    }
)
"""How well each segment fits, 0-1; of equals the earlier one is the primary."""


def _standing(value: float | None, table: QuantileTable | None) -> float | None:
    return None if value is None or table is None else fractional_percentile(value, table)


def _characteristics(standing: _Standing) -> Characteristics:
    tied = loyalty(standing.evidence)
    services = standing.evidence.services
    return Characteristics(
        visit_frequency=_word(standing.visits, ("high", "medium", "low"), (_UPPER_THIRD, _LOWER_THIRD)),
        spending_level=_word(
            standing.revenue, ("premium", "standard", "budget"), (_UPPER_THIRD, _LOWER_THIRD)
        ),
        service_diversity=_word(
            services or None, ("high", "medium", "low"), (_MANY_SERVICES, _SEVERAL_SERVICES)
        ),
        loyalty_level=_word(tied, ("strong", "moderate", "weak"), (_STRONG, _MODERATE)),
    )


def _word(value: float | None, words: tuple[str, str, str], cuts: tuple[float, float]) -> str | None:
    if value is None:
        return None
    return words[0] if value >= cuts[0] else words[1] if value >= cuts[1] else words[2]


def _whole(percentile: float | None) -> int | None:
    return None if percentile is None else round(percentile)


def _shortfalls(evidence: SegmentEvidence, tables: PeerTables) -> tuple[Shortfall, ...]:
    shortfalls: list[Shortfall] = []
    for table, fields in (
        (tables.visits, ("characteristics.visit_frequency", "peer_comparison.visit_frequency_percentile")),
        (tables.revenue, ("characteristics.spending_level", "peer_comparison.spending_percentile")),
    ):
        if table is None:
            shortfalls += [Shortfall(field, "fitted_models", 1, 0) for field in fields]
    if not evidence.services:
        shortfalls.append(Shortfall("characteristics.service_diversity", "sessions", 1, 0))
    if evidence.tenure_days is None:
        shortfalls.append(Shortfall("characteristics.loyalty_level", "visits", 1, 0))
    if evidence.satisfaction is None:
        shortfalls.append(Shortfall("peer_comparison.satisfaction_percentile", "ratings", 1, 0))
    elif tables.satisfaction is None:
        shortfalls.append(Shortfall("peer_comparison.satisfaction_percentile", "fitted_models", 1, 0))
    return tuple(shortfalls)
