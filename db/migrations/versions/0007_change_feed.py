"""The change feed's outbox, and summaries that cost a writer little and stay right whatever it does.

Each statement that changes what an answer about a customer reads leaves the customer's number in
`gateway.customer_change`. Where the summary cannot be refreshed within the writer's transaction, the number
is left in `gateway.summary_recount` too, and counted after the commit.
"""

from importlib import import_module

from alembic import op

from db.migrations import online
from db.migrations.summaries_0007 import COUNT, RECOUNT, REFRESH

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

# Each event in two versions: one that refreshes the summaries, which tells of the change too, and one that
# only tells. Without the setting a plan would be made for each statement: of a list of numbers the server
# thinks that it is ten long, and finds the plan for the one it has cheaper.
EVENT = """
CREATE OR REPLACE FUNCTION gateway.{prefix}_{event}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET lock_timeout = '500ms' AS $function$
DECLARE
    ids integer[] := ARRAY({changed} WHERE customer_id IS NOT NULL);
BEGIN
    IF cardinality(ids) > 0 THEN
        PERFORM gateway.{action};
    END IF;
    RETURN NULL;
END
$function$;
"""
CHANGED = {
    "inserted": "SELECT DISTINCT customer_id FROM inserted",
    "deleted": "SELECT DISTINCT customer_id FROM deleted",
    "updated": "SELECT customer_id FROM "
    "(SELECT customer_id FROM deleted UNION SELECT customer_id FROM inserted) both_",
}

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
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET lock_timeout = '500ms' AS $function$
BEGIN
    PERFORM gateway.refresh_summaries(ARRAY(SELECT customer_id FROM gateway.customer_summary), 'all');
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

# 0006's, which only warned: a transaction with an old snapshot may not write a summary that changed since
PROFILES = """
CREATE OR REPLACE FUNCTION gateway.summarize_profile() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    INSERT INTO gateway.customer_summary AS s (
        customer_id, total_visits, total_revenue, services, name, name_key, phone_digits, membership_level)
    VALUES (NEW.customer_id, 0, 0, 0, NEW.name, gateway.name_key(NEW.name), gateway.phone_digits(NEW.phone),
            gateway.contract_level(NEW.membership_level::text))
        ON CONFLICT (customer_id) DO UPDATE SET
           name = excluded.name, name_key = excluded.name_key, phone_digits = excluded.phone_digits,
           membership_level = excluded.membership_level;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    PERFORM gateway.leave_recount(ARRAY[NEW.customer_id]);
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
    online.lock_tables("public.customers", *SUMMARIZED, *TOLD, *CATALOGUES, "gateway.service_code")
    for statements in (TABLES, TELL, COUNT, REFRESH, RECOUNT, PROFILES, WHOLE_TABLES):
        op.execute(statements)
    # the triggers of 0003 stay, and run what their functions are from now on
    for event, changed in CHANGED.items():
        op.execute(
            EVENT.format(
                prefix="summarize",
                event=event,
                changed=changed,
                action="refresh_summaries(ids, TG_TABLE_NAME)",
            )
        )
        op.execute(EVENT.format(prefix="tell", event=event, changed=changed, action="try_to_tell(ids)"))
    op.execute("DROP FUNCTION gateway.refresh_summaries(integer[])")
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
        *(f"{prefix}_{event}" for prefix in ("tell", "summarize") for event in CHANGED),
        "tell_everything",
        "summarize_truncated",
        "service_code_changed",
    ):
        op.execute(f"DROP FUNCTION gateway.{function} CASCADE")
    op.execute(
        "DROP FUNCTION gateway.try_to_tell, gateway.tell_changed, gateway.count_visits, "
        "gateway.count_revenue, gateway.count_packages, gateway.add_summaries, "
        "gateway.refresh_summaries, gateway.leave_recount, gateway.recount_summaries, "
        "gateway.summarize_customers"
    )
    op.execute("DROP TABLE gateway.customer_change, gateway.summary_recount, gateway.summary_day")
    op.execute("ALTER FUNCTION gateway.count_everything RENAME TO summarize_customers")
    op.execute(import_module("db.migrations.versions.0006_search").PROFILES)
    import_module("db.migrations.versions.0003_summary_triggers").upgrade()
