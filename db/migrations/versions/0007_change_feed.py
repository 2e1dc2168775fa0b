"""The change feed's outbox, and summaries that cost a writer little and stay right whatever it does.

Each statement that changes what an answer about a customer reads leaves the customer's number in
`gateway.customer_change`. Where the summary cannot be refreshed within the writer's transaction, the number
is left in `gateway.summary_recount` too, and counted after the commit.
"""

from importlib import import_module
from typing import Any

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# The outbox is not logged: a crash cuts off every listener, and one that was cut off drops all it holds. It
# has no key and no index, so that a writer waits for nobody. Both tables are filled and emptied all day.
TABLES = """
CREATE UNLOGGED TABLE gateway.customer_change (customer_id integer)
  WITH (autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0,
        autovacuum_vacuum_insert_threshold = -1, autovacuum_vacuum_cost_delay = 0,
        autovacuum_analyze_threshold = 1000000);
COMMENT ON TABLE gateway.customer_change IS
    'Whose data changed and was not told yet; null means everybody''s';

CREATE TABLE gateway.summary_recount (customer_id integer NOT NULL)
  WITH (autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0,
        autovacuum_vacuum_insert_threshold = -1, autovacuum_vacuum_cost_delay = 0,
        autovacuum_analyze_threshold = 1000000);
COMMENT ON TABLE gateway.summary_recount IS 'Whose summary is to be counted again, after the commit';

CREATE TABLE gateway.summary_day (
    id  integer PRIMARY KEY DEFAULT 1,
    day date NOT NULL,
    CONSTRAINT summary_day_one_row CHECK (id = 1)
);
COMMENT ON TABLE gateway.summary_day IS
    'The day in Asia/Seoul up to which rows written ahead have been counted';
INSERT INTO gateway.summary_day (day) VALUES ((now() AT TIME ZONE 'Asia/Seoul')::date);
"""

TELL = """
CREATE FUNCTION gateway.tell_changed(ids integer[]) RETURNS void LANGUAGE plpgsql AS $function$
BEGIN
    IF cardinality(ids) <= 500 THEN
        INSERT INTO gateway.customer_change SELECT unnest(ids);
    ELSE
        INSERT INTO gateway.customer_change VALUES (NULL);
    END IF;
END
$function$;
COMMENT ON FUNCTION gateway.tell_changed IS
    'Leaves word that the answers about these customers changed: everybody''s where they are many, or null';
"""

VISIT = """
       min(u.service_date) AS first_on, max(u.service_date) AS last_on,
       count(DISTINCT u.service_date)::integer AS visits, avg(d.satisfaction_rating) AS satisfaction,
       bit_or(CASE coalesce(c.code, 'other')
                  WHEN 'brain' THEN 1 WHEN 'pulse' THEN 2 WHEN 'lymph' THEN 4
                  WHEN 'red' THEN 8 WHEN 'ai_bike' THEN 16 ELSE 32
              END) AS services
  FROM public.service_usage u
  LEFT JOIN gateway.session_detail d ON d.customer_id = u.customer_id AND d.usage_id = u.usage_id
  LEFT JOIN gateway.service_code c ON c.service_type_id = u.service_type_id
 WHERE u.service_date <= {today} AND coalesce(d.status, 'completed') = 'completed'
"""

PAID = """
       sum(CASE WHEN p.payment_type::text = 'refund' THEN -abs(p.amount) ELSE p.amount END) AS revenue
  FROM public.payments p
 WHERE p.payment_status::text = 'completed' AND p.payment_date <= {today}
"""

PACKAGE = """
       max(k.expiry_date) AS any_end,
       max(k.expiry_date) FILTER (WHERE k.remaining_sessions > 0 AND k.is_active IS NOT FALSE) AS usable_end
  FROM public.package_purchases k
"""

FIGURES = """
       coalesce(visit.visits, 0) AS visits, visit.first_on, visit.last_on,
       round((visit.last_on - visit.first_on)::numeric / nullif(visit.visits - 1, 0)) AS interval_days,
       coalesce(paid.revenue, 0) AS revenue, round(visit.satisfaction, 2) AS satisfaction,
       coalesce(visit.services, 0) AS services, package.usable_end, package.any_end
"""

