"""The disclosure audit, and a role for the gateway that may add to it and never change it."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE gateway.audit_record (
    chain         uuid NOT NULL,
    seq           bigint NOT NULL,
    at            timestamptz NOT NULL,
    actor         text,
    role          text,
    address       text,
    user_agent    text,
    door          text NOT NULL,
    task          text NOT NULL,
    operation     text,
    document_hash text,
    outcome       text NOT NULL,
    request_id    text NOT NULL,
    customers     integer[] NOT NULL,
    disclosures   jsonb NOT NULL,
    previous      bytea NOT NULL,
    hash          bytea NOT NULL,
    PRIMARY KEY (chain, seq, at)
) PARTITION BY RANGE (at);
CREATE INDEX ix_gateway_audit_record_at ON gateway.audit_record (at, chain, seq);
CREATE INDEX ix_gateway_audit_record_actor_at ON gateway.audit_record (actor, at);
-- whoever fills the pending list empties it while every answer waits: 4 MB of it take 400 ms, 256 kB take 40
CREATE INDEX ix_gateway_audit_record_customers ON gateway.audit_record USING gin (customers)
    WITH (gin_pending_list_limit = 256);
COMMENT ON COLUMN gateway.audit_record.customers IS 'Everybody in the disclosures, once, in order';
COMMENT ON COLUMN gateway.audit_record.disclosures IS
    'A list of objects: customers, and the field classes returned, masked and denied of them';
COMMENT ON COLUMN gateway.audit_record.previous IS 'The hash before this one in the chain';
COMMENT ON COLUMN gateway.audit_record.hash IS 'SHA-256 of the previous hash and this row';

CREATE TABLE gateway.audit_chain (
    chain       uuid PRIMARY KEY,
    seq         bigint NOT NULL,
    hash        bytea NOT NULL,
    at          timestamptz NOT NULL,
    purged_seq  bigint NOT NULL DEFAULT 0,
    purged_hash bytea
);
COMMENT ON COLUMN gateway.audit_chain.seq IS 'The number of the last record';
COMMENT ON COLUMN gateway.audit_chain.hash IS 'The hash of the last record';
COMMENT ON COLUMN gateway.audit_chain.at IS 'The time of the last record';
COMMENT ON COLUMN gateway.audit_chain.purged_seq IS
    'The last record that a purge removed; 0 where nothing was';
COMMENT ON COLUMN gateway.audit_chain.purged_hash IS 'The hash of the last record that a purge removed';
"""

# Refused to the owner too. A purge drops whole months, which fires no trigger.
UNCHANGED = """
CREATE FUNCTION gateway.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    RAISE EXCEPTION 'gateway: audit records are never changed or removed one by one (% refused)', TG_OP
          USING ERRCODE = 'insufficient_privilege';
END
$function$;

CREATE TRIGGER gateway_audit_unchanged BEFORE UPDATE OR DELETE ON gateway.audit_record
    FOR EACH ROW EXECUTE FUNCTION gateway.refuse_audit_change();
CREATE TRIGGER gateway_audit_untruncated BEFORE TRUNCATE ON gateway.audit_record
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.refuse_audit_change();
"""

# A month is made beside the table and attached: CREATE ... PARTITION OF would wait for every reader of the
# audit, and every writer would wait behind it.
PARTITIONS = """
CREATE FUNCTION gateway.ensure_audit_partition(month date) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    since timestamp := date_trunc('month', month::timestamp);
    name  text := 'audit_record_' || to_char(since, 'YYYY_MM');
BEGIN
    IF to_regclass('gateway.' || name) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(7346002);
    IF to_regclass('gateway.' || name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE gateway.%I (LIKE gateway.audit_record)', name);
    EXECUTE format('CREATE TRIGGER gateway_audit_untruncated BEFORE TRUNCATE ON gateway.%I '
                   'FOR EACH STATEMENT EXECUTE FUNCTION gateway.refuse_audit_change()', name);
    EXECUTE format('ALTER TABLE gateway.audit_record ATTACH PARTITION gateway.%I '
                   'FOR VALUES FROM (%L) TO (%L)',
                   name, since AT TIME ZONE 'UTC', (since + interval '1 month') AT TIME ZONE 'UTC');
    RETURN true;
END
$function$;
COMMENT ON FUNCTION gateway.ensure_audit_partition IS
    'Makes the partition of one month (UTC) of the audit records; false where it is there already';

CREATE FUNCTION gateway.ensure_audit_partitions(months integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
    SELECT count(*) FILTER (WHERE gateway.ensure_audit_partition(
               ((now() AT TIME ZONE 'UTC') + make_interval(months => ahead))::date))::integer
      FROM generate_series(0, least(months, 24)) AS ahead
$function$;
COMMENT ON FUNCTION gateway.ensure_audit_partitions IS
    'Makes the partitions of this month (UTC) and of as many that follow; returns how many were missing';

REVOKE ALL ON FUNCTION gateway.ensure_audit_partition, gateway.ensure_audit_partitions FROM PUBLIC;
SELECT gateway.ensure_audit_partitions(3);
"""

