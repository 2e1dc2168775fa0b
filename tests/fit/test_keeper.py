"""A running server and its models: newer ones are used without a restart, and due ones fitted beside it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from audit_records import rows
from conftest import Databases
from fit.conftest import published
from harness import TODAY, Gateway, running_gateway
from process.program import REPOSITORY, environment_of_a_user, log_lines, wait_until

from db.engine import Database
from db.fitted_models import ModelState
from db.fitting.lock import fit_lock
from gateway.fitting.background import due
from gateway.fitting.fit import fit_models
from gateway.fitting.orders import BUSY, DONE, FAILED, Order, Work
from gateway.models import ModelKeeper

TOMORROW = TODAY + timedelta(days=1)
PERCENTILE = "{ customer(id: 123) { analytics { revenueContribution { revenuePercentile } } } }"
FITTERS = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND query LIKE '%%gateway.customer_summary%%' AND wait_event_type = 'Lock'
"""


def percentile(gateway: Gateway) -> int | None:
    customer = gateway.data(PERCENTILE)["customer"]
    return customer["analytics"]["revenueContribution"]["revenuePercentile"]


def fit(url: str, today: date = TODAY) -> None:
    fit_models(url, today, lambda _step, _done: None)


@contextmanager
def customers_locked(url: str) -> Generator[None]:
    """Keep everybody from the center's customers, so that a fit begins and does not end."""
    with psycopg.connect(url) as connection, connection.transaction():
        connection.execute("LOCK TABLE public.customers")
        yield


def test_what_is_published_elsewhere_is_used_without_a_restart(small_url: str) -> None:
    with running_gateway(small_url, model_check_seconds=0.05) as gateway:
        assert percentile(gateway) is None

        fit(small_url)

        wait_until(lambda: percentile(gateway) is not None)


@pytest.mark.slow
def test_two_servers_fit_what_is_due_once_and_without_being_told(small_url: str) -> None:
    fit(small_url)
    due_tomorrow = {"today": TOMORROW, "model_check_seconds": 0.1, "model_refresh": True}
    with ExitStack() as servers:
        for _ in range(2):
            servers.enter_context(running_gateway(small_url, **due_tomorrow))

        wait_until(lambda: len(published(small_url)) > 1, 60)

    assert published(small_url) == ["2026.06.15-1", "2026.06.16-1"]
    assert rows(small_url, "SELECT DISTINCT as_of FROM gateway.population_quantiles") == [(TOMORROW,)]


@pytest.mark.slow
def test_distributions_of_an_hour_ago_are_gathered_again(small_url: str) -> None:
    fit(small_url)
    rows(small_url, "UPDATE gateway.population_quantiles SET computed_at = now() - interval '61 minutes'")
    recent = "SELECT count(*) FROM gateway.population_quantiles WHERE computed_at > now() - interval '1 hour'"

    with running_gateway(small_url, model_check_seconds=0.1, model_refresh=True):
        wait_until(lambda: rows(small_url, recent) == [(6,)], 60)

    assert published(small_url) == ["2026.06.15-1"]


@pytest.mark.slow
def test_a_server_that_stops_does_not_wait_for_its_fit(small_url: str) -> None:
    with customers_locked(small_url):
        with running_gateway(small_url, model_check_seconds=0.1, model_refresh=True):
            wait_until(lambda: rows(small_url, FITTERS) == [(1,)], 60)

        # it stopped, and the lock of its fit was not waited for
        wait_until(lambda: rows(small_url, FITTERS) == [(0,)], 20)
    assert published(small_url) == []


def test_a_server_that_must_not_fit_does_not(small_url: str) -> None:
    with running_gateway(small_url, model_check_seconds=0.01) as gateway:
        for _ in range(20):
            assert percentile(gateway) is None

    assert rows(small_url, "SELECT 1 FROM gateway.fitted_model") == []


@asynccontextmanager
async def keeper_of(url: str) -> AsyncGenerator[ModelKeeper]:
    database = Database(url, size=1, wait_seconds=1)
    keeper = ModelKeeper(database, today=lambda: TODAY, seconds=0.02, background=None)
    await database.open()
    await keeper.open()
    try:
        yield keeper
    finally:
        await keeper.close()
        await database.close()


async def until(holds: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_until, holds)


