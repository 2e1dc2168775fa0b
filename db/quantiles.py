"""The distributions of what customers are compared by: gathered from all of them, stored, and read back."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import LiteralString

import numpy as np
from numpy.typing import NDArray

from db.engine import Database
from db.fitting.columns import read_columns
from db.fitting.completed import COMPLETED_SESSIONS
from db.fitting.session import FittingConnection
from db.queries.payments import NET_AMOUNT


@dataclass(frozen=True, slots=True)
class StoredQuantiles:
    """One measure's distribution over `customers` customers, as of a day."""

    measure: str
    customers: int
    quantiles: Sequence[float]


_REVENUES: LiteralString = f"""
SELECT coalesce(sum({NET_AMOUNT}), 0)::float8
  FROM public.customers c
  LEFT JOIN public.payments p ON p.customer_id = c.customer_id AND p.payment_status::text = 'completed'
   AND p.payment_date BETWEEN %(since)s AND %(as_of)s
 GROUP BY c.customer_id
"""

# whoever came before and not in these days counts with none
_VISITS: LiteralString = f"""
SELECT coalesce(v.visits, 0)::float8
  FROM gateway.customer_summary s
  LEFT JOIN (SELECT u.customer_id, count(DISTINCT u.service_date) AS visits
             {COMPLETED_SESSIONS} AND u.service_date >= %(since)s
              GROUP BY u.customer_id) v USING (customer_id)
 WHERE s.first_visit_on <= %(as_of)s
"""

_SATISFACTION: LiteralString = """
SELECT average_satisfaction::float8 FROM gateway.customer_summary WHERE average_satisfaction IS NOT NULL
"""

_STORE: LiteralString = """
INSERT INTO gateway.population_quantiles (measure, customers, quantiles, as_of, computed_at)
VALUES (%(measure)s, %(customers)s, %(quantiles)s, %(as_of)s, now())
    ON CONFLICT (measure) DO UPDATE SET customers = excluded.customers, quantiles = excluded.quantiles,
       as_of = excluded.as_of, computed_at = excluded.computed_at
"""

_DROP_OTHERS: LiteralString = "DELETE FROM gateway.population_quantiles WHERE measure <> ALL (%(measures)s)"

_READ: LiteralString = "SELECT measure, customers, quantiles FROM gateway.population_quantiles"


def revenues(connection: FittingConnection, since: date, as_of: date) -> NDArray[np.float64]:
    """Return every customer's net revenue in KRW from one day to another, zeros included."""
    return _values(connection, _REVENUES, since, as_of)


def visit_counts(connection: FittingConnection, since: date, as_of: date) -> NDArray[np.float64]:
    """Return on how many days from one to another each customer came, of all who ever came by then."""
    return _values(connection, _VISITS, since, as_of)


def mean_ratings(connection: FittingConnection) -> NDArray[np.float64]:
    """Return the mean rating of every customer who rated a session."""
    return read_columns(connection, _SATISFACTION, {}, {"value": "f8"})["value"]


def store_quantiles(
    connection: FittingConnection, distributions: Sequence[StoredQuantiles], as_of: date
) -> None:
    """Keep these distributions, in place of all older ones, in one moment."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(_DROP_OTHERS, {"measures": [one.measure for one in distributions]})
        cursor.executemany(
            _STORE,
            [{**asdict(one), "quantiles": list(one.quantiles), "as_of": as_of} for one in distributions],
        )


async def stored_quantiles(database: Database) -> list[StoredQuantiles]:
    """Return all stored distributions."""
    return [StoredQuantiles(*row) for row in await database.fetch(_READ, {})]


def _values(
    connection: FittingConnection, statement: LiteralString, since: date, as_of: date
) -> NDArray[np.float64]:
    return read_columns(connection, statement, {"since": since, "as_of": as_of}, {"value": "f8"})["value"]
