"""None of a customer's personal values stands where it does not belong, whatever is asked about them.

Where the line is: an answer may hold what the policy shows to the person who asked, and what that very
request sent (an error of a document quotes it, a search repeats its filter); an error holds nothing else of a
customer. Somebody unknown is quoted nothing. Headers, logs, tables and files hold none of it at all. What
callers call themselves and their requests (the token's subject, User-Agent, X-Request-ID, an operation's
name) is kept as they say it.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from harness import open_folder
from process.canary import EVERYTHING, SESSION_NOTES, markers_in
from process.canary_traffic import (
    ADMIN,
    CUSTOMER_FIELDS,
    PEOPLE,
    REFUSED_OCCUPATION,
    STAFF,
    Request,
    broken_http,
    forgeries,
    graphql,
    mistakes,
    put,
    reads,
    rest,
    set_up,
    too_much,
    unsound_tokens,
    updates,
)
from process.conftest import FirstRun, copy_data, programs
from process.program import SECRET, Program

from db.embedded import EmbeddedPostgres

ANALYTICS_QUOTA = 4
TABLES = """
SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'gateway'::regnamespace
"""
NO_MARKERS = set[str]()


@dataclass(frozen=True)
class Exchange:
    """A request and the answer to it, with the fields whose values the request itself sent."""

    asked: Request
    answer: httpx.Response
    sent: frozenset[str]

    def __str__(self) -> str:
        return f"{self.asked} -> {self.answer.status_code} {self.answer.text}"


@dataclass(frozen=True)
class Center:
    """A gateway with a database of its own under `.data`, and what was asked of it."""

    program: Program
    folder: Path
    database_url: str
    client: httpx.Client

    def ask(self, asked: Request) -> Exchange:
        headers = dict(asked.options.get("headers", {}))
        if asked.person is not None:
            headers["Authorization"] = f"Bearer {asked.person.token}"
        request = self.client.build_request(asked.method, asked.path, **{**asked.options, "headers": headers})
        sent = markers_in(f"{asked.path} {asked.options}") | markers_in(request.content)
        return Exchange(asked, self.client.send(request), frozenset(sent))


@pytest.fixture(scope="module")
def center(first_run: FirstRun) -> Iterator[Center]:
    with (
        open_folder() as folder,
        programs(folder) as serve,
        EmbeddedPostgres(folder / ".data/postgres") as server,
    ):
        copy_data(first_run, folder)
        program = serve(
            LOG_LEVEL="DEBUG",
            JWT_SECRET=SECRET,
            OPERATION_SECONDS=1.5,
            RATE_LIMIT_ANALYTICS=f"{ANALYTICS_QUOTA}/day",
            BODY_BYTES=32 * 1024,
            FORGED_TOKENS_PER_MINUTE=1000,
        )
        with httpx.Client(base_url=program.url, timeout=20) as client:
            yield Center(program, folder, server.start(), client)


@contextmanager
def changed(center: Center, change: str, back: str) -> Iterator[None]:
    with psycopg.connect(center.database_url, autocommit=True) as connection:
        connection.execute(change)
        yield
        connection.execute(back)


@pytest.fixture(scope="module")
def exchanges(center: Center) -> list[Exchange]:
    """Ask everything that there is to ask about the customer."""
    made = [center.ask(set_up())]
    with psycopg.connect(center.database_url) as connection:
        connection.execute(
            "UPDATE public.service_usage SET session_details = %s WHERE customer_id = 123", [SESSION_NOTES]
        )
        connection.execute(f"ALTER TABLE public.customers ADD CHECK (occupation <> '{REFUSED_OCCUPATION}')")
    for requests in (
        reads(),
        updates(),
        mistakes(),
        forgeries(),
        unsound_tokens(SECRET),
        too_much(ANALYTICS_QUOTA),
    ):
        made += map(center.ask, requests)
    made += too_late(center) + without_an_audit(center)
    return made


@pytest.fixture(scope="module")
def broken(center: Center) -> bytes:
    """Return what comes back for requests that are no HTTP."""
    return broken_http(center.program.port)


def too_late(center: Center) -> list[Exchange]:
    locked = "BEGIN; LOCK TABLE public.customers IN ACCESS EXCLUSIVE MODE"
    late = [
        put(504, notes=SESSION_NOTES),
        graphql(ADMIN, 504, f"{{ customer(id: 124) {{ {CUSTOMER_FIELDS} }} }}"),  # of whom nothing is kept
    ]
    with changed(center, locked, "ROLLBACK"), ThreadPoolExecutor() as threads:
        return list(threads.map(center.ask, late))


def without_an_audit(center: Center) -> list[Exchange]:
    full = "ALTER TABLE gateway.audit_record ADD CONSTRAINT full_up CHECK (false) NOT VALID"
    with changed(center, full, "ALTER TABLE gateway.audit_record DROP CONSTRAINT full_up"):
        return [center.ask(asked) for asked in (rest(STAFF, 503), put(503, notes=SESSION_NOTES))]


def test_everything_went_as_it_was_meant_to(exchanges: list[Exchange]) -> None:
    assert [str(one) for one in exchanges if one.answer.status_code != one.asked.status] == []


def test_the_values_are_there_to_be_found(center: Center, exchanges: list[Exchange]) -> None:
    found = {
        field for one in exchanges if one.asked.person is ADMIN for field in markers_in(one.answer.content)
    }
    with psycopg.connect(center.database_url) as connection:
        (stored,) = connection.execute(
            "SELECT c::text FROM public.customers c WHERE customer_id = 123"
        ).fetchone()

    assert found == EVERYTHING
    assert markers_in(stored) == EVERYTHING - {"health_interests", "session_notes"}


def test_an_answer_holds_what_its_reader_may_see_and_what_they_sent(exchanges: list[Exchange]) -> None:
    for one in exchanges:
        shown = one.asked.person.shown if one.asked.person else frozenset()
        assert markers_in(one.answer.content) <= shown | one.sent, str(one)


def test_an_error_holds_what_its_request_sent_and_nothing_else(exchanges: list[Exchange]) -> None:
    errors = [one for one in exchanges if one.answer.headers.get("content-type", "").find("json") > 0]
    for one in errors:
        body = json.loads(one.answer.content or b"{}")
        told = json.dumps([body.get("error"), body.get("errors")], ensure_ascii=False)
        assert markers_in(told) <= one.sent, str(one)


def test_somebody_unknown_is_quoted_nothing(exchanges: list[Exchange], broken: bytes) -> None:
    assert b"400 Bad Request" in broken
    assert markers_in(broken) == NO_MARKERS
    for one in exchanges:
        if one.asked.person is None:
            assert markers_in(one.answer.content) == NO_MARKERS, str(one)


def test_headers_hold_none(exchanges: list[Exchange]) -> None:
    for one in exchanges:
        # a length can be any number, a year of birth too
        headers = [pair for pair in one.answer.headers.raw if pair[0] != b"content-length"]
        assert markers_in(str(headers)) == NO_MARKERS, str(one)


@pytest.mark.usefixtures("exchanges", "broken")
def test_the_log_holds_none(center: Center) -> None:
    for line in (center.program.logged + center.program.printed).splitlines():
        assert markers_in(line) == NO_MARKERS, line
    assert "CheckViolation" in center.program.logged


@pytest.mark.usefixtures("exchanges")
def test_no_table_of_the_gateway_holds_any(center: Center) -> None:
    with psycopg.connect(center.database_url) as connection:
        tables = [name for (name,) in connection.execute(TABLES)]
        texts = {
            name: "\n".join(row for (row,) in connection.execute(f"SELECT t::text FROM {name} t"))
            for name in tables
        }

    assert any(text for name, text in texts.items() if name.startswith("gateway.audit_record_"))
    for name, text in texts.items():
        # the numbers of sessions and purchases pass through every year
        allowed = set[str]() if "audit" in name else {"birth_year"}
        if name == "gateway.customer_summary":
            allowed |= {"name", "phone"}  # to be searched by, beside the center's own
        found = markers_in(text) - allowed
        assert not found, [name, *(row for row in text.splitlines() if markers_in(row) & found)]


@pytest.mark.usefixtures("exchanges")
def test_no_file_but_the_databases_own_holds_any(center: Center) -> None:
    data = center.folder / ".data"
    files = [path for path in data.rglob("*") if path.is_file() and "cluster" not in path.parts]

    for path in files:
        lines = path.read_bytes().splitlines() if path.name != "lock" else []  # a process id
        assert [line for line in lines if markers_in(line)] == [], path
    assert "violates check constraint" in (data / "postgres" / "postgres.log").read_text()


@pytest.mark.usefixtures("exchanges")
def test_many_who_ask_at_once_get_only_their_own(center: Center) -> None:
    asked = [
        request
        for _ in range(6)
        for person in PEOPLE
        for request in (
            rest(person, 200),
            graphql(person, 200, f"{{ customer(id: 123) {{ {CUSTOMER_FIELDS} }} }}"),
        )
    ]
    with ThreadPoolExecutor(10) as threads:
        answered = list(threads.map(center.ask, asked))

    for one in answered:
        assert one.answer.status_code == 200, str(one)
        assert markers_in(one.answer.content) == one.asked.person.shown, str(one)  # type: ignore[union-attr]
