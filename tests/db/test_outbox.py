"""Whoever changes what an answer about a customer reads, by whatever client, leaves word of it."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from db.urls import libpq_url

EVERYBODY = None
Connection = psycopg.Connection[tuple[Any, ...]]

SESSION = (
    "INSERT INTO service_usage (customer_id, service_date, service_type_id) VALUES (%s, '2026-06-01', 1)"
)


@pytest.fixture(scope="module")
def url(databases: Any, demo_template: str) -> Iterator[str]:
    with databases.temporary(demo_template) as url:
        yield libpq_url(url)


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A connection to a center of which every change was told; what a test does is rolled back."""
    with psycopg.connect(url) as connection:
        left(connection)
        connection.commit()
        yield connection
        connection.rollback()


def left(connection: Connection) -> set[int | None]:
    return {row[0] for row in connection.execute("DELETE FROM gateway.customer_change RETURNING customer_id")}


@pytest.mark.parametrize(
    ("statement", "whose"),
    [
        ("UPDATE customers SET notes = '조용한 방' WHERE customer_id IN (7, 8)", {7, 8}),
        ("UPDATE customers SET notes = '아무도' WHERE customer_id = -1", set()),
        ("INSERT INTO service_usage (customer_id, service_date) VALUES (9, '2026-06-01')", {9}),
        ("INSERT INTO service_usage (customer_id, service_date) VALUES (NULL, '2026-06-01')", set()),
        ("UPDATE payments SET customer_id = 11 WHERE customer_id = 10", {10, 11}),
        ("DELETE FROM package_purchases WHERE customer_id = 123", {123}),
        ("UPDATE gateway.session_detail SET satisfaction_rating = 5 WHERE customer_id = 123", {123}),
        ("UPDATE gateway.package_breakdown SET used_sessions = 1 WHERE customer_id = 123", {123}),
        ("UPDATE customer_preferences SET preferred_time = 'evening' WHERE customer_id = 123", {123}),
        ("INSERT INTO gateway.health_observation VALUES (12, 'weight', '2026-06-01', 'test', 60)", {12}),
        ("DELETE FROM gateway.recommendation WHERE customer_id = 123", {123}),
        ("UPDATE payments SET amount = amount WHERE customer_id BETWEEN 1 AND 900", {EVERYBODY}),
        ("UPDATE service_types SET default_price = 1 WHERE service_type_id = 1", {EVERYBODY}),
        ("UPDATE packages SET base_price = 1", {EVERYBODY}),
        ("UPDATE users SET name = '새이름' WHERE user_id = 1", {EVERYBODY}),
        ("UPDATE users SET updated_at = now()", set()),
        ("DELETE FROM gateway.package_service", {EVERYBODY}),
        ("UPDATE gateway.service_code SET code = 'other' WHERE service_type_id = 1", {EVERYBODY}),
        ("UPDATE gateway.fitted_model SET published_at = now()", {EVERYBODY}),
        ("UPDATE gateway.population_quantiles SET customers = 1", {EVERYBODY}),
        ("UPDATE gateway.customer_summary SET risk_level = 'danger' WHERE customer_id = 7", {EVERYBODY}),
        ("TRUNCATE gateway.health_observation", {EVERYBODY}),
        ("TRUNCATE payments CASCADE", {EVERYBODY}),
        ("SELECT gateway.summarize_customers(NULL, '2026-06-15')", {EVERYBODY}),
    ],
)
def test_a_statement_leaves_word_of_whose_data_it_changed(
    connection: Connection, statement: str, whose: set[int | None]
) -> None:
    connection.execute(statement)

    assert left(connection) == whose


def test_word_is_left_once_for_a_customer_of_whom_a_statement_changes_many_rows(
    connection: Connection,
) -> None:
    connection.execute("UPDATE gateway.health_observation SET value = value + 1 WHERE customer_id = 123")

    (count,) = connection.execute("SELECT count(*) FROM gateway.customer_change").fetchone() or (None,)
    assert count == 1


def test_a_change_that_is_rolled_back_leaves_no_word(connection: Connection) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute(SESSION, [7])

    assert left(connection) == set()


def test_the_centers_own_write_succeeds_even_where_the_outbox_is_gone(connection: Connection) -> None:
    connection.execute("DROP TABLE gateway.customer_change")

    assert connection.execute(SESSION, [7]).rowcount == 1
    assert connection.execute("UPDATE customers SET notes = NULL WHERE customer_id = 7").rowcount == 1


def test_a_role_of_the_center_that_knows_nothing_of_the_outbox_can_write(connection: Connection) -> None:
    connection.execute("CREATE ROLE frontdesk NOLOGIN")
    connection.execute("GRANT SELECT, UPDATE ON customers TO frontdesk")
    connection.execute("SET ROLE frontdesk")
    connection.execute("UPDATE customers SET notes = NULL WHERE customer_id = 7")
    connection.execute("RESET ROLE")

    assert left(connection) == {7}


def test_writers_of_the_same_customer_do_not_wait_for_each_other_in_the_outbox(
    url: str, connection: Connection
) -> None:
    connection.execute("UPDATE gateway.health_observation SET value = 1 WHERE customer_id = 123")

    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SET lock_timeout = '1s'")
        other.execute("DELETE FROM customer_preferences WHERE customer_id = 123")

        assert left(other) == {123}
