"""How many sessions a customer's money was for."""

from collections.abc import Sequence
from datetime import date
from typing import LiteralString

from db.engine import Reader

# of a package that was given back, the money for what was used of it stayed
_SESSIONS_BOUGHT: LiteralString = """
SELECT c.customer_id, coalesce(package.sessions, 0) + coalesce(single.sessions, 0)
  FROM public.customers c
  LEFT JOIN LATERAL (
       SELECT sum(CASE WHEN o.is_active IS FALSE
                       THEN least(greatest(o.total_sessions - greatest(o.remaining_sessions, 0), 0),
                                  o.total_sessions)
                       ELSE o.total_sessions END) AS sessions
         FROM public.package_purchases o
        WHERE o.customer_id = c.customer_id) package ON true
  LEFT JOIN LATERAL (
       SELECT count(*) AS sessions
         FROM public.service_usage u
         LEFT JOIN gateway.session_detail d ON d.customer_id = u.customer_id AND d.usage_id = u.usage_id
        WHERE u.customer_id = c.customer_id AND u.service_date <= %(today)s
          AND coalesce(d.status, 'completed') = 'completed'
          AND u.package_id IS NULL AND d.purchase_id IS NULL) single ON true
 WHERE c.customer_id = ANY (%(ids)s)
"""


async def sessions_bought(reader: Reader, ids: Sequence[int], today: date) -> list[int]:
    """Return the sessions of each customer's packages, and those paid one by one, in the order of `ids`."""
    rows = await reader.fetch(_SESSIONS_BOUGHT, {"ids": list(ids), "today": today})
    by_id = {row[0]: int(row[1]) for row in rows}
    return [by_id.get(customer_id, 0) for customer_id in ids]
