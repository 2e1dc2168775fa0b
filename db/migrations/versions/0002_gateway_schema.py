"""The gateway's own schema, and the indexes it needs on the center's tables."""

from alembic import op

from db.migrations import online

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE gateway.service_code (
    service_type_id integer PRIMARY KEY REFERENCES public.service_types ON DELETE CASCADE,
    code            varchar(20) NOT NULL
);

CREATE TABLE gateway.session_detail (
    customer_id         integer NOT NULL REFERENCES public.customers ON DELETE CASCADE,
    usage_id            integer NOT NULL REFERENCES public.service_usage ON DELETE CASCADE,
    status              varchar(20) NOT NULL DEFAULT 'completed',
    start_time          time,
    duration_minutes    integer,
    satisfaction_rating smallint,
    staff_id            integer REFERENCES public.users ON DELETE SET NULL,
    purchase_id         integer REFERENCES public.package_purchases ON DELETE SET NULL,
    source              varchar(20) NOT NULL DEFAULT 'gateway',
    recorded_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (customer_id, usage_id),
    CONSTRAINT session_detail_satisfaction_rating CHECK (satisfaction_rating BETWEEN 1 AND 5),
    CONSTRAINT session_detail_status CHECK (status IN ('completed', 'scheduled', 'cancelled', 'no_show'))
);
CREATE INDEX ix_gateway_session_detail_usage_id ON gateway.session_detail (usage_id);
CREATE INDEX ix_gateway_session_detail_purchase_id ON gateway.session_detail (purchase_id);

CREATE TABLE gateway.package_breakdown (
    customer_id    integer NOT NULL REFERENCES public.customers ON DELETE CASCADE,
    purchase_id    integer NOT NULL REFERENCES public.package_purchases ON DELETE CASCADE,
    service_code   varchar(20) NOT NULL,
    total_sessions integer NOT NULL,
    used_sessions  integer NOT NULL DEFAULT 0,
    PRIMARY KEY (customer_id, purchase_id, service_code)
);
CREATE INDEX ix_gateway_package_breakdown_purchase_id ON gateway.package_breakdown (purchase_id);

CREATE TABLE gateway.health_observation (
    customer_id integer NOT NULL REFERENCES public.customers ON DELETE CASCADE,
    metric      varchar(40) NOT NULL,
    observed_on date NOT NULL,
    source      varchar(20) NOT NULL,
    value       double precision NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (customer_id, metric, observed_on, source)
);

