"""What was answered to a customer's recommendations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString

from db.engine import Reader
from db.queries.rows import grouped


@dataclass(frozen=True, slots=True)
class Answer:
    """One person's answer to one recommendation, on the center's day on which it was last changed.

    `weekly_plan` is that of a schedule as it is stored, None of any other kind.
    """

    customer_id: int
    kind: str
    subject: str
    action: str
    score: int | None
    answered_on: date
    weekly_plan: object


_ANSWERS: LiteralString = """
SELECT f.customer_id, r.kind, r.subject, f.action, f.feedback_score,
       (f.updated_at AT TIME ZONE 'Asia/Seoul')::date, r.content -> 'weekly_plan'
  FROM gateway.recommendation_feedback f
  JOIN gateway.recommendation r USING (customer_id, recommendation_id)
 WHERE f.customer_id = ANY (%(ids)s)
 ORDER BY f.customer_id, f.updated_at, f.recommendation_id, f.actor
"""


async def answers_by_customer(reader: Reader, ids: Sequence[int]) -> list[list[Answer]]:
    """Return the answers to each customer's recommendations, oldest first, in the order of `ids`."""
    rows = await reader.fetch(_ANSWERS, {"ids": list(ids)})
    return grouped(ids, (Answer(*row) for row in rows), lambda answer: answer.customer_id)
