"""What a nightly fit tidies up beside: the contents of packages, and recommendations nobody answered."""

from typing import LiteralString

from db.fitting.session import FittingConnection, long_transaction

# what most purchases of a package held; of two as common, whichever comes first in the order of the arrays
_FILL_PACKAGES: LiteralString = """
WITH bought AS (
    SELECT o.package_id, o.purchase_id, array_agg(b.service_code ORDER BY b.service_code) AS codes,
           array_agg(b.total_sessions ORDER BY b.service_code) AS sessions
      FROM public.package_purchases o
      JOIN gateway.package_breakdown b USING (customer_id, purchase_id)
     WHERE b.total_sessions > 0
       AND NOT EXISTS (SELECT FROM gateway.package_service s WHERE s.package_id = o.package_id)
     GROUP BY o.package_id, o.purchase_id
), common AS (
    SELECT DISTINCT ON (package_id) package_id, codes, sessions
      FROM bought GROUP BY package_id, codes, sessions
     ORDER BY package_id, count(*) DESC, codes, sessions
)
INSERT INTO gateway.package_service (package_id, service_code, sessions)
SELECT package_id, code, quota FROM common, unnest(codes, sessions) AS held (code, quota)
    ON CONFLICT DO NOTHING
"""

_DROP_EXPIRED: LiteralString = """
DELETE FROM gateway.recommendation r
 WHERE expires_at < now() - interval '30 days'
   AND NOT EXISTS (SELECT FROM gateway.recommendation_feedback f
                    WHERE f.customer_id = r.customer_id AND f.recommendation_id = r.recommendation_id)
"""


def fill_package_contents(connection: FittingConnection) -> None:
    """Write down what packages hold of which nothing is written, as most of their purchases say."""
    with long_transaction(connection):
        connection.execute(_FILL_PACKAGES)


def drop_expired_recommendations(connection: FittingConnection) -> None:
    """Remove recommendations that nobody answered, a month after they expired."""
    with long_transaction(connection):
        connection.execute(_DROP_EXPIRED)
