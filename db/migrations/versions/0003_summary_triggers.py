"""Keep the summaries right under any client's writes: statement triggers with transition tables."""

from alembic import op

from db.migrations import online

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Two writers of one customer: the second waits for the first one's lock on the summary, and only then reads
# the rows, in a statement and so a snapshot of its own. Locks are taken in the order of the numbers.
REFRESH = """
CREATE FUNCTION gateway.refresh_summaries(ids integer[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    INSERT INTO gateway.customer_summary (customer_id, total_visits, total_revenue, services)
    SELECT customer_id, 0, 0, 0 FROM public.customers WHERE customer_id = ANY (ids) ORDER BY customer_id
        ON CONFLICT (customer_id) DO NOTHING;
    PERFORM FROM gateway.customer_summary WHERE customer_id = ANY (ids) ORDER BY customer_id FOR UPDATE;
    PERFORM gateway.summarize_customers(ids, (now() AT TIME ZONE 'Asia/Seoul')::date);
EXCEPTION WHEN OTHERS THEN
    -- the center's own write must never fail for our sake
    RAISE WARNING 'gateway: the summaries of % customers were not refreshed (%)', cardinality(ids), SQLSTATE;
END
$function$;

CREATE FUNCTION gateway.summarize_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    PERFORM gateway.refresh_summaries(array_agg(DISTINCT customer_id))
       FROM inserted WHERE customer_id IS NOT NULL HAVING count(*) > 0;
    RETURN NULL;
END
$function$;

CREATE FUNCTION gateway.summarize_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    PERFORM gateway.refresh_summaries(array_agg(DISTINCT customer_id))
       FROM deleted WHERE customer_id IS NOT NULL HAVING count(*) > 0;
    RETURN NULL;
END
$function$;

CREATE FUNCTION gateway.summarize_updated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    PERFORM gateway.refresh_summaries(array_agg(customer_id))
       FROM (SELECT customer_id FROM deleted UNION SELECT customer_id FROM inserted) changed
      WHERE customer_id IS NOT NULL HAVING count(*) > 0;
    RETURN NULL;
END
$function$;
"""

TABLES = ("public.service_usage", "public.payments", "public.package_purchases", "gateway.session_detail")

# one transition table cannot serve several events, so each table has three triggers
TRIGGERS = """
CREATE TRIGGER gateway_summary_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.summarize_inserted();
CREATE TRIGGER gateway_summary_update AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS deleted NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.summarize_updated();
CREATE TRIGGER gateway_summary_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS deleted
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.summarize_deleted();
"""

NEW_CUSTOMERS = """
CREATE TRIGGER gateway_summary_insert AFTER INSERT ON public.customers REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.summarize_inserted();
"""


def upgrade() -> None:
    online.lock_tables(*TABLES, "public.customers")
    op.execute(REFRESH)
    for table in TABLES:
        op.execute(TRIGGERS.format(table=table))
    op.execute(NEW_CUSTOMERS)


def downgrade() -> None:
    # the triggers go with their functions
    for event in ("inserted", "updated", "deleted"):
        op.execute(f"DROP FUNCTION gateway.summarize_{event} CASCADE")
    op.execute("DROP FUNCTION gateway.refresh_summaries")
