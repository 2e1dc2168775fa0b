"""The whole program behind a real pgbouncer in transaction mode, with fewer connections than it has users."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from harness import open_folder, running_gateway
from pooler import PROGRAM, running_pooler
from process.conftest import programs
from process.program import CUSTOMER, Program, command, log_lines, wait_until
from standby import QUICK, run

from db.embedded import EmbeddedPostgres

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed (Debian: apt install pgbouncer)"),
]

REST = "/api/v1/customers"
READS = (
    CUSTOMER,
    f"{REST}/123/analytics",
    f"{REST}/123/recommendations",
    f"{REST}/search?q=김",
    f"{REST}/search?sort_by=revenue&page=3",
)
EVERYTHING = """
{ customer(id: 123) {
    name serviceHistory { nodes { serviceName } totalCount } packages { status }
    analytics { visitPattern { visitFrequency } revenueContribution { totalRevenue ltvEstimate } }
    segment { primarySegment } } }
"""
APP, APP_PASSWORD = "center_app", "an-invented-word"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
SESSION_STATE = """
SELECT current_setting('role'), (SELECT count(*) FROM pg_prepared_statements),
       (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())
"""


@dataclass(frozen=True)
class Center:
    """A center that was migrated, filled and fitted past the pooler, and is served through it."""

    folder: Path
    url: str
    pooled_url: str
    program: Program


@pytest.fixture(scope="module")
def center() -> Iterator[Center]:
    with open_folder() as folder, EmbeddedPostgres(folder / "postgres", settings=QUICK) as database:
        url = database.start()
        with running_pooler(url, folder / "pooler", size=3) as pooled, programs(folder) as serve:
            settings = {
                "OPERATION_SECONDS": 1.5,
                "DATABASE_POOL": 8,
                "CACHE_ROWS": 0,  # every answer is read through the pooler
                "RATE_LIMIT_RECOMMENDATIONS": "500/hour",
            }
            program = serve(DATABASE_URL=pooled, DATABASE_DIRECT_URL=url, **settings)
            yield Center(folder, url, pooled, program)


def at_once(program: Program, paths: list[str]) -> list[httpx.Response]:
    with ThreadPoolExecutor(12) as threads:
        return list(threads.map(lambda path: program.request("GET", path), paths))


@pytest.mark.parametrize("path", READS)
def test_every_door_answers_as_often_as_it_is_asked(center: Center, path: str) -> None:
    # a statement would be prepared at its fifth use, and be unknown on the next connection
    assert Counter(answer.status_code for answer in at_once(center.program, [path] * 12)) == {200: 12}


def test_reads_and_writes_side_by_side_are_all_answered(center: Center) -> None:
    def one(number: int) -> int:
        if number % 3 == 0:
            return center.program.graphql(EVERYTHING).status_code
        if number % 3 == 1:
            return center.program.request("PUT", CUSTOMER, json={"occupation": f"{number}"}).status_code
        return center.program.request("GET", CUSTOMER).status_code

    with ThreadPoolExecutor(12) as threads:
        assert Counter(threads.map(one, range(36))) == {200: 36}


def test_a_graphql_answer_has_no_errors(center: Center) -> None:
    assert "errors" not in center.program.graphql(EVERYTHING).json()


def test_a_request_over_its_limit_is_refused(center: Center) -> None:
    answer = center.program.request("GET", CUSTOMER)

    assert answer.headers["RateLimit"].startswith('"general"')


def test_nothing_of_a_session_stays_behind(center: Center) -> None:
    at_once(center.program, [*READS] * 3)
    for _ in range(6):
        assert run(center.pooled_url.removesuffix("?pgbouncer=true"), SESSION_STATE) == [("none", 0, 0)]


@contextmanager
def locked(center: Center) -> Iterator[None]:
    with psycopg.connect(center.url) as holder:
        holder.execute("LOCK TABLE public.customers IN ACCESS EXCLUSIVE MODE")
        yield
        holder.rollback()


def test_an_operation_over_its_deadline_is_cancelled_through_the_pooler(center: Center) -> None:
    with locked(center):
        answer = center.program.request("GET", CUSTOMER)
        assert answer.status_code == 504
        wait_until(lambda: run(center.url, WAITING) == [(0,)])

    assert Counter(answer.status_code for answer in at_once(center.program, [CUSTOMER] * 12)) == {200: 12}


def test_clients_that_hang_up_leave_no_connection_spoiled(center: Center) -> None:
    with locked(center):
        for _ in range(6):
            with pytest.raises(httpx.ReadTimeout):
                center.program.request("GET", CUSTOMER, timeout=0.1)
        wait_until(lambda: run(center.url, WAITING) == [(0,)])

    assert Counter(answer.status_code for answer in at_once(center.program, [*READS] * 4)) == {200: 20}


def test_commands_work_through_the_pooler_alone(center: Center) -> None:
    for words in (("migrate",), ("fit", "--force"), ("audit", "verify"), ("audit", "anchor")):
        ran = command(*words, cwd=center.folder, DATABASE_URL=center.pooled_url)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_commands_go_past_the_pooler_where_they_are_told_how(center: Center) -> None:
    nowhere = center.pooled_url.replace("pgbouncer=true", "pgbouncer=true&application_name=served")
    ran = command("fit", cwd=center.folder, DATABASE_URL=nowhere, DATABASE_DIRECT_URL=center.url)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_login_that_begins_in_the_role_works_in_it_through_the_pooler(center: Center) -> None:
    run(center.url, f"CREATE ROLE {APP} LOGIN PASSWORD '{APP_PASSWORD}' IN ROLE wellness_gateway")
    run(center.url, f"ALTER ROLE {APP} SET role = wellness_gateway")
    logins = {APP: APP_PASSWORD}
    with running_pooler(center.url, center.folder / "second", logins=logins) as pooled:
        parts = urlsplit(pooled)
        url = pooled.replace(parts.netloc, f"{APP}:{APP_PASSWORD}@127.0.0.1:{parts.port}")
        told = command("doctor", cwd=center.folder, DATABASE_URL=url, DATABASE_DIRECT_URL=center.url)
        with running_gateway(url) as gateway:
            assert gateway.rest(
                "/customers/123/detail", method="PUT", json={"occupation": "그대로"}
            ).is_success
            assert gateway.rest("/customers/123/recommendations").is_success

    assert "ok   role: connections assume wellness_gateway" in told.stdout, told.stdout
    assert "ok   audit rights: wellness_gateway can change no record" in told.stdout
    assert told.returncode == 0


def test_the_doctor_says_how_connections_come_into_their_role(center: Center) -> None:
    told = command("doctor", cwd=center.folder, DATABASE_URL=center.pooled_url)

    assert "behind a transaction pooler no role is assumed" in told.stdout
    assert "SET role = wellness_gateway" in told.stdout


def test_an_address_that_cannot_be_reached_is_named(center: Center) -> None:
    away = "postgresql://nobody:here@127.0.0.1:1/center"
    ran = command("migrate", cwd=center.folder, DATABASE_URL=center.pooled_url, DATABASE_DIRECT_URL=away)

    assert ran.returncode == 1
    assert "DATABASE_DIRECT_URL cannot be reached" in ran.stderr
    assert "here@" not in ran.stderr


def test_no_answer_was_a_server_error(center: Center) -> None:
    lines = log_lines(center.program.logged)

    assert {line["status"] for line in lines if "status" in line} <= {503, 504}
    assert not [line for line in lines if "exc_info" in line]
