"""The demo center: 김영희 as the contract prints her, and rows that agree with each other."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from db.demo import HARD_CASES, CenterNotEmpty, DemoPlan, load_demo, simulated
from db.demo.arrays import Rng, day_number, weekdays
from db.demo.chunk import draw_chunk
from db.demo.copying import encode
from db.demo.indexes import without_indexes
from db.demo.kim_younghee import CUSTOMER_ID, EXAMPLE_DAY
from db.demo.load import customer_ids
from db.demo.numbering import Numbering, Numbers
from db.demo.packages import NONE
from db.demo.profiles import draw_profiles
from db.demo.rows import chunk_rows
from db.demo.sessions import COMPLETED, SCHEDULED
from db.demo.visits import History, simulate
from db.migrate import migrate

PLAN = DemoPlan(today=EXAMPLE_DAY, customers=300)
TODAY = day_number(EXAMPLE_DAY)
THOUSANDS = 20_000

TABLES = """
SELECT table_schema, table_name FROM information_schema.tables
 WHERE table_schema IN ('public', 'gateway') AND table_name !~ 'alembic'
   AND table_type = 'BASE TABLE' ORDER BY 1, 2
"""
DIGEST = """
SELECT count(*), md5(string_agg(document::text, ' ' ORDER BY document))
  FROM (SELECT to_jsonb(t) - 'computed_at' AS document FROM {} t) documents
"""
ANSWERS = "SELECT action FROM gateway.recommendation_feedback WHERE customer_id = %s ORDER BY 1"
ACCEPTED_AND_FOLLOWED = """
SELECT count(*) AS accepted,
       count(*) FILTER (WHERE EXISTS (
            SELECT FROM service_usage u JOIN gateway.session_detail d USING (customer_id, usage_id)
              JOIN gateway.service_code c USING (service_type_id)
             WHERE u.customer_id = f.customer_id AND c.code = r.subject AND d.status = 'completed'
               AND u.service_date - f.created_at::date BETWEEN 1 AND 30)) AS followed
  FROM gateway.recommendation_feedback f JOIN gateway.recommendation r USING (customer_id, recommendation_id)
 WHERE f.action = 'accepted' AND f.customer_id = %s
