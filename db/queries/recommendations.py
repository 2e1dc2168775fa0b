"""What is recommended to customers at the moment, and which state of their rows it was made from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from db.engine import Reader, Row
from db.queries.rows import words


@dataclass(frozen=True, slots=True)
class RecommendationRow:
    """One stored recommendation; `content` is all of it, the other fields are what statements look for.

    `subject` is the service's code, the package's number, or "weekly"; `place` the rank among its kind,
    from 1; `prior` the probability before any feedback.
    """

    recommendation_id: str
    kind: str
    subject: str
    place: int
    confidence: float
    prior: float
    goals: tuple[str, ...]
    content: Mapping[str, Any]
    factors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredSet:
    """Everything that was recommended to one customer at one moment, by kind and rank."""

    customer_id: int
    inputs_version: str
    model_version: str
    generated_at: datetime
    expires_at: datetime
    rows: tuple[RecommendationRow, ...]


@dataclass(frozen=True, slots=True)
class CurrentSet:
    """The state of a customer's rows, and the set that was made from it; None where there is no valid one."""

    inputs_version: str
    stored: StoredSet | None


# A digest of everything that a recommendation may rest on, and so right whoever wrote it and however. Health
# data is in it only where it had a say: who may not see it learns not even that it changed.
_INPUTS_VERSION: LiteralString = """
SELECT c.customer_id, md5(ROW(
       session.digest, payment.digest, package.digest, feedback.digest, c.preferred_time_slots,
       w.preferred_services, w.preferred_time, w.preferred_intensity,
       CASE WHEN %(basis)s = 'full' THEN ROW(c.health_goals, w.health_interests) END)::text) AS version
  FROM public.customers c
  LEFT JOIN public.customer_preferences w USING (customer_id)
  LEFT JOIN LATERAL (
       SELECT md5(string_agg(ROW(u.usage_id, u.service_date, u.service_type_id, d.status, d.start_time,
                                 d.satisfaction_rating)::text, ',' ORDER BY u.usage_id)) AS digest
         FROM public.service_usage u
         LEFT JOIN gateway.session_detail d ON d.customer_id = u.customer_id AND d.usage_id = u.usage_id
        WHERE u.customer_id = c.customer_id) session ON true
  LEFT JOIN LATERAL (
       SELECT md5(string_agg(ROW(p.payment_id, p.payment_date, p.amount, p.payment_type,
                                 p.payment_status)::text, ',' ORDER BY p.payment_id)) AS digest
         FROM public.payments p
        WHERE p.customer_id = c.customer_id) payment ON true
  LEFT JOIN LATERAL (
       SELECT md5(string_agg(ROW(o.purchase_id, o.package_id, o.purchase_date, o.expiry_date,
                                 o.total_sessions, o.remaining_sessions, o.price_paid, o.is_active)::text,
                             ',' ORDER BY o.purchase_id)) AS digest
         FROM public.package_purchases o
        WHERE o.customer_id = c.customer_id) package ON true
  LEFT JOIN LATERAL (
       SELECT md5(string_agg(ROW(f.recommendation_id, f.actor, f.action, f.feedback_score,
                                 f.updated_at)::text, ',' ORDER BY f.recommendation_id, f.actor)) AS digest
         FROM gateway.recommendation_feedback f
        WHERE f.customer_id = c.customer_id) feedback ON true
 WHERE c.customer_id = ANY (%(ids)s)
"""

SET_COLUMNS: LiteralString = """
       r.inputs_version, r.model_version, r.generated_at, r.expires_at, r.recommendation_id, r.kind,
       r.subject, r.place, r.confidence, r.prior, r.goals, r.content, r.factors
"""
"""What `stored_set` reads of a recommendation `r`, behind the customer's number."""

_CURRENT_SETS: LiteralString = f"""
WITH stamp AS ({_INPUTS_VERSION})
SELECT stamp.customer_id, stamp.version, {SET_COLUMNS}
  FROM stamp
  LEFT JOIN gateway.recommendation r
    ON r.customer_id = stamp.customer_id AND r.basis = %(basis)s AND r.inputs_version = stamp.version
   AND r.expires_at > now()
 ORDER BY stamp.customer_id, r.generated_at, r.kind, r.place
"""


async def current_sets(reader: Reader, ids: Sequence[int], basis: str) -> list[CurrentSet | None]:
    """Return what is recommended to each customer now, in the order of `ids`; None where there is nobody.

    `basis` says which sets: "full", or "without_health" whose state knows nothing of health data.
    """
    rows = await reader.fetch(_CURRENT_SETS, {"ids": list(ids), "basis": basis})
    by_customer: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_customer[row[0]].append(row)
    return [_current(by_customer[one]) if one in by_customer else None for one in ids]


def stored_set(customer_id: int, rows: Iterable[Row]) -> StoredSet | None:
    """Return the newest set among rows of `SET_COLUMNS`, oldest first; None where there is none."""
    found = list(rows)
    if not found:
        return None
    inputs_version, model_version, generated_at, expires_at, *_ = found[-1]
    return StoredSet(
        customer_id,
        inputs_version,
        model_version,
        generated_at,
        expires_at,
        tuple(_recommendation(row) for row in found if row[2] == generated_at),
    )


def _current(rows: Sequence[Row]) -> CurrentSet:
    customer_id, version = rows[0][:2]
    return CurrentSet(version, stored_set(customer_id, (row[2:] for row in rows if row[2] is not None)))


def _recommendation(row: Row) -> RecommendationRow:
    return RecommendationRow(
        recommendation_id=row[4],
        kind=row[5],
        subject=row[6],
        place=row[7],
        confidence=row[8],
        prior=row[9],
        goals=words(row[10]),
        content=row[11],
        factors=words(row[12]),
    )
