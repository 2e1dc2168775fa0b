"""Search at a million customers: what is filtered and sorted by in one row, and rare text by its grams.

The grams are indexed on the center's customers: every visit writes a summary, and would write grams again.
"""

from alembic import context, op

from db.migrations import online

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WORDS = """
CREATE OR REPLACE FUNCTION gateway.name_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN lower(replace(normalize(name, NFKC), ' ', ''));

CREATE OR REPLACE FUNCTION gateway.phone_digits(phone text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN regexp_replace(coalesce(phone, ''), '[^0-9]', '', 'g');

CREATE OR REPLACE FUNCTION gateway.contract_level(label text) RETURNS varchar
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN coalesce(gateway.name_key(label), '') = '' THEN NULL
            WHEN gateway.name_key(label) IN ('basic', 'bronze') THEN 'basic'
            WHEN gateway.name_key(label) IN ('silver', 'gold', 'platinum', 'premium') THEN 'premium'
            WHEN gateway.name_key(label) = 'vip' THEN 'vip'
            ELSE 'other' END;
COMMENT ON FUNCTION gateway.contract_level IS 'The level of a center''s label, as db/vocabulary reads it';

CREATE OR REPLACE FUNCTION gateway.search_grams(name text, phone text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $function$
DECLARE
    letters text[] := string_to_array(lower(replace(normalize(name, NFKC), ' ', '')), NULL);
    digits  text := regexp_replace(coalesce(phone, ''), '[^0-9]', '', 'g');
    grams   text[] := letters;
BEGIN
    FOR i IN 1 .. coalesce(cardinality(letters), 0) - 1 LOOP
        grams := grams || (letters[i] || letters[i + 1]);
    END LOOP;
    FOR i IN 1 .. length(digits) - 2 LOOP
        grams := grams || ('#' || substr(digits, i, 3));
    END LOOP;
    RETURN grams;
END
$function$;
COMMENT ON FUNCTION gateway.search_grams IS 'Letters and pairs of a name, threes of a phone''s digits';
"""

COLUMNS = """
ALTER TABLE gateway.customer_summary
    ADD COLUMN IF NOT EXISTS name varchar(50) COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS name_key text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS phone_digits text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS membership_level varchar(20),
    -- an index is read without its table only where all rows of a page are known to be visible
    SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
COMMENT ON COLUMN gateway.customer_summary.name IS 'As in customers, here to sort by';
COMMENT ON COLUMN gateway.customer_summary.name_key IS 'The name as NFKC in small letters without spaces';
COMMENT ON COLUMN gateway.customer_summary.phone_digits IS 'The digits of the phone; empty without one';
COMMENT ON COLUMN gateway.customer_summary.membership_level IS
    'In the contract''s words: basic, premium, vip or other; null where the center gave none';
"""

