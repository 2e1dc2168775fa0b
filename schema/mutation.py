"""What can be changed."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from resolvers import feedback, updates
from resolvers.domain import Channel, Gender, Intensity, ServiceCode, TimeSlot
from resolvers.feedback import Feedback
from resolvers.updates import CustomerChanges
from schema.customer import Customer, customer_id_of
from schema.feedback import GiveRecommendationFeedbackInput, GiveRecommendationFeedbackPayload
from schema.info import Info


@strawberry.input(description="Preferences to change; null clears, what is left out stays as it is.")
class PreferencesInput:
    """Changes to preferences."""

    preferred_services: list[ServiceCode] | None = strawberry.field(
        default=strawberry.UNSET, description="Services the customer likes best."
    )
    preferred_time: TimeSlot | None = strawberry.field(
        default=strawberry.UNSET, description="The part of the day they like to come."
    )
    preferred_intensity: Intensity | None = strawberry.field(
        default=strawberry.UNSET, description="How strong services should be."
    )
    health_interests: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Health topics they care about; up to 20."
    )
    communication_preference: Channel | None = strawberry.field(
        default=strawberry.UNSET, description="How to reach them."
    )
    marketing_consent: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether they agreed to marketing."
    )


@strawberry.input(description="What to change of a customer; null clears, what is left out stays as it is.")
class UpdateCustomerInput:
    """Changes to a customer."""

    id: strawberry.ID = strawberry.field(description="The customer's number or global id.")
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="Up to 50 characters; cannot be cleared."
    )
    phone: str | None = strawberry.field(
        default=strawberry.UNSET, description="A Korean phone number, with or without hyphens."
    )
    email: str | None = strawberry.field(default=strawberry.UNSET, description="Up to 100 characters.")
    birth_year: int | None = strawberry.field(default=strawberry.UNSET, description="1900 to this year.")
    gender: Gender | None = strawberry.field(default=strawberry.UNSET, description="Gender.")
    address: str | None = strawberry.field(default=strawberry.UNSET, description="Up to 500 characters.")
    emergency_contact: str | None = strawberry.field(
        default=strawberry.UNSET, description="Up to 100 characters."
    )
    occupation: str | None = strawberry.field(default=strawberry.UNSET, description="Up to 50 characters.")
    region: str | None = strawberry.field(default=strawberry.UNSET, description="Up to 100 characters.")
    referral_source: str | None = strawberry.field(
        default=strawberry.UNSET, description="Up to 50 characters."
    )
    health_goals: str | None = strawberry.field(
        default=strawberry.UNSET, description="In the customer's own words; up to 2000 characters."
    )
    health_concerns: str | None = strawberry.field(
        default=strawberry.UNSET, description="In their own words; up to 2000 characters."
    )
    notes: str | None = strawberry.field(default=strawberry.UNSET, description="Up to 5000 characters.")
    preferred_time_slots: list[TimeSlot] | None = strawberry.field(
        default=strawberry.UNSET, description="When the customer likes to come."
    )
    assigned_staff: str | None = strawberry.field(
        default=strawberry.UNSET, description="Who looks after the customer; up to 50 characters."
    )
    preferences: PreferencesInput | None = strawberry.field(
        default=strawberry.UNSET, description="Preferences to change."
    )
    updated_at: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="The updatedAt you read: if the customer changed since, nothing is written.",
    )


@strawberry.type(description="A changed customer.")
class UpdateCustomerPayload:
    """The result of a change."""

    customer: Customer = strawberry.field(description="The customer as stored now.")


@strawberry.type(description="What can be changed.")
class Mutation:
    """The root of every change."""

    @strawberry.mutation(
        description="Change a customer's profile and preferences, all or nothing. Admins only."
    )
    @staticmethod
    async def update_customer(
        info: Info,
        input: Annotated[  # noqa: A002 - Relay's name
            UpdateCustomerInput, strawberry.argument(description="Whom to change, and what.")
        ],
    ) -> UpdateCustomerPayload:
        """Change a customer."""
        customer_id = customer_id_of(input.id)
        changes = CustomerChanges(
            profile=_given(input, skip={"id", "preferences", "updated_at"}),
            preferences=_given(input.preferences, skip=set()) if input.preferences else {},
            read_at=input.updated_at or None,
        )
        stored: Any = await updates.update_customer(info.context, customer_id, changes)
        return UpdateCustomerPayload(customer=stored)

    @strawberry.mutation(
        description=(
            "Answer a recommendation; a later answer of the same person takes the place of the earlier one, "
            "and the customer's next recommendations learn from it. Managers and admins only."
        )
    )
    @staticmethod
    async def give_recommendation_feedback(
        info: Info,
        input: Annotated[  # noqa: A002 - Relay's name
            GiveRecommendationFeedbackInput, strawberry.argument(description="Which one, and the answer.")
        ],
    ) -> GiveRecommendationFeedbackPayload:
        """Answer a recommendation."""
        customer_id = customer_id_of(input.customer_id, "customer_id")
        answer = Feedback(input.action, input.feedback_score, input.comment)
        stored: Any = await feedback.give_feedback(info.context, customer_id, input.recommendation_id, answer)
        return GiveRecommendationFeedbackPayload(feedback=stored)


def _given(values: UpdateCustomerInput | PreferencesInput, skip: set[str]) -> dict[str, object]:
    """Return what the client sent, null included, by column."""
    return {
        name: value
        for name, value in vars(values).items()
        if name not in skip and value is not strawberry.UNSET
    }
