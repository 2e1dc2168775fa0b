"""A customer's service history: one session is one service on one day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import LiteralString

from db import vocabulary
from db.engine import Reader, Row
from db.queries.rows import grouped
from db.vocabulary import ServiceCode, SessionStatus


@dataclass(frozen=True, slots=True)
class Session:
    """One session of a customer. `satisfaction_rating` is 1 to 5; None where nobody asked."""

    session_id: int
    customer_id: int
    service_date: date
    start_time: time | None
    service: ServiceCode
    service_name: str | None
    status: SessionStatus
    duration_minutes: int | None
    satisfaction_rating: int | None
    session_notes: str | None
    staff_name: str | None
    package_name: str | None

    @property
    def completed(self) -> bool:
        """Whether the session took place."""
        return self.status is SessionStatus.COMPLETED


@dataclass(frozen=True, slots=True)
class SessionCursor:
    """A place in a service history, newest first: just after this session."""

    service_date: date
    session_id: int


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Which sessions, and which page of them. `until` is the last day included.

    What is said to have happened after `today` is left out; sessions can be planned ahead, or cancelled.
    """

    services: tuple[ServiceCode, ...] | None
    statuses: tuple[SessionStatus, ...]
    since: date | None
    until: date | None
    today: date
    after: SessionCursor | None
    limit: int

    def without_page(self) -> "SessionFilter":
        """Return the same filter for every page of it, as a total counts them."""
        return replace(self, after=None, limit=0)


@dataclass(frozen=True, slots=True)
class SessionPage:
    """One page of a customer's history, newest first; `has_more` says whether another follows."""

    sessions: tuple[Session, ...]
    has_more: bool


_COLUMNS: LiteralString = """
       u.usage_id, u.customer_id, u.service_date, d.start_time, c.code, t.service_name,
       coalesce(d.status, 'completed'), coalesce(d.duration_minutes, t.default_duration),
       d.satisfaction_rating, nullif(btrim(u.session_details), ''),
       coalesce(w.name, nullif(nullif(btrim(u.created_by), ''), 'system')),
       regexp_replace(p.package_name, ' 패키지$', '')
"""

_TABLES: LiteralString = """
  FROM public.service_usage u
  LEFT JOIN gateway.session_detail d USING (customer_id, usage_id)
  LEFT JOIN public.service_types t USING (service_type_id)
  LEFT JOIN gateway.service_code c USING (service_type_id)
  LEFT JOIN public.users w ON w.user_id = d.staff_id
  LEFT JOIN public.package_purchases o ON o.purchase_id = d.purchase_id
  LEFT JOIN public.packages p ON p.package_id = o.package_id
"""

_MATCHES: LiteralString = """
       AND coalesce(d.status, 'completed') = ANY (%(statuses)s)
       AND (u.service_date <= %(today)s OR d.status IN ('scheduled', 'cancelled'))
       AND (%(services)s::text[] IS NULL OR coalesce(c.code, 'other') = ANY (%(services)s))
       AND (%(since)s::date IS NULL OR u.service_date >= %(since)s)
       AND (%(until)s::date IS NULL OR u.service_date <= %(until)s)
"""

_PAGES: LiteralString = (
    "SELECT page.* FROM unnest(%(ids)s::integer[]) AS owner (id) CROSS JOIN LATERAL (SELECT"
    + _COLUMNS
    + _TABLES
    + " WHERE u.customer_id = owner.id"
    + _MATCHES
    + """
       AND (%(after_date)s::date IS NULL
            OR (u.service_date, u.usage_id) < (%(after_date)s, %(after_id)s::integer))
     ORDER BY u.service_date DESC, u.usage_id DESC
     LIMIT %(limit)s
) page
"""
)

_COUNTS: LiteralString = (
    "SELECT u.customer_id, count(*)"
    + _TABLES
    + " WHERE u.customer_id = ANY (%(ids)s)"
    + _MATCHES
    + " GROUP BY u.customer_id"
)


async def session_pages(reader: Reader, ids: Sequence[int], wanted: SessionFilter) -> list[SessionPage]:
    """Return one page of the history of each customer, in the order of `ids`."""
    after = wanted.after
    rows = await reader.fetch(
        _PAGES,
        {
            **_parameters(ids, wanted),
            "after_date": after.service_date if after else None,
            "after_id": after.session_id if after else None,
            "limit": wanted.limit + 1,
        },
    )
    sessions = grouped(ids, map(_session, rows), lambda session: session.customer_id)
    return [SessionPage(tuple(found[: wanted.limit]), len(found) > wanted.limit) for found in sessions]


async def session_counts(reader: Reader, ids: Sequence[int], wanted: SessionFilter) -> list[int]:
    """Return how many sessions of each customer match, whatever the page, in the order of `ids`."""
    rows = await reader.fetch(_COUNTS, _parameters(ids, wanted))
    counts = {row[0]: row[1] for row in rows}
    return [counts.get(customer_id, 0) for customer_id in ids]


def _parameters(ids: Sequence[int], wanted: SessionFilter) -> dict[str, object]:
    return {
        "ids": list(ids),
        "services": [str(code) for code in wanted.services] if wanted.services else None,
        "statuses": [str(status) for status in wanted.statuses],
        "since": wanted.since,
        "until": wanted.until,
        "today": wanted.today,
    }


def _session(row: Row) -> Session:
    return Session(
        session_id=row[0],
        customer_id=row[1],
        service_date=row[2],
        start_time=row[3],
        service=vocabulary.service_code(row[4]),
        service_name=row[5],
        status=SessionStatus(row[6]),
        duration_minutes=row[7],
        satisfaction_rating=row[8],
        session_notes=row[9],
        staff_name=row[10],
        package_name=row[11],
    )
