"""The distribution of all customers' revenue: gathered, stored, and read back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString

import psycopg

from db.engine import Reader
from db.queries.payments import NET_AMOUNT
from db.urls import libpq_url


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
   AND p.payment_date >= %(since)s AND p.payment_date < %(before)s
 GROUP BY c.customer_id
"""

_STORE: LiteralString = """
INSERT INTO gateway.population_quantiles (measure, customers, quantiles, as_of, computed_at)
VALUES (%(measure)s, %(customers)s, %(quantiles)s, %(as_of)s, now())
    ON CONFLICT (measure) DO UPDATE SET customers = excluded.customers, quantiles = excluded.quantiles,
       as_of = excluded.as_of, computed_at = excluded.computed_at
"""

_OLDEST: LiteralString = "SELECT min(as_of) FROM gateway.population_quantiles"

_READ: LiteralString = """
SELECT measure, customers, quantiles FROM gateway.population_quantiles WHERE measure = ANY (%(measures)s)
"""


def revenues(url: str, since: date, before: date) -> list[float]:
    """Return every customer's net revenue in KRW in [since, before), zeros included."""
    with psycopg.connect(libpq_url(url)) as connection:
        rows = connection.execute(_REVENUES, {"since": since, "before": before}).fetchall()
    return [row[0] for row in rows]


def store_quantiles(url: str, distribution: StoredQuantiles, as_of: date) -> None:
    """Keep a distribution, in place of the older one of the same measure."""
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute(
            _STORE,
            {
                "measure": distribution.measure,
                "customers": distribution.customers,
                "quantiles": list(distribution.quantiles),
                "as_of": as_of,
            },
        )


def gathered_on(url: str) -> date | None:
    """Return the day of the oldest stored distribution; None where none is stored."""
    with psycopg.connect(libpq_url(url)) as connection:
        row = connection.execute(_OLDEST, {}).fetchone()
    return row[0] if row else None


async def read_quantiles(reader: Reader, measures: Sequence[str]) -> list[StoredQuantiles | None]:
    """Return the stored distributions in the order of `measures`, None where none is stored."""
    rows = await reader.fetch(_READ, {"measures": list(measures)})
    by_measure = {row[0]: StoredQuantiles(*row) for row in rows}
    return [by_measure.get(measure) for measure in measures]
