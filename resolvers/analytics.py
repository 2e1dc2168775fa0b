"""What a customer's own rows say: visits, services, revenue and measured health over a period."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.queries.activity import CompletedSession, Days
from insight.goals import goal_tags
from insight.health import HealthMetrics, health_metrics
from insight.population import percentile_of
from insight.revenue import MonthlyRevenue, revenue_contribution
from insight.shortfalls import Shortfall
from insight.usage import ServiceUsage, service_usage
from insight.visits import VisitPattern, visit_pattern
from insight.windows import Window
from resolvers.context import OperationContext
from resolvers.customers import customer
from resolvers.errors import InsufficientData
from resolvers.models import revenue_measure


@dataclass(frozen=True, slots=True)
class AnalyticsScope:
    """Whose analytics, over which days; the blocks are computed when a field asks for them."""

    customer_id: int
    days: int
    window: Window


@dataclass(frozen=True, slots=True)
class ScopedRevenue:
    """A customer's revenue, and over how many days, which tells whom it is compared with."""

    customer_id: int
    days: int
    total_revenue: int
    average_monthly_revenue: int | None
    revenue_trend: tuple[MonthlyRevenue, ...]
    shortfalls: tuple[Shortfall, ...]


async def analytics(context: OperationContext, customer_id: int, days: int) -> AnalyticsScope:
    """Return the scope of a customer's analytics over the `days` days up to today.

    Raises:
        CustomerNotFound: there is no such customer.
        InsufficientData: the customer has no completed session at all, so nothing can be computed.
    """
    found = await customer(context, customer_id)
    if found.total_visits == 0:
        raise InsufficientData(customer_id)
    return AnalyticsScope(customer_id, days, Window.ending(context.today, days))


async def visits(context: OperationContext, scope: AnalyticsScope) -> VisitPattern:
    """Return how often and how regularly the customer comes."""
    return visit_pattern(await _sessions(context, scope), scope.window)


async def usage(context: OperationContext, scope: AnalyticsScope) -> ServiceUsage:
    """Return which services the customer uses, and how that changes."""
    return service_usage(await _sessions(context, scope), scope.window)


async def revenue(context: OperationContext, scope: AnalyticsScope) -> ScopedRevenue:
    """Return what the customer paid, net of refunds."""
    payments = await context.loaders.payments.load(scope.customer_id)
    figures = revenue_contribution(payments, scope.window)
    return ScopedRevenue(
        customer_id=scope.customer_id,
        days=scope.days,
        total_revenue=figures.total_revenue,
        average_monthly_revenue=figures.average_monthly_revenue,
        revenue_trend=figures.revenue_trend,
        shortfalls=figures.shortfalls,
    )


def revenue_percentile(context: OperationContext, figures: ScopedRevenue) -> int | None:
    """Return the percentage of customers with less revenue in the same period; ties count half.

    None until the distribution of the period has been gathered.
    """
    table = context.models.quantiles.get(revenue_measure(figures.days))
    return None if table is None else percentile_of(figures.total_revenue, table)


async def health(context: OperationContext, scope: AnalyticsScope) -> HealthMetrics:
    """Return what was measured, against the goals that the customer named."""
    found = await customer(context, scope.customer_id)
    measurements = await context.loaders.measurements.load(scope.customer_id)
    return health_metrics(measurements, goal_tags(found.health_goals or ""), scope.window)


async def _sessions(context: OperationContext, scope: AnalyticsScope) -> Sequence[CompletedSession]:
    # the window before this one is what growth is measured against
    days = Days(scope.window.previous().start, context.today)
    return await context.loaders.completed_sessions(days).load(scope.customer_id)