PROFILE = """
       owner.name, gateway.name_key(owner.name), gateway.phone_digits(owner.phone),
       gateway.contract_level(owner.membership_level::text)
"""

# A few customers by indexes, in a plan that is made once a session; many by whole tables, planned each time.
COUNT = f"""
CREATE FUNCTION gateway.count_customers(ids integer[], today date) RETURNS bigint
LANGUAGE plpgsql AS $function$
DECLARE
    chosen  text := CASE WHEN ids IS NULL THEN 'customer_id IS NOT NULL' ELSE 'customer_id = ANY ($1)' END;
    counted bigint;
BEGIN
    IF cardinality(ids) <= 500 THEN
        UPDATE gateway.customer_summary s
           SET first_visit_on = f.first_on, last_visit_on = f.last_on, total_visits = f.visits,
               average_interval_days = f.interval_days, total_revenue = f.revenue,
               average_satisfaction = f.satisfaction, services = f.services,
               package_ends_on = f.usable_end, last_package_ends_on = f.any_end, computed_at = now()
          FROM unnest(ids) AS owner (customer_id)
         CROSS JOIN LATERAL (SELECT {VISIT.format(today="today")} AND u.customer_id = owner.customer_id) visit
         CROSS JOIN LATERAL (SELECT {PAID.format(today="today")} AND p.customer_id = owner.customer_id) paid
         CROSS JOIN LATERAL (SELECT {PACKAGE} WHERE k.customer_id = owner.customer_id) package
         CROSS JOIN LATERAL (SELECT {FIGURES}) f
         WHERE s.customer_id = owner.customer_id;
    ELSE
        EXECUTE format($query$
            INSERT INTO gateway.customer_summary AS s (
                   customer_id, total_visits, first_visit_on, last_visit_on, average_interval_days,
                   total_revenue, average_satisfaction, services, package_ends_on, last_package_ends_on,
                   computed_at, name, name_key, phone_digits, membership_level)
            SELECT owner.customer_id, f.*, now(), {PROFILE}
              FROM public.customers owner
              LEFT JOIN (SELECT u.customer_id, {VISIT.format(today="$2")} AND u.%1$s
                          GROUP BY u.customer_id) visit USING (customer_id)
              LEFT JOIN (SELECT p.customer_id, {PAID.format(today="$2")} AND p.%1$s
                          GROUP BY p.customer_id) paid USING (customer_id)
              LEFT JOIN (SELECT k.customer_id, {PACKAGE} WHERE k.%1$s
                          GROUP BY k.customer_id) package USING (customer_id)
             CROSS JOIN LATERAL (SELECT {FIGURES}) f
             WHERE owner.%1$s
             ORDER BY owner.customer_id
                ON CONFLICT (customer_id) DO UPDATE SET
                   first_visit_on = excluded.first_visit_on, last_visit_on = excluded.last_visit_on,
                   total_visits = excluded.total_visits,
                   average_interval_days = excluded.average_interval_days,
                   total_revenue = excluded.total_revenue,
                   average_satisfaction = excluded.average_satisfaction, services = excluded.services,
                   package_ends_on = excluded.package_ends_on,
                   last_package_ends_on = excluded.last_package_ends_on, computed_at = excluded.computed_at,
                   name = excluded.name, name_key = excluded.name_key, phone_digits = excluded.phone_digits,
                   membership_level = excluded.membership_level
        $query$, chosen)
        USING ids, today;
    END IF;
    GET DIAGNOSTICS counted = ROW_COUNT;
    RETURN counted;
END
$function$;
COMMENT ON FUNCTION gateway.count_customers IS
    'Recomputes the summaries of the customers named (all when null); up to 500 must have one already';

CREATE FUNCTION gateway.add_summaries(ids integer[]) RETURNS void LANGUAGE plpgsql AS $function$
BEGIN
    INSERT INTO gateway.customer_summary (
           customer_id, total_visits, total_revenue, services, name, name_key, phone_digits, membership_level)
    SELECT owner.customer_id, 0, 0, 0, {PROFILE}
      FROM public.customers owner WHERE owner.customer_id = ANY (ids) ORDER BY owner.customer_id
        ON CONFLICT (customer_id) DO NOTHING;
END
$function$;

CREATE OR REPLACE FUNCTION gateway.summarize_customers(ids integer[], today date) RETURNS bigint
LANGUAGE plpgsql AS $function$
DECLARE
    summarized bigint;
BEGIN
    PERFORM gateway.tell_changed(ids);
    IF cardinality(ids) <= 500 THEN
        PERFORM gateway.add_summaries(ids);
    END IF;
    summarized := gateway.count_customers(ids, today);
    IF cardinality(ids) <= 500 THEN
        UPDATE gateway.customer_summary s
           SET name = owner.name, name_key = gateway.name_key(owner.name),
               phone_digits = gateway.phone_digits(owner.phone),
               membership_level = gateway.contract_level(owner.membership_level::text)
          FROM public.customers owner
         WHERE owner.customer_id = s.customer_id AND s.customer_id = ANY (ids)
           AND (s.name, s.name_key, s.phone_digits, s.membership_level) IS DISTINCT FROM ({PROFILE});
    END IF;
    IF ids IS NULL THEN
        PERFORM gateway.recount_customers();  -- a load leaves triggers out
    END IF;
    RETURN summarized;
END
$function$;
"""

