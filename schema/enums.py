"""The enums of the schema: the domain's words under their GraphQL names."""

from enum import Enum
from inspect import getdoc

import strawberry

from resolvers.domain import (
    Channel,
    CustomerSort,
    CustomerStatus,
    Factor,
    FeedbackAction,
    Gender,
    Intensity,
    MembershipLevel,
    PackageStatus,
    RecommendationKind,
    RiskLevel,
    ServiceCode,
    SessionStatus,
    TimeSlot,
)


def _described(words: type[Enum], name: str) -> None:
    """Make an enum of the domain one of the schema, described by its own docstring."""
    strawberry.enum(words, name=name, description=getdoc(words))


_described(ServiceCode, "ServiceType")
_described(MembershipLevel, "MembershipLevel")
_described(CustomerStatus, "CustomerStatus")
_described(Gender, "Gender")
_described(TimeSlot, "TimeSlot")
_described(Intensity, "Intensity")
_described(Channel, "CommunicationChannel")
_described(PackageStatus, "PackageStatus")
_described(SessionStatus, "SessionStatus")
_described(RiskLevel, "RiskLevel")
_described(CustomerSort, "CustomerSort")
_described(RecommendationKind, "RecommendationType")
_described(Factor, "RecommendationFactor")
_described(FeedbackAction, "FeedbackAction")


@strawberry.enum(description="A period of analytics: so many days up to and including today, in Asia/Seoul.")
class AnalyticsPeriod(Enum):
    """A period of analytics, by its length in days."""

    DAYS_30 = 30
    DAYS_90 = 90
    DAYS_180 = 180
    YEAR_1 = 365
