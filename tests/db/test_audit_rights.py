"""The gateway's own connections add to the audit and read it; nobody, not even its owner, edits it."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest
from audit_records import a_record, rows, write
from conftest import Databases

from db.engine import Database
from db.migrate import migrate, migration_state

CHANGES = [
    "UPDATE {table} SET actor = 'nobody'",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "DROP TABLE {table}",
]


@pytest.fixture(scope="module")
def url(databases: Databases) -> Iterator[str]:
    url = databases.create("audit_rights")
    migrate(url)
    write(url, [a_record(), a_record()])
    yield url
    databases.drop("audit_rights")


@pytest.fixture(scope="module")
def month(url: str) -> str:
    return rows(url, "SELECT DISTINCT tableoid::regclass::text FROM gateway.audit_record")[0][0]


def as_the_gateway(url: str, statement: str) -> list[tuple[Any, ...]]:
    async def run() -> list[tuple[Any, ...]]:
        database = Database(url, size=1, wait_seconds=5)
        await database.open()
        try:
            async with database.transaction() as connection:
                cursor = await connection.execute(statement)  # type: ignore[arg-type]
                return await cursor.fetchall() if cursor.description else []
        finally:
            await database.close()

    return asyncio.run(run())


def refused() -> AbstractContextManager[Any]:
    return pytest.raises(psycopg.errors.InsufficientPrivilege)


@pytest.mark.parametrize("change", CHANGES)
def test_the_gateway_may_change_no_record(url: str, change: str) -> None:
    with refused():
        as_the_gateway(url, change.format(table="gateway.audit_record"))


@pytest.mark.parametrize("change", [*CHANGES, "INSERT INTO {table} SELECT * FROM gateway.audit_record"])
def test_the_gateway_may_change_no_month_behind_the_tables_back(url: str, month: str, change: str) -> None:
    with refused():
        as_the_gateway(url, change.format(table=month))


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM gateway.audit_chain",
        "TRUNCATE gateway.audit_chain",
        "UPDATE gateway.audit_chain SET purged_seq = 2",
        "ALTER TABLE gateway.audit_record DISABLE TRIGGER ALL",
        "SELECT gateway.ensure_audit_partition('1999-01-01')",
        "SELECT password_hash FROM public.users",
        "DELETE FROM public.customers",
    ],
)
def test_the_gateway_may_do_nothing_else_that_it_does_not_need(url: str, change: str) -> None:
    with refused():
        as_the_gateway(url, change)


@pytest.mark.parametrize("change", CHANGES[:3])
@pytest.mark.parametrize("of_one_month", [False, True])
def test_not_even_the_owner_changes_a_record_by_mistake(
    url: str, month: str, change: str, *, of_one_month: bool
) -> None:
    with refused():
        rows(url, change.format(table=month if of_one_month else "gateway.audit_record"))
    assert len(rows(url, "SELECT 1 FROM gateway.audit_record WHERE actor = 'staff@center.example'")) == 2


def test_a_month_that_the_gateway_makes_is_no_more_its_own(url: str) -> None:
    assert as_the_gateway(url, "SELECT gateway.ensure_audit_partitions(5)") == [(2,)]

    months = rows(url, "SELECT relid::regclass::text FROM pg_partition_tree('gateway.audit_record')")
    for (month,) in months:
        with refused():
            as_the_gateway(url, f"DELETE FROM {month}")


def test_a_later_table_may_be_read(url: str) -> None:
    rows(url, "CREATE TABLE gateway.made_later AS SELECT 1 AS one")

    assert as_the_gateway(url, "SELECT one FROM gateway.made_later") == [(1,)]
    with refused():
        as_the_gateway(url, "DELETE FROM gateway.made_later")


def test_behind_a_transaction_pooler_no_role_is_left_on_the_connection(url: str) -> None:
    (owner,) = rows(url, "SELECT current_user")

    assert as_the_gateway(url, "SELECT current_user") == [("wellness_gateway",)]
    assert as_the_gateway(f"{url}&pgbouncer=true", "SELECT current_user") == [owner]


@pytest.fixture
def plain_user(databases: Databases) -> Iterator[str]:
    """A user who may make databases, and no roles."""
    with databases.temporary() as url:
        rows(url, "CREATE ROLE plain_user LOGIN CREATEDB PASSWORD 'invented'")
        rows(url, f"GRANT ALL ON DATABASE {psycopg.conninfo.conninfo_to_dict(url)['dbname']} TO plain_user")
        rows(url, "GRANT ALL ON SCHEMA public TO plain_user")
        yield url
        rows(url, "DROP OWNED BY plain_user CASCADE")
        rows(url, "DROP ROLE plain_user")


def test_a_user_who_may_not_act_as_the_role_migrates_and_works_as_himself(plain_user: str) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(plain_user)
    url = f"postgresql://plain_user:invented@/{parts['dbname']}?host={parts['host']}&port={parts['port']}"

    migrate(url)

    assert migration_state(url).up_to_date
    assert as_the_gateway(url, "SELECT current_user") == [("plain_user",)]
    write(url, [a_record()])
    assert len(rows(url, "SELECT 1 FROM gateway.audit_record")) == 1
