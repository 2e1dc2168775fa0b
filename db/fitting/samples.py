"""The days on which customers came: everybody's, or a sample's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString

import numpy as np
from numpy.typing import NDArray

from db.fitting.columns import read_columns
from db.fitting.completed import COMPLETED_SESSIONS
from db.fitting.session import FittingConnection


@dataclass(frozen=True, slots=True)
class VisitDays:
    """One entry a visit, in the order of customer and day; `day` is the day's `date.toordinal()`."""

    customer: NDArray[np.int32]
    day: NDArray[np.int32]


_DAYS: LiteralString = f"""
SELECT DISTINCT u.customer_id, u.service_date - DATE '0001-01-01' + 1 AS day
{COMPLETED_SESSIONS}
   AND (%(customers)s::integer[] IS NULL OR u.customer_id = ANY (%(customers)s))
 ORDER BY u.customer_id, day
"""

_SAMPLE: LiteralString = """
SELECT customer_id FROM gateway.customer_summary WHERE first_visit_on <= %(as_of)s
 ORDER BY hashint8extended(customer_id, %(salt)s), customer_id LIMIT %(most)s
"""


def visit_days(
    connection: FittingConnection, as_of: date, customers: Sequence[int] | None = None
) -> VisitDays:
    """Return every distinct day up to `as_of` with a completed session, of some customers or of everybody."""
    columns = read_columns(
        connection,
        _DAYS,
        {"as_of": as_of, "customers": None if customers is None else list(customers)},
        {"customer": "i4", "day": "i4"},
    )
    return VisitDays(columns["customer"], columns["day"])


def sampled_customers(connection: FittingConnection, as_of: date, most: int) -> list[int]:
    """Return at most so many customers who ever came, in rising order; for one day always the same ones."""
    wanted = {"as_of": as_of, "salt": as_of.toordinal(), "most": most}
    rows = connection.execute(_SAMPLE, wanted).fetchall()
    return sorted(row[0] for row in rows)
