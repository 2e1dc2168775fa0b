"""Figures that several fields ask for: what a customer is worth, how often they did what they accepted.

Each is computed once for an operation, whichever fields want it or why it is missing.
"""

from asyncio import gather
from collections.abc import Sequence
from datetime import date

from insight.churn import visit_forecast
from insight.lifetime_value import YEAR_WEEKS, lifetime_value
from insight.recommend.compliance import AcceptedRecommendation, recommendation_compliance
from insight.recommend.feedback import Action
from insight.recommend.records import RecommendationKind
from insight.season import NO_SEASON
from insight.shortfalls import Shortfall
from resolvers.loaders import Loaders
from resolvers.models import Models
from resolvers.stored_recommendations import planned_visits


class Estimates:
    """Estimates for many customers at once, in the order of their numbers, as of a day."""

    def __init__(self, loaders: Loaders, models: Models, today: date) -> None:
        self._loaders = loaders
        self._models = models
        self._today = today

    async def lifetime_values(self, ids: Sequence[int]) -> list[int | Shortfall]:
        """Return what each paid and is expected to pay over the next year, in KRW, or why that is unknown."""
        return await gather(*map(self._lifetime_value, ids))

    async def compliances(self, ids: Sequence[int]) -> list[int | Shortfall]:
        """Return the percentage of each one's accepted recommendations that were acted on, or why not."""
        return await gather(*map(self._compliance, ids))

    async def _lifetime_value(self, customer_id: int) -> int | Shortfall:
        models, loaders = self._models, self._loaders
        if models.churn is None or models.value is None:
            return Shortfall("ltv_estimate", "fitted_models", 1, 0)
        sessions, payments, packages, bought = await gather(
            loaders.completed_sessions.load(customer_id),
            loaders.payments.load(customer_id),
            loaders.packages.load(customer_id),
            loaders.sessions_bought.load(customer_id),
        )
        forecast = visit_forecast(models.churn, sessions, self._today, models.season or NO_SEASON)
        if forecast is None:
            return Shortfall("ltv_estimate", "visits", 1, 0)
        return lifetime_value(
            models.value,
            expected_visits=forecast.expected_visits(YEAR_WEEKS),
            remaining_quota=sum(package.remaining_sessions for package in packages if package.usable),
            net_paid=sum(payment.amount for payment in payments if payment.paid_on <= self._today),
            sessions_bought=bought,
        )

    async def _compliance(self, customer_id: int) -> int | Shortfall:
        answers, sessions, packages = await gather(
            self._loaders.answers.load(customer_id),
            self._loaders.completed_sessions.load(customer_id),
            self._loaders.packages.load(customer_id),
        )
        accepted = [
            AcceptedRecommendation(
                RecommendationKind(answer.kind),
                answer.subject,
                answer.answered_on,
                planned_visits(answer.weekly_plan),
            )
            for answer in answers
            if answer.action == Action.ACCEPTED
        ]
        return recommendation_compliance(accepted, sessions, packages, self._today)
