"""What was measured of a customer's health."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString

from db.engine import Reader
from db.queries.rows import grouped


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value of one metric on one day."""

    customer_id: int
    metric: str
    observed_on: date
    value: float


_MEASUREMENTS: LiteralString = """
SELECT customer_id, metric, observed_on, avg(value)
  FROM gateway.health_observation
 WHERE customer_id = ANY (%(ids)s)
 GROUP BY customer_id, metric, observed_on
 ORDER BY customer_id, metric, observed_on
"""


async def measurements_by_customer(reader: Reader, ids: Sequence[int]) -> list[list[Measurement]]:
    """Return the measurements of each customer, oldest first, one a metric and day, in the order of `ids`."""
    rows = await reader.fetch(_MEASUREMENTS, {"ids": list(ids)})
    measurements = (Measurement(*row) for row in rows)
    return grouped(ids, measurements, lambda measurement: measurement.customer_id)