# A role is the whole server's: another database of ours may have made it, or may be making it right now.
ROLE = """
DO $block$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'wellness_gateway') THEN
        CREATE ROLE wellness_gateway NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN
        NULL;
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'gateway: % may not create the role wellness_gateway, so the gateway has all rights of '
                     'its user; create the role and grant it what this migration grants', current_user;
END
$block$;

DO $block$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'wellness_gateway')
       AND NOT pg_has_role('wellness_gateway', CASE WHEN current_setting('server_version_num')::integer
                                                         >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
        GRANT wellness_gateway TO CURRENT_USER;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'gateway: % may not act as wellness_gateway; somebody who may has to grant it', current_user;
END
$block$;
"""

# What the gateway reads and what it writes, and nothing else: of the staff, not their passwords' hashes.
# The audit's months are written through their table only.
GRANTS = """
DO $block$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'wellness_gateway') THEN
        RETURN;
    END IF;
    GRANT USAGE ON SCHEMA public, gateway TO wellness_gateway;
    GRANT SELECT ON public.customers, public.customer_preferences, public.service_types, public.packages,
                    public.service_usage, public.payments, public.package_purchases TO wellness_gateway;
    GRANT SELECT (user_id, email, name, role, is_active) ON public.users TO wellness_gateway;
    GRANT UPDATE ON public.customers TO wellness_gateway;
    GRANT INSERT, UPDATE ON public.customer_preferences TO wellness_gateway;
    GRANT USAGE ON SEQUENCE public.customer_preferences_preference_id_seq TO wellness_gateway;

    GRANT SELECT ON gateway.alembic_version, gateway.service_code, gateway.session_detail,
                    gateway.package_breakdown, gateway.health_observation, gateway.customer_summary,
                    gateway.population_quantiles, gateway.audit_record, gateway.audit_chain
       TO wellness_gateway;
    GRANT INSERT, UPDATE ON gateway.population_quantiles TO wellness_gateway;
    GRANT INSERT ON gateway.audit_record, gateway.audit_chain TO wellness_gateway;
    GRANT UPDATE (seq, hash, at) ON gateway.audit_chain TO wellness_gateway;
    GRANT EXECUTE ON FUNCTION gateway.ensure_audit_partitions TO wellness_gateway;
    -- tables to come may be read; what may be written, their own migrations say
    ALTER DEFAULT PRIVILEGES IN SCHEMA gateway GRANT SELECT ON TABLES TO wellness_gateway;
END
$block$;
"""

# the role stays: it is the whole server's
REVOKES = """
DO $block$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'wellness_gateway') THEN
        RETURN;
    END IF;
    ALTER DEFAULT PRIVILEGES IN SCHEMA gateway REVOKE SELECT ON TABLES FROM wellness_gateway;
    REVOKE ALL ON ALL TABLES IN SCHEMA public, gateway FROM wellness_gateway;
    REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM wellness_gateway;
    REVOKE ALL ON SCHEMA public, gateway FROM wellness_gateway;
END
$block$;
"""


def upgrade() -> None:
    for statements in (TABLES, UNCHANGED, PARTITIONS, ROLE, GRANTS):
        op.execute(statements)


def downgrade() -> None:
    op.execute(REVOKES)
    op.execute("DROP TABLE gateway.audit_record, gateway.audit_chain")
    op.execute("DROP FUNCTION gateway.ensure_audit_partitions, gateway.ensure_audit_partition")
    op.execute("DROP FUNCTION gateway.refuse_audit_change")
