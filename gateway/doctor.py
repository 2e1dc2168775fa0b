"""`doctor`: looks at settings, services, database and migrations, and says what to do about what it finds."""

from collections.abc import Callable, Generator, Iterable
from typing import LiteralString, TypeAlias

import psycopg

from db.embedded import EmbeddedPostgresError
from db.migrate import migration_state
from db.urls import libpq_url
from gateway.app import today_in_seoul
from gateway.doctor_audit import audit_findings
from gateway.doctor_models import model_finding
from gateway.doctor_replica import replica_findings
from gateway.doctor_services import service_findings
from gateway.findings import Finding
from gateway.settings import Settings
from gateway.startup import CannotStart, RunningDatabase, count_customers, running_database

Look: TypeAlias = Callable[[str], Finding]
"""Looks at one thing of a migrated database, by its address."""

_OLDEST_SERVER = 150000

_ADDRESSES = frozenset({"database_url", "database_direct_url", "database_replica_url"})

_SERVER: LiteralString = """
SELECT current_setting('server_version_num')::integer, current_setting('server_version'),
       current_setting('server_encoding'), current_setting('log_error_verbosity')
"""


def examine(settings: Settings, *more: Look) -> list[Finding]:
    """Look at everything that serving needs, and at more; stops at what the rest needs too."""
    findings = [*_settings(settings), *service_findings(settings)]
    try:
        with running_database(settings) as database:
            findings.append(Finding("database", fine=True, words=database.description))
            findings.extend(_database(settings, database, more))
            findings.extend(replica_findings(settings, database.url))
    except CannotStart as error:
        advice = "start the server, or unset DATABASE_URL to use the embedded one"
        findings.append(Finding("database", fine=False, words=str(error), advice=advice))
    except EmbeddedPostgresError as error:
        findings.append(Finding("database", fine=False, words=str(error), advice="set DATABASE_URL"))
    return findings


def _settings(settings: Settings) -> Generator[Finding]:
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        shown = "(not set)" if value is None else str(value)
        if name in _ADDRESSES and value is not None:
            shown = "(set)"  # they hold a password
        yield Finding(name.upper(), fine=True, words=f"{shown} - {field.description}")


def _database(settings: Settings, database: RunningDatabase, more: Iterable[Look]) -> Generator[Finding]:
    url = database.url
    yield from _server(url)
    state = migration_state(url)
    if state.up_to_date:
        yield Finding("migrations", fine=True, words=f"at {state.head}, the newest")
    else:
        words = f"at {state.current or 'nothing'}, newest is {state.head}"
        yield Finding("migrations", fine=False, words=words, advice="run python -m gateway migrate")
    yield from audit_findings(database.serving_url)
    if state.up_to_date:
        customers = count_customers(url)
        advice = None if customers else "run python -m gateway seed for a demo center"
        yield Finding("customers", fine=True, words=f"{customers:,}", advice=advice)
        yield model_finding(settings, url, today_in_seoul())
        yield from (look(url) for look in more)


def _server(url: str) -> Generator[Finding]:
    with psycopg.connect(libpq_url(url)) as connection:
        row = connection.execute(_SERVER).fetchone()
    number, version, encoding, verbosity = row or (0, "unknown", "unknown", "unknown")
    yield Finding(
        "server",
        fine=number >= _OLDEST_SERVER,
        words=f"PostgreSQL {version}",
        advice=None if number >= _OLDEST_SERVER else "PostgreSQL 15 or newer is needed",
    )
    yield Finding(
        "encoding",
        fine=encoding == "UTF8",
        words=encoding,
        advice=None if encoding == "UTF8" else "Korean names need a database with ENCODING 'UTF8'",
    )
    yield Finding(
        "server log",
        fine=True,
        words=f"{verbosity} errors",
        advice=None if verbosity == "terse" else "set log_error_verbosity = terse: details quote whole rows",
    )