def test_the_newest_models_are_there_when_the_server_is(demo_url: str) -> None:
    async def look() -> None:
        async with keeper_of(demo_url) as keeper:
            models = keeper.models
            assert (models.version, models.as_of) == ("2026.06.15-1", TODAY)
            assert None not in (models.churn, models.season, models.visits, models.satisfaction)
            assert None not in (models.services, models.services_without_health, models.responses)
            assert {f"revenue_{days}d" for days in (30, 90, 180, 365)} <= models.quantiles.keys()
            assert {"visits_365d", "satisfaction"} <= models.quantiles.keys()

    asyncio.run(look())


def test_who_took_a_snapshot_keeps_it_when_newer_models_come(small_url: str) -> None:
    fit(small_url)

    async def look() -> None:
        async with keeper_of(small_url) as keeper:
            before = keeper.models
            rows(
                small_url,
                "INSERT INTO gateway.fitted_model (version, as_of, published_at) VALUES ('newer', %s, now())",
                TODAY,
            )
            await until(lambda: keeper.models.version == "newer")

            assert before.version == "2026.06.15-1"
            assert before.churn is not None
            assert keeper.models.churn is None

    asyncio.run(look())


def test_what_is_not_published_is_never_used(small_url: str) -> None:
    fit(small_url)

    async def look() -> None:
        async with keeper_of(small_url) as keeper:
            rows(small_url, "INSERT INTO gateway.fitted_model (version, as_of) VALUES ('half', %s)", TODAY)
            rows(small_url, "UPDATE gateway.population_quantiles SET computed_at = now(), customers = 1")
            before = keeper.models
            await until(lambda: keeper.models is not before)

            assert keeper.models.version == "2026.06.15-1"

    asyncio.run(look())


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "gateway.models"]


def test_models_stay_while_the_database_is_away_and_the_log_says_so_once(
    databases: Databases, small_template: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = databases.create("models_away", small_template)
    fit(url)

    async def look() -> None:
        async with keeper_of(url) as keeper:
            databases.drop("models_away")
            await until(lambda: bool(told(caplog)))

            assert keeper.models.version == "2026.06.15-1"

    asyncio.run(look())
    assert told(caplog) == ["fitted models could not be looked for"]


def state(**known: object) -> ModelState:
    now = datetime.now(UTC)
    usual = {"version": "v", "as_of": TODAY, "measures": 6, "gathered_at": now, "gathered_for": TODAY}
    return ModelState(**{**usual, "gathered_lately": True, **known})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "work"),
    [
        (state(), None),
        (state(as_of=TOMORROW, gathered_for=TOMORROW), None),
        (state(version=None, as_of=None), "fit"),
        (state(as_of=TODAY - timedelta(days=1)), "fit"),
        (state(as_of=TODAY + timedelta(days=300)), "fit"),
        (state(gathered_lately=False), "quantiles"),
        (state(gathered_for=TODAY - timedelta(days=1)), "quantiles"),
        (state(measures=0, gathered_at=None, gathered_for=None, gathered_lately=False), None),
    ],
)
def test_what_is_due_follows_from_days_and_hours(known: ModelState, work: Work | None) -> None:
    assert due(known, TODAY) == work


@contextmanager
def child(url: str) -> Generator["subprocess.Popen[bytes]"]:
    """Order a fit of a process such as a server starts."""
    command = [sys.executable, "-m", "gateway.fitting.child"]
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment_of_a_user(), **pipes) as process:
        assert process.stdin is not None
        process.stdin.write(Order("fit", url, TODAY, "INFO").to_line())
        process.stdin.flush()
        yield process


@pytest.mark.slow
def test_the_process_beside_a_server_says_by_its_exit_code_how_it_went(small_url: str) -> None:
    with fit_lock(small_url), child(small_url) as process:
        assert process.wait(60) == BUSY
    with child(small_url) as process:
        assert process.wait(60) == DONE
    assert published(small_url) == ["2026.06.15-1"]


@pytest.mark.slow
def test_the_process_beside_a_server_logs_an_error_without_what_it_is_about(own_url: str) -> None:
    rows(own_url, "ALTER TABLE gateway.fitted_model ADD CONSTRAINT hidden CHECK (customers > 1000000)")

    with child(own_url) as process:
        assert process.wait(60) == FAILED
        assert process.stderr is not None
        logged = process.stderr.read().decode()

    (line,) = log_lines(logged)
    assert "CheckViolation" in line["exc_info"]
    assert "hidden" not in logged


@pytest.mark.slow
def test_the_process_beside_a_server_ends_with_it(small_url: str) -> None:
    with customers_locked(small_url), child(small_url) as process:
        wait_until(lambda: rows(small_url, FITTERS) == [(1,)], 60)
        assert process.stdin is not None

        process.stdin.close()  # as the kernel does when its parent is killed

        assert process.wait(20) == FAILED
