"""Everybody's risk level: what it follows from, and the levels that changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import numpy as np
from numpy.typing import NDArray

from db.fitting.columns import read_columns
from db.fitting.session import FittingConnection, long_transaction
from db.vocabulary import RiskLevel

_BATCH = 5_000  # customers whose rows are locked at a time, while the center writes too

LEVELS: Sequence[str | None] = (None, *map(str, RiskLevel))
"""The levels by the number that stands for each here."""


@dataclass(frozen=True, slots=True)
class RiskRows:
    """One entry a customer who ever came, in rising order; days are `date.toordinal()`.

    Attributes:
        level: What is stored, as a position in `LEVELS`.
    """

    customer: NDArray[np.int32]
    visits: NDArray[np.int32]
    first_day: NDArray[np.int32]
    last_day: NDArray[np.int32]
    level: NDArray[np.int32]

    def at(self, chosen: NDArray[Any]) -> "RiskRows":
        """Return the rows of an index or a mask."""
        return RiskRows(
            self.customer[chosen],
            self.visits[chosen],
            self.first_day[chosen],
            self.last_day[chosen],
            self.level[chosen],
        )


_ROWS: LiteralString = """
SELECT customer_id, total_visits, first_visit_on - DATE '0001-01-01' + 1,
       last_visit_on - DATE '0001-01-01' + 1,
       coalesce(array_position(%(levels)s::text[], risk_level::text), 1) - 1
  FROM gateway.customer_summary
 WHERE total_visits > 0 AND first_visit_on IS NOT NULL AND last_visit_on IS NOT NULL
 ORDER BY customer_id
"""

# Locked in the order in which the center's own writes lock, so that they never wait for each other in turn.
# Whose visits changed meanwhile has a newer level from that write.
_STORE: LiteralString = """
WITH assessed AS (
    SELECT * FROM unnest(%(customers)s::integer[], %(visits)s::integer[], %(last_days)s::integer[],
                         %(levels)s::text[]) AS row (customer_id, visits, last_day, level)
), locked AS (
    SELECT customer_id FROM gateway.customer_summary
     WHERE customer_id = ANY (%(customers)s) ORDER BY customer_id FOR NO KEY UPDATE
)
UPDATE gateway.customer_summary s SET risk_level = a.level
  FROM assessed a JOIN locked USING (customer_id)
 WHERE s.customer_id = a.customer_id AND s.customer_id = ANY (%(customers)s) AND s.total_visits = a.visits
   AND s.last_visit_on = DATE '0001-01-01' - 1 + a.last_day
"""


def risk_rows(connection: FittingConnection) -> RiskRows:
    """Return what everybody's level follows from."""
    columns = read_columns(
        connection,
        _ROWS,
        {"levels": [level or "" for level in LEVELS]},
        dict.fromkeys(("customer", "visits", "first_day", "last_day", "level"), "i4"),
    )
    return RiskRows(**columns)


def store_levels(connection: FittingConnection, rows: RiskRows) -> int:
    """Store the levels of these customers, batch by batch, and return how many were stored."""
    stored = 0
    for start in range(0, len(rows.customer), _BATCH):
        batch = rows.at(np.arange(start, min(start + _BATCH, len(rows.customer))))
        with long_transaction(connection):
            cursor = connection.execute(
                _STORE,
                {
                    "customers": batch.customer.tolist(),
                    "visits": batch.visits.tolist(),
                    "last_days": batch.last_day.tolist(),
                    "levels": [LEVELS[level] for level in batch.level],
                },
                # a prepared statement's generic plan takes the arrays for short, and goes through each again
                # and again for every row
                prepare=False,
            )
            stored += cursor.rowcount
    return stored