"""
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname IN ('public', 'gateway') ORDER BY 1"
CLUSTERED = "SELECT FROM pg_index WHERE indisclustered"
FOREIGN_KEYS = (
    "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'"
)

CONTRADICTIONS = {
    "used sessions are those that name the purchase": """
        SELECT purchase_id FROM package_purchases p
         WHERE used_sessions <> (
                SELECT count(*) FROM gateway.session_detail d WHERE d.purchase_id = p.purchase_id)
            OR remaining_sessions <> total_sessions - used_sessions""",
    "the breakdown is that of the sessions": """
        SELECT b.purchase_id FROM gateway.package_breakdown b
         WHERE used_sessions <> (
            SELECT count(*) FROM gateway.session_detail d JOIN service_usage USING (usage_id)
              JOIN gateway.service_code c USING (service_type_id)
             WHERE d.purchase_id = b.purchase_id AND c.code = b.service_code)""",
    "a package pays within its time, for its own customer": """
        SELECT usage_id FROM gateway.session_detail d JOIN service_usage u USING (usage_id)
          JOIN package_purchases p USING (purchase_id)
         WHERE u.service_date NOT BETWEEN p.purchase_date AND p.expiry_date
            OR p.customer_id <> d.customer_id OR u.customer_id <> d.customer_id
            OR u.package_id <> p.package_id""",
    "sessions lie within the opening hours": """
        SELECT usage_id FROM gateway.session_detail JOIN service_usage USING (usage_id),
               LATERAL (SELECT extract(isodow FROM service_date) AS day) AS week
         WHERE start_time < CASE week.day WHEN 7 THEN time '10:00' ELSE time '09:00' END
            OR start_time + make_interval(mins => duration_minutes)
               > CASE week.day WHEN 7 THEN time '17:00' WHEN 6 THEN time '18:00' ELSE time '21:00' END""",
    "stored totals are those of the summary": """
        SELECT customer_id FROM customers c JOIN gateway.customer_summary s USING (customer_id)
         WHERE (c.total_visits, c.last_visit_date, c.total_revenue, c.average_visit_interval,
                c.average_satisfaction)
               IS DISTINCT FROM (s.total_visits, s.last_visit_on, s.total_revenue, s.average_interval_days,
                s.average_satisfaction)""",
    "every reservation is of a scheduled session": """
        SELECT reservation_id FROM reservations r
         WHERE NOT EXISTS (
            SELECT FROM service_usage u JOIN gateway.session_detail d USING (usage_id)
             WHERE u.customer_id = r.customer_id AND u.service_date = r.reservation_date
               AND u.service_type_id = r.service_type_id AND d.start_time = r.reservation_time
               AND d.status = 'scheduled' AND u.service_date > date '2024-06-06')""",
    "a package of the catalogue holds what its purchases hold": """
        SELECT purchase_id FROM package_purchases p
         WHERE p.total_sessions <> (
                SELECT coalesce(sum(sessions), 0) FROM gateway.package_service s
                 WHERE s.package_id = p.package_id)
            OR EXISTS (
                SELECT FROM gateway.package_breakdown b
                  LEFT JOIN gateway.package_service s
                         ON s.package_id = p.package_id AND s.service_code = b.service_code
                 WHERE b.purchase_id = p.purchase_id AND b.total_sessions IS DISTINCT FROM s.sessions)""",
    "what was recommended has expired, and is stored as it was shown": """
        SELECT recommendation_id FROM gateway.recommendation
         WHERE expires_at <> generated_at + interval '24 hours'
            OR (expires_at AT TIME ZONE 'Asia/Seoul')::date >= date '2024-06-06'
            OR (content ->> 'confidence')::float8 <> confidence OR (content ->> 'prior')::float8 <> prior
            OR content -> 'goals' <> to_jsonb(goals) OR content -> 'factors' <> to_jsonb(factors)
            OR coalesce(content ->> 'service', content ->> 'package_id') <> subject""",
    "goals have a say only if they were stated, and only where health data had one": """
        SELECT recommendation_id FROM gateway.recommendation JOIN customers USING (customer_id)
         WHERE goals <> '{}' AND (health_goals IS NULL OR basis <> 'full')""",
    "feedback belongs to a recommendation of its customer and was told on its day by staff": """
        SELECT recommendation_id FROM gateway.recommendation_feedback f
         WHERE NOT EXISTS (
                SELECT FROM gateway.recommendation r
                 WHERE r.customer_id = f.customer_id AND r.recommendation_id = f.recommendation_id
                   AND f.created_at BETWEEN r.generated_at AND r.expires_at)
            OR actor NOT IN (SELECT email FROM users WHERE is_active)""",
    "a payment is for its customer's purchase or session": """
        SELECT payment_id FROM payments p
         WHERE reference_type = 'package_purchase' AND NOT EXISTS (
                SELECT FROM package_purchases q
                 WHERE q.purchase_id = p.reference_id AND q.customer_id = p.customer_id)
            OR reference_type = 'service_usage' AND NOT EXISTS (
                SELECT FROM service_usage u
                 WHERE u.usage_id = p.reference_id AND u.service_date = p.payment_date
                   AND u.customer_id = p.customer_id)""",
}


class Center:
    """A demo center that tests read."""

    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        self._connection = connection

    def rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: object) -> dict[str, Any]:
        (row,) = self.rows(statement, *values)
        return row


def load(url: str, plan: DemoPlan = PLAN) -> list[tuple[str, float]]:
    steps: list[tuple[str, float]] = []
    load_demo(url, plan, lambda step, done: steps.append((step, done)))
    return steps


def history(customers: int = THOUSANDS) -> History:
    rng = np.random.default_rng(7)
    return simulate(draw_profiles(customers, TODAY, rng), TODAY, rng)


def seeded(seed: int) -> Rng:
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def center(databases: Any) -> Iterator[Center]:
    with databases.temporary() as url:
        migrate(url)
        load(url)
        with psycopg.connect(url, row_factory=dict_row, autocommit=True) as connection:
            yield Center(connection)


@pytest.fixture
def migrated_url(empty_database_url: str) -> str:
    migrate(empty_database_url)
    return empty_database_url


def test_kim_younghee_has_the_totals_that_the_contract_prints(center: Center) -> None:
    summary = center.row("SELECT * FROM gateway.customer_summary WHERE customer_id = %s", CUSTOMER_ID)

    assert summary["total_visits"] == 12
    assert summary["average_interval_days"] == 14
    assert summary["last_visit_on"] == date(2024, 5, 30)
    assert summary["total_revenue"] == 2_500_000
    assert float(summary["average_satisfaction"]) == 4.8
    assert summary["package_ends_on"] == date(2024, 7, 1)


def test_kim_younghees_newest_session_is_the_printed_one(center: Center) -> None:
    newest = center.row(
        """SELECT usage_id, service_date, service_name, duration_minutes, satisfaction_rating,
                  session_details, created_by, package_name
             FROM service_usage JOIN gateway.session_detail USING (customer_id, usage_id)
             JOIN service_types USING (service_type_id) JOIN packages USING (package_id)
            WHERE customer_id = %s ORDER BY service_date DESC, usage_id DESC LIMIT 1""",
        CUSTOMER_ID,
    )

    assert list(newest.values()) == [
        456,
        date(2024, 5, 30),
        "브레인 피드백",
        40,
        5,
        "컨디션 매우 좋음",
        "이직원",
        "프리미엄 케어 패키지",
    ]


def test_kim_younghees_package_is_used_as_printed(center: Center) -> None:
    package = center.row("SELECT * FROM package_purchases WHERE customer_id = %s", CUSTOMER_ID)
    shares = center.rows("SELECT * FROM gateway.package_breakdown WHERE purchase_id = 789")

    assert package["purchase_id"] == 789
    assert (package["total_sessions"], package["used_sessions"], package["remaining_sessions"]) == (
        40,
        18,
        22,
    )
    assert (package["purchase_date"], package["expiry_date"]) == (date(2024, 4, 1), date(2024, 7, 1))
    assert {share["service_code"]: share["used_sessions"] for share in shares} == {
        "brain": 8,
        "pulse": 6,
        "lymph": 4,
        "red": 0,
    }


def test_kim_younghee_paid_in_the_first_months_what_is_printed(center: Center) -> None:
    months = center.rows(
        """SELECT to_char(payment_date, 'MM') AS month, sum(amount) AS paid FROM payments
            WHERE customer_id = %s AND payment_date < '2024-04-01' GROUP BY 1 ORDER BY 1""",
        CUSTOMER_ID,
    )

    assert [month["paid"] for month in months] == [350_000, 450_000, 420_000]


def test_kim_younghees_measurements_change_as_printed(center: Center) -> None:
    measured = center.rows(
        "SELECT * FROM gateway.health_observation WHERE customer_id = %s ORDER BY observed_on",
        CUSTOMER_ID,
    )

    values = {
        row["metric"]: [each["value"] for each in measured if each["metric"] == row["metric"]]
        for row in measured
    }
    assert values == {
        "stress_level": [7, 7, 4, 4],
        "sleep_quality": [6, 6, 8, 8],
        "focus_level": [5, 5, 8, 8],
    }


def test_kim_younghee_followed_eleven_of_the_thirteen_recommendations_that_she_accepted(
    center: Center,
) -> None:
    followed = center.row(ACCEPTED_AND_FOLLOWED, CUSTOMER_ID)

    assert followed == {"accepted": 13, "followed": 11}  # 85%, as printed


def test_kim_younghees_dates_move_with_today(migrated_url: str) -> None:
    load(migrated_url, DemoPlan(today=date(2024, 6, 16), customers=20))

    with psycopg.connect(migrated_url) as connection:
        row = connection.execute(
            "SELECT last_visit_date, updated_at::text FROM customers WHERE customer_id = 123"
        ).fetchone()
    assert row == (date(2024, 6, 9), "2024-06-09 15:30:00")


@pytest.mark.parametrize("rule", CONTRADICTIONS)
def test_rows_agree_with_each_other(center: Center, rule: str) -> None:
    assert center.rows(CONTRADICTIONS[rule]) == []


def test_the_summaries_are_what_the_database_itself_would_store(migrated_url: str) -> None:
    load(migrated_url)

    with psycopg.connect(migrated_url) as connection:
        loaded = digest(connection, "gateway", "customer_summary")
        connection.execute("SELECT gateway.summarize_customers(NULL, %s)", [EXAMPLE_DAY])
        assert digest(connection, "gateway", "customer_summary") == loaded


def test_every_reference_finds_its_row(migrated_url: str) -> None:
    load(migrated_url)

    with psycopg.connect(migrated_url, autocommit=True) as connection:
        for table, definition in connection.execute(FOREIGN_KEYS).fetchall():
            connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT again {definition}")
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT again")


def test_every_hard_case_is_there(center: Center) -> None:
    ids = {row["customer_id"] for row in center.rows("SELECT customer_id FROM customers")}

    assert set(HARD_CASES.values()) == set(range(124, 141))
    assert ids == set(range(1, 301))


def test_hard_cases_are_what_they_say(center: Center) -> None:
    def summary(case: str) -> dict[str, Any]:
        return center.row("SELECT * FROM gateway.customer_summary WHERE customer_id = %s", HARD_CASES[case])

    def customer(case: str) -> dict[str, Any]:
        return center.row("SELECT * FROM customers WHERE customer_id = %s", HARD_CASES[case])

    assert summary("no_visits")["total_visits"] == summary("nothing_held")["total_visits"] == 0
    assert summary("one_visit")["total_visits"] == summary("one_day")["total_visits"] == 1
    assert summary("fully_refunded")["total_revenue"] == 0
    assert summary("never_rated")["average_satisfaction"] is None
    assert summary("unknown_service")["services"] == 32
    assert summary("every_service")["services"] == 63
    assert summary("duplicates")["total_visits"] == 3
    assert summary("expired")["package_ends_on"] < EXAMPLE_DAY
    assert customer("unknown_level")["membership_level"] == "family"
    assert customer("dirty_row")["phone"] == customer("dirty_row")["gender"] == ""
    assert customer("dirty_row")["membership_level"] is None
    assert customer("before_sign_up")["first_visit_date"] > summary("before_sign_up")["first_visit_on"]
    assert customer("same_name_first")["name"] == customer("same_name_second")["name"]
    assert [row["action"] for row in center.rows(ANSWERS, HARD_CASES["turned_down"])] == [
        "deferred",
        "rejected",
        "rejected",
    ]
    assert customer("same_name_first")["phone"][-4:] == customer("same_name_second")["phone"][-4:]


def test_the_next_row_of_the_center_gets_an_id_of_its_own(migrated_url: str) -> None:
    load(migrated_url)

    with psycopg.connect(migrated_url) as connection:
        row = connection.execute(
            "INSERT INTO customers (name) VALUES ('새 고객') RETURNING customer_id"
        ).fetchone()
    assert row == (301,)


def test_nobody_can_sign_in_and_mail_goes_nowhere(center: Center) -> None:
    addresses = center.rows("SELECT email FROM customers UNION SELECT email FROM users")

    assert center.rows("SELECT FROM users WHERE password_hash <> '!'") == []
    assert all(
        not row["email"] or row["email"].split("@")[1].split(".")[0] in {"example", "center"}
        for row in addresses
    )


def test_phones_belong_to_no_subscriber_and_to_one_customer(center: Center) -> None:
    rows = center.rows(
        "SELECT replace(phone, '-', '') AS phone FROM customers WHERE phone <> '' AND customer_id <> 123"
    )
    phones = [row["phone"] for row in rows]

    assert all(phone.startswith(("0100", "0101")) and len(phone) == 11 for phone in phones)
    assert len(set(phones)) == len(phones)


def test_one_plan_makes_one_center(databases: Any) -> None:
    digested: list[dict[str, Any]] = []
    for _ in range(2):
        with databases.temporary() as url:
            migrate(url)
            load(url)
            digested.append(digests(url))

    assert digested[0] == digested[1]


@pytest.mark.slow
def test_a_large_center_is_the_same_however_it_is_loaded(databases: Any) -> None:
    """Two tables at a time into new files, as a superuser may; or row by row past every check."""
    plan = DemoPlan(today=EXAMPLE_DAY, customers=5_200)
    with databases.temporary() as url, databases.temporary() as other:
        for each in (url, other):
            migrate(each)
        load(url, plan)
        load(as_plain_owner(other), plan)

        assert digests(url) == digests(other)
        with psycopg.connect(url) as one, psycopg.connect(other) as another:
            assert one.execute(INDEXES).fetchall() == another.execute(INDEXES).fetchall()
            assert one.execute(CLUSTERED).fetchall() == []


def digest(connection: psycopg.Connection, schema: str, name: str) -> Any:
    return connection.execute(sql.SQL(DIGEST).format(sql.Identifier(schema, name))).fetchone()


def digests(url: str) -> dict[str, Any]:
    """Return the rows of each table, what is added up in one row a kind, and without words of changes."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT gateway.fold_customer_counts()")
        connection.execute("DELETE FROM gateway.customer_change")
        tables = connection.execute(TABLES).fetchall()
        return {name: digest(connection, schema, name) for schema, name in tables}


