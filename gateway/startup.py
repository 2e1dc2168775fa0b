"""Before the server serves: a database that runs, is migrated, and has somebody in it."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date

import psycopg

from db.demo import DemoPlan, Progress, load_demo
from db.embedded import EmbeddedPostgres
from db.fitted_models import published_model
from db.fitting.lock import FitRunning
from db.fitting.session import fitting_connection
from db.migrate import migrate, migration_state
from db.urls import libpq_url
from gateway.fitting.fit import fit_for_today
from gateway.settings import Settings


class CannotStart(Exception):
    """The server cannot start; the message says what to do."""


@dataclass(frozen=True, slots=True)
class RunningDatabase:
    """A database that can be reached.

    Attributes:
        url: Its address past any pooler, for what needs a session.
        serving_url: The address that the server serves from.
        description: What it is, for people.
    """

    url: str
    serving_url: str
    description: str


@contextmanager
def running_database(
    settings: Settings, server_settings: Mapping[str, str] | None = None
) -> Generator[RunningDatabase]:
    """Give the configured database, or else an embedded one that runs as long as the block.

    Args:
        settings: say which.
        server_settings: PostgreSQL settings for an embedded server that is not running yet.

    Raises:
        CannotStart: the configured database cannot be reached. A read replica may be away.
    """
    if settings.database_url:
        direct_url = settings.database_direct_url or settings.database_url
        _check_reachable("DATABASE_URL", settings.database_url)
        if direct_url != settings.database_url:
            _check_reachable("DATABASE_DIRECT_URL", direct_url)
        yield RunningDatabase(direct_url, settings.database_url, "DATABASE_URL")
        return
    server = EmbeddedPostgres(
        settings.data_dir / "postgres", binaries=settings.pg_bin, settings=server_settings
    )
    try:
        url = server.start()
        kind = "embedded" if server.owner else "embedded, of another process"
        yield RunningDatabase(url, url, f"PostgreSQL {server.server_version}, {kind}")
    finally:
        server.stop()


@contextmanager
def migrated_database(settings: Settings) -> Generator[RunningDatabase]:
    """Give the same database to what needs its newest tables.

    Raises:
        CannotStart: it cannot be reached, or is not migrated.
    """
    with running_database(settings) as database:
        if not migration_state(database.url).up_to_date:
            raise CannotStart("the database is not migrated: run python -m gateway migrate first")
        yield database


def prepare(settings: Settings, url: str, today: date, progress: Progress) -> None:
    """Migrate, fill an empty database with the demo center, and fit the first models.

    In production nothing of this is done: migrating is for the operator, and a server fits beside its work.
    """
    if not settings.development:
        return
    migrate(url, lambda words: progress(words, 0.0))
    if count_customers(url) == 0:
        load_demo(url, DemoPlan(today=today), progress)
    if not _is_fitted(url):
        with suppress(FitRunning):
            fit_for_today(url, today, progress)


def count_customers(url: str) -> int:
    """Return how many customers a migrated database holds."""
    with psycopg.connect(libpq_url(url)) as connection:
        row = connection.execute("SELECT count(*) FROM public.customers").fetchone()
    return row[0] if row else 0


def _is_fitted(url: str) -> bool:
    with fitting_connection(url) as connection:
        return published_model(connection) is not None


def _check_reachable(name: str, url: str) -> None:
    try:
        psycopg.connect(libpq_url(url), connect_timeout=5).close()
    except psycopg.OperationalError as error:
        raise CannotStart(f"{name} cannot be reached: {error}") from None
