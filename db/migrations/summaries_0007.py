"""How migration 0007 counts summaries: within the writer's transaction, or after it."""

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

VISIT_FIGURES = """
       visit.first_on, visit.last_on, coalesce(visit.visits, 0) AS visits,
       round((visit.last_on - visit.first_on)::numeric / nullif(visit.visits - 1, 0)) AS interval_days,
       round(visit.satisfaction, 2) AS satisfaction, coalesce(visit.services, 0) AS services
"""

PROFILE = """
       owner.name, gateway.name_key(owner.name), gateway.phone_digits(owner.phone),
       gateway.contract_level(owner.membership_level::text)
"""

# Of a few customers a write changes one part, read by indexes in a plan that is made once a session. Of many
# all parts are read, by the function that counted before, in a plan made each time.
COUNT = f"""
CREATE FUNCTION gateway.count_visits(ids integer[], today date) RETURNS void
LANGUAGE plpgsql AS $function$
BEGIN
    UPDATE gateway.customer_summary s
       SET first_visit_on = f.first_on, last_visit_on = f.last_on, total_visits = f.visits,
           average_interval_days = f.interval_days, average_satisfaction = f.satisfaction,
           services = f.services, computed_at = now()
      FROM unnest(ids) AS owner (customer_id)
     CROSS JOIN LATERAL (SELECT {VISIT.format(today="today")} AND u.customer_id = owner.customer_id) visit
     CROSS JOIN LATERAL (SELECT {VISIT_FIGURES}) f
     WHERE s.customer_id = owner.customer_id;
END
$function$;

CREATE FUNCTION gateway.count_revenue(ids integer[], today date) RETURNS void
LANGUAGE plpgsql AS $function$
BEGIN
    UPDATE gateway.customer_summary s
       SET total_revenue = coalesce(paid.revenue, 0), computed_at = now()
      FROM unnest(ids) AS owner (customer_id)
     CROSS JOIN LATERAL (SELECT {PAID.format(today="today")} AND p.customer_id = owner.customer_id) paid
     WHERE s.customer_id = owner.customer_id;
END
$function$;

CREATE FUNCTION gateway.count_packages(ids integer[]) RETURNS void
LANGUAGE plpgsql AS $function$
BEGIN
    UPDATE gateway.customer_summary s
       SET package_ends_on = package.usable_end, last_package_ends_on = package.any_end, computed_at = now()
      FROM unnest(ids) AS owner (customer_id)
     CROSS JOIN LATERAL (SELECT {PACKAGE} WHERE k.customer_id = owner.customer_id) package
     WHERE s.customer_id = owner.customer_id;
END
$function$;

-- as it is by now: a migration may have added columns to it
ALTER FUNCTION gateway.summarize_customers RENAME TO count_everything;

CREATE FUNCTION gateway.add_summaries(ids integer[]) RETURNS void LANGUAGE plpgsql AS $function$
BEGIN
    INSERT INTO gateway.customer_summary (
           customer_id, total_visits, total_revenue, services, name, name_key, phone_digits, membership_level)
    SELECT owner.customer_id, 0, 0, 0, {PROFILE}
      FROM public.customers owner WHERE owner.customer_id = ANY (ids) ORDER BY owner.customer_id
        ON CONFLICT (customer_id) DO NOTHING;
END
$function$;

CREATE FUNCTION gateway.summarize_customers(ids integer[], today date) RETURNS bigint
LANGUAGE plpgsql AS $function$
BEGIN
    PERFORM gateway.tell_changed(ids);
    RETURN gateway.count_everything(ids, today);
END
$function$;
COMMENT ON FUNCTION gateway.summarize_customers IS
    'Recomputes the summaries of the customers named (all when null) as of a day in Seoul, and tells of it';
"""

# Two writers of one customer: the second waits for the first one's lock on the summary, and only then reads
# the rows, in a statement and so a snapshot of its own. Locks are taken in the order of the numbers.
# Its triggers set how long: the wait ends before the server would look for a deadlock, which might choose the
# center's own statement.
# A serializable transaction must not even read here: that alone could make it fail at its commit.
REFRESH = """
CREATE FUNCTION gateway.refresh_summaries(ids integer[], source text) RETURNS void
LANGUAGE plpgsql AS $function$
DECLARE
    today  date := (now() AT TIME ZONE 'Asia/Seoul')::date;
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
    IF cardinality(ids) > 500 OR locked < cardinality(ids) THEN
        PERFORM gateway.count_everything(ids, today);
    ELSIF source = 'payments' THEN
        PERFORM gateway.count_revenue(ids, today);
    ELSIF source = 'package_purchases' THEN
        PERFORM gateway.count_packages(ids);
    ELSE
        PERFORM gateway.count_visits(ids, today);
    END IF;
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
    PERFORM gateway.count_everything(ids, today);
    RETURN cardinality(ids);
END
$function$;
COMMENT ON FUNCTION gateway.recount_summaries IS
    'Counts up to so many customers anew who were left for it, or whose rows were written ahead for a day '
    'that has begun; returns how many';
REVOKE ALL ON FUNCTION gateway.recount_summaries FROM PUBLIC;
"""
