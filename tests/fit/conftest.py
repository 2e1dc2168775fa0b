"""Small centers for fits to be tried on, and what a fit left in them."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import psycopg
import pytest
from audit_records import rows
from conftest import Databases
from harness import TODAY

from db.demo import DemoPlan, load_demo
from db.migrate import migrate

Row: TypeAlias = tuple[Any, ...]
Query: TypeAlias = Callable[..., list[Row]]


@pytest.fixture(scope="session")
def small_template(databases: Databases) -> str:
    """A center of 60 customers that nothing was fitted to."""
    url = databases.create("small_template")
    migrate(url)
    load_demo(url, DemoPlan(today=TODAY, customers=60), lambda _step, _done: None)
    return "small_template"


@pytest.fixture(scope="session")
def small_center(databases: Databases, small_template: str) -> Iterator[str]:
    with databases.temporary(small_template) as url:
        yield url


@pytest.fixture
def small_url(small_center: str) -> str:
    """The small center with nothing fitted, for tests that leave its customers and their rows alone."""
    rows(small_center, "TRUNCATE gateway.fitted_model, gateway.population_quantiles")
    rows(small_center, "TRUNCATE gateway.recommendation CASCADE")
    return small_center


@pytest.fixture
def own_url(databases: Databases, small_template: str) -> Iterator[str]:
    """A small center that a test may do anything to."""
    with databases.temporary(small_template) as url:
        yield url


@pytest.fixture(scope="session")
def demo_url(databases: Databases, demo_template: str) -> Iterator[str]:
    """The demo center, whose models were fitted on TODAY; tests leave it so."""
    with databases.temporary(demo_template) as url:
        yield url


@pytest.fixture
def query(small_url: str) -> Query:
    """Run a statement on the small center that tests share, as its owner."""
    return lambda statement, *values: rows(small_url, statement, *values)


@pytest.fixture
def change(own_url: str) -> Query:
    """Run a statement on the small center of the test's own, as its owner."""
    return lambda statement, *values: rows(own_url, statement, *values)


def published(url: str) -> list[str]:
    """Return the versions that are published, oldest first."""
    statement = (
        "SELECT version FROM gateway.fitted_model WHERE published_at IS NOT NULL ORDER BY published_at"
    )
    return [version for (version,) in rows(url, statement)]


def newest_parts(url: str) -> dict[str, Any]:
    """Return the newest published model's parts, as JSON says them."""
    ((parts,),) = rows(
        url,
        "SELECT parts FROM gateway.fitted_model WHERE published_at IS NOT NULL "
        "ORDER BY published_at DESC LIMIT 1",
    )
    return parts


def add_customers(url: str, *visits: int) -> None:
    """Add a customer for each number, who came so many times, ten days apart, until TODAY."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for number, count in enumerate(visits, start=1):
            connection.execute("INSERT INTO customers (customer_id, name) VALUES (%s, '홍길동')", [number])
            connection.execute(
                "INSERT INTO service_usage (customer_id, service_date) "
                "SELECT %s, %s::date - 10 * back FROM generate_series(0, %s) AS back",
                [number, TODAY, count - 1],
            )
        connection.execute("SELECT gateway.summarize_customers(NULL, %s)", [TODAY])
