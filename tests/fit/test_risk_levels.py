"""Risk levels: right as soon as anybody writes, and the same as the nightly ones."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from audit_records import rows
from conftest import Databases
from fit.conftest import Query, newest_parts
from harness import TODAY

from db.fitting.session import fitting_connection
from gateway.app import today_in_seoul
from gateway.fitting.fit import fit_models
from gateway.fitting.parts import written
from gateway.fitting.risk import assess_everybody
from insight.churn import ChurnModel

LEVELS_BY_SQL = """
SELECT count(*), count(DISTINCT risk_level),
       count(*) FILTER (WHERE risk_level IS DISTINCT FROM gateway.risk_level_of(
             total_visits, first_visit_on, last_visit_on, %s::date))
  FROM gateway.customer_summary
"""
LEVEL = "SELECT risk_level FROM gateway.customer_summary WHERE customer_id = %s"


@pytest.fixture(scope="module")
def copy_url(databases: Databases, demo_template: str) -> Iterator[str]:
    """The fitted demo center, whose levels each test sets anew."""
    with databases.temporary(demo_template) as url:
        yield url


@pytest.fixture
def today(own_url: str) -> date:
    """The day on which triggers look at a customer, which is that of the server's clock."""
    today = today_in_seoul()
    rows(own_url, "SELECT gateway.summarize_customers(NULL, %s)", today)
    return today


def fit(url: str, today: date) -> None:
    fit_models(url, today, lambda _step, _done: None)


@pytest.mark.parametrize("days_later", [0, 60])
def test_sql_and_python_know_the_same_level_of_everybody(copy_url: str, days_later: int) -> None:
    day = TODAY + timedelta(days=days_later)
    with fitting_connection(copy_url) as connection:
        churn = ChurnModel(**newest_parts(copy_url)["churn"])
        assess_everybody(connection, churn, day)

    ((customers, levels, different),) = rows(copy_url, LEVELS_BY_SQL, day)

    assert (customers, levels, different) == (892, 3, 0)


@pytest.mark.parametrize("shape", [1, 3, 6])
def test_they_agree_whatever_the_parameters_are(copy_url: str, shape: int) -> None:
    churn = ChurnModel(r=0.4, alpha=11.5, a=0.7, b=2.2, k=shape)
    with fitting_connection(copy_url) as connection:
        rows(
            copy_url,
            "UPDATE gateway.fitted_model SET parts = jsonb_set(parts, '{churn}', %s::jsonb)",
            written("churn", churn),
        )
        assess_everybody(connection, churn, TODAY)

    ((_, levels, different),) = rows(copy_url, LEVELS_BY_SQL, TODAY)

    assert (levels, different) == (3, 0)


def test_a_visit_written_by_anybody_changes_the_level_at_once(
    own_url: str, change: Query, today: date
) -> None:
    fit(own_url, today)
    ((customer,),) = change(
        "SELECT customer_id FROM gateway.customer_summary WHERE risk_level = 'danger' AND total_visits > 3 "
        "ORDER BY customer_id LIMIT 1"
    )

    change("INSERT INTO service_usage (customer_id, service_date) VALUES (%s, %s)", customer, today)

    assert change(LEVEL, customer) == [("stable",)]
    fit(own_url, today)
    assert change(LEVEL, customer) == [("stable",)]


def test_a_new_customer_has_a_level_from_the_first_visit_on(own_url: str, change: Query, today: date) -> None:
    fit(own_url, today)
    ((customer,),) = change("INSERT INTO customers (name) VALUES ('새 고객') RETURNING customer_id")
    assert change(LEVEL, customer) == [(None,)]

    change("INSERT INTO service_usage (customer_id, service_date) VALUES (%s, %s)", customer, today)

    assert change(LEVEL, customer) != [(None,)]


def test_a_level_that_is_right_already_is_not_written_again(own_url: str, change: Query, today: date) -> None:
    fit(own_url, today)
    change("UPDATE gateway.customer_summary SET risk_level = 'danger' WHERE customer_id = 123")
    before = dict(change("SELECT customer_id, xmin::text FROM gateway.customer_summary"))

    fit(own_url, today)

    after = dict(change("SELECT customer_id, xmin::text FROM gateway.customer_summary"))
    assert {customer for customer, version in after.items() if version != before[customer]} <= {123}


def test_without_a_churn_model_nobody_has_a_level(own_url: str, change: Query, today: date) -> None:
    fit(own_url, today)
    assert change(LEVEL, 123) != [(None,)]
    change("TRUNCATE service_usage CASCADE")
    change("SELECT gateway.summarize_customers(NULL, %s)", today)

    fit(own_url, today)

    assert change("SELECT DISTINCT risk_level FROM gateway.customer_summary") == [(None,)]


def test_a_center_without_a_model_is_written_to_as_ever(change: Query, today: date) -> None:
    change("INSERT INTO service_usage (customer_id, service_date) VALUES (123, %s)", today)

    assert change(LEVEL, 123) == [(None,)]
    assert change("SELECT last_visit_on FROM gateway.customer_summary WHERE customer_id = 123") == [(today,)]
