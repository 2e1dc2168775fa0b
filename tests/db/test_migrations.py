"""The migrations make the tables that the models describe, and leave a foreign center alone."""

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from db.migrate import UnknownCenterDatabase, alembic_config, migrate, migration_state, newest_migration
from db.tables import audit, gateway, metadata
from db.tables.types import CenterEnum
from db.urls import libpq_url, sqlalchemy_url

Result = TypeVar("Result")

CATALOGUE = """
SELECT table_schema, table_name, column_name, data_type, column_default
  FROM information_schema.columns
 WHERE table_schema IN ('public', 'gateway') ORDER BY 1, 2, 3
"""


def with_connection(url: str, work: Callable[[sa.Connection], Result]) -> Result:
    engine = sa.create_engine(sqlalchemy_url(url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        return work(connection)


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(libpq_url(url)) as connection:
        return connection.execute(statement).fetchall()


def schemas(url: str) -> set[str]:
    return {row[0] for row in rows(url, "SELECT nspname FROM pg_namespace")}


def type_differs(
    _context: object, _inspected_column: object, _column: object, inspected: Any, described: Any
) -> bool | None:
    # Alembic cannot compare our own type; None leaves every other one to it
    if isinstance(described, CenterEnum):
        return inspected.name != described.name
    return None


def run_alembic(url: str, step: Callable[..., None], target: str) -> None:
    def work(connection: sa.Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        step(config, target)

    with_connection(url, work)


def differences_from_models(url: str) -> list[Any]:
    options = {
        "include_schemas": True,
        "include_name": audit.is_modelled,
        "compare_type": type_differs,
        "version_table_schema": gateway.SCHEMA,
    }
    return with_connection(
        url,
        lambda connection: compare_metadata(MigrationContext.configure(connection, opts=options), metadata),
    )


@pytest.fixture
def migrated_url(empty_database_url: str) -> str:
    migrate(empty_database_url)
    return empty_database_url


def test_an_empty_database_is_brought_to_the_newest_migration(empty_database_url: str) -> None:
    before = migrate(empty_database_url)

    assert before.current is None
    assert migration_state(empty_database_url).current == newest_migration()
    assert migration_state(empty_database_url).up_to_date


def test_a_second_run_changes_nothing(migrated_url: str) -> None:
    catalogue = rows(migrated_url, CATALOGUE)

    before = migrate(migrated_url)

    assert before.up_to_date
    assert rows(migrated_url, CATALOGUE) == catalogue


def test_the_models_describe_the_migrated_database(migrated_url: str) -> None:
    differences = differences_from_models(migrated_url)

    assert differences == []


def test_the_comparison_would_see_a_difference(migrated_url: str) -> None:
    with psycopg.connect(libpq_url(migrated_url)) as connection:
        connection.execute("ALTER TABLE public.customers ALTER COLUMN occupation TYPE varchar(99)")
        connection.execute("ALTER TABLE gateway.customer_summary DROP COLUMN services")
    differences = differences_from_models(migrated_url)

    assert len(differences) == 2


def test_a_center_that_others_made_is_refused_and_left_alone(empty_database_url: str) -> None:
    with psycopg.connect(libpq_url(empty_database_url)) as connection:
        connection.execute("CREATE TABLE public.customers (customer_id serial PRIMARY KEY, name text)")
    catalogue = rows(empty_database_url, CATALOGUE)

    with pytest.raises(UnknownCenterDatabase):
        migrate(empty_database_url)

    assert rows(empty_database_url, CATALOGUE) == catalogue
    assert "gateway" not in schemas(empty_database_url)


def test_other_tables_in_the_database_do_not_stop_the_migration(empty_database_url: str) -> None:
    with psycopg.connect(libpq_url(empty_database_url)) as connection:
        connection.execute("CREATE TABLE public.alembic_version (version_num varchar(32) PRIMARY KEY)")
        connection.execute("INSERT INTO public.alembic_version VALUES ('of another program')")

    migrate(empty_database_url)

    assert migration_state(empty_database_url).up_to_date
    assert rows(empty_database_url, "SELECT * FROM public.alembic_version") == [("of another program",)]


def test_the_gateways_own_schema_can_be_taken_down_and_set_up_again(migrated_url: str) -> None:
    run_alembic(migrated_url, command.downgrade, "0001")
    ours = rows(migrated_url, "SELECT indexname FROM pg_indexes WHERE indexname LIKE 'gateway_%'")
    center = rows(migrated_url, "SELECT to_regclass('public.customers') IS NOT NULL")
    catalogue = rows(migrated_url, "SELECT to_regclass('gateway.customer_summary')")

    migrate(migrated_url)

    assert (ours, center, catalogue) == ([], [(True,)], [(None,)])
    assert migration_state(migrated_url).up_to_date


def test_a_table_of_the_center_keeps_its_deletes_once_ours_refer_to_it(migrated_url: str) -> None:
    with psycopg.connect(libpq_url(migrated_url)) as connection:
        connection.execute("INSERT INTO public.customers (customer_id, name) VALUES (1, '가')")
        connection.execute("SELECT gateway.summarize_customers(NULL, '2026-06-15')")
        connection.execute("DELETE FROM public.customers WHERE customer_id = 1")

    assert rows(migrated_url, "SELECT count(*) FROM gateway.customer_summary") == [(0,)]
