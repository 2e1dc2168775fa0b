"""A center to search in: customers and summaries by SQL, since no search reads a session."""

from collections.abc import Callable
from datetime import date

import psycopg

from db.demo.indexes import without_indexes
from db.migrate import migrate
from db.urls import libpq_url

TODAY = date(2026, 6, 15)

# names as common as in Korea: a fifth is a Kim; every two hundredth is written in Latin letters
_CUSTOMERS = """
INSERT INTO public.customers (customer_id, name, phone, membership_level)
SELECT n,
       CASE WHEN n %% 200 = 0 THEN 'Anna ' || chr(65 + get_byte(d, 0) %% 26) || 'ahn'
            ELSE substr('김김김김김이이이이박박최정강조윤장임한오서신권황안송류', 1 + get_byte(d, 0) %% 27, 1)
              || substr(given, 1 + (get_byte(d, 1) * 256 + get_byte(d, 2)) %% length(given), 1)
              || substr(given, 1 + (get_byte(d, 3) * 256 + get_byte(d, 4)) %% length(given), 1) END,
       CASE WHEN n %% 50 > 0 THEN
            '010-' || lpad(((n::bigint * 7919) %% 2000)::text, 4, '0') || '-'
                   || lpad(((get_byte(d, 5) * 256 + get_byte(d, 6)) %% 10000)::text, 4, '0') END,
       (ARRAY['basic', 'basic', 'basic', 'basic', 'basic', 'silver', 'gold', 'gold', 'platinum', 'vip', NULL]
        )[1 + get_byte(d, 7) %% 11]::membership_level
  FROM (SELECT n, decode(md5(n::text), 'hex') AS d, %(given)s::text AS given
          FROM generate_series(1, %(customers)s) AS n) AS drawn
"""

_SUMMARIES = """
INSERT INTO gateway.customer_summary (
    customer_id, first_visit_on, last_visit_on, total_visits, average_interval_days, total_revenue,
    average_satisfaction, services, package_ends_on, last_package_ends_on, risk_level,
    name, name_key, phone_digits, membership_level)
SELECT customer_id, day - visits * 14, day, coalesce(visits, 0), 14,
       coalesce(visits, 0) * 70000 + h %% 7 * 10000, 4.5,
       CASE WHEN visits > 0 THEN 1 | (h & 14) | (CASE WHEN h %% 20 = 0 THEN 16 ELSE 0 END) ELSE 0 END,
       CASE WHEN h %% 10 < 6 THEN day + 30 + h %% 90 END, CASE WHEN h %% 10 < 8 THEN day + 30 + h %% 90 END,
       CASE WHEN %(today)s - day < 60 THEN 'stable' WHEN %(today)s - day < 200 THEN 'warning'
            WHEN day IS NOT NULL THEN 'danger' END,
       name, gateway.name_key(name), gateway.phone_digits(phone),
       gateway.contract_level(membership_level::text)
  FROM (SELECT *, CASE WHEN visits > 0 THEN %(today)s - floor(-250 * ln(1 - v))::integer END AS day
          FROM (SELECT *, CASE WHEN h %% 12 > 0 THEN 1 + floor(-15 * ln(1 - u))::integer END AS visits
                  FROM (SELECT c.*, get_byte(d, 8) * 256 + get_byte(d, 9) AS h,
                               (get_byte(d, 10) * 256 + get_byte(d, 11)) / 65536::float8 AS u,
                               (get_byte(d, 12) * 256 + get_byte(d, 13)) / 65536::float8 AS v
                          FROM (SELECT *, decode(md5(customer_id::text), 'hex') AS d
                                  FROM public.customers) AS c) AS drawn) AS came) AS seen
"""

_GIVEN = "민서지현수영희은정미경성준하윤도예진우재호선아연주원태혜빈가나라다승규람솔별보슬찬"


def fill(url: str, customers: int, say: Callable[[str], None]) -> None:
    """Migrate an empty database and fill it with so many invented customers."""
    migrate(url)
    with psycopg.connect(libpq_url(url), autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        with without_indexes(cursor, url):
            say(f"{customers:,} customers")
            cursor.execute(_CUSTOMERS, {"customers": customers, "given": _GIVEN})
            say("their summaries")
            cursor.execute(_SUMMARIES, {"today": TODAY})
            say("indexes")
        cursor.execute("SELECT gateway.recount_customers()")
        cursor.execute("VACUUM ANALYZE")
