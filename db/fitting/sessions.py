"""A sample's completed sessions, and what its customers want, for everything that is fitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString

import numpy as np
from numpy.typing import NDArray

from db.fitting.columns import read_columns
from db.fitting.completed import COMPLETED_WITH_DETAILS
from db.fitting.session import FittingConnection, long_transaction

UNKNOWN = -1
"""The place of a service that was not asked for, and the minute of a start that nobody wrote down."""


@dataclass(frozen=True, slots=True)
class SessionRows:
    """Completed sessions in the order of customer and day, one entry each.

    Attributes:
        day: `date.toordinal()`.
        service: Position among the services asked for, else `UNKNOWN`.
        rating: 1 to 5, 0 where there is none.
        minute: When it started, in minutes after midnight, or `UNKNOWN`.
    """

    customer: NDArray[np.int32]
    day: NDArray[np.int32]
    service: NDArray[np.int32]
    rating: NDArray[np.int32]
    minute: NDArray[np.int32]


_SESSIONS: LiteralString = f"""
SELECT u.customer_id, u.service_date - DATE '0001-01-01' + 1,
       coalesce(u.service_type_id, 0), coalesce(d.satisfaction_rating, 0)::integer,
       coalesce(date_part('epoch', d.start_time)::integer / 60, -1)
{COMPLETED_WITH_DETAILS}
   AND u.customer_id = ANY (%(customers)s::integer[])
 ORDER BY u.customer_id, u.service_date, u.usage_id
"""

_CODES: LiteralString = "SELECT service_type_id, code FROM gateway.service_code"

_GOALS: LiteralString = """
SELECT customer_id, health_goals FROM public.customers
 WHERE customer_id = ANY (%(customers)s) AND health_goals <> ''
"""


def session_rows(
    connection: FittingConnection, as_of: date, customers: Sequence[int], services: Sequence[str]
) -> SessionRows:
    """Return what these customers completed up to a day; `services` are the codes to tell apart."""
    columns = read_columns(
        connection,
        _SESSIONS,
        {"as_of": as_of, "customers": list(customers)},
        dict.fromkeys(("customer", "day", "service", "rating", "minute"), "i4"),
    )
    # looked up here, since a join of so many rows with so few takes the database longer
    service = np.full_like(columns["service"], UNKNOWN)
    for number, code in connection.execute(_CODES).fetchall():
        if code in services:
            service[columns["service"] == number] = services.index(code)
    columns["service"] = service
    return SessionRows(**columns)


def stated_goals(connection: FittingConnection, customers: Sequence[int]) -> dict[int, str]:
    """Return the health goals in the words of those of the customers who named any."""
    with long_transaction(connection):
        return dict(connection.execute(_GOALS, {"customers": list(customers)}).fetchall())
