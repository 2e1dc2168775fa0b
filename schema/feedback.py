"""What somebody answers to a recommendation."""

from datetime import datetime

import strawberry

from resolvers.domain import FeedbackAction


@strawberry.input(description="What came of a recommendation.")
class GiveRecommendationFeedbackInput:
    """An answer to a recommendation."""

    customer_id: strawberry.ID = strawberry.field(description="The customer's number or global id.")
    recommendation_id: str = strawberry.field(description="The recommendation that was made to them.")
    action: FeedbackAction = strawberry.field(description="What the customer decided.")
    feedback_score: int | None = strawberry.field(default=None, description="How good it was, 1 to 5.")
    comment: str | None = strawberry.field(default=None, description="Up to 2000 characters.")


@strawberry.type(description="Your answer to a recommendation, as it is stored.")
class RecommendationFeedback:
    """A stored answer."""

    recommendation_id: str = strawberry.field(description="The recommendation.")
    action: FeedbackAction = strawberry.field(description="What the customer decided.")
    feedback_score: int | None = strawberry.field(description="How good it was, 1 to 5.")
    comment: str | None = strawberry.field(description="What you wrote about it.")
    created_at: datetime = strawberry.field(description="When you first answered.")
    updated_at: datetime = strawberry.field(description="When your answer last changed.")


@strawberry.type(description="A stored answer to a recommendation.")
class GiveRecommendationFeedbackPayload:
    """The result of an answer."""

    feedback: RecommendationFeedback = strawberry.field(description="Your answer, as it is stored.")