def test_another_seed_makes_other_customers() -> None:
    ids = customer_ids(100)

    one, other = (draw_chunk(ids, EXAMPLE_DAY, seeded(seed)).people.name for seed in (1, 2))
    assert one.tolist() != other.tolist()


def test_a_younger_center_has_fewer_visits_a_customer() -> None:
    plans = (DemoPlan(today=EXAMPLE_DAY, customers=THOUSANDS // 10, days=days) for days in (180, 1095))
    young, old = (next(simulated(plan)) for plan in plans)

    assert young.history.truth.profiles.signed_up.min() > TODAY - 180
    assert 3 * len(young.history.visits.day) < len(old.history.visits.day)


def test_a_center_with_customers_is_left_alone(migrated_url: str) -> None:
    load(migrated_url)

    with pytest.raises(CenterNotEmpty):
        load(migrated_url)


def test_a_load_that_breaks_leaves_the_center_empty(migrated_url: str) -> None:
    class Unplugged(Exception):
        pass

    def unplug(step: str, _: float) -> None:
        if step == "summary":
            raise Unplugged

    with pytest.raises(Unplugged):
        load_demo(migrated_url, PLAN, unplug)

    assert load(migrated_url)[-1] == ("done", 1.0)


def test_indexes_put_aside_for_a_large_load_are_built_again(migrated_url: str) -> None:
    with psycopg.connect(migrated_url, autocommit=True) as connection, connection.cursor() as cursor:
        before = cursor.execute(INDEXES).fetchall()
        with without_indexes(cursor, migrated_url):
            meanwhile = cursor.execute(INDEXES).fetchall()

        assert len(meanwhile) < len(before)
        assert cursor.execute(INDEXES).fetchall() == before


def test_a_role_without_special_rights_loads_the_same(migrated_url: str) -> None:
    assert load(as_plain_owner(migrated_url))[-1] == ("done", 1.0)


def as_plain_owner(url: str) -> str:
    """Give the center to a role that may not leave triggers out, and return its address."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS plain_owner")
        connection.execute("CREATE ROLE plain_owner LOGIN PASSWORD 'invented' NOSUPERUSER")
        for schema, name in connection.execute(TABLES).fetchall():
            connection.execute(
                sql.SQL("ALTER TABLE {} OWNER TO plain_owner").format(sql.Identifier(schema, name))
            )
        connection.execute("ALTER TYPE membership_level OWNER TO plain_owner")
        connection.execute("ALTER SCHEMA gateway OWNER TO plain_owner")
        connection.execute("GRANT CREATE ON SCHEMA public TO plain_owner")
        owner = psycopg.conninfo.make_conninfo(url, user="plain_owner", password="invented")
    parts = psycopg.conninfo.conninfo_to_dict(owner)
    return f"postgresql://plain_owner:invented@/{parts['dbname']}?host={parts['host']}"


def test_progress_only_rises(migrated_url: str) -> None:
    shares = [done for _, done in load(migrated_url)]

    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize("customers", [0, 18, 60, 200])
def test_customers_are_as_many_as_asked_and_123_is_among_them(migrated_url: str, customers: int) -> None:
    report = load_demo(migrated_url, DemoPlan(today=EXAMPLE_DAY, customers=customers), lambda *_: None)

    assert report.customers == max(customers, 18)
    with psycopg.connect(migrated_url) as connection:
        assert connection.execute("SELECT name FROM customers WHERE customer_id = 123").fetchone() == (
            "김영희",
        )


def test_visits_are_distinct_days_up_to_today() -> None:
    visits = history().visits
    pairs = visits.customer.astype(np.int64) * 100_000 + visits.day

    assert len(np.unique(pairs)) == len(pairs)
    assert visits.day.max() <= TODAY


def test_only_those_who_stay_have_a_next_visit() -> None:
    truth = history().truth

    assert (truth.next_visit[truth.dropped] == NONE).all()
    assert (truth.next_visit[~truth.dropped] > TODAY).all()


def test_unhappy_customers_leave_more_often() -> None:
    made = history()
    visits, left = made.visits, made.truth.dropped_on
    leaving = left[visits.customer] == visits.day
    unhappy = visits.rating[:, 0] <= 3

    assert leaving[unhappy].mean() > 1.4 * leaving[~unhappy].mean()


def test_gaps_between_visits_follow_rate_and_regularity() -> None:
    made = history()
    profiles = made.truth.profiles
    order = np.lexsort((made.visits.day, made.visits.customer))
    customer, day = made.visits.customer[order], made.visits.day[order]
    same = customer[1:] == customer[:-1]
    gaps, owner = np.diff(day)[same], customer[1:][same]
    expected = (1 / profiles.rate)[owner]
    slow = (expected > 5) & (expected < 20)

    assert gaps[slow].mean() / expected[slow].mean() == pytest.approx(1, abs=0.12)


def test_red_is_sought_in_winter_and_the_bike_in_summer() -> None:
    visits = history().visits
    summer = np.cos((visits.day - 15) * 2 * np.pi / 365.25) < -0.5
    winter = np.cos((visits.day - 15) * 2 * np.pi / 365.25) > 0.5
    red, bike = visits.service[:, 0] == 3, visits.service[:, 0] == 4

    assert red[winter].mean() > 1.2 * red[summer].mean()
    assert bike[summer].mean() > 1.2 * bike[winter].mean()


def test_a_chunk_has_about_the_visits_of_a_real_center() -> None:
    chunk = draw_chunk(customer_ids(THOUSANDS), EXAMPLE_DAY, seeded(3))
    sessions = chunk.sessions

    assert 25 < sessions.count / THOUSANDS < 45
    assert 0.12 < (sessions.rating[sessions.status == COMPLETED] == 0).mean() < 0.22
    assert (sessions.day[sessions.status == SCHEDULED] > TODAY).all()
    assert 0.08 < (weekdays(sessions.day) == 6).mean() < 0.16


def test_ids_leave_out_the_rows_written_by_hand() -> None:
    numbers = Numbers(range(4, 7))

    assert numbers.take(2).tolist() == [1, 2]
    assert numbers.take(3).tolist() == [3, 7, 8]
    assert numbers.take(0).tolist() == []
    assert numbers.take(1).tolist() == [9]


def test_a_chunk_is_the_same_bytes_every_time() -> None:
    def encoded() -> list[tuple[bytes, ...]]:
        chunk = draw_chunk(customer_ids(500), EXAMPLE_DAY, seeded(11))
        numbering = Numbering(*(Numbers() for _ in range(7)))
        return [encode(rows).blocks for rows in chunk_rows(chunk, numbering)]

    assert encoded() == encoded()
