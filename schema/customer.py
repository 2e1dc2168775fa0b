"""The customer: the profile, and everything that hangs from it."""

from datetime import date, datetime
from typing import Annotated, Any

import strawberry
from strawberry import relay

from resolvers import analytics, history, packages, recommendations, segments
from resolvers.domain import (
    Customer as CustomerRecord,
)
from resolvers.domain import (
    CustomerStatus,
    Gender,
    MembershipLevel,
    PackageStatus,
    RecommendationKind,
    RiskLevel,
    ServiceCode,
    SessionStatus,
    TimeSlot,
)
from resolvers.errors import InvalidInput
from resolvers.inputs import customer_number
from schema.analytics import Analytics
from schema.enums import AnalyticsPeriod
from schema.info import Info
from schema.packages import PackagePurchase
from schema.preferences import Preferences
from schema.recommendations import Recommendations
from schema.scalars import KRW
from schema.segments import Segment
from schema.service_history import ServiceSessionConnection

Parent = strawberry.Parent[CustomerRecord]


@strawberry.type(description="A customer of the center.")
class Customer(relay.Node):
    """A customer."""

    customer_id: int = strawberry.field(description="The center's number of the customer.")
    name: str = strawberry.field(description="The customer's name.")
    phone: str | None = strawberry.field(description="Phone number, such as 010-1234-5678.")
    email: str | None = strawberry.field(description="E-mail address.")
    birth_year: int | None = strawberry.field(description="Year of birth.")
    gender: Gender | None = strawberry.field(description="Gender; null where unknown.")
    address: str | None = strawberry.field(description="Postal address.")
    emergency_contact: str | None = strawberry.field(description="Whom to call in an emergency.")
    occupation: str | None = strawberry.field(description="Occupation.")
    region: str | None = strawberry.field(description="The region the customer lives in.")
    referral_source: str | None = strawberry.field(description="How the customer found the center.")
    membership_level: MembershipLevel | None = strawberry.field(
        description="Membership level in the contract's words; null where the center gave none."
    )
    membership_label: str | None = strawberry.field(
        description="The center's own word for the membership level, such as gold."
    )
    customer_status: CustomerStatus = strawberry.field(description="How recently the customer came.")
    first_visit_date: date | None = strawberry.field(
        description="The first visit as the center recorded it, else the day of the first session."
    )
    last_visit_date: date | None = strawberry.field(description="The day of the latest completed session.")
    total_visits: int = strawberry.field(description="Days with at least one completed session.")
    average_visit_interval: int | None = strawberry.field(
        description="Mean days between visits; null before the second visit."
    )
    total_revenue: KRW | None = strawberry.field(description="Everything paid so far, net of refunds.")
    average_satisfaction: float | None = strawberry.field(
        description="Mean of all ratings, 1 to 5, one decimal; null without ratings."
    )
    risk_level: RiskLevel | None = strawberry.field(
        description="Risk of staying away; null as long as no churn model has been fitted."
    )
    health_goals: str | None = strawberry.field(description="Health goals in the customer's own words.")
    health_concerns: str | None = strawberry.field(description="Health concerns in their own words.")
    notes: str | None = strawberry.field(description="What staff noted about the customer.")
    preferred_time_slots: list[TimeSlot] = strawberry.field(description="When the customer likes to come.")
    assigned_staff: str | None = strawberry.field(description="Who looks after the customer.")
    created_at: datetime | None = strawberry.field(description="When the record was made.")
    updated_at: datetime | None = strawberry.field(
        description="When the record last changed; give it to updateCustomer to protect others' changes."
    )

    @strawberry.field(
        description="Sessions, newest first; completed ones unless other statuses are asked for."
    )
    @staticmethod
    async def service_history(  # noqa: PLR0913, PLR0917 - the filters of the contract
        root: Parent,
        info: Info,
        services: Annotated[
            list[ServiceCode] | None, strawberry.argument(description="Only these services.")
        ] = None,
        statuses: Annotated[
            list[SessionStatus] | None, strawberry.argument(description="Only these; COMPLETED by default.")
        ] = None,
        since: Annotated[date | None, strawberry.argument(description="First day.")] = None,
        until: Annotated[date | None, strawberry.argument(description="Last day, included.")] = None,
        first: Annotated[int, strawberry.argument(description="Sessions on a page, 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Cursor to go on from.")] = None,
    ) -> ServiceSessionConnection:
        """Return one page of the history."""
        page: Any = await history.service_history(
            info.context,
            root.customer_id,
            services=services,
            statuses=statuses or (SessionStatus.COMPLETED,),
            since=since,
            until=until,
            first=first,
            after=after,
        )
        return page

    @strawberry.field(description="Packages, the one that ends first in front.")
    @staticmethod
    async def packages(
        root: Parent,
        info: Info,
        statuses: Annotated[
            list[PackageStatus] | None,
            strawberry.argument(description="Only these; ACTIVE includes EXPIRING. All by default."),
        ] = None,
    ) -> list[PackagePurchase]:
        """Return the packages."""
        found: Any = await packages.packages(info.context, root.customer_id, statuses)
        return found

    @strawberry.field(description="The usable package that ends first; null without one.")
    @staticmethod
    async def active_package(root: Parent, info: Info) -> PackagePurchase | None:
        """Return the package in use."""
        found: Any = await packages.active_package(info.context, root.customer_id)
        return found

    @strawberry.field(description="Stated preferences; null where none were recorded.")
    @staticmethod
    async def preferences(root: Parent, info: Info) -> Preferences | None:
        """Return the preferences."""
        found: Any = await info.context.loaders.preferences.load(root.customer_id)
        return found

    @strawberry.field(description="What the customer's own rows say over a period. Managers and admins only.")
    @staticmethod
    async def analytics(
        root: Parent,
        info: Info,
        period: Annotated[
            AnalyticsPeriod, strawberry.argument(description="How far back to look.")
        ] = AnalyticsPeriod.DAYS_90,
    ) -> Analytics | None:
        """Return the analytics."""
        scope: Any = await analytics.analytics(info.context, root.customer_id, period.value)
        return scope

    @strawberry.field(description="The kind of customer this is. Managers and admins only.")
    @staticmethod
    async def segment(root: Parent, info: Info) -> Segment | None:
        """Return the segment."""
        found: Any = await segments.segment(info.context, root)
        return found

    @strawberry.field(
        description=(
            "What to offer next: services, packages and a schedule. The same until it expires or the "
            "customer's own rows change. Managers and admins only."
        )
    )
    @staticmethod
    async def recommendations(
        root: Parent,
        info: Info,
        types: Annotated[
            list[RecommendationKind] | None, strawberry.argument(description="Only these kinds.")
        ] = None,
        count: Annotated[int, strawberry.argument(description="How many, 1 to 20.")] = 5,
    ) -> Recommendations | None:
        """Return recommendations."""
        found: Any = await recommendations.recommendations(info.context, root, types, count)
        return found

    @classmethod
    def is_type_of(cls, obj: object, _: object) -> bool:
        """Whether a record is a customer's."""
        return isinstance(obj, CustomerRecord)

    @classmethod
    def resolve_id(cls, root: Any, *, info: Any) -> str:  # noqa: ARG003 - Strawberry's signature
        """Return the number that the global id wraps."""
        return str(root.customer_id)


def customer_id_of(value: str, name: str = "id") -> int:
    """Read a customer's number or global id; `name` is the argument it came in.

    Raises:
        InvalidInput: it is neither.
    """
    return customer_number(value, name) if _is_number(value) else customer_id_of_global(value, name)


def customer_id_of_global(value: str, name: str = "id") -> int:
    """Read a customer's global id; `name` is the argument it came in.

    Raises:
        InvalidInput: it is no global id, or another object's.
    """
    try:
        global_id = relay.GlobalID.from_id(value)
    except relay.GlobalIDValueError:
        raise InvalidInput({name: "고객 번호나 전역 id가 아닙니다"}) from None
    if global_id.type_name != Customer.__name__:
        raise InvalidInput({name: "고객의 id가 아닙니다"})
    return customer_number(global_id.node_id, name)


def _is_number(value: str) -> bool:
    return value.removeprefix("-").isdigit()
