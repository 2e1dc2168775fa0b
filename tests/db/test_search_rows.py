"""What is searched in stays right whoever writes: names, phones, levels, and the customers counted ahead."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import psycopg
import pytest

from db.urls import libpq_url

COUNTED = """
SELECT services, membership_level, risk_level, had_package, sum(customers)::integer
  FROM gateway.customer_count GROUP BY 1, 2, 3, 4 HAVING sum(customers) <> 0
"""
THERE = """
SELECT services, membership_level, risk_level, last_package_ends_on IS NOT NULL, count(*)::integer
  FROM gateway.customer_summary GROUP BY 1, 2, 3, 4
"""
NOT_AS_WRITTEN = """
SELECT c.customer_id FROM customers c LEFT JOIN gateway.customer_summary s USING (customer_id)
 WHERE (s.name, s.name_key, s.phone_digits, s.membership_level) IS DISTINCT FROM (
       c.name, gateway.name_key(c.name), gateway.phone_digits(c.phone),
       gateway.contract_level(c.membership_level::text))
"""

WRITES = {
    "a new customer": "INSERT INTO customers (name, phone, membership_level) VALUES ('새 손', '010', 'vip')",
    "a new name": "UPDATE customers SET name = '다른 이름' WHERE customer_id < 130",
    "a new phone": "UPDATE customers SET phone = '02-1234-5678' WHERE customer_id < 130",
    "no phone": "UPDATE customers SET phone = NULL WHERE customer_id < 130",
    "another level": "UPDATE customers SET membership_level = 'platinum' WHERE customer_id < 130",
    "no level": "UPDATE customers SET membership_level = NULL WHERE customer_id = 124",
    "another risk": "UPDATE gateway.customer_summary SET risk_level = 'danger' WHERE customer_id < 200",
    "no visits": "DELETE FROM service_usage WHERE customer_id < 140",
    "no packages": "DELETE FROM package_purchases WHERE customer_id < 140",
    "a customer less": "DELETE FROM customers WHERE customer_id = (SELECT max(customer_id) FROM customers)",
    "a lost summary": "DELETE FROM gateway.customer_summary WHERE customer_id = 150",
    "and found": "SELECT gateway.summarize_customers(ARRAY[150], '2026-06-15')",
}


@pytest.fixture(scope="module")
def url(databases: Any, demo_template: str) -> Iterator[str]:
    with databases.temporary(demo_template) as url:
        yield libpq_url(url)


@pytest.fixture
def connection(url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def counted(connection: psycopg.Connection[Any]) -> tuple[set[Any], set[Any]]:
    return set(connection.execute(COUNTED)), set(connection.execute(THERE))


def test_the_demo_center_is_counted_and_written_into_its_summaries(
    connection: psycopg.Connection[Any],
) -> None:
    ahead, there = counted(connection)

    assert ahead == there
    assert len(there) > 50
    assert connection.execute(NOT_AS_WRITTEN).fetchall() == []


@pytest.mark.parametrize("write", WRITES)
def test_a_write_is_followed_by_counts_and_by_what_is_searched_in(
    connection: psycopg.Connection[Any], write: str
) -> None:
    connection.execute(WRITES[write])

    ahead, there = counted(connection)

    assert ahead == there
    assert {row[0] for row in connection.execute(NOT_AS_WRITTEN)} <= {150}


def test_a_write_that_is_rolled_back_counts_for_nothing(connection: psycopg.Connection[Any]) -> None:
    before = counted(connection)

    with connection.transaction(force_rollback=True):
        connection.execute("UPDATE customers SET membership_level = 'vip'")

    assert counted(connection) == before


def test_rows_added_up_or_counted_anew_count_the_same(connection: psycopg.Connection[Any]) -> None:
    before = counted(connection)
    for function in ("fold_customer_counts", "recount_customers"):
        connection.execute("UPDATE customers SET membership_level = 'gold' WHERE customer_id < 300")
        connection.execute("UPDATE customers SET membership_level = 'vip' WHERE customer_id < 300")
        connection.execute(f"SELECT gateway.{function}()")

        ahead, there = counted(connection)
        assert ahead == there
        assert connection.execute("SELECT count(*) FROM gateway.customer_count").fetchone() == (len(there),)
    assert counted(connection) != before


def test_writers_who_come_and_go_while_rows_are_added_up_leave_the_counts_right(
    url: str, connection: psycopg.Connection[Any]
) -> None:
    def write(seed: int) -> None:
        random = Random(seed)  # noqa: S311 - which writes, not secrets
        with psycopg.connect(url, autocommit=True) as writer:
            for turn in range(40):
                customer_id = random.randint(300, 310)
                level = random.choice(["vip", "gold", "basic"])
                writer.execute(
                    "UPDATE customers SET membership_level = %s, name = %s WHERE customer_id = %s",
                    [level, f"손님 {seed}-{turn}", customer_id],
                )
                if random.random() < 0.3:
                    writer.execute(
                        f"SELECT gateway.{random.choice(['fold_customer_counts', 'recount_customers'])}()"
                    )

    with ThreadPoolExecutor(6) as writers:
        list(writers.map(write, range(6)))

    ahead, there = counted(connection)
    assert ahead == there
    assert {row[0] for row in connection.execute(NOT_AS_WRITTEN)} <= {150}


def test_the_centers_own_write_succeeds_even_where_nothing_can_be_searched_in(
    databases: Any, demo_template: str
) -> None:
    with databases.temporary(demo_template) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE gateway.customer_summary")
        connection.execute("UPDATE customers SET name = '새 이름' WHERE customer_id = 123")
        connection.execute("INSERT INTO customers (name) VALUES ('새 고객')")

        found = connection.execute("SELECT count(*) FROM customers WHERE name LIKE '새 %'").fetchone()

    assert found == (2,)
