"""A database that the operator brings, by DATABASE_URL."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from conftest import Databases
from process.conftest import Serve
from process.program import CUSTOMER, SECRET, Program, command, free_port

from access import Role
from gateway.identity import Tokens

NO_SERVER = "postgresql://nobody:here@127.0.0.1:{}/center"


def count(url: str, statement: str) -> int:
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchone()[0]  # type: ignore[arg-type, index]


def failure_of(program: Program) -> str:
    """Wait until the program gave up, and return its words."""
    assert program.process.wait(30) == 1
    assert "Traceback" not in program.logged + program.printed
    assert "exc_info" not in program.logged
    return program.logged


def test_an_empty_database_gets_tables_and_a_demo_center(serve: Serve, empty_database_url: str) -> None:
    program = serve(DATABASE_URL=empty_database_url)

    assert program.request("GET", CUSTOMER).status_code == 200
    assert count(empty_database_url, "SELECT count(*) FROM public.customers") == 892


@pytest.fixture
def demo_url(databases: Databases, demo_template: str) -> Iterator[str]:
    with databases.temporary(demo_template) as url:
        yield url


@pytest.mark.slow
def test_the_forms_that_hosting_services_print_are_accepted(serve: Serve, demo_url: str) -> None:
    printed = demo_url.replace("postgresql://", "postgres://") + "&pgbouncer=true"
    program = serve(DATABASE_URL=printed)

    for _ in range(10):  # a statement would be prepared at its fifth use
        assert program.request("GET", CUSTOMER).status_code == 200
    assert count(demo_url, "SELECT count(*) FROM public.customers") == 892


@pytest.mark.parametrize("environment", ["development", pytest.param("production", marks=pytest.mark.slow)])
def test_a_database_that_is_away_is_told_in_words(serve: Serve, environment: str) -> None:
    address = NO_SERVER.format(free_port())
    words = failure_of(serve(ready=False, DATABASE_URL=address, ENVIRONMENT=environment, JWT_SECRET=SECRET))

    assert "DATABASE_URL cannot be reached" in words
    assert "here@" not in words


@pytest.mark.slow
def test_a_database_that_does_not_exist_is_told_in_words(serve: Serve, databases: Databases) -> None:
    words = failure_of(serve(ready=False, DATABASE_URL=databases.url_of("not_there")))

    assert "not_there" in words


def test_a_foreign_center_is_left_alone(serve: Serve, empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("CREATE TABLE public.customers (id integer)")
    words = failure_of(serve(ready=False, DATABASE_URL=empty_database_url))

    assert "public.customers" in words
    assert count(empty_database_url, "SELECT count(*) FROM pg_namespace WHERE nspname = 'gateway'") == 0


def test_production_neither_migrates_nor_loads_nor_prints_tokens(
    serve: Serve, empty_database_url: str
) -> None:
    program = serve(ready=False, ENVIRONMENT="production", DATABASE_URL=empty_database_url, JWT_SECRET=SECRET)
    program.wait_until_it_answers("/livez")

    ready = program.request("GET", "/readyz")
    assert ready.status_code == 503
    assert "python -m gateway migrate" in ready.json()["checks"]["migrations"]
    tables = "SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = "
    assert count(empty_database_url, tables + "'public'") == 0
    assert program.tokens == {}
    assert "eyJ" not in program.printed + program.logged


@pytest.mark.slow
def test_production_shows_no_internals(serve: Serve, demo_url: str) -> None:
    program = serve(ENVIRONMENT="production", DATABASE_URL=demo_url, JWT_SECRET=SECRET)
    made = Tokens(SECRET).make(
        subject="a@center.example", role=Role.ADMIN, scopes=frozenset(), lifetime=timedelta(hours=1)
    )

    answer = program.request("GET", CUSTOMER, token=made)
    assert answer.status_code == 200
    assert "Server-Timing" not in answer.headers


def test_a_way_around_a_pooler_needs_the_way_through_it(folder: Path, empty_database_url: str) -> None:
    ran = command("migrate", cwd=folder, DATABASE_DIRECT_URL=empty_database_url)

    assert ran.returncode == 1
    assert "DATABASE_DIRECT_URL is another way to DATABASE_URL, which is not set" in ran.stderr
