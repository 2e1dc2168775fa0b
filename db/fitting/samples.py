"""The customers that models are fitted to: everybody, or a sample of a large center."""

from datetime import date
from typing import LiteralString

from db.fitting.session import FittingConnection

_SAMPLE: LiteralString = """
SELECT customer_id FROM gateway.customer_summary WHERE first_visit_on <= %(as_of)s
 ORDER BY hashint8extended(customer_id, %(salt)s), customer_id LIMIT %(most)s
"""


def sampled_customers(connection: FittingConnection, as_of: date, most: int) -> list[int]:
    """Return at most so many customers who ever came, in rising order; for one day always the same ones."""
    wanted = {"as_of": as_of, "salt": as_of.toordinal(), "most": most}
    rows = connection.execute(_SAMPLE, wanted).fetchall()
    return sorted(row[0] for row in rows)