# Two writers of one customer: the second waits for the first one's lock on the summary, and only then reads
# the rows, in a statement and so a snapshot of its own. Locks are taken in the order of the numbers.
# The wait ends before the server would look for a deadlock, which might choose the center's own statement.
# A serializable transaction must not even read here: that alone could make it fail at its commit.
REFRESH = """
CREATE OR REPLACE FUNCTION gateway.refresh_summaries(ids integer[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms'
AS $function$
DECLARE
    locked bigint;
BEGIN
    IF current_setting('transaction_isolation') = 'serializable' THEN
        PERFORM gateway.leave_recount(ids);
        RETURN;
    END IF;
    PERFORM gateway.tell_changed(ids);
    PERFORM FROM gateway.customer_summary WHERE customer_id = ANY (ids)
      ORDER BY customer_id FOR NO KEY UPDATE;
    GET DIAGNOSTICS locked = ROW_COUNT;
    IF locked < cardinality(ids) THEN
        PERFORM gateway.add_summaries(ids);
        PERFORM FROM gateway.customer_summary WHERE customer_id = ANY (ids)
          ORDER BY customer_id FOR NO KEY UPDATE;
    END IF;
    PERFORM gateway.count_customers(ids, (now() AT TIME ZONE 'Asia/Seoul')::date);
EXCEPTION WHEN OTHERS THEN
    PERFORM gateway.leave_recount(ids);
END
$function$;

CREATE FUNCTION gateway.leave_recount(ids integer[]) RETURNS void LANGUAGE plpgsql AS $function$
BEGIN
    PERFORM gateway.tell_changed(ids);
    INSERT INTO gateway.summary_recount SELECT unnest(ids);
EXCEPTION WHEN OTHERS THEN
    -- the center's own write must never fail for our sake
    RAISE WARNING 'gateway: the summaries of % customers were not refreshed (%)', cardinality(ids), SQLSTATE;
END
$function$;
"""

