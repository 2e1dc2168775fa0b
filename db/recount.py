"""Compare every customer's summary with a recount from the rows, and mend what drifted.

Triggers keep the summaries right; rows written with triggers off, or a summary changed by hand, they never
see. The recount reads in batches and locks nobody out: a snapshot holds a write together with its summary.
What differs is recomputed under the lock that a writer's trigger takes; only a change then is called drift.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, LiteralString, TypeAlias

import psycopg

from db.demo import Progress
from db.urls import is_pooled, libpq_url

FIGURES: tuple[LiteralString, ...] = (
    "first_visit_on",
    "last_visit_on",
    "total_visits",
    "average_interval_days",
    "total_revenue",
    "average_satisfaction",
    "services",
    "package_ends_on",
    "last_package_ends_on",
    "name",
    "name_key",
    "phone_digits",
    "membership_level",
)
"""The columns of a summary that its customer's rows determine: all but the risk level, which a model does."""

_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

_LOWEST = -(2**31)
_BATCH = 2_000  # customers read at a time
_GROUP = 100  # customers locked at a time, for some milliseconds

_PATIENCE: LiteralString = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"
_COUNT: LiteralString = "SELECT count(*) FROM public.customers"
_LAST_OF_BATCH: LiteralString = """
SELECT max(customer_id) FROM (
    SELECT customer_id FROM public.customers WHERE customer_id >= %(since)s
     ORDER BY customer_id LIMIT %(batch)s) batch
"""

# written independently of gateway.summarize_customers, which has the last word
_COMPARED: LiteralString = """
WITH session AS (
    SELECT u.customer_id, u.service_date, d.satisfaction_rating, coalesce(c.code, 'other') AS code
      FROM public.service_usage u
      LEFT JOIN gateway.session_detail d ON (d.customer_id, d.usage_id) = (u.customer_id, u.usage_id)
      LEFT JOIN gateway.service_code c ON c.service_type_id = u.service_type_id
     WHERE u.customer_id BETWEEN %(since)s AND %(until)s
       AND u.service_date <= %(today)s AND coalesce(d.status, 'completed') = 'completed'
), visit AS (
    SELECT customer_id, min(service_date) AS first_on, max(service_date) AS last_on,
           count(DISTINCT service_date) AS visits, round(avg(satisfaction_rating), 2) AS satisfaction,
           bit_or(CASE code WHEN 'brain' THEN 1 WHEN 'pulse' THEN 2 WHEN 'lymph' THEN 4 WHEN 'red' THEN 8
                            WHEN 'ai_bike' THEN 16 ELSE 32 END) AS services
      FROM session GROUP BY customer_id
), paid AS (
    SELECT customer_id,
           sum(CASE payment_type::text WHEN 'refund' THEN -abs(amount) ELSE amount END) AS revenue
      FROM public.payments
     WHERE customer_id BETWEEN %(since)s AND %(until)s
       AND payment_status::text = 'completed' AND payment_date <= %(today)s
     GROUP BY customer_id
), package AS (
    SELECT customer_id, max(expiry_date) AS last_end,
           max(expiry_date) FILTER (WHERE remaining_sessions > 0 AND is_active IS NOT FALSE) AS usable_end
      FROM public.package_purchases
     WHERE customer_id BETWEEN %(since)s AND %(until)s
     GROUP BY customer_id
)
SELECT c.customer_id,
       s.customer_id IS NULL
    OR (s.first_visit_on, s.last_visit_on, s.total_visits, s.average_interval_days, s.total_revenue,
        s.average_satisfaction, s.services, s.package_ends_on, s.last_package_ends_on,
        s.name, s.name_key, s.phone_digits, s.membership_level)
       IS DISTINCT FROM
       (v.first_on, v.last_on, coalesce(v.visits, 0),
        round((v.last_on - v.first_on)::numeric / nullif(v.visits - 1, 0)), coalesce(p.revenue, 0),
        v.satisfaction, coalesce(v.services, 0), k.usable_end, k.last_end,
        c.name, gateway.name_key(c.name), gateway.phone_digits(c.phone),
        gateway.contract_level(c.membership_level::text))
  FROM public.customers c
  LEFT JOIN visit v USING (customer_id)
  LEFT JOIN paid p USING (customer_id)
  LEFT JOIN package k USING (customer_id)
  LEFT JOIN gateway.customer_summary s USING (customer_id)
 WHERE c.customer_id BETWEEN %(since)s AND %(until)s
 ORDER BY c.customer_id
"""

