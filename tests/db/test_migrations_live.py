"""Migrations beside a working center: they hold nobody up, and stand after any number of cuts."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.exc import IntegrityError

from db.migrate import CenterBusy, NeedsDirectConnection, alembic_config, migrate, migration_state
from db.migrations import online
from db.urls import libpq_url, sqlalchemy_url

SCHEMA = {
    "columns": """
        SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull
          FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
         WHERE c.relnamespace IN ('public'::regnamespace, 'gateway'::regnamespace) AND attnum > 0""",
    "indexes": """
        SELECT pg_get_indexdef(indexrelid), indisvalid, indisready FROM pg_index
          JOIN pg_class c ON c.oid = indexrelid
         WHERE c.relnamespace IN ('public'::regnamespace, 'gateway'::regnamespace)""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint
         WHERE connamespace IN ('public'::regnamespace, 'gateway'::regnamespace)""",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": """
        SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'gateway'::regnamespace""",
    "rights": """
        SELECT oid::regclass::text, relacl::text FROM pg_class
         WHERE relnamespace IN ('public'::regnamespace, 'gateway'::regnamespace)""",
}
LIVE_ROWS = """
INSERT INTO customers (name) SELECT '고객' FROM generate_series(1, 300);
INSERT INTO service_usage (customer_id, service_date)
SELECT n % 300 + 1, date '2026-01-01' + n % 150 FROM generate_series(1, 20000) n;
"""
MIGRATOR = """
import sys
from db.migrate import migrate
print("ready", flush=True)
migrate(sys.argv[1])
"""
INDEX = "gateway_service_usage_by_customer"
IS_VALID = f"SELECT indisvalid FROM pg_index WHERE indexrelid = 'public.{INDEX}'::regclass"


def schema_of(url: str) -> dict[str, list[Any]]:
    with psycopg.connect(libpq_url(url)) as connection:
        return {
            what: sorted(connection.execute(statement).fetchall(), key=repr)
            for what, statement in SCHEMA.items()
        }


def run(url: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def operations(url: str) -> Generator[sa.Connection]:
    """Let the steps of a migration run on a connection, as they do in one."""
    engine = sa.create_engine(sqlalchemy_url(url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"transaction_per_migration": True})
        with context.begin_transaction(_per_migration=True), Operations.context(context):
            yield connection


@contextmanager
def open_transaction(url: str, statement: str) -> Generator[psycopg.Connection]:
    """Hold the locks of a statement, as a program does that forgot to commit."""
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute(statement)
        yield connection
        connection.rollback()


@pytest.fixture
def live_url(empty_database_url: str) -> str:
    """A center that works already, and has none of the gateway's own tables yet."""
    engine = sa.create_engine(sqlalchemy_url(empty_database_url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA gateway"))
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    run(empty_database_url, LIVE_ROWS)
    return empty_database_url


@pytest.fixture(scope="module")
def clean_schema(databases: Any) -> dict[str, list[Any]]:
    with databases.temporary() as url:
        migrate(url)
        return schema_of(url)


class Attempts:
    """Counts how often a migration had to wait, and can be waited for."""

    def __init__(self) -> None:
        self._waits = threading.Semaphore(0)

    def told(self, _: str) -> None:
        self._waits.release()

    def wait_for(self, count: int) -> None:
        for _ in range(count):
            assert self._waits.acquire(timeout=60)


def test_a_live_center_is_migrated_to_the_same_schema(
    live_url: str, clean_schema: dict[str, list[Any]]
) -> None:
    migrate(live_url)

    assert schema_of(live_url) == clean_schema


def test_two_migrators_at_once_do_the_work_once(
    empty_database_url: str, clean_schema: dict[str, list[Any]]
) -> None:
    with ThreadPoolExecutor(2) as both:
        list(both.map(migrate, [empty_database_url] * 2))

    assert migration_state(empty_database_url).up_to_date
    assert schema_of(empty_database_url) == clean_schema


def test_a_second_migrator_does_not_hold_up_an_index_that_the_first_one_builds(live_url: str) -> None:
    """An index waits for every older statement; one that waited for the migrators' lock would wait for it."""
    with psycopg.connect(libpq_url(live_url), autocommit=True) as first, ThreadPoolExecutor(1) as second:
        first.execute("SELECT pg_advisory_lock(7346001)")
        attempts = Attempts()
        waiting = second.submit(migrate, live_url, attempts.told)
        attempts.wait_for(1)

        first.execute("SET statement_timeout = '30s'")
        first.execute("CREATE INDEX CONCURRENTLY another ON service_usage (created_at)")

        first.execute("SELECT pg_advisory_unlock(7346001)")
        waiting.result(timeout=60)
    assert migration_state(live_url).up_to_date


def test_an_invalid_index_that_was_left_behind_is_replaced(live_url: str) -> None:
    run(live_url, f"CREATE INDEX {INDEX} ON service_usage (customer_id, service_date DESC, usage_id DESC)")
    run(live_url, f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{INDEX}'::regclass")

    migrate(live_url)

    assert run(live_url, IS_VALID) == [(True,)]


def test_a_pooler_is_refused_while_there_is_something_to_do(empty_database_url: str) -> None:
    pooled = f"{empty_database_url}&pgbouncer=true"
    with pytest.raises(NeedsDirectConnection):
        migrate(pooled)

    migrate(empty_database_url)

    assert migrate(pooled).up_to_date


def test_a_migration_that_finds_no_quiet_moment_gives_up_and_leaves_nothing_half_done(live_url: str) -> None:
    with (
        open_transaction(live_url, "INSERT INTO customers (name) VALUES ('아직')"),
        pytest.raises(CenterBusy),
    ):
        migrate(live_url, patience=0.0)

    assert migration_state(live_url).current == "0001"
    migrate(live_url)
    assert migration_state(live_url).up_to_date


def test_a_constraint_holds_at_once_and_is_validated_when_it_is_added_again_after_a_cut(
    live_url: str,
) -> None:
    definition = "CHECK (usage_id > 0)"
    run(live_url, f"ALTER TABLE service_usage ADD CONSTRAINT gateway_positive {definition} NOT VALID")

    for _ in range(2):
        with operations(live_url):
            online.add_constraint("public.service_usage", "gateway_positive", definition)

    state = "SELECT convalidated FROM pg_constraint WHERE conname = 'gateway_positive'"
    assert run(live_url, state) == [(True,)]


def test_a_backfill_keeps_the_batches_before_a_cut_and_goes_on_after_it(live_url: str) -> None:
    run(live_url, "UPDATE service_usage SET session_number = NULL")
    fill = """
        UPDATE service_usage SET session_number = :number
         WHERE usage_id BETWEEN :since AND :until AND session_number IS NULL"""

    def backfill() -> None:
        with operations(live_url):
            online.backfill("public.service_usage", "usage_id", fill, values={"number": 1}, batch=7_000)

    def missing() -> int:
        return run(live_url, "SELECT count(*) FROM service_usage WHERE session_number IS NULL")[0][0]

    run(live_url, "ALTER TABLE service_usage ADD CONSTRAINT cut CHECK (usage_id < 15000) NOT VALID")
    with pytest.raises(IntegrityError):
        backfill()
    left = missing()
    run(live_url, "ALTER TABLE service_usage DROP CONSTRAINT cut")
    backfill()

    assert left == 20_000 - 2 * 7_000
    assert missing() == 0


@pytest.mark.slow
def test_a_long_transaction_of_the_center_makes_no_queue_behind_a_migration(live_url: str) -> None:
    """Every other write has twice the migration's patience with a lock, and a migration tries again."""
    attempts = Attempts()
    limit = f"SET lock_timeout = {2 * online.LOCK_MILLISECONDS}"
    written = 0
    with (
        ThreadPoolExecutor(1) as migrator,
        psycopg.connect(libpq_url(live_url), autocommit=True) as writer,
        open_transaction(live_url, "UPDATE customers SET notes = '긴 일' WHERE customer_id = 1"),
    ):
        writer.execute(limit)
        migrating = migrator.submit(migrate, live_url, attempts.told)
        counting = threading.Thread(target=attempts.wait_for, args=[3])
        counting.start()
        while counting.is_alive():
            writer.execute("INSERT INTO customers (name) VALUES ('새 고객')")
            written += 1
    migrating.result(timeout=60)

    assert written > 100
    assert migration_state(live_url).up_to_date


@pytest.mark.slow
@pytest.mark.parametrize("center", ["empty", "live"])
def test_a_migration_that_is_killed_at_any_moment_is_finished_by_the_next_one(
    center: str, clean_schema: dict[str, list[Any]], request: pytest.FixtureRequest
) -> None:
    url: str = request.getfixturevalue(f"{'live' if center == 'live' else 'empty_database'}_url")
    random = Random(7)  # noqa: S311 - when to kill, not secrets
    killed = 0
    while not migration_state(url).up_to_date:
        if not _killed_after(url, random.uniform(0, 0.02 * (killed + 1))):
            break
        killed += 1

    assert killed > 2
    assert schema_of(url) == clean_schema


def _killed_after(url: str, seconds: float) -> bool:
    """Migrate in a process of its own, kill it, and return whether it was killed before its end."""
    with subprocess.Popen(
        [sys.executable, "-c", MIGRATOR, url],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
    ) as migrator:
        assert migrator.stdout is not None
        assert migrator.stdout.readline() == b"ready\n"
        time.sleep(seconds)
        migrator.kill()
    return migrator.returncode == -signal.SIGKILL
