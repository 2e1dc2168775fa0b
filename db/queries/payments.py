"""What a customer paid, refunds counted against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString

from db.engine import Reader
from db.queries.rows import grouped


@dataclass(frozen=True, slots=True)
class Payment:
    """One settled payment in KRW; a refund is negative."""

    customer_id: int
    paid_on: date
    amount: int


# a refund is stored with either sign, depending on who typed it
NET_AMOUNT: LiteralString = "CASE WHEN payment_type::text = 'refund' THEN -abs(amount) ELSE amount END"
"""A payment's amount in SQL, a refund always negative."""

_PAYMENTS: LiteralString = f"""
SELECT customer_id, payment_date, {NET_AMOUNT}
  FROM public.payments
 WHERE customer_id = ANY (%(ids)s) AND payment_status::text = 'completed'
 ORDER BY customer_id, payment_date, payment_id
"""


async def payments_by_customer(reader: Reader, ids: Sequence[int]) -> list[list[Payment]]:
    """Return the settled payments of each customer, oldest first, in the order of `ids`."""
    rows = await reader.fetch(_PAYMENTS, {"ids": list(ids)})
    return grouped(ids, (Payment(*row) for row in rows), lambda payment: payment.customer_id)