_ADD_MISSING: LiteralString = """
INSERT INTO gateway.customer_summary (customer_id, total_visits, total_revenue, services)
SELECT customer_id, 0, 0, 0 FROM public.customers WHERE customer_id = ANY (%(ids)s) ORDER BY customer_id
    ON CONFLICT (customer_id) DO NOTHING
RETURNING customer_id
"""
_SELECT: LiteralString = f"""
SELECT customer_id, {", ".join(FIGURES)} FROM gateway.customer_summary
 WHERE customer_id = ANY (%(ids)s) ORDER BY customer_id
"""
_LOCK_FREE: LiteralString = f"{_SELECT} FOR UPDATE SKIP LOCKED"
_LOCK: LiteralString = f"{_SELECT} FOR UPDATE"
_SUMMARIZE: LiteralString = "SELECT gateway.summarize_customers(%(ids)s, %(today)s)"
# how many customers of each kind there are, counted and as search adds it up
_COUNTS_DIFFER: LiteralString = """
SELECT EXISTS (
    SELECT FROM (
        SELECT services, membership_level, risk_level, last_package_ends_on IS NOT NULL AS had_package,
               1 AS customers
          FROM gateway.customer_summary
         UNION ALL
        SELECT services, membership_level, risk_level, had_package, -customers FROM gateway.customer_count
    ) both_ways
     GROUP BY services, membership_level, risk_level, had_package HAVING sum(customers) <> 0)
"""
_COUNT_AGAIN: LiteralString = "SELECT gateway.recount_customers()"
_DROP_ORPHANS: LiteralString = """
DELETE FROM gateway.customer_summary s
 WHERE NOT EXISTS (SELECT FROM public.customers c WHERE c.customer_id = s.customer_id)
"""


@dataclass(slots=True)
class Recount:
    """What a recount found, and mended.

    Attributes:
        customers: whose summaries were compared.
        drifted: customers whose summary was wrong.
        columns: how many summaries were wrong, by column.
        missing: customers who had no summary.
        orphans: summaries of customers who are not there.
        counts_differed: whether search would have told a wrong total.
    """

    customers: int = 0
    drifted: int = 0
    columns: Counter[str] = field(default_factory=Counter[str])
    missing: int = 0
    orphans: int = 0
    counts_differed: bool = False

    @property
    def all_right(self) -> bool:
        """Whether there was nothing to mend."""
        return not (self.drifted or self.missing or self.orphans or self.counts_differed)


def recount_summaries(url: str, today: date, progress: Progress) -> Recount:
    """Compare all summaries with the rows as of a day in Asia/Seoul, mend them, and say what was wrong.

    Writers may go on: they wait for the few milliseconds in which their customer's wrong summary is mended. A
    batch is mended at once, so a recount that is cut off has done some of its work.

    Raises:
        psycopg.errors.InsufficientPrivilege: the user may not change summaries.
    """
    found = Recount()
    with psycopg.connect(libpq_url(url), autocommit=True, prepare_threshold=None) as connection:
        if not is_pooled(url):  # a pooler would hand the setting to whoever comes next
            connection.execute(_PATIENCE)
        customers = _number(connection, _COUNT, {}) or 0
        for since, until in _batches(connection):
            differing, compared = _differing(connection, since, until, today)
            for start in range(0, len(differing), _GROUP):
                _mend(connection, differing[start : start + _GROUP], today, found)
            found.customers += compared
            # others may write new customers meanwhile
            progress("recount", found.customers / max(customers, found.customers, 1))
        found.orphans = connection.execute(_DROP_ORPHANS).rowcount
        found.counts_differed = bool(connection.execute(_COUNTS_DIFFER).fetchone() == (True,))
        if found.counts_differed:
            connection.execute(_COUNT_AGAIN)
    return found


def _batches(connection: _Connection) -> Iterator[tuple[int, int]]:
    """Yield the first and the last number of one batch of customers after the other."""
    since = _LOWEST
    while (until := _number(connection, _LAST_OF_BATCH, {"since": since, "batch": _BATCH})) is not None:
        yield since, until
        since = until + 1


def _differing(connection: _Connection, since: int, until: int, today: date) -> tuple[Sequence[int], int]:
    """Return which customers' summaries differ from the rows in one snapshot, and how many were compared."""
    compared = connection.execute(_COMPARED, {"since": since, "until": until, "today": today}).fetchall()
    return [customer_id for customer_id, differs in compared if differs], len(compared)


def _mend(connection: _Connection, ids: Sequence[int], today: date, found: Recount) -> None:
    """Mend a group; those whom somebody else has locked one by one, so that nobody waits for the others."""
    free = _mend_locked(connection, ids, today, _LOCK_FREE, found)
    for customer_id in sorted(set(ids) - free):
        _mend_locked(connection, [customer_id], today, _LOCK, found)


def _mend_locked(
    connection: _Connection, ids: Sequence[int], today: date, lock: LiteralString, found: Recount
) -> set[int]:
    """Recompute the summaries that `lock` gets hold of, count what changed, and return whose they are."""
    with connection.transaction():
        added = {row[0] for row in connection.execute(_ADD_MISSING, {"ids": ids})}
        before = _figures(connection, lock, ids)
        connection.execute(_SUMMARIZE, {"ids": list(before), "today": today})
        after = _figures(connection, _SELECT, list(before))
    for customer_id, stored in before.items():
        pairs = zip(FIGURES, stored, after[customer_id], strict=True)
        wrong = [name for name, was, now in pairs if was != now]
        if customer_id in added:
            found.missing += 1
        elif wrong:
            found.drifted += 1
            found.columns.update(wrong)
    return set(before)


def _figures(
    connection: _Connection, statement: LiteralString, ids: Sequence[int]
) -> Mapping[int, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in connection.execute(statement, {"ids": ids})}


def _number(connection: _Connection, statement: LiteralString, values: Mapping[str, object]) -> int | None:
    row = connection.execute(statement, values).fetchone()
    return row[0] if row else None
