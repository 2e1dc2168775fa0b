"""The sessions that a customer completed, as bare as the formulas need them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import LiteralString

from db import vocabulary
from db.engine import Reader, Row
from db.queries.rows import grouped
from db.vocabulary import ServiceCode


@dataclass(frozen=True, slots=True)
class CompletedSession:
    """One session that took place."""

    customer_id: int
    service_date: date
    start_time: time | None
    service: ServiceCode
    satisfaction_rating: int | None

    @property
    def completed(self) -> bool:
        """Always true: the query reads no other session."""
        return True


_COMPLETED: LiteralString = """
SELECT u.customer_id, u.service_date, d.start_time, c.code, d.satisfaction_rating
  FROM public.service_usage u
  LEFT JOIN gateway.session_detail d USING (customer_id, usage_id)
  LEFT JOIN gateway.service_code c USING (service_type_id)
 WHERE u.customer_id = ANY (%(ids)s) AND u.service_date <= %(today)s
   AND coalesce(d.status, 'completed') = 'completed'
 ORDER BY u.customer_id, u.service_date, u.usage_id
"""


async def completed_sessions(reader: Reader, ids: Sequence[int], today: date) -> list[list[CompletedSession]]:
    """Return the completed sessions of each customer up to today, oldest first, in the order of `ids`."""
    rows = await reader.fetch(_COMPLETED, {"ids": list(ids), "today": today})
    return grouped(ids, map(_session, rows), lambda session: session.customer_id)


def _session(row: Row) -> CompletedSession:
    return CompletedSession(row[0], row[1], row[2], vocabulary.service_code(row[3]), row[4])
