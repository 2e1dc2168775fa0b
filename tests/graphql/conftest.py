"""What the GraphQL tests share: rows as psql would show them, and the statements that an answer cost."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from harness import UNCACHED, Gateway, running_gateway
from psycopg.rows import dict_row

from db.urls import libpq_url


@pytest.fixture(scope="module")
def writable_gateway(databases: Any, demo_template: str) -> Iterator[Gateway]:
    """One for all tests of a module, which write to rows that none of the others reads."""
    with databases.temporary(demo_template) as url, running_gateway(url, **UNCACHED) as running:
        yield running


@pytest.fixture(scope="session")
def rows(gateway: Gateway) -> Iterator[Callable[..., list[dict[str, Any]]]]:
    """Read rows of the database that `gateway` answers from."""
    with psycopg.connect(
        libpq_url(gateway.database_url), row_factory=dict_row, autocommit=True
    ) as connection:

        def run(statement: str, *values: object) -> list[dict[str, Any]]:
            return connection.execute(statement, values).fetchall()

        yield run


@pytest.fixture(scope="session")
def statements(gateway: Gateway) -> Iterator[Callable[..., int]]:
    """Run a document that must succeed and return how many statements it took, nothing being cached."""
    with running_gateway(gateway.database_url, **UNCACHED) as forgetful:

        def run(document: str, variables: dict[str, Any] | None = None) -> int:
            body = {"query": document, "variables": variables or {}}
            response = forgetful.request("POST", "/graphql", json=body)
            assert "errors" not in response.json(), response.json()["errors"]
            return int(re.fullmatch(r'sql;desc="(\d+) statements"', response.headers["server-timing"])[1])

        yield run
