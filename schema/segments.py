"""The segment that a customer belongs to, and where they stand among all customers."""

import strawberry

from schema.analytics import InsufficientData, unmet_minimums


@strawberry.type(description="What marks a customer out, in words.")
class SegmentCharacteristics:
    """Characteristics of a customer."""

    visit_frequency: str | None = strawberry.field(
        description="high, medium or low third of all customers by visits in a year."
    )
    spending_level: str | None = strawberry.field(
        description="premium, standard or budget third of all customers by revenue in a year."
    )
    service_diversity: str | None = strawberry.field(
        description="high, medium or low, by how many services they use how evenly."
    )
    loyalty_level: str | None = strawberry.field(
        description="strong, moderate or weak, by how long, how evenly and how surely they come."
    )


@strawberry.type(description="The percentage of customers that a customer is ahead of; ties count half.")
class PeerComparison:
    """Percentiles of a customer."""

    visit_frequency_percentile: int | None = strawberry.field(description="By visits in a year, 0 to 100.")
    spending_percentile: int | None = strawberry.field(description="By net revenue in a year, 0 to 100.")
    satisfaction_percentile: int | None = strawberry.field(
        description="By mean rating among those who rated, 0 to 100."
    )


@strawberry.type(description="The kind of customer that somebody is, by rules over their own figures.")
class Segment:
    """A customer's segment."""

    primary_segment: str = strawberry.field(
        description=(
            "The rule that fits best: health_enthusiast, high_value, regular_visitor, new, at_risk, dormant, "
            "growing, bargain, or occasional_visitor where none fits."
        )
    )
    secondary_segments: list[str] = strawberry.field(description="The others that fit, best first.")
    characteristics: SegmentCharacteristics = strawberry.field(description="What marks them out.")
    peer_comparison: PeerComparison = strawberry.field(description="Where they stand among all customers.")

    insufficient_data: list[InsufficientData] = strawberry.field(
        resolver=unmet_minimums, description="The figures that are null, and why."
    )
