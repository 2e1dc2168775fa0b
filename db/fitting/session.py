"""A connection for long reads and batches of writes, in the role that the gateway works in."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any, LiteralString, TypeAlias

import psycopg

from db.engine import ASSUME_ROLE, ROLE
from db.urls import is_pooled, libpq_url

FittingConnection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

# a center may end slow statements by itself, which is meant for its pages and not for these reads
_PATIENCE: LiteralString = "SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '128MB'"

# else the statement of a process that was killed would run to its end
_END_WITH_CLIENT: LiteralString = "SET client_connection_check_interval = '1s'"


@contextmanager
def fitting_connection(url: str) -> Generator[FittingConnection]:
    """Give a connection that commits each statement, closed at the end.

    Behind a transaction pooler no role is assumed: it would stay with the server's connection.
    """
    pooled = is_pooled(url)
    with psycopg.connect(
        libpq_url(url), autocommit=True, prepare_threshold=None if pooled else 5, connect_timeout=5
    ) as connection:
        if not pooled:
            connection.execute(ASSUME_ROLE, {"role": ROLE})
            with suppress(psycopg.errors.InvalidParameterValue):  # a server on Windows cannot do it
                connection.execute(_END_WITH_CLIENT)
        yield connection


@contextmanager
def long_transaction(connection: FittingConnection) -> Generator[None]:
    """Let the statements of one transaction take their time, and sort in memory."""
    with connection.transaction():
        connection.execute(_PATIENCE)
        yield
