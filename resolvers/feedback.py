"""Answer a recommendation, in one transaction."""

import re
from dataclasses import dataclass

from db.recommendations import Feedback as StoredAnswer
from db.recommendations import StoredFeedback, store_feedback
from insight.recommend.feedback import Action
from resolvers.context import OperationContext
from resolvers.customers import customer
from resolvers.errors import InvalidInput, RecommendationNotFound
from resolvers.profile_rules import text

_ID = re.compile(r"rec_[0-9a-f]{16}")
_LONGEST_COMMENT = 2000
_WORST_SCORE, _BEST_SCORE = 1, 5


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody answers to a recommendation."""

    action: Action
    score: int | None
    comment: str | None


async def give_feedback(
    context: OperationContext, customer_id: int, recommendation_id: str, answer: Feedback
) -> StoredFeedback:
    """Store the viewer's answer in place of their earlier one, and return it as it is stored.

    Raises:
        InvalidInput: the score or the comment breaks its rule.
        CustomerNotFound: there is no such customer.
        RecommendationNotFound: this was never recommended to them.
    """
    checked = _checked(answer)
    await customer(context, customer_id)
    if not _ID.fullmatch(recommendation_id):
        raise RecommendationNotFound(customer_id, recommendation_id)
    async with context.database.transaction() as connection:
        stored = await store_feedback(
            connection, customer_id, recommendation_id, context.viewer.subject, checked
        )
    if stored is None:
        raise RecommendationNotFound(customer_id, recommendation_id)
    context.forget(customer_id)
    return stored


def _checked(answer: Feedback) -> StoredAnswer:
    problems: dict[str, str] = {}
    if answer.score is not None and not _WORST_SCORE <= answer.score <= _BEST_SCORE:
        problems["feedback_score"] = f"{_WORST_SCORE}에서 {_BEST_SCORE} 사이여야 합니다"
    comment = None
    try:
        comment = answer.comment and text(_LONGEST_COMMENT)(answer.comment)
    except ValueError as error:
        problems["comment"] = str(error)
    if problems:
        raise InvalidInput(problems)
    return StoredAnswer(str(answer.action), answer.score, str(comment) if comment else None)