# Writers add rows and never change one, so none waits for another; now and then one adds rows up.
COUNTS = """
CREATE TABLE IF NOT EXISTS gateway.customer_count (
    services         integer NOT NULL,
    membership_level varchar(20),
    risk_level       varchar(20),
    had_package      boolean NOT NULL,
    customers        integer NOT NULL
);
COMMENT ON TABLE gateway.customer_count IS 'How many customers there are of each kind, to be added up';
COMMENT ON COLUMN gateway.customer_count.customers IS 'To be added up; negative where some went';

CREATE OR REPLACE FUNCTION gateway.fold_customer_counts() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF pg_try_advisory_xact_lock(7346005) THEN
        WITH added AS (DELETE FROM gateway.customer_count RETURNING *)
        INSERT INTO gateway.customer_count
        SELECT services, membership_level, risk_level, had_package, sum(customers)
          FROM added GROUP BY 1, 2, 3, 4 HAVING sum(customers) <> 0;
    END IF;
EXCEPTION WHEN OTHERS THEN
    NULL;  -- another time: the center's own write must never fail for our sake
END
$function$;

-- Counted and replaced in one statement, so in one snapshot: whoever commits later adds rows to what is new.
CREATE OR REPLACE FUNCTION gateway.recount_customers() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    PERFORM pg_advisory_xact_lock(7346005);
    WITH gone AS (DELETE FROM gateway.customer_count)
    INSERT INTO gateway.customer_count
    SELECT services, membership_level, risk_level, last_package_ends_on IS NOT NULL, count(*)
      FROM gateway.customer_summary GROUP BY 1, 2, 3, 4;
END
$function$;

REVOKE ALL ON FUNCTION gateway.fold_customer_counts, gateway.recount_customers FROM PUBLIC;

CREATE OR REPLACE FUNCTION gateway.count_customer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO gateway.customer_count VALUES (
            OLD.services, OLD.membership_level, OLD.risk_level, OLD.last_package_ends_on IS NOT NULL, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO gateway.customer_count VALUES (
            NEW.services, NEW.membership_level, NEW.risk_level, NEW.last_package_ends_on IS NOT NULL, 1);
    END IF;
    IF random() < 0.002 THEN
        PERFORM gateway.fold_customer_counts();
    END IF;
    RETURN NULL;
END
$function$;

CREATE OR REPLACE TRIGGER gateway_count_customer AFTER INSERT OR DELETE ON gateway.customer_summary
    FOR EACH ROW EXECUTE FUNCTION gateway.count_customer();
CREATE OR REPLACE TRIGGER gateway_count_changed_customer AFTER UPDATE ON gateway.customer_summary
    FOR EACH ROW WHEN (
        OLD.services <> NEW.services
        OR OLD.membership_level IS DISTINCT FROM NEW.membership_level
        OR OLD.risk_level IS DISTINCT FROM NEW.risk_level
        OR (OLD.last_package_ends_on IS NULL) <> (NEW.last_package_ends_on IS NULL))
    EXECUTE FUNCTION gateway.count_customer();
"""

# A customer's own row is locked by then, so two writers of one name come here one after the other.
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
    -- the center's own write must never fail for our sake
    RAISE WARNING 'gateway: a changed name is not found yet (%)', SQLSTATE;
    RETURN NULL;
END
$function$;

CREATE OR REPLACE TRIGGER gateway_profile_insert AFTER INSERT ON public.customers
    FOR EACH ROW EXECUTE FUNCTION gateway.summarize_profile();
CREATE OR REPLACE TRIGGER gateway_profile_update AFTER UPDATE ON public.customers
    FOR EACH ROW WHEN (
        OLD.name IS DISTINCT FROM NEW.name OR OLD.phone IS DISTINCT FROM NEW.phone
        OR OLD.membership_level IS DISTINCT FROM NEW.membership_level)
    EXECUTE FUNCTION gateway.summarize_profile();
"""

# 0002's, with the columns above and the recount
SUMMARY = """
CREATE OR REPLACE FUNCTION gateway.summarize_customers(ids integer[], today date) RETURNS bigint
LANGUAGE plpgsql AS $function$
DECLARE
    summarized bigint;
BEGIN
    -- planned anew for each call: one customer wants indexes, all of them want whole tables
    EXECUTE format($query$
WITH owner AS (
    SELECT customer_id, name, phone, membership_level::text AS label FROM public.customers WHERE %s
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
        average_satisfaction, services, package_ends_on, last_package_ends_on, computed_at,
        name, name_key, phone_digits, membership_level)
    SELECT customer_id, visit.first_on, visit.last_on, coalesce(visit.visits, 0),
           round((visit.last_on - visit.first_on)::numeric / nullif(visit.visits - 1, 0)),
           coalesce(paid.revenue, 0), round(visit.satisfaction, 2), coalesce(visit.services, 0),
           package.usable_end, package.any_end, now(),
           owner.name, gateway.name_key(owner.name), gateway.phone_digits(owner.phone),
           gateway.contract_level(owner.label)
      FROM owner LEFT JOIN visit USING (customer_id) LEFT JOIN paid USING (customer_id)
      LEFT JOIN package USING (customer_id)
     ORDER BY customer_id
        ON CONFLICT (customer_id) DO UPDATE SET
           first_visit_on = excluded.first_visit_on, last_visit_on = excluded.last_visit_on,
           total_visits = excluded.total_visits, average_interval_days = excluded.average_interval_days,
           total_revenue = excluded.total_revenue, average_satisfaction = excluded.average_satisfaction,
           services = excluded.services, package_ends_on = excluded.package_ends_on,
           last_package_ends_on = excluded.last_package_ends_on, computed_at = excluded.computed_at,
           name = excluded.name, name_key = excluded.name_key, phone_digits = excluded.phone_digits,
           membership_level = excluded.membership_level
    RETURNING 1
)
SELECT count(*) FROM stored
    $query$, CASE WHEN ids IS NULL THEN 'true' ELSE 'customer_id = ANY ($1)' END)
    INTO summarized USING ids, today;
    IF ids IS NULL AND current_setting('session_replication_role') = 'replica' THEN
        PERFORM gateway.recount_customers();  -- a load leaves triggers out, which would have counted
    END IF;
    RETURN summarized;