CREATE TABLE gateway.customer_summary (
    customer_id           integer PRIMARY KEY REFERENCES public.customers ON DELETE CASCADE,
    first_visit_on        date,
    last_visit_on         date,
    total_visits          integer NOT NULL,
    average_interval_days integer,
    total_revenue         numeric(14, 0) NOT NULL,
    average_satisfaction  numeric(3, 2),
    services              integer NOT NULL,
    package_ends_on       date,
    last_package_ends_on  date,
    risk_level            varchar(20),
    computed_at           timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN gateway.customer_summary.services IS
    'Bits of the services used: 1 brain, 2 pulse, 4 lymph, 8 red, 16 ai_bike, 32 other';
COMMENT ON COLUMN gateway.customer_summary.package_ends_on IS
    'Latest expiry of a package that still has sessions; null when none has';
COMMENT ON COLUMN gateway.customer_summary.last_package_ends_on IS
    'Latest expiry of any package; null when none was ever bought';

CREATE TABLE gateway.population_quantiles (
    measure     varchar(40) PRIMARY KEY,
    customers   integer NOT NULL,
    quantiles   double precision[] NOT NULL,
    as_of       date NOT NULL,
    computed_at timestamptz NOT NULL DEFAULT now()
);
"""

REFERENCED = (
    "public.customers",
    "public.service_types",
    "public.service_usage",
    "public.package_purchases",
    "public.users",
)

# A summary is recomputed from the rows, never counted up: the center's own totals show what counting does.
SUMMARY = """
CREATE FUNCTION gateway.summarize_customers(ids integer[], today date) RETURNS bigint
LANGUAGE plpgsql AS $function$
DECLARE
    summarized bigint;
BEGIN
    -- planned anew for each call: one customer wants indexes, all of them want whole tables
    EXECUTE format($query$
WITH owner AS (
    SELECT customer_id FROM public.customers WHERE %s
), session AS (
    SELECT u.customer_id, u.service_date, d.satisfaction_rating,
           CASE coalesce(c.code, 'other')
               WHEN 'brain' THEN 1 WHEN 'pulse' THEN 2 WHEN 'lymph' THEN 4
               WHEN 'red' THEN 8 WHEN 'ai_bike' THEN 16 ELSE 32
           END AS service_bit
      FROM owner
      JOIN public.service_usage u USING (customer_id)
      LEFT JOIN gateway.session_detail d USING (customer_id, usage_id)
      LEFT JOIN gateway.service_code c USING (service_type_id)
     WHERE u.service_date <= $2 AND coalesce(d.status, 'completed') = 'completed'
), visit AS (
    SELECT customer_id, min(service_date) AS first_on, max(service_date) AS last_on,
           count(DISTINCT service_date)::integer AS visits,
           avg(satisfaction_rating) AS satisfaction, bit_or(service_bit) AS services
      FROM session GROUP BY customer_id
), paid AS (
    SELECT customer_id,
           sum(CASE WHEN p.payment_type::text = 'refund' THEN -abs(p.amount) ELSE p.amount END) AS revenue
      FROM owner JOIN public.payments p USING (customer_id)
     WHERE p.payment_status::text = 'completed' AND p.payment_date <= $2
     GROUP BY customer_id
), package AS (
    SELECT customer_id, max(expiry_date) AS any_end,
           max(expiry_date) FILTER (WHERE remaining_sessions > 0 AND is_active IS NOT FALSE) AS usable_end
      FROM owner JOIN public.package_purchases USING (customer_id)
     GROUP BY customer_id
), stored AS (
    INSERT INTO gateway.customer_summary AS s (
        customer_id, first_visit_on, last_visit_on, total_visits, average_interval_days, total_revenue,
        average_satisfaction, services, package_ends_on, last_package_ends_on, computed_at)
    SELECT customer_id, visit.first_on, visit.last_on, coalesce(visit.visits, 0),
           round((visit.last_on - visit.first_on)::numeric / nullif(visit.visits - 1, 0)),
           coalesce(paid.revenue, 0), round(visit.satisfaction, 2), coalesce(visit.services, 0),
           package.usable_end, package.any_end, now()
      FROM owner LEFT JOIN visit USING (customer_id) LEFT JOIN paid USING (customer_id)
      LEFT JOIN package USING (customer_id)
     ORDER BY customer_id
        ON CONFLICT (customer_id) DO UPDATE SET
           first_visit_on = excluded.first_visit_on, last_visit_on = excluded.last_visit_on,
           total_visits = excluded.total_visits, average_interval_days = excluded.average_interval_days,
           total_revenue = excluded.total_revenue, average_satisfaction = excluded.average_satisfaction,
           services = excluded.services, package_ends_on = excluded.package_ends_on,
           last_package_ends_on = excluded.last_package_ends_on, computed_at = excluded.computed_at
    RETURNING 1
)
SELECT count(*) FROM stored
    $query$, CASE WHEN ids IS NULL THEN 'true' ELSE 'customer_id = ANY ($1)' END)
    INTO summarized USING ids, today;
    RETURN summarized;
END
$function$;
COMMENT ON FUNCTION gateway.summarize_customers IS
    'Recomputes the summaries of the customers named (all when null) as of a day in Asia/Seoul';
"""


def upgrade() -> None:
    online.build_index(
        "public.service_usage",
        "gateway_service_usage_by_customer",
        "(customer_id, service_date DESC, usage_id DESC)",
    )
    online.build_index(
        "public.package_purchases", "gateway_package_purchases_by_customer", "(customer_id, expiry_date)"
    )
    online.lock_tables(*REFERENCED)
    for statements in (TABLES, SUMMARY):
        op.execute(statements)


def downgrade() -> None:
    op.execute("DROP INDEX public.gateway_service_usage_by_customer")
    op.execute("DROP INDEX public.gateway_package_purchases_by_customer")
    # the schema stays: it holds the version table that this very step is written into
    op.execute("DROP FUNCTION gateway.summarize_customers")
    op.execute(
        "DROP TABLE gateway.population_quantiles, gateway.customer_summary, gateway.health_observation, "
        "gateway.package_breakdown, gateway.session_detail, gateway.service_code"
    )