# Whoever somebody else holds is left for the next time: the change feed must not wait for a long transaction.
# Requests are removed before the rows are read, so that one that comes meanwhile is not lost.
RECOUNT = """
CREATE FUNCTION gateway.recount_summaries(most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
SET plan_cache_mode = force_generic_plan AS $function$
DECLARE
    today   date := (now() AT TIME ZONE 'Asia/Seoul')::date;
    since   date;
    missing integer[];
    ids     integer[];
BEGIN
    SELECT day INTO since FROM gateway.summary_day WHERE day < today;
    IF since IS NOT NULL THEN
        INSERT INTO gateway.summary_recount
        SELECT customer_id FROM public.service_usage
         WHERE service_date > since AND service_date <= today AND customer_id IS NOT NULL
         UNION
        SELECT customer_id FROM public.payments WHERE payment_date > since AND payment_date <= today;
        UPDATE gateway.summary_day SET day = today;
    END IF;
    IF NOT EXISTS (SELECT FROM gateway.summary_recount) THEN
        RETURN 0;
    END IF;
    DELETE FROM gateway.summary_recount r
     WHERE NOT EXISTS (SELECT FROM public.customers c WHERE c.customer_id = r.customer_id);
    missing := ARRAY(SELECT customer_id FROM gateway.summary_recount r
                      WHERE NOT EXISTS (SELECT FROM gateway.customer_summary s
                                         WHERE s.customer_id = r.customer_id) LIMIT most);
    IF cardinality(missing) > 0 THEN
        PERFORM gateway.add_summaries(missing);
    END IF;
    ids := ARRAY(SELECT customer_id FROM gateway.customer_summary
                  WHERE customer_id IN (SELECT customer_id FROM gateway.summary_recount)
                  ORDER BY customer_id LIMIT most FOR NO KEY UPDATE SKIP LOCKED);
    DELETE FROM gateway.summary_recount WHERE customer_id = ANY (ids);
    PERFORM gateway.tell_changed(ids);
    PERFORM gateway.count_customers(ids, today);
    RETURN cardinality(ids);
END
$function$;
COMMENT ON FUNCTION gateway.recount_summaries IS
    'Counts up to so many customers anew who were left for it, or whose rows were written ahead for a day '
    'that has begun; returns how many';
REVOKE ALL ON FUNCTION gateway.recount_summaries FROM PUBLIC;
"""

# Each event in two versions: one that refreshes the summaries, which tells of the change too, and one that
# only tells. Without the setting a plan would be made for each statement: of a list of numbers the server
# thinks that it is ten long, and finds the plan for the one it has cheaper.
EVENTS = """
CREATE OR REPLACE FUNCTION gateway.{prefix}_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $function$
DECLARE
    ids integer[] := ARRAY(SELECT DISTINCT customer_id FROM inserted WHERE customer_id IS NOT NULL);
BEGIN
    IF cardinality(ids) > 0 THEN
        PERFORM gateway.{action}(ids);
    END IF;
    RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION gateway.{prefix}_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $function$
DECLARE
    ids integer[] := ARRAY(SELECT DISTINCT customer_id FROM deleted WHERE customer_id IS NOT NULL);
BEGIN
    IF cardinality(ids) > 0 THEN
        PERFORM gateway.{action}(ids);
    END IF;
    RETURN NULL;
END
$function$;

CREATE OR REPLACE FUNCTION gateway.{prefix}_updated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $function$
DECLARE
    ids integer[] := ARRAY(
        SELECT customer_id FROM (SELECT customer_id FROM deleted UNION SELECT customer_id FROM inserted) both_
         WHERE customer_id IS NOT NULL);
BEGIN
    IF cardinality(ids) > 0 THEN
        PERFORM gateway.{action}(ids);
    END IF;
    RETURN NULL;
END
$function$;
"""

WHOLE_TABLES = """
CREATE FUNCTION gateway.try_to_tell(ids integer[]) RETURNS void LANGUAGE plpgsql AS $function$
BEGIN
    PERFORM gateway.tell_changed(ids);
EXCEPTION WHEN OTHERS THEN
    -- the center's own write must never fail for our sake
    RAISE WARNING 'gateway: a change was not told (%)', SQLSTATE;
END
$function$;

CREATE FUNCTION gateway.tell_everything() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    PERFORM gateway.try_to_tell(NULL);
    RETURN NULL;
END
$function$;

CREATE FUNCTION gateway.summarize_truncated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    PERFORM gateway.refresh_summaries(ARRAY(SELECT customer_id FROM gateway.customer_summary));
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'gateway: the summaries were not refreshed (%)', SQLSTATE;
    RETURN NULL;
END
$function$;

CREATE FUNCTION gateway.service_code_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    PERFORM gateway.try_to_tell(NULL);
    INSERT INTO gateway.summary_recount
    SELECT DISTINCT customer_id FROM public.service_usage
     WHERE customer_id IS NOT NULL AND service_type_id IN (OLD.service_type_id, NEW.service_type_id);
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'gateway: the summaries were not refreshed (%)', SQLSTATE;
    RETURN NULL;
END
$function$;
"""

