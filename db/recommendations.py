"""Store what is recommended, and what was answered to it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.types.json import Jsonb

from db.engine import Connection, Row
from db.queries.recommendations import SET_COLUMNS, RecommendationRow, StoredSet, stored_set

_LOCK_SPACE = 20_005  # tells these advisory locks from any others that have two numbers


@dataclass(frozen=True, slots=True)
class MadeSet:
    """A set that was made from one state of a customer's rows, not yet stored."""

    customer_id: int
    inputs_version: str
    model_version: str
    rows: tuple[RecommendationRow, ...]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one person answered to a recommendation; `feedback_score` is 1 to 5."""

    action: str
    feedback_score: int | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class StoredFeedback:
    """An answer as it is stored."""

    recommendation_id: str
    action: str
    feedback_score: int | None
    comment: str | None
    created_at: datetime
    updated_at: datetime


# in the order of the numbers, so that two requests for the same customers never wait for each other
_LOCK: LiteralString = """
SELECT pg_advisory_xact_lock(%(space)s, customer_id)
  FROM (SELECT customer_id FROM public.customers WHERE customer_id = ANY (%(ids)s)
         ORDER BY customer_id FOR KEY SHARE) customer
"""

_STORED: LiteralString = f"""
SELECT r.customer_id, {SET_COLUMNS}
  FROM gateway.recommendation r
  JOIN unnest(%(ids)s::integer[], %(versions)s::text[]) AS wanted (customer_id, version)
    ON r.customer_id = wanted.customer_id AND r.inputs_version = wanted.version
 WHERE r.basis = %(basis)s AND r.expires_at > now()
 ORDER BY r.customer_id, r.generated_at, r.kind, r.place
"""

# a set that is there by now stays: nobody is shown one that others would not be
_INSERT: LiteralString = """
INSERT INTO gateway.recommendation (customer_id, recommendation_id, basis, kind, subject, place, confidence,
       prior, goals, content, factors, inputs_version, model_version, generated_at, expires_at)
SELECT made.customer_id, made.recommendation_id, %(basis)s::varchar, made.kind, made.subject, made.place,
       made.confidence, made.prior, made.goals, made.content, made.factors, made.inputs_version,
       made.model_version, date_trunc('second', now()), date_trunc('second', now()) + interval '24 hours'
  FROM jsonb_to_recordset(%(made)s) AS made (
       customer_id integer, recommendation_id text, kind text, subject text, place smallint,
       confidence float8, prior float8, goals text[], content jsonb, factors text[],
       inputs_version text, model_version text)
  JOIN public.customers USING (customer_id)
 WHERE NOT EXISTS (
       SELECT FROM gateway.recommendation r
        WHERE r.customer_id = made.customer_id AND r.basis = %(basis)s::varchar
          AND r.inputs_version = made.inputs_version AND r.expires_at > now())
"""

_ANSWER: LiteralString = """
INSERT INTO gateway.recommendation_feedback AS f
       (customer_id, recommendation_id, actor, action, feedback_score, comment)
SELECT customer_id, recommendation_id, %(actor)s, %(action)s, %(feedback_score)s::smallint, %(comment)s::text
  FROM gateway.recommendation
 WHERE customer_id = %(customer_id)s AND recommendation_id = %(recommendation_id)s
   FOR KEY SHARE
    ON CONFLICT (customer_id, recommendation_id, actor) DO UPDATE SET
       action = excluded.action, feedback_score = excluded.feedback_score, comment = excluded.comment,
       updated_at = greatest(clock_timestamp(), f.updated_at + interval '1 microsecond')
 WHERE (f.action, f.feedback_score, f.comment)
       IS DISTINCT FROM (excluded.action, excluded.feedback_score, excluded.comment)
"""

_ANSWERED: LiteralString = """
SELECT recommendation_id, action, feedback_score, comment, created_at, updated_at
  FROM gateway.recommendation_feedback
 WHERE customer_id = %(customer_id)s AND recommendation_id = %(recommendation_id)s AND actor = %(actor)s
"""


async def store_sets(connection: Connection, basis: str, made: Sequence[MadeSet]) -> Mapping[int, StoredSet]:
    """Store a set for each customer, unless one of the same state is there already; return what is there.

    Whoever comes second waits for the first and finds its set. A customer who is gone by now has none.
    Within a transaction of the caller's.
    """
    ids = [one.customer_id for one in made]
    await connection.execute(_LOCK, {"space": _LOCK_SPACE, "ids": ids})
    rows = Jsonb([_values(one, row) for one in made for row in one.rows])
    await connection.execute(_INSERT, {"basis": basis, "made": rows})
    versions = [one.inputs_version for one in made]
    cursor = await connection.execute(_STORED, {"ids": ids, "versions": versions, "basis": basis})
    by_customer: defaultdict[int, list[Row]] = defaultdict(list)
    for customer_id, *row in await cursor.fetchall():
        by_customer[customer_id].append(tuple(row))
    sets = (stored_set(customer_id, rows) for customer_id, rows in by_customer.items())
    return {one.customer_id: one for one in sets if one is not None}


def _values(made: MadeSet, row: RecommendationRow) -> dict[str, object]:
    return {
        "customer_id": made.customer_id,
        "inputs_version": made.inputs_version,
        "model_version": made.model_version,
        "recommendation_id": row.recommendation_id,
        "kind": row.kind,
        "subject": row.subject,
        "place": row.place,
        "confidence": row.confidence,
        "prior": row.prior,
        "goals": row.goals,
        "content": row.content,
        "factors": row.factors,
    }


async def store_feedback(
    connection: Connection, customer_id: int, recommendation_id: str, actor: str, feedback: Feedback
) -> StoredFeedback | None:
    """Store a person's answer in place of their earlier one, and return what is stored now.

    The same answer again changes nothing. None where this recommendation was never made to the customer.
    """
    values = {
        "customer_id": customer_id,
        "recommendation_id": recommendation_id,
        "actor": actor,
        **asdict(feedback),
    }
    await connection.execute(_ANSWER, values)
    row = await (await connection.execute(_ANSWERED, values)).fetchone()
    return StoredFeedback(*row) if row else None
