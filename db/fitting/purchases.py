"""The packages that a sample's customers bought, and what they held, for what is chosen next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString

import numpy as np
from numpy.typing import NDArray

from db.fitting.columns import read_columns
from db.fitting.session import FittingConnection


@dataclass(frozen=True, slots=True)
class PurchaseRows:
    """Packages bought and not given back, one entry each.

    Attributes:
        day: `date.toordinal()` of the purchase.
        expires: The same of the last day it can be used.
        sessions: [purchases, services], what it held of each service asked for.
    """

    customer: NDArray[np.int32]
    day: NDArray[np.int32]
    expires: NDArray[np.int32]
    sessions: NDArray[np.int32]


_HELD: LiteralString = """
SELECT o.customer_id, o.purchase_date - DATE '0001-01-01' + 1, o.expiry_date - DATE '0001-01-01' + 1,
       array_position(%(services)s::text[], b.service_code::text) - 1, b.total_sessions, o.purchase_id
  FROM public.package_purchases o
  JOIN gateway.package_breakdown b USING (customer_id, purchase_id)
 WHERE o.customer_id = ANY (%(customers)s::integer[]) AND o.purchase_date <= %(as_of)s
   AND o.is_active IS NOT FALSE AND b.service_code = ANY (%(services)s::text[])
 ORDER BY o.customer_id, o.purchase_id
"""


def purchase_rows(
    connection: FittingConnection, as_of: date, customers: Sequence[int], services: Sequence[str]
) -> PurchaseRows:
    """Return what these customers bought up to a day; `services` are the codes of the columns."""
    columns = read_columns(
        connection,
        _HELD,
        {"as_of": as_of, "customers": list(customers), "services": list(services)},
        dict.fromkeys(("customer", "day", "expires", "service", "sessions", "purchase"), "i4"),
    )
    _, firsts, places = np.unique(columns["purchase"], return_index=True, return_inverse=True)
    sessions = np.zeros((len(firsts), len(services)), np.int32)
    sessions[places, columns["service"]] = columns["sessions"]
    return PurchaseRows(
        columns["customer"][firsts], columns["day"][firsts], columns["expires"][firsts], sessions
    )
