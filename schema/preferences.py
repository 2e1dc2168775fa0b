"""A customer's stated preferences."""

import strawberry

from resolvers.domain import Channel, Intensity, ServiceCode, TimeSlot


@strawberry.type(description="What a customer said they prefer; null or empty where nothing was said.")
class Preferences:
    """Preferences."""

    preferred_services: list[ServiceCode] = strawberry.field(description="Services the customer likes best.")
    preferred_time: TimeSlot | None = strawberry.field(description="The part of the day they like to come.")
    preferred_intensity: Intensity | None = strawberry.field(description="How strong services should be.")
    health_interests: list[str] | None = strawberry.field(
        description="Health topics they care about, in the center's words, such as stress_management."
    )
    communication_preference: Channel | None = strawberry.field(description="How to reach them.")
    marketing_consent: bool | None = strawberry.field(
        description="Whether they agreed to marketing; null where nobody asked."
    )