SUMMARIZED = ("public.service_usage", "public.payments", "public.package_purchases", "gateway.session_detail")
TOLD = (
    "public.customer_preferences",
    "gateway.package_breakdown",
    "gateway.health_observation",
    "gateway.recommendation",
    "gateway.recommendation_feedback",
)
CATALOGUES = {
    "public.service_types": "INSERT OR UPDATE OR DELETE OR TRUNCATE",
    "public.packages": "INSERT OR UPDATE OR DELETE OR TRUNCATE",
    "public.users": "UPDATE OF name",
    "gateway.package_service": "INSERT OR UPDATE OR DELETE OR TRUNCATE",
    "gateway.fitted_model": "UPDATE OF published_at OR DELETE OR TRUNCATE",
    "gateway.population_quantiles": "INSERT OR UPDATE OR DELETE OR TRUNCATE",
    # whoever else writes the summaries, such as a fit its levels, tells of it so
    "gateway.customer_summary": "UPDATE OF risk_level OR TRUNCATE",
}

INSERT_TRIGGER = """
CREATE TRIGGER gateway_change_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.tell_inserted();
"""
OTHER_TRIGGERS = """
CREATE TRIGGER gateway_change_update AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS deleted NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.tell_updated();
CREATE TRIGGER gateway_change_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS deleted
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.tell_deleted();
CREATE TRIGGER gateway_change_truncate AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.tell_everything();
"""
TRUNCATED = """
CREATE TRIGGER gateway_summary_truncate AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.summarize_truncated();
"""
CATALOGUE = """
CREATE TRIGGER gateway_change AFTER {events} ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.tell_everything();
"""
SERVICE_CODES = """
CREATE TRIGGER gateway_change AFTER INSERT OR UPDATE OR DELETE ON gateway.service_code
    FOR EACH ROW EXECUTE FUNCTION gateway.service_code_changed();
"""

GRANTS = """
DO $block$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'wellness_gateway') THEN
        RETURN;
    END IF;
    GRANT SELECT, DELETE ON gateway.customer_change TO wellness_gateway;
    GRANT EXECUTE ON FUNCTION gateway.recount_summaries TO wellness_gateway;
END
$block$;
"""


def upgrade() -> None:
    for statements in (TABLES, TELL, COUNT, REFRESH, RECOUNT, WHOLE_TABLES):
        op.execute(statements)
    # the triggers of 0003 stay, and run what their functions are from now on
    op.execute(EVENTS.format(prefix="summarize", action="refresh_summaries"))
    op.execute(EVENTS.format(prefix="tell", action="try_to_tell"))
    for table in SUMMARIZED:
        op.execute(TRUNCATED.format(table=table))
    for table in TOLD:
        op.execute(INSERT_TRIGGER.format(table=table) + OTHER_TRIGGERS.format(table=table))
    op.execute(OTHER_TRIGGERS.format(table="public.customers"))
    for table, events in CATALOGUES.items():
        op.execute(CATALOGUE.format(table=table, events=events))
    op.execute(SERVICE_CODES)
    op.execute(GRANTS)


def downgrade() -> None:
    # the triggers go with their functions
    for function in (
        *(
            f"{prefix}_{event}"
            for prefix in ("tell", "summarize")
            for event in ("inserted", "updated", "deleted")
        ),
        "tell_everything",
        "summarize_truncated",
        "service_code_changed",
    ):
        op.execute(f"DROP FUNCTION gateway.{function} CASCADE")
    op.execute(
        "DROP FUNCTION gateway.try_to_tell, gateway.tell_changed, gateway.count_customers, "
        "gateway.add_summaries, gateway.refresh_summaries, gateway.leave_recount, gateway.recount_summaries, "
        "gateway.summarize_customers"
    )
    op.execute("DROP TABLE gateway.customer_change, gateway.summary_recount, gateway.summary_day")
    op.execute(_earlier("0002_gateway_schema").SUMMARY)
    _earlier("0003_summary_triggers").upgrade()


def _earlier(name: str) -> Any:
    return import_module(f"db.migrations.versions.{name}")
