"""The fitted models and distributions that an answer is computed with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from insight.churn import ChurnModel
from insight.lifetime_value import ValueModel
from insight.population import QuantileTable
from insight.recommend.center_habits import CenterHabits
from insight.recommend.feedback import ResponseModel
from insight.recommend.services import ServiceModel
from insight.satisfaction import SatisfactionNorm
from insight.season import SeasonIndex


def _no_tables() -> Mapping[str, QuantileTable]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Models:
    """What was fitted last, as it stood when an operation began. Nothing in it ever changes.

    Attributes:
        version: Such as "2026.11.25-1"; None before the first fit.
        as_of: The day up to which rows were looked at.
        fitted_at: When the fit was published.
        churn: Whether customers still come, in weeks. Like every part, None where too little is known.
        season: When in the year customers come more often.
        visits: When in the week everybody comes, and for what.
        value: What the population pays for a session.
        satisfaction: What ratings are measured against.
        services: Which services are chosen next, and again.
        services_without_health: The same, fitted without anything about anybody's health.
        responses: What answers to recommendations taught.
        quantiles: The distribution over all customers by measure; a measure without one is missing.
    """

    version: str | None = None
    as_of: date | None = None
    fitted_at: datetime | None = None
    churn: ChurnModel | None = None
    season: SeasonIndex | None = None
    visits: CenterHabits | None = None
    value: ValueModel | None = None
    satisfaction: SatisfactionNorm | None = None
    services: ServiceModel | None = None
    services_without_health: ServiceModel | None = None
    responses: ResponseModel | None = None
    quantiles: Mapping[str, QuantileTable] = field(default_factory=_no_tables)


NO_MODELS = Models()
"""Before anything was fitted."""

SATISFACTION_MEASURE = "satisfaction"
"""The mean rating of each customer who rated."""


def revenue_measure(days: int) -> str:
    """Return the name of the distribution of net revenue over so many days up to today."""
    return f"revenue_{days}d"


def visits_measure(days: int) -> str:
    """Return the name of the distribution of visits over so many days, of those who ever came."""
    return f"visits_{days}d"
