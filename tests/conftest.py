"""The databases and the gateways that tests share.

One embedded cluster a test process; the demo center is loaded once into a template. Tests that read share a
clone of it, tests that write get a clone of their own.
"""

import os

# as `python -m gateway` does, before anything loads numpy
os.environ["OPENBLAS_NUM_THREADS"] = "1"

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from harness import TODAY, UNCACHED, Gateway, open_folder, running_gateway
from limit_store import running_store
from psycopg import sql

from db.demo import DemoPlan, load_demo
from db.embedded import EmbeddedPostgres
from db.migrate import migrate
from gateway.fitting.fit import fit_models


class Databases:
    """Makes databases on one cluster."""

    def __init__(self, url: str) -> None:
        self._url = url

    def url_of(self, name: str) -> str:
        return self._url.replace("/wellness?", f"/{name}?")

    def create(self, name: str, template: str = "template1") -> str:
        # copying files takes half the time of copying blocks through the WAL
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
        return self.url_of(name)

    def drop(self, name: str) -> None:
        self._run("DROP DATABASE {} WITH (FORCE)", name)

    @contextmanager
    def temporary(self, template: str = "template1") -> Generator[str]:
        name = f"test_{uuid4().hex}"
        yield self.create(name, template)
        self.drop(name)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    with open_folder() as folder, EmbeddedPostgres(folder, settings={"fsync": "off"}) as server:
        yield Databases(server.start())


@pytest.fixture(scope="session")
def demo_template(databases: Databases) -> str:
    url = databases.create("demo_template")
    migrate(url)
    load_demo(url, DemoPlan(today=TODAY), lambda _step, _done: None)
    fit_models(url, TODAY, lambda _step, _done: None)
    return "demo_template"


@pytest.fixture(scope="session")
def store_url() -> Iterator[str]:
    """The address of a Valkey, for gateways and workers that count together."""
    with running_store() as store:
        yield store.url


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    with databases.temporary() as url:
        yield url


@pytest.fixture(scope="session")
def audit_database(databases: Databases) -> str:
    url = databases.create("audit")
    migrate(url)
    return url


@pytest.fixture
def audit_url(audit_database: str) -> str:
    """A migrated database whose audit is empty, and which a test may do anything to the audit of."""
    with psycopg.connect(audit_database, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # else a trigger would refuse
        connection.execute("TRUNCATE gateway.audit_record, gateway.audit_chain")
        connection.execute("SELECT gateway.ensure_audit_partitions(3)")
    return audit_database


@pytest.fixture(scope="session")
def gateway(databases: Databases, demo_template: str) -> Iterator[Gateway]:
    """A gateway for tests that only read."""
    with databases.temporary(demo_template) as url, running_gateway(url) as running:
        yield running


@pytest.fixture
def writable_gateway(databases: Databases, demo_template: str) -> Iterator[Gateway]:
    """A gateway over a demo center that a test may change, by psql too, and see the change at once."""
    with databases.temporary(demo_template) as url, running_gateway(url, **UNCACHED) as running:
        yield running


@pytest.fixture
def execute(writable_gateway: Gateway) -> Callable[..., list[tuple[object, ...]]]:
    """Run a statement on the database of `writable_gateway`, as psql would."""

    def run(statement: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(writable_gateway.database_url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    return run
