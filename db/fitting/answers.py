"""Everybody's answers to recommendations, counted."""

from dataclasses import dataclass
from datetime import date
from typing import LiteralString

from db.fitting.session import FittingConnection, long_transaction


@dataclass(frozen=True, slots=True)
class CountedAnswers:
    """Answers that are alike; `prior_sum` is the sum of their recommendations' probabilities."""

    kind: str
    subject: str
    goals: tuple[str, ...]
    action: str
    score: int | None
    answers: int
    prior_sum: float


_COUNTS: LiteralString = """
SELECT r.kind, r.subject, r.goals, f.action, f.feedback_score, count(*)::integer, sum(r.prior)
  FROM gateway.recommendation_feedback f
  JOIN gateway.recommendation r USING (customer_id, recommendation_id)
 WHERE (f.updated_at AT TIME ZONE 'Asia/Seoul')::date <= %(as_of)s
 GROUP BY r.kind, r.subject, r.goals, f.action, f.feedback_score
 ORDER BY r.kind, r.subject, r.goals, f.action, f.feedback_score
"""


def counted_answers(connection: FittingConnection, as_of: date) -> list[CountedAnswers]:
    """Return all answers given up to a day in Asia/Seoul."""
    with long_transaction(connection):
        rows = connection.execute(_COUNTS, {"as_of": as_of}).fetchall()
    return [CountedAnswers(row[0], row[1], tuple(row[2]), *row[3:]) for row in rows]
