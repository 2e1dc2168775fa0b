"""What a customer's own rows say: visits, services, revenue and measured health over a period."""

from asyncio import gather
from dataclasses import dataclass

from insight.goals import goal_tags
from insight.health import Improvement, health_metrics
from insight.population import percentile_of
from insight.revenue import MonthlyRevenue, revenue_contribution
from insight.risk import RiskAssessment, risk_assessment
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


@dataclass(frozen=True, slots=True)
class ScopedHealth:
    """A customer's measured health, and whose it is, which tells what they accepted."""

    customer_id: int
    reported_improvements: tuple[Improvement, ...]
    goal_achievement_rate: int | None
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
    return visit_pattern(await context.loaders.completed_sessions.load(scope.customer_id), scope.window)


async def usage(context: OperationContext, scope: AnalyticsScope) -> ServiceUsage:
    """Return which services the customer uses, and how that changes."""
    return service_usage(await context.loaders.completed_sessions.load(scope.customer_id), scope.window)


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


async def risk(context: OperationContext, scope: AnalyticsScope) -> RiskAssessment:
    """Return how likely the customer is to stay away, and why; the whole history counts in any scope."""
    sessions, packages = await gather(
        context.loaders.completed_sessions.load(scope.customer_id),
        context.loaders.packages.load(scope.customer_id),
    )
    models = context.models
    return risk_assessment(
        sessions,
        packages,
        context.today,
        model=models.churn,
        season=models.season,
        population_satisfaction=models.satisfaction.mean if models.satisfaction else None,
    )


async def ltv_estimate(context: OperationContext, figures: ScopedRevenue) -> int | None:
    """Return what the customer paid and is expected to pay over the next year, in KRW; None where unknown."""
    estimate = await context.lifetime_values.load(figures.customer_id)
    return None if isinstance(estimate, Shortfall) else estimate


async def revenue_shortfalls(context: OperationContext, figures: ScopedRevenue) -> list[Shortfall]:
    """Return why figures of the revenue are missing, the estimate that is computed apart among them."""
    estimate = await context.lifetime_values.load(figures.customer_id)
    return [*figures.shortfalls, *([estimate] if isinstance(estimate, Shortfall) else [])]


def revenue_percentile(context: OperationContext, figures: ScopedRevenue) -> int | None:
    """Return the percentage of customers with less revenue in the same period; ties count half.

    None until the distribution of the period has been gathered.
    """
    table = context.models.quantiles.get(revenue_measure(figures.days))
    return None if table is None else percentile_of(figures.total_revenue, table)


async def health(context: OperationContext, scope: AnalyticsScope) -> ScopedHealth:
    """Return what was measured, against the goals that the customer named."""
    found = await customer(context, scope.customer_id)
    measurements = await context.loaders.measurements.load(scope.customer_id)
    figures = health_metrics(measurements, goal_tags(found.health_goals or ""), scope.window)
    return ScopedHealth(
        customer_id=scope.customer_id,
        reported_improvements=figures.reported_improvements,
        goal_achievement_rate=figures.goal_achievement_rate,
        shortfalls=figures.shortfalls,
    )


async def recommendation_compliance(context: OperationContext, figures: ScopedHealth) -> int | None:
    """Return the percentage of accepted recommendations that were acted on; None where none can be judged."""
    rate = await context.compliances.load(figures.customer_id)
    return None if isinstance(rate, Shortfall) else rate


async def health_shortfalls(context: OperationContext, figures: ScopedHealth) -> list[Shortfall]:
    """Return why figures of the health are missing, the compliance that is computed apart among them."""
    rate = await context.compliances.load(figures.customer_id)
    return [*figures.shortfalls, *([rate] if isinstance(rate, Shortfall) else [])]
