"""Bring a database to the newest migration, and say how far it is."""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from db.tables import gateway
from db.urls import sqlalchemy_url

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 7_346_001  # any number, the same in every process: two of them must not migrate at once


class UnknownCenterDatabase(Exception):
    """The database already holds a center's tables, and they were not made by our migrations."""

    def __init__(self) -> None:
        super().__init__(
            "this database already holds a center's tables (public.customers) that the gateway did not make; "
            "point DATABASE_URL at an empty database"
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


def migrate(url: str) -> MigrationState:
    """Run the migrations that are missing, in one transaction, and return the state before it.

    Raises:
        UnknownCenterDatabase: the database holds a center's tables and no schema of ours.
    """
    engine = sa.create_engine(sqlalchemy_url(url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        before = _state(connection)
        if before.up_to_date:
            return before
        if before.current is None and _has_customers(connection):
            raise UnknownCenterDatabase
        connection.execute(sa.schema.CreateSchema(gateway.SCHEMA, if_not_exists=True))
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return before


def migration_state(url: str) -> MigrationState:
    """Return how far the database is migrated."""
    engine = sa.create_engine(sqlalchemy_url(url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        return _state(connection)


def newest_migration() -> str:
    """Return the newest migration's name."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head() or ""


def alembic_config() -> Config:
    """Return Alembic's configuration, made here so that no file outside the package is needed."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def _state(connection: sa.Connection) -> MigrationState:
    context = MigrationContext.configure(connection, opts={"version_table_schema": gateway.SCHEMA})
    return MigrationState(context.get_current_revision(), newest_migration())


def _has_customers(connection: sa.Connection) -> bool:
    return connection.scalar(sa.text("SELECT to_regclass('public.customers')")) is not None
