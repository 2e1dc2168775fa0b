"""The database tells the same risk level as insight does, so that it is right as soon as anybody writes."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from db.migrate import migrate
from db.urls import libpq_url
from insight.churn import ChurnModel
from insight.risk import RISK_LEVELS, risk_levels

TODAY = date(2026, 11, 25)
MODELS = [
    ChurnModel(0.525, 6.183, 0.891, 1.614, 1),
    ChurnModel(1.37, 0.9, 0.93, 43.4, 2),
    ChurnModel(1.2, 0.4, 1.0, 8.0, 5),
]

VISITS = (1, 2, 5, 20, 150, 900)
LASTED = (0, 3, 40, 200, 950)  # days from the first to the last visit
AGO = (0, 1, 6, 13, 25, 45, 80, 150, 400)  # days since the last visit

PUBLISH = """
INSERT INTO gateway.fitted_model (version, as_of, parts, published_at)
VALUES (%s, %s, %s, CASE WHEN %s THEN clock_timestamp() END)
"""
LEVEL = "SELECT gateway.risk_level_of(%s, %s, %s, %s)"


@pytest.fixture(scope="module")
def url(databases: Any) -> Iterator[str]:
    with databases.temporary() as url:
        migrate(url)
        yield libpq_url(url)


@pytest.fixture
def connection(url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with psycopg.connect(url) as connection:
        yield connection
        connection.rollback()


def publish(
    connection: psycopg.Connection[tuple[Any, ...]],
    churn: ChurnModel | None,
    *,
    version: str = "2026.11.25-1",
    published: bool = True,
) -> None:
    parts = Jsonb({"churn": None if churn is None else asdict(churn)})
    connection.execute(PUBLISH, [version, TODAY, parts, published])


def told(
    connection: psycopg.Connection[tuple[Any, ...]], visits: int | None, lasted: int, ago: int
) -> str | None:
    last = TODAY - timedelta(days=ago)
    row = connection.execute(LEVEL, [visits, last - timedelta(days=lasted), last, TODAY]).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("model", MODELS, ids=["k=1", "k=2", "k=5"])
def test_the_database_and_the_formula_agree(
    connection: psycopg.Connection[tuple[Any, ...]], model: ChurnModel
) -> None:
    publish(connection, model)
    grid = [
        (visits, lasted, ago)
        for visits in VISITS
        for lasted in LASTED
        for ago in AGO
        if (visits == 1) == (lasted == 0) and lasted >= visits - 1
    ]
    expected = risk_levels(
        model,
        [visits - 1 for visits, _, _ in grid],
        [lasted / 7 for _, lasted, _ in grid],
        [(lasted + ago) / 7 for _, lasted, ago in grid],
    )
    assert [told(connection, *history) for history in grid] == [RISK_LEVELS[code] for code in expected]
    assert {RISK_LEVELS[code] for code in expected} == set(RISK_LEVELS)


def test_there_is_no_level_without_a_visit_or_a_fitted_model(
    connection: psycopg.Connection[tuple[Any, ...]],
) -> None:
    assert told(connection, 5, 40, 6) is None
    publish(connection, None, version="2026.11.23-1")
    publish(connection, MODELS[1], version="2026.11.24-1", published=False)
    assert told(connection, 5, 40, 6) is None
    publish(connection, MODELS[1])
    assert told(connection, 5, 40, 6) == "stable"
    assert told(connection, 0, 40, 6) is None
    assert told(connection, None, 40, 6) is None


def test_the_newest_published_model_counts(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    nobody_stays = ChurnModel(1.0, 1.0, 5_000.0, 1.0)
    publish(connection, nobody_stays, version="2026.11.24-1")
    assert told(connection, 5, 40, 6) == "danger"
    publish(connection, MODELS[1])
    assert told(connection, 5, 40, 6) == "stable"
