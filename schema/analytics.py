"""Analytics that describe a customer: visits, services, revenue and measured health."""

from typing import Any, Protocol

import strawberry

from resolvers import analytics
from resolvers.analytics import AnalyticsScope, ScopedRevenue
from resolvers.domain import ServiceCode, Shortfall, growth_text
from resolvers.domain import ServiceGrowth as ServiceGrowthRecord
from schema.enums import AnalyticsPeriod
from schema.info import Info
from schema.scalars import KRW


@strawberry.type(description="A figure that is null or empty because too little is known, and how little.")
class InsufficientData:
    """A figure's unmet minimum."""

    field: str = strawberry.field(
        description="The figure, in snake_case; behind a dot the service or metric: growth_trend.brain."
    )
    counted: str = strawberry.field(description="What is counted: visits, sessions, measurements, ...")
    needed: int = strawberry.field(description="The least that the figure asks for.")
    found: int = strawberry.field(description="How many there were.")


class _Block(Protocol):
    @property
    def shortfalls(self) -> tuple[Shortfall, ...]: ...


def _unmet_minimums(root: strawberry.Parent[_Block]) -> list[InsufficientData]:
    records: Any = list(root.shortfalls)
    return records


@strawberry.type(description="Visits in one month.")
class MonthlyVisits:
    """Visits in a month."""

    month: str = strawberry.field(description="The month, such as 2024-05.")
    visits: int = strawberry.field(description="Days with a completed session.")


@strawberry.type(description="How often and how regularly a customer comes.")
class VisitPattern:
    """Visit pattern."""

    average_interval_days: int | None = strawberry.field(description="Mean days between visits.")
    visit_frequency: str | None = strawberry.field(
        description="very-frequent, weekly, bi-weekly, monthly, occasional or rare, by the median gap."
    )
    consistency_score: int | None = strawberry.field(
        description="0 to 100: how even the gaps are; 100 is a clockwork."
    )
    preferred_days: list[str] | None = strawberry.field(
        description="Weekdays that the customer chooses more often than chance, best first: Monday."
    )
    preferred_times: list[str] | None = strawberry.field(
        description="Two-hour bands chosen more often than chance, best first: 10:00-12:00."
    )
    monthly_visits: list[MonthlyVisits] = strawberry.field(description="Every month of the period.")

    insufficient_data: list[InsufficientData] = strawberry.field(
        resolver=_unmet_minimums, description="The figures that are null, and why."
    )


@strawberry.type(description="A service's share of the sessions.")
class ServiceShare:
    """Share of a service."""

    service: ServiceCode = strawberry.field(description="Which service.")
    percent: int = strawberry.field(description="Share of the period's sessions; all add up to 100.")


@strawberry.type(description="How a customer rates a service.")
class ServiceSatisfaction:
    """Satisfaction with a service."""

    service: ServiceCode = strawberry.field(description="Which service.")
    mean_rating: float | None = strawberry.field(description="Mean rating, 1 to 5; null without ratings.")


@strawberry.type(description="How the use of a service changed against the equal period before.")
class ServiceGrowth:
    """Growth of a service."""

    service: ServiceCode = strawberry.field(description="Which service.")
    percent: int | None = strawberry.field(
        description="Growth in percent; 0 where chance explains it, null below 4 sessions in both periods."
    )

    @strawberry.field(description='The growth as text: "+15%", "-5%", "0%".')
    @staticmethod
    def label(root: strawberry.Parent[ServiceGrowthRecord]) -> str | None:
        """Return the growth as text."""
        return None if root.percent is None else growth_text(root.percent)


@strawberry.type(description="Which services a customer uses, how they are liked, and how that changes.")
class ServiceUsage:
    """Service usage."""

    most_used_service: ServiceCode | None = strawberry.field(description="The most used one; null without.")
    service_distribution: list[ServiceShare] = strawberry.field(description="Shares, most used first.")
    satisfaction_by_service: list[ServiceSatisfaction] = strawberry.field(description="Ratings by service.")
    growth_trend: list[ServiceGrowth] = strawberry.field(description="Growth by service.")

    insufficient_data: list[InsufficientData] = strawberry.field(
        resolver=_unmet_minimums, description="The figures that are null, and why."
    )