END
$function$;
"""

# For customers that were there before the triggers. The customers are locked first, as whoever renames one
# does it, so that no old name is written over a new one.
FILL = """
WITH known AS (
    SELECT customer_id, name, phone, membership_level::text AS label
      FROM public.customers WHERE customer_id BETWEEN :since AND :until ORDER BY customer_id FOR SHARE
)
UPDATE gateway.customer_summary s
   SET name = k.name, name_key = gateway.name_key(k.name), phone_digits = gateway.phone_digits(k.phone),
       membership_level = gateway.contract_level(k.label)
  FROM known k
 WHERE s.customer_id = k.customer_id
   AND (s.name, s.phone_digits, s.membership_level)
       IS DISTINCT FROM (k.name, gateway.phone_digits(k.phone), gateway.contract_level(k.label))
"""

LAST_VISIT = "coalesce(last_visit_on, '0001-01-01'::date)"
FILTERED = ("services", "membership_level", "risk_level", "package_ends_on", "last_package_ends_on",
            "last_visit_on", "name_key", "phone_digits")  # fmt: skip
KEYS = {
    "last_visit": (LAST_VISIT,),
    "total_visits": ("total_visits",),
    "total_revenue": ("total_revenue",),
    "name": ("name",),
    "risk": ("risk_level", LAST_VISIT),
    "package": ("package_ends_on",),
}

# whoever fills the list of what is pending empties it: a small one takes no writer long
GRAMS = "USING gin (gateway.search_grams(name, phone)) WITH (gin_pending_list_limit = 256)"


def upgrade() -> None:
    online.lock_tables("public.customers", "gateway.customer_summary")
    for statements in (WORDS, COLUMNS, PROFILES, SUMMARY):
        op.execute(statements)
    online.backfill("public.customers", "customer_id", FILL, batch=2_000)
    for name, keys in KEYS.items():
        held = ", ".join(column for column in FILTERED if column not in keys)
        online.build_index(
            "gateway.customer_summary",
            f"ix_gateway_customer_summary_{name}",
            f"({', '.join(keys)}, customer_id) INCLUDE ({held})",
        )
    online.build_index("public.customers", "gateway_customers_by_gram", GRAMS)
    online.lock_tables("gateway.customer_summary")
    op.execute(COUNTS)
    with op.get_context().autocommit_block():  # not under the triggers' lock: it reads every summary
        op.execute("SELECT gateway.recount_customers()")


def downgrade() -> None:
    before = context.script.get_revision("0002").module.SUMMARY
    op.execute(before.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    # triggers and the index of grams go with their functions, the other indexes with their columns
    op.execute(
        "DROP FUNCTION gateway.summarize_profile, gateway.count_customer, gateway.recount_customers, "
        "gateway.fold_customer_counts, gateway.search_grams, gateway.contract_level, gateway.phone_digits, "
        "gateway.name_key CASCADE"
    )
    op.execute("DROP TABLE gateway.customer_count")
    op.execute(
        "ALTER TABLE gateway.customer_summary DROP COLUMN name, DROP COLUMN name_key, "
        "DROP COLUMN phone_digits, DROP COLUMN membership_level"
    )
