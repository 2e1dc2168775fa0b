"""Bring a database to the newest migration while its center works, and say how far it is.

Each migration is a transaction of its own. One that meets a lock of the center's gives up after a moment, so
that nobody waits behind it, and is run again later; one that was cut off is simply run again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from db.migrations.online import limit_locks
from db.tables import gateway
from db.urls import is_pooled, sqlalchemy_url

Told: TypeAlias = Callable[[str], None]
"""Told in words why a migration waits."""

PATIENCE_SECONDS = 600.0

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 7_346_001  # any number, the same in every process: two of them must not migrate at once
_LOOK_AGAIN_SECONDS = 0.1
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 15.0

# what a statement says that met a lock for too long
_BUSY = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.QueryCanceled,
)


class UnknownCenterDatabase(Exception):
    """The database already holds a center's tables, and they were not made by our migrations."""

    def __init__(self) -> None:
        super().__init__(
            "this database already holds a center's tables (public.customers) that the gateway did not make; "
            "point DATABASE_URL at an empty database"
        )


class NeedsDirectConnection(Exception):
    """The address leads to a transaction pooler, where the lock against a second migration does not hold."""

    def __init__(self) -> None:
        super().__init__(
            "migrations need a connection of their own, and DATABASE_URL leads to a pooler (pgbouncer=true): "
            "run python -m gateway migrate with the server's own address"
        )


class CenterBusy(Exception):
    """Transactions of the center held a lock all the while; nothing is half done."""

    def __init__(self) -> None:
        super().__init__(
            "a table that has to be changed stayed locked by other transactions: run python -m gateway "
            "migrate again later, or end those left open (pg_stat_activity, state idle in transaction)"
        )


@dataclass(frozen=True, slots=True)
class MigrationState:
    """How far a database is migrated: `current` is None before the first migration."""

    current: str | None
    head: str

    @property
    def up_to_date(self) -> bool:
        """Whether every migration has run."""
        return self.current == self.head


def _nobody(_: str) -> None:
    pass


def migrate(url: str, told: Told = _nobody, *, patience: float = PATIENCE_SECONDS) -> MigrationState:
    """Run the migrations that are missing, and return the state before them.

    Args:
        url: the server's own address.
        told: hears why nothing happens for a while.
        patience: seconds in which a migration that meets the center's locks is run again.

    Raises:
        UnknownCenterDatabase: the database holds a center's tables and no schema of ours.
        NeedsDirectConnection: there are migrations to run, and the address is a pooler's.
        CenterBusy: locks of the center's were met again and again until patience ended.
    """
    engine = sa.create_engine(sqlalchemy_url(url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        before = _state(connection)
        if before.up_to_date:
            return before
        if is_pooled(url):
            raise NeedsDirectConnection
        _be_alone(connection, told)
        before = _state(connection)
        if before.current is None and _has_customers(connection):
            raise UnknownCenterDatabase
        connection.execute(sa.schema.CreateSchema(gateway.SCHEMA, if_not_exists=True))
        connection.commit()
        _upgrade_in_quiet_moments(connection, told, patience)
    return before


def migration_state(url: str) -> MigrationState:
    """Return how far the database is migrated."""
    engine = sa.create_engine(sqlalchemy_url(url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        return _state(connection)


@cache
def newest_migration() -> str:
    """Return the newest migration's name."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head() or ""


def alembic_config() -> Config:
    """Return Alembic's configuration, made here so that no file outside the package is needed."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def _be_alone(connection: sa.Connection, told: Told) -> None:
    """Take the lock on migrations for as long as the connection lives, over many transactions.

    The connection is the one that migrates: a process that is killed may leave its last statement running,
    and with it the lock. It is tried for and never waited for: a building index waits for every older
    statement, and so for one that waits for this lock.
    """
    waiting = False
    connection.rollback()
    while not connection.scalar(sa.text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
        connection.rollback()
        if not waiting:
            told("another process migrates this database")
            waiting = True
        time.sleep(_LOOK_AGAIN_SECONDS)
    connection.commit()


def _upgrade_in_quiet_moments(connection: sa.Connection, told: Told, patience: float) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    deadline = time.monotonic() + patience
    pause = _FIRST_PAUSE_SECONDS
    while True:
        limit_locks(connection)
        connection.commit()
        try:
            command.upgrade(config, "head")
        except DBAPIError as error:
            connection.rollback()
            if not isinstance(error.orig, _BUSY):
                raise
        else:
            connection.commit()
            return
        if time.monotonic() > deadline:
            raise CenterBusy
        # writers that queued behind the attempt go first
        told("waiting for a transaction of the center to end")
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _state(connection: sa.Connection) -> MigrationState:
    context = MigrationContext.configure(connection, opts={"version_table_schema": gateway.SCHEMA})
    return MigrationState(context.get_current_revision(), newest_migration())


def _has_customers(connection: sa.Connection) -> bool:
    return connection.scalar(sa.text("SELECT to_regclass('public.customers')")) is not None
