"""Recommendations: an interface with three kinds, and what the whole answer rests on."""

from datetime import datetime
from typing import Any

import strawberry

from resolvers import recommendations
from resolvers.domain import Factor, RecommendationKind, ServiceCode
from resolvers.stored_recommendations import GivenPackage, GivenSchedule, GivenService
from schema.info import Info
from schema.scalars import KRW


@strawberry.interface(description="Something recommended to a customer.")
class Recommendation:
    """A recommendation of any kind."""

    type: RecommendationKind = strawberry.field(description="What is recommended.")
    recommendation_id: str = strawberry.field(description="What feedback names it by, such as rec_0f….")
    confidence_score: float = strawberry.field(
        description="A probability, 0 to 1: that the service is chosen, the package used, the plan kept."
    )
    reason: str = strawberry.field(description="Why, from the customer's own rows, in Korean.")


@strawberry.type(description="When to come for a service.")
class SuggestedSchedule:
    """A suggested schedule."""

    frequency: str = strawberry.field(description="How often, in Korean: 주 2회.")
    duration: str = strawberry.field(description="How long a session takes, in Korean: 30분.")
    best_times: list[str] = strawberry.field(
        description="Parts of the week when the customer likes to come, best first: 화요일 오전."
    )


@strawberry.type(description="A service to try, or to take up again.")
class ServiceRecommendation(Recommendation):
    """A recommended service."""

    service: ServiceCode = strawberry.field(description="Which service.")
    expected_benefit: str = strawberry.field(description="What it is good for, in Korean.")
    suggested_schedule: SuggestedSchedule = strawberry.field(description="When to come for it.")

    @strawberry.field(description="The center's name of the service; null once it is not listed any more.")
    @staticmethod
    async def service_name(root: strawberry.Parent[GivenService], info: Info) -> str | None:
        """Return the name in the center's catalogue."""
        return await recommendations.service_name(info.context, root.service)

    @classmethod
    def is_type_of(cls, obj: object, _: object) -> bool:
        """Whether a record is a recommended service."""
        return isinstance(obj, GivenService)


@strawberry.type(description="So many sessions of a service.")
class ServiceSessions:
    """Sessions of a service."""

    service: ServiceCode = strawberry.field(description="Which service.")
    sessions: int = strawberry.field(description="How many sessions.")


@strawberry.type(description="What a package of the catalogue holds and costs.")
class PackageDetails:
    """Details of a package."""

    services: list[ServiceSessions] = strawberry.field(description="Its sessions by service.")
    total_sessions: int = strawberry.field(description="Its sessions in all.")
    price: KRW = strawberry.field(description="Its price in the catalogue.")
    savings: KRW = strawberry.field(
        description="What the sessions that the customer is expected to use would cost more one by one."
    )


@strawberry.type(description="What the choice of a package rests on.")
class PackagePersonalization:
    """Personalization of a package."""

    based_on: str = strawberry.field(description="The rows it rests on, in Korean.")
    optimization: str = strawberry.field(description="What was optimized, in Korean.")


@strawberry.type(description="A package of the catalogue that pays for the customer.")
class PackageRecommendation(Recommendation):
    """A recommended package."""

    package_id: int = strawberry.field(description="The center's number of the package.")
    package_name: str = strawberry.field(description="Its name in the catalogue.")
    package_details: PackageDetails = strawberry.field(description="What it holds and costs.")
    personalization: PackagePersonalization = strawberry.field(description="What the choice rests on.")

    @classmethod
    def is_type_of(cls, obj: object, _: object) -> bool:
        """Whether a record is a recommended package."""
        return isinstance(obj, GivenPackage)


@strawberry.type(description="One visit of a weekly plan.")
class PlannedVisit:
    """A planned visit."""

    day: str = strawberry.field(description="The weekday: Monday.")
    time: str = strawberry.field(description="When to begin: 10:00.")
    service: ServiceCode = strawberry.field(description="Which service.")
    duration: int = strawberry.field(description="Minutes.")
    reason: str = strawberry.field(description="Why then and why this, in Korean.")


@strawberry.type(description="A week's visits within the opening hours, by the customer's habits.")
class ScheduleRecommendation(Recommendation):
    """A recommended schedule."""

    schedule_name: str = strawberry.field(description="What to call it, in Korean.")
    weekly_plan: list[PlannedVisit] = strawberry.field(description="The visits, in the order of the week.")

    @classmethod
    def is_type_of(cls, obj: object, _: object) -> bool:
        """Whether a record is a recommended schedule."""
        return isinstance(obj, GivenSchedule)


@strawberry.type(description="What recommendations rest on, and how long they stand.")
class RecommendationMetadata:
    """Metadata of recommendations."""

    generated_at: datetime = strawberry.field(description="When they were made.")
    model_version: str = strawberry.field(description="The fitted models that made them.")
    factors_considered: list[Factor] = strawberry.field(
        description="What really moved the ones that are shown."
    )
    expires_at: datetime = strawberry.field(
        description="Until then the same are given again, unless the customer's own rows change."
    )


@strawberry.type(description="Recommendations for one customer.")
class Recommendations:
    """Recommendations and what they rest on."""

    recommendations: list[Recommendation] = strawberry.field(
        description="A mixture of the kinds asked for, each kind best first."
    )
    metadata: RecommendationMetadata = strawberry.field(description="What they rest on.")


KINDS: list[Any] = [ServiceRecommendation, PackageRecommendation, ScheduleRecommendation]
"""The types behind the interface, which no field names."""
