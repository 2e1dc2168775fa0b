"""What a customer's own rows say: pure functions over plain values, no SQL, no HTTP, no clock.

Each module tells one story and may be imported by its own name; these are the names that others use.
"""

from insight.goals import METRIC_OF_GOAL, GoalTag, goal_tags
from insight.health import HealthMetrics, Improvement, health_metrics
from insight.inputs import Measurement, Payment, Session
from insight.population import QuantileTable, fractional_percentile, percentile_of, quantile_table
from insight.revenue import MonthlyRevenue, RevenueContribution, revenue_contribution
from insight.shortfalls import Counted, Shortfall
from insight.usage import (
    ServiceGrowth,
    ServiceSatisfaction,
    ServiceShare,
    ServiceUsage,
    growth_text,
    service_usage,
)
from insight.visits import MonthlyVisits, VisitPattern, visit_pattern
from insight.windows import PERIODS, Window

__all__ = [
    "METRIC_OF_GOAL",
    "PERIODS",
    "Counted",
    "GoalTag",
    "HealthMetrics",
    "Improvement",
    "Measurement",
    "MonthlyRevenue",
    "MonthlyVisits",
    "Payment",
    "QuantileTable",
    "RevenueContribution",
    "ServiceGrowth",
    "ServiceSatisfaction",
    "ServiceShare",
    "ServiceUsage",
    "Session",
    "Shortfall",
    "VisitPattern",
    "Window",
    "fractional_percentile",
    "goal_tags",
    "growth_text",
    "health_metrics",
    "percentile_of",
    "quantile_table",
    "revenue_contribution",
    "service_usage",
    "visit_pattern",
]
