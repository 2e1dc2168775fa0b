"""What a fit leaves behind: a model that reads back, from as much or as little as a center has."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from audit_records import rows
from conftest import Databases
from fit.conftest import Query, add_customers, newest_parts, published
from harness import TODAY

from db.fitted_models import KEPT, begin_or_resume, center_data, store_part
from db.fitting.session import fitting_connection
from db.migrate import migrate
from gateway.fitting.fit import FitReport, fit_for_today, fit_models
from gateway.fitting.parts import PARTS, readable, written

ALL_PARTS = set(PARTS)


def fit(url: str, *, days_later: int = 0) -> FitReport:
    return fit_models(url, TODAY + timedelta(days=days_later), lambda _step, _done: None)


@pytest.fixture(scope="module")
def migrated_center(databases: Databases) -> Iterator[str]:
    with databases.temporary() as url:
        migrate(url)
        yield url


@pytest.fixture
def migrated_url(migrated_center: str) -> str:
    """A center without customers."""
    rows(migrated_center, "TRUNCATE customers, gateway.fitted_model, gateway.population_quantiles CASCADE")
    return migrated_center


def test_the_demo_center_has_enough_of_everything(demo_url: str) -> None:
    parts = newest_parts(demo_url)

    assert set(parts) == ALL_PARTS
    assert None not in parts.values()


def test_every_part_reads_back_as_it_was_fitted(demo_url: str) -> None:
    stored = {name: json.dumps(part) for name, part in newest_parts(demo_url).items()}

    parts = readable(stored)

    assert set(parts) == ALL_PARTS
    for name, part in parts.items():
        assert json.loads(written(name, part)) == json.loads(stored[name])
        assert PARTS[name].validate_json(written(name, part)) == part


def test_the_same_center_on_the_same_day_gives_the_same_model(small_url: str) -> None:
    fit(small_url)
    first = newest_parts(small_url)

    fit(small_url)

    assert newest_parts(small_url) == first
    assert published(small_url) == ["2026.06.15-1", "2026.06.15-2"]


def test_the_models_of_the_day_are_fitted_once(small_url: str) -> None:
    assert fit_for_today(small_url, TODAY, lambda _step, _done: None) is not None
    assert fit_for_today(small_url, TODAY, lambda _step, _done: None) is None
    assert published(small_url) == ["2026.06.15-1"]


def test_health_goals_have_no_say_in_what_is_fitted_without_health(own_url: str) -> None:
    fit(own_url)
    with_health, without = (newest_parts(own_url)[f"services{end}"] for end in ("", "_without_health"))
    rows(own_url, "UPDATE customers SET health_goals = '혈액순환 개선', health_concerns = '불면'")

    fit(own_url)

    assert newest_parts(own_url)["services_without_health"] == without
    assert newest_parts(own_url)["services"] != with_health


def test_sessions_that_lie_ahead_or_did_not_take_place_change_nothing(own_url: str, change: Query) -> None:
    fit(own_url)
    before = newest_parts(own_url)
    change(
        "INSERT INTO service_usage (customer_id, service_date, service_type_id) "
        "SELECT customer_id, %s::date + 1, 1 FROM customers",
        TODAY,
    )
    change(
        "WITH missed AS (INSERT INTO service_usage (customer_id, service_date, service_type_id) "
        "SELECT customer_id, %s::date, 1 FROM customers RETURNING customer_id, usage_id) "
        "INSERT INTO gateway.session_detail (customer_id, usage_id, status, satisfaction_rating) "
        "SELECT customer_id, usage_id, 'no_show', 1 FROM missed",
        TODAY,
    )

    fit(own_url)

    assert newest_parts(own_url) == before


def test_what_customers_hold_has_a_say_in_what_they_choose(small_url: str, query: Query) -> None:
    fit(small_url)
    before = newest_parts(small_url)
    query("UPDATE package_purchases SET is_active = false")

    fit(small_url)

    assert newest_parts(small_url)["services"] != before["services"]


def test_a_center_without_customers_gets_a_model_without_parts(migrated_url: str) -> None:
    report = fit(migrated_url)

    assert report.data.customers == 0
    assert report.churn is None
    assert set(report.missing) >= {"churn", "visits", "satisfaction", "services", "services_without_health"}
    assert published(migrated_url) == [report.version]
    assert rows(migrated_url, "SELECT 1 FROM gateway.population_quantiles") == []


@pytest.mark.parametrize("visits", [(1,), (1, 1, 1, 1, 1), (3, 1, 0, 7, 2)])
def test_a_handful_of_customers_is_enough_for_a_churn_model(
    migrated_url: str, visits: tuple[int, ...]
) -> None:
    add_customers(migrated_url, *visits)

    report = fit(migrated_url)

    assert report.churn is not None
    assert {"services", "services_without_health", "satisfaction"} <= set(report.missing)
    levels = rows(migrated_url, "SELECT total_visits, risk_level FROM gateway.customer_summary")
    assert all((level is not None) == (count > 0) for count, level in levels)


def test_a_center_whose_sessions_have_no_details_is_fitted_too(own_url: str, change: Query) -> None:
    change("TRUNCATE gateway.session_detail, gateway.service_code")

    report = fit(own_url)

    assert report.churn is not None
    assert set(report.missing) == {"satisfaction", "services", "services_without_health"}
    assert newest_parts(own_url)["visits"]["sessions"]["other"] > 0


def test_a_part_that_cannot_be_read_is_missing_and_logged_by_its_name_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stored = {
        "churn": '{"r": "김영희", "alpha": 1}',
        "season": '{"cosine": 0.1, "sine": 0.2}',
        "unknown": "3",
    }

    with caplog.at_level(logging.WARNING):
        parts = readable(stored)

    assert set(parts) == {"season"}
    (record,) = caplog.records
    assert vars(record)["part"] == "churn"
    assert record.exc_info is None
    assert "김영희" not in caplog.text


def begin(url: str, churn: str) -> str:
    """Leave a model behind whose churn part is done, as a fit that was cut off does."""
    with fitting_connection(url) as connection:
        model = begin_or_resume(connection, TODAY, center_data(connection, TODAY))
        store_part(connection, model.version, "churn", churn)
    return model.version


DONE_BEFORE = '{"r": 2.5, "alpha": 4, "a": 1, "b": 9, "k": 3, "leaves_at_once": true}'


def test_a_fit_goes_on_behind_the_parts_that_are_done(small_url: str) -> None:
    version = begin(small_url, DONE_BEFORE)

    report = fit(small_url)

    assert report.version == version
    assert "churn" not in report.seconds
    assert "season" in report.seconds
    assert newest_parts(small_url)["churn"] == json.loads(DONE_BEFORE)
    assert published(small_url) == [version]


def test_a_part_left_by_another_version_of_the_code_is_fitted_again(small_url: str) -> None:
    begin(small_url, '{"kappa": 1}')

    report = fit(small_url)

    assert "churn" in report.seconds
    assert newest_parts(small_url)["churn"].keys() == {"r", "alpha", "a", "b", "k", "leaves_at_once"}


@pytest.mark.parametrize(
    ("done", "days_later"),
    [("INSERT INTO customers (name) VALUES ('새 고객')", 0), ("SELECT 1", 1)],
    ids=["another customer", "another day"],
)
def test_a_fit_of_other_data_begins_anew(own_url: str, change: Query, done: str, days_later: int) -> None:
    begin(own_url, DONE_BEFORE)
    change(done)

    report = fit(own_url, days_later=days_later)

    assert "churn" in report.seconds
    assert newest_parts(own_url)["churn"] != json.loads(DONE_BEFORE)
    assert change("SELECT version FROM gateway.fitted_model") == [(report.version,)]


def test_the_last_thirty_models_are_kept(small_url: str, query: Query) -> None:
    query(
        "INSERT INTO gateway.fitted_model (version, as_of, published_at) "
        "SELECT '2026.01.01-' || number, '2026-01-01', now() - make_interval(days => number) "
        "FROM generate_series(1, 40) AS number"
    )

    report = fit(small_url)

    kept = published(small_url)
    assert len(kept) == KEPT
    assert kept[-1] == report.version
    assert kept[0] == "2026.01.01-29"


def test_what_a_package_holds_is_filled_in_from_its_purchases_and_never_overwritten(
    own_url: str, change: Query
) -> None:
    change("DELETE FROM gateway.package_service")
    change("DELETE FROM gateway.package_breakdown")
    bought = change("SELECT package_id FROM package_purchases GROUP BY 1 HAVING count(*) >= 3 ORDER BY 1")
    written_down, unknown = bought[0][0], bought[1][0]
    change("INSERT INTO gateway.package_service VALUES (%s, 'red', 99)", written_down)
    change(
        "INSERT INTO gateway.package_breakdown (customer_id, purchase_id, service_code, total_sessions) "
        "SELECT customer_id, purchase_id, code, CASE WHEN odd THEN 3 ELSE 5 END "
        "FROM (SELECT *, row_number() OVER (PARTITION BY package_id ORDER BY purchase_id) = 1 AS odd "
        "      FROM package_purchases WHERE package_id = ANY (%s)) p, "
        "     unnest(ARRAY['brain', 'pulse']) AS code",
        [written_down, unknown],
    )

    fit(own_url)

    assert change("SELECT package_id, service_code, sessions FROM gateway.package_service ORDER BY 1, 2") == [
        *([(written_down, "red", 99)] if written_down < unknown else []),
        (unknown, "brain", 5),
        (unknown, "pulse", 5),
    ]


RECOMMENDED = """
INSERT INTO gateway.recommendation (customer_id, recommendation_id, basis, kind, subject, place, confidence,
       prior, goals, content, inputs_version, model_version, generated_at, expires_at)