@strawberry.type(description="Revenue in one month.")
class MonthlyRevenue:
    """Revenue in a month."""

    month: str = strawberry.field(description="The month, such as 2024-05.")
    amount: KRW = strawberry.field(description="Paid in that month, net of refunds.")


def _revenue_percentile(root: strawberry.Parent[ScopedRevenue], info: Info) -> int | None:
    return analytics.revenue_percentile(info.context, root)


@strawberry.type(description="What a customer contributed to the center's revenue.")
class RevenueContribution:
    """Revenue contribution."""

    total_revenue: KRW | None = strawberry.field(description="Paid in the period, net of refunds.")
    average_monthly_revenue: KRW | None = strawberry.field(
        description="Mean over the calendar months since the first purchase of the period; null without one."
    )
    revenue_trend: list[MonthlyRevenue] | None = strawberry.field(description="Every month of the period.")

    revenue_percentile: int | None = strawberry.field(
        resolver=_revenue_percentile,
        description="Percentage of customers with less revenue in the period, ties counting half; 0 to 100.",
    )
    insufficient_data: list[InsufficientData] = strawberry.field(
        resolver=_unmet_minimums, description="The figures that are null, and why."
    )


@strawberry.type(description="How a measured value changed.")
class ReportedImprovement:
    """Change of a metric."""

    metric: str = strawberry.field(description="The metric, such as stress_level (0 to 10) or weight (kg).")
    before: float = strawberry.field(description="Mean of the first two measurements.")
    after: float = strawberry.field(description="Mean of the last two measurements.")
    change: int | None = strawberry.field(description="Percent of before; null where before is 0.")
    improved_by: int | None = strawberry.field(
        description="The change with the sign of its direction: less stress is more."
    )


@strawberry.type(description="What measurements say about a customer's health.")
class HealthMetrics:
    """Health metrics."""

    reported_improvements: list[ReportedImprovement] = strawberry.field(
        description="Metrics measured at least twice, two weeks apart."
    )
    goal_achievement_rate: int | None = strawberry.field(
        description="Percentage of the measured goals whose metric improved by 20% or more."
    )

    insufficient_data: list[InsufficientData] = strawberry.field(
        resolver=_unmet_minimums, description="The figures that are null, and why."
    )


@strawberry.type(description="What a customer's own rows say over a period.")
class Analytics:
    """Analytics of a customer."""

    @strawberry.field(description="The period looked at.")
    @staticmethod
    def period(root: strawberry.Parent[AnalyticsScope]) -> AnalyticsPeriod:
        """Return the period."""
        return AnalyticsPeriod(root.days)

    @strawberry.field(description="How often and how regularly the customer comes.")
    @staticmethod
    async def visit_pattern(root: strawberry.Parent[AnalyticsScope], info: Info) -> VisitPattern:
        """Compute the visit pattern."""
        block: Any = await analytics.visits(info.context, root)
        return block

    @strawberry.field(description="Which services the customer uses.")
    @staticmethod
    async def service_usage(root: strawberry.Parent[AnalyticsScope], info: Info) -> ServiceUsage:
        """Compute the service usage."""
        block: Any = await analytics.usage(info.context, root)
        return block

    @strawberry.field(description="What the customer paid.")
    @staticmethod
    async def revenue_contribution(
        root: strawberry.Parent[AnalyticsScope], info: Info
    ) -> RevenueContribution:
        """Compute the revenue contribution."""
        block: Any = await analytics.revenue(info.context, root)
        return block

    @strawberry.field(description="What was measured of the customer's health.")
    @staticmethod
    async def health_metrics(root: strawberry.Parent[AnalyticsScope], info: Info) -> HealthMetrics | None:
        """Compute the health metrics."""
        block: Any = await analytics.health(info.context, root)
        return block
