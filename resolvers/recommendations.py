"""What is recommended to a customer: some of their current set, and what these rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db.queries.customers import Customer
from insight.recommend.mixing import factors_considered, mixed
from insight.recommend.records import Factor, RecommendationKind
from resolvers.context import OperationContext
from resolvers.errors import InvalidInput
from resolvers.stored_recommendations import Given, given, record_of

_MOST = 20


@dataclass(frozen=True, slots=True)
class Metadata:
    """What recommendations rest on, and how long they stand."""

    generated_at: datetime
    model_version: str
    factors_considered: tuple[Factor, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Recommendations:
    """Recommendations for one customer, and what they rest on."""

    recommendations: tuple[Given, ...]
    metadata: Metadata


async def recommendations(
    context: OperationContext,
    found: Customer,
    kinds: Sequence[RecommendationKind] | None,
    count: int,
) -> Recommendations:
    """Return up to `count` recommendations of some kinds (of all, where none are named), mixed.

    Raises:
        InvalidInput: `count` is not between 1 and 20.
        InsufficientData: nothing at all can be recommended.
        ModelsNotReady: there is no stored set, and no models yet to make one.
    """
    if not 1 <= count <= _MOST:
        raise InvalidInput({"count": f"1에서 {_MOST} 사이여야 합니다"})
    stored = await context.recommendation_sets.load(found.customer_id)
    records = {row.recommendation_id: record_of(row) for row in stored.rows if not kinds or row.kind in kinds}
    ids = {id(record): recommendation_id for recommendation_id, record in records.items()}
    chosen = mixed(tuple(records.values()), count)
    return Recommendations(
        tuple(given(ids[id(record)], record) for record in chosen),
        Metadata(
            generated_at=stored.generated_at,
            model_version=stored.model_version,
            factors_considered=factors_considered(chosen),
            expires_at=stored.expires_at,
        ),
    )


async def service_name(context: OperationContext, service: str) -> str | None:
    """Return the center's name of a service; None once the catalogue does not list it any more."""
    offered = await context.loaders.services_offered.load(service)
    return offered.name if offered else None