VALUES (123, %s, 'full', 'service', 'red', 1, 0.5, 0.25, '{sleep_quality}', '{}', 'v', 'v', now(),
        now() - make_interval(days => %s))
"""
ACCEPTED = """
INSERT INTO gateway.recommendation_feedback (customer_id, recommendation_id, actor, action, updated_at)
VALUES (123, %s, 'someone', 'accepted', %s)
"""


def test_recommendations_that_nobody_answered_go_a_month_after_they_expired(
    small_url: str, query: Query
) -> None:
    for name, days in (("rec_old", 31), ("rec_answered", 31), ("rec_recent", 29)):
        query(RECOMMENDED, name, days)
    query(ACCEPTED, "rec_answered", TODAY)

    fit(small_url)

    left = query("SELECT recommendation_id FROM gateway.recommendation ORDER BY 1")
    assert left == [("rec_answered",), ("rec_recent",)]


def test_answers_up_to_the_day_are_counted_into_what_they_teach(small_url: str, query: Query) -> None:
    for name, day in (("rec_now", TODAY), ("rec_later", TODAY + timedelta(days=2))):
        query(RECOMMENDED, name, 0)
        query(ACCEPTED, name, day)

    fit(small_url)

    responses = newest_parts(small_url)["responses"]
    assert responses["subjects"] == {"service/red": {"accepted": 1, "expected": 0.25}}
    assert responses["goal_subjects"] == {"sleep_quality/service/red": {"accepted": 1, "expected": 0.25}}


def test_the_fit_needs_no_rights_but_those_of_the_gateways_role(small_url: str, query: Query) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(small_url)
    query("CREATE ROLE only_the_gateway LOGIN PASSWORD 'invented' IN ROLE wellness_gateway")
    try:
        report = fit(
            f"postgresql://only_the_gateway:invented@/{parts['dbname']}?host={parts['host']}&port={parts['port']}"
        )
    finally:
        query("DROP ROLE only_the_gateway")

    assert published(small_url) == [report.version]
