"""What a sample's customers paid, and what for, as it stood on a day in the past and since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString

import numpy as np
from numpy.typing import NDArray

from db.fitting.columns import read_columns
from db.fitting.completed import COMPLETED_WITH_DETAILS
from db.fitting.session import FittingConnection
from db.queries.payments import NET_AMOUNT


@dataclass(frozen=True, slots=True)
class MoneyRows:
    """One entry a customer, in rising order.

    Attributes:
        paid: KRW net of refunds up to the day.
        paid_since: KRW net of refunds after it.
        sessions_bought: Sessions of packages bought by the day and of visits paid one by one, as
            `db.queries.sessions_bought` counts them.
        remaining: Sessions that were left on the day in packages that could be used.
    """

    customer: NDArray[np.int32]
    paid: NDArray[np.float64]
    paid_since: NDArray[np.float64]
    sessions_bought: NDArray[np.float64]
    remaining: NDArray[np.float64]


# What was left of a package in the past is told by the sessions taken from it until then; where the center
# does not write down from which purchase, by those of the same kind of package since it was bought.
_MONEY: LiteralString = f"""
WITH session AS (
    SELECT u.customer_id, u.service_date, u.package_id, d.purchase_id
    {COMPLETED_WITH_DETAILS} AND u.customer_id = ANY (%(customers)s::integer[])
), paid AS (
    SELECT customer_id, sum({NET_AMOUNT}) FILTER (WHERE payment_date <= %(as_of)s) AS before,
           sum({NET_AMOUNT}) FILTER (WHERE payment_date > %(as_of)s) AS since
      FROM public.payments
     WHERE payment_status::text = 'completed' AND payment_date <= %(today)s
       AND customer_id = ANY (%(customers)s::integer[])
     GROUP BY customer_id
), purchase AS (
    SELECT o.customer_id, o.purchase_id, o.expiry_date, o.total_sessions,
           o.is_active IS FALSE AS given_back, count(s.customer_id) AS used
      FROM public.package_purchases o
      LEFT JOIN session s ON s.customer_id = o.customer_id AND (s.purchase_id = o.purchase_id
                OR (s.purchase_id IS NULL AND s.package_id = o.package_id
                    AND s.service_date >= o.purchase_date))
     WHERE o.purchase_date <= %(as_of)s AND o.customer_id = ANY (%(customers)s::integer[])
     GROUP BY o.purchase_id
), package AS (
    SELECT customer_id,
           sum(CASE WHEN given_back THEN least(used, total_sessions) ELSE total_sessions END) AS sessions,
           sum(greatest(total_sessions - used, 0))
               FILTER (WHERE expiry_date >= %(as_of)s AND NOT given_back) AS remaining
      FROM purchase GROUP BY customer_id
), single AS (
    SELECT customer_id, count(*) AS sessions FROM session
     WHERE package_id IS NULL AND purchase_id IS NULL GROUP BY customer_id
)
SELECT c.customer_id, coalesce(paid.before, 0)::float8, coalesce(paid.since, 0)::float8,
       (coalesce(package.sessions, 0) + coalesce(single.sessions, 0))::float8,
       coalesce(package.remaining, 0)::float8
  FROM public.customers c LEFT JOIN paid USING (customer_id)
  LEFT JOIN package USING (customer_id) LEFT JOIN single USING (customer_id)
 WHERE c.customer_id = ANY (%(customers)s::integer[])
 ORDER BY c.customer_id
"""


def money_rows(
    connection: FittingConnection, customers: Sequence[int], *, as_of: date, today: date
) -> MoneyRows:
    """Return what was known of these customers on the day `as_of`, and what they paid from then to today."""
    floats = dict.fromkeys(("paid", "paid_since", "sessions_bought", "remaining"), "f8")
    columns = read_columns(
        connection,
        _MONEY,
        {"customers": list(customers), "as_of": as_of, "today": today},
        {"customer": "i4", **floats},
    )
    return MoneyRows(**columns)
