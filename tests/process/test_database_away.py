"""A running server whose database goes away, is full, or is slow: said in words, and over when it is over."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date

import httpx
import psycopg
import pytest
from harness import open_folder
from process.conftest import programs
from process.program import CUSTOMER, Program, log_lines, wait_until

from db.demo import DemoPlan, load_demo
from db.embedded import EmbeddedPostgres
from db.migrate import migrate

QUICK = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "20"}
CUSTOMER_NAME = "{ customer(id: 123) { name } }"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
DEADLINE = 1.2  # seconds


@dataclass(frozen=True)
class Center:
    """A database that a test may stop, and a gateway over it."""

    database: EmbeddedPostgres
    url: str
    program: Program


@pytest.fixture(scope="module")
def center() -> Iterator[Center]:
    with open_folder() as folder, EmbeddedPostgres(folder / "postgres", settings=QUICK) as database:
        url = database.start()
        migrate(url)
        load_demo(url, DemoPlan(today=date(2026, 6, 15), customers=30), lambda _step, _done: None)
        with programs(folder) as serve:
            settings = {
                "DATABASE_POOL": 4,
                "DATABASE_WAIT_SECONDS": 0.5,
                "OPERATION_SECONDS": DEADLINE,
                "CACHE_ROWS": 0,
            }
            yield Center(database, url, serve(DATABASE_URL=url, **settings))


@pytest.fixture(autouse=True)
def well_before_and_after(center: Center) -> Iterator[None]:
    assert_well(center.program)
    yield
    center.database.start()
    center.program.wait_until_it_answers()


def assert_well(program: Program) -> None:
    assert program.request("GET", CUSTOMER).status_code == 200
    assert program.graphql(CUSTOMER_NAME).json() == {"data": {"customer": {"name": "김영희"}}}


def assert_unavailable(answers: list[httpx.Response]) -> None:
    for answer in answers:
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) >= 1
        # a write is not begun where no record of it can be made
        assert "SERVICE_UNAVAILABLE" in answer.text or "AUDIT_UNAVAILABLE" in answer.text


def at_once(program: Program, times: int) -> list[httpx.Response]:
    """Send reads and writes through both doors side by side; none may hang."""

    def one(number: int) -> httpx.Response:
        if number % 3 == 0:
            return program.graphql(CUSTOMER_NAME, timeout=15)
        if number % 3 == 1:
            return program.request("PUT", CUSTOMER, json={"occupation": f"{number}"}, timeout=15)
        return program.request("GET", CUSTOMER, timeout=15)

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(one, range(times)))


@pytest.mark.parametrize("stay", [0.0, pytest.param(8.0, marks=pytest.mark.slow)])
def test_requests_are_refused_while_the_database_is_away_and_answered_when_it_is_back(
    center: Center, stay: float
) -> None:
    center.database.stop()
    assert_unavailable(at_once(center.program, 9))
    ready = center.program.request("GET", "/readyz")
    assert ready.status_code == 503
    assert (ready.json()["checks"]["database"], ready.json()["checks"]["audit"]) == ("unavailable", "failing")
    assert center.program.request("GET", "/livez").status_code == 200
    gone = time.monotonic()
    while time.monotonic() < gone + stay:
        assert_unavailable(at_once(center.program, 3))

    center.database.start()
    wait_until(lambda: center.program.request("GET", CUSTOMER).status_code == 200)
    wait_until(lambda: all(answer.status_code == 200 for answer in at_once(center.program, 6)))
    assert center.program.request("GET", "/readyz").json()["checks"]["audit"] == "ok"


def test_a_restart_between_two_requests_is_not_seen(center: Center) -> None:
    at_once(center.program, 9)  # so that the pool is full of connections that the restart breaks
    center.database.stop()
    center.database.start()

    assert center.program.request("GET", CUSTOMER).status_code == 200
    assert center.program.graphql(CUSTOMER_NAME).status_code == 200


def test_a_write_after_a_restart_is_stored_or_refused_for_a_while(center: Center) -> None:
    at_once(center.program, 9)
    center.database.stop()
    center.database.start()

    def stored() -> bool:
        answer = center.program.request("PUT", CUSTOMER, json={"occupation": "다시"})
        if answer.status_code != 200:
            assert_unavailable([answer])
        return answer.status_code == 200

    wait_until(stored)


def test_connections_that_the_server_ends_are_replaced(center: Center) -> None:
    at_once(center.program, 9)
    with psycopg.connect(center.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )

    assert center.program.request("GET", CUSTOMER).status_code == 200


@pytest.mark.slow
def test_a_database_without_free_connections_is_unavailable(center: Center) -> None:
    with ExitStack() as taken:
        center.database.stop()  # the gateway's own connections would do for a few requests
        center.database.start()
        with suppress(psycopg.OperationalError):
            while True:
                taken.enter_context(psycopg.connect(center.url))
        answers = at_once(center.program, 6)
        assert {answer.status_code for answer in answers} == {503}
        assert_unavailable(answers)
    wait_until(lambda: center.program.request("GET", CUSTOMER).status_code == 200)


@contextmanager
def locked(url: str) -> Iterator[psycopg.Connection]:
    """Keep everybody else from the customers, and yield a connection to look from."""
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as onlooker:
        holder.execute("LOCK TABLE public.customers IN ACCESS EXCLUSIVE MODE")
        yield onlooker
        holder.rollback()


def waiting(connection: psycopg.Connection) -> int:
    return connection.execute(WAITING).fetchone()[0]  # type: ignore[index]


def test_an_operation_over_its_deadline_is_cancelled_in_the_database_too(center: Center) -> None:
    with locked(center.url) as onlooker:
        answer = center.program.request("PUT", CUSTOMER, json={"occupation": "늦은 직업"})
        assert answer.status_code == 504
        assert answer.json()["error"]["code"] == "TIMEOUT"
        wait_until(lambda: waiting(onlooker) == 0)

        answer = center.program.graphql(CUSTOMER_NAME)
        assert answer.status_code == 504
        assert answer.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"
        wait_until(lambda: waiting(onlooker) == 0)

    stored = center.program.request("GET", CUSTOMER).json()["data"]["customer"]["occupation"]
    assert stored != "늦은 직업"


def test_slow_operations_give_their_connections_back(center: Center) -> None:
    with locked(center.url) as onlooker:
        answers = at_once(center.program, 12)
        assert {answer.status_code for answer in answers} <= {503, 504}
        wait_until(lambda: waiting(onlooker) == 0)

    # as many as there are connections, so that none has to wait for another's
    answers = at_once(center.program, 4)
    assert {answer.status_code for answer in answers} == {200}


def test_a_client_that_hangs_up_gives_its_connection_back(center: Center) -> None:
    with locked(center.url) as onlooker:
        for _ in range(6):
            with pytest.raises(httpx.ReadTimeout):
                center.program.request("GET", CUSTOMER, timeout=0.1)
        wait_until(lambda: waiting(onlooker) == 0)

    assert_well(center.program)


def test_nothing_of_all_this_is_a_server_error(center: Center) -> None:
    lines = log_lines(center.program.logged)

    assert {line["status"] for line in lines if "status" in line} <= {503, 504}
    assert not [line for line in lines if "exc_info" in line]
