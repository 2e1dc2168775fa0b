"""Recommendations between their three forms: insight's records, the store's rows, and what is given out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from types import MappingProxyType
from typing import Any, TypeAlias

from pydantic import TypeAdapter

from db.queries.recommendations import RecommendationRow
from insight.recommend.records import (
    PackageRecommendation,
    PlannedVisit,
    Recommendation,
    RecommendationKind,
    ScheduleRecommendation,
    ServiceRecommendation,
    ServiceSessions,
    SuggestedSchedule,
)
from insight.recommend.subjects import kind_of, subject_of

_RECORDS: Mapping[RecommendationKind, TypeAdapter[Any]] = MappingProxyType(
    {
        RecommendationKind.SERVICE: TypeAdapter(ServiceRecommendation),
        RecommendationKind.PACKAGE: TypeAdapter(PackageRecommendation),
        RecommendationKind.SCHEDULE: TypeAdapter(ScheduleRecommendation),
    }
)
_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class GivenService:
    """A recommended service, as it is given out."""

    recommendation_id: str
    type: RecommendationKind
    confidence_score: float
    reason: str
    service: str
    expected_benefit: str
    suggested_schedule: SuggestedSchedule


@dataclass(frozen=True, slots=True)
class PackageDetails:
    """What a package holds and costs, in KRW."""

    services: Sequence[ServiceSessions]
    total_sessions: int
    price: int
    savings: int


@dataclass(frozen=True, slots=True)
class PackagePersonalization:
    """What the choice of a package rests on, in Korean."""

    based_on: str
    optimization: str


@dataclass(frozen=True, slots=True)
class GivenPackage:
    """A recommended package, as it is given out."""

    recommendation_id: str
    type: RecommendationKind
    confidence_score: float
    reason: str
    package_id: int
    package_name: str
    package_details: PackageDetails
    personalization: PackagePersonalization


@dataclass(frozen=True, slots=True)
class GivenSchedule:
    """A recommended schedule, as it is given out."""

    recommendation_id: str
    type: RecommendationKind
    confidence_score: float
    reason: str
    schedule_name: str
    weekly_plan: Sequence[PlannedVisit]


Given: TypeAlias = GivenService | GivenPackage | GivenSchedule


def rows_of(recommendations: Sequence[Recommendation]) -> tuple[RecommendationRow, ...]:
    """Return recommendations, each kind best first, as rows with new ids."""
    places = dict.fromkeys(RecommendationKind, 0)
    rows: list[RecommendationRow] = []
    for record in recommendations:
        kind = kind_of(record)
        places[kind] += 1
        rows.append(
            RecommendationRow(
                recommendation_id=f"rec_{token_hex(8)}",
                kind=kind,
                subject=subject_of(record),
                place=places[kind],
                confidence=record.confidence,
                prior=record.prior,
                goals=record.goals,
                content=_RECORDS[kind].dump_python(record, mode="json"),
                factors=record.factors,
            )
        )
    return tuple(rows)


def record_of(row: RecommendationRow) -> Recommendation:
    """Return the record that a row was made of."""
    return _RECORDS[RecommendationKind(row.kind)].validate_python(row.content)


def planned_visits(weekly_plan: object) -> tuple[PlannedVisit, ...]:
    """Return the visits of a stored schedule; none of another kind's."""
    return _PLAN.validate_python(weekly_plan or ())


def given(recommendation_id: str, record: Recommendation) -> Given:
    """Return a recommendation as it is given out."""
    common: dict[str, Any] = {
        "recommendation_id": recommendation_id,
        "type": kind_of(record),
        "confidence_score": round(record.confidence, _DECIMALS),
        "reason": record.reason,
    }
    match record:
        case ServiceRecommendation():
            return GivenService(
                **common,
                service=record.service,
                expected_benefit=record.expected_benefit,
                suggested_schedule=record.suggested_schedule,
            )
        case PackageRecommendation():
            return GivenPackage(
                **common,
                package_id=record.package_id,
                package_name=record.package_name,
                package_details=PackageDetails(
                    record.sessions, record.total_sessions, record.price, record.savings
                ),
                personalization=PackagePersonalization(record.based_on, record.optimization),
            )
        case ScheduleRecommendation():
            return GivenSchedule(**common, schedule_name=record.schedule_name, weekly_plan=record.weekly_plan)


_PLAN: TypeAdapter[tuple[PlannedVisit, ...]] = TypeAdapter(tuple[PlannedVisit, ...])
