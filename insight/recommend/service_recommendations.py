"""Services recommended to one customer, ready to be shown."""

from collections.abc import Mapping

from insight.recommend.reasons import benefit_of, reason_for
from insight.recommend.records import ServiceRecommendation, SuggestedSchedule
from insight.recommend.service_log import States
from insight.recommend.service_scores import score_services
from insight.recommend.services import ServiceModel


def recommend_services(
    model: ServiceModel,
    state: States,
    *,
    minutes: Mapping[str, int],
    frequency: str,
    best_times: tuple[str, ...] = (),
) -> list[ServiceRecommendation]:
    """Return the services for one customer: those never used first, each group by falling probability.

    Before feedback, so `confidence` is the model's own probability. All services come back, at most five.

    Args:
        model: The one that fits what the viewer may see: a model without goals looks at none.
        state: The customer's state today, from `customer_state`.
        minutes: How long a session takes, by the code of each service that the center offers; others are
            not recommended.
        frequency: The customer's cadence, such as "주 2회".
        best_times: From the customer's habits, such as "화요일 오전"; best first.
    """
    return [
        ServiceRecommendation(
            service=score.service,
            prior=score.probability,
            confidence=score.probability,
            reason=reason_for(score, state),
            expected_benefit=benefit_of(score),
            suggested_schedule=SuggestedSchedule(frequency, f"{minutes[score.service]}분", best_times),
            factors=score.factors,
            goals=score.goals,
        )
        for score in score_services(model, state, offered=minutes.keys())
    ]
