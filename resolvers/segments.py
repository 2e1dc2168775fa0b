"""Which kind of customer a customer is, and where they stand among the others."""

from asyncio import gather
from dataclasses import dataclass

from db.queries.customers import Customer
from insight.churn.forecast import visit_forecast
from insight.goals import goal_tags
from insight.segment_evidence import CustomerRows, segment_evidence
from insight.segments import PeerTables, customer_segment
from insight.shortfalls import Shortfall
from resolvers.context import OperationContext
from resolvers.errors import InsufficientData
from resolvers.models import SATISFACTION_MEASURE, Models, revenue_measure, visits_measure

_YEAR = 365


@dataclass(frozen=True, slots=True)
class Characteristics:
    """What marks a customer out, in words; whose it is decides who may see the spending."""

    customer_id: int
    visit_frequency: str | None
    spending_level: str | None
    service_diversity: str | None
    loyalty_level: str | None


@dataclass(frozen=True, slots=True)
class PeerComparison:
    """Percentiles among all customers, 0-100."""

    customer_id: int
    visit_frequency_percentile: int | None
    spending_percentile: int | None
    satisfaction_percentile: int | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A customer's segments, and what is missing in them."""

    primary_segment: str
    secondary_segments: tuple[str, ...]
    characteristics: Characteristics
    peer_comparison: PeerComparison
    shortfalls: tuple[Shortfall, ...]


async def segment(context: OperationContext, found: Customer) -> Segment:
    """Return a customer's segments; health goals count only for who may see them.

    Raises:
        InsufficientData: the customer has no completed session at all.
    """
    if found.total_visits == 0:
        raise InsufficientData(found.customer_id)
    loaders, customer_id = context.loaders, found.customer_id
    sessions, payments, packages = await gather(
        loaders.completed_sessions.load(customer_id),
        loaders.payments.load(customer_id),
        loaders.packages.load(customer_id),
    )
    goals = goal_tags(found.health_goals or "") if context.sees_health else ()
    model = context.models.churn
    expected = None if model is None else visit_forecast(model, sessions, context.today)
    churn = None if expected is None else 1 - expected.probability_alive
    evidence = segment_evidence(CustomerRows(sessions, payments, packages, goals), churn, context.today)
    placed = customer_segment(evidence, _peer_tables(context.models))
    words, peers = placed.characteristics, placed.peer_comparison
    return Segment(
        primary_segment=placed.primary_segment,
        secondary_segments=placed.secondary_segments,
        characteristics=Characteristics(
            customer_id=customer_id,
            visit_frequency=words.visit_frequency,
            spending_level=words.spending_level,
            service_diversity=words.service_diversity,
            loyalty_level=words.loyalty_level,
        ),
        peer_comparison=PeerComparison(
            customer_id=customer_id,
            visit_frequency_percentile=peers.visit_frequency_percentile,
            spending_percentile=peers.spending_percentile,
            satisfaction_percentile=peers.satisfaction_percentile,
        ),
        shortfalls=placed.shortfalls,
    )


def _peer_tables(models: Models) -> PeerTables:
    return PeerTables(
        visits=models.quantiles.get(visits_measure(_YEAR)),
        revenue=models.quantiles.get(revenue_measure(_YEAR)),
        satisfaction=models.quantiles.get(SATISFACTION_MEASURE),
    )
