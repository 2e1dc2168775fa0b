"""The log says what failed and never about whom."""

import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from conftest import Databases
from harness import open_folder
from process.conftest import programs
from process.program import CUSTOMER, REPOSITORY, SECRET, Program, log_lines

STRANGER = 8675309
FORGETFUL = """
import asyncio
from gateway.logs import configure_logs

async def main():
    loop = asyncio.get_running_loop()
    loop.create_future().set_exception(ValueError("비밀의시인"))
    loop.call_soon(int, "비밀의시인")
    await asyncio.sleep(0)

configure_logs("DEBUG")
asyncio.run(main())
"""
PERSONAL = ("김영희", "홍길동", "비밀의시인", "private.person@example.com", "010-9876-5432", "98765432")


@pytest.fixture(scope="module")
def center_url(databases: Databases, demo_template: str) -> Iterator[str]:
    with databases.temporary(demo_template) as url:
        yield url


@pytest.fixture(scope="module")
def program(center_url: str) -> Iterator[Program]:
    with open_folder() as folder, programs(folder) as serve:
        yield serve(DATABASE_URL=center_url, LOG_LEVEL="DEBUG", JWT_SECRET=SECRET)


@pytest.fixture(scope="module")
def failures(program: Program, center_url: str) -> dict[str, int]:
    """Let requests fail in every way, each with personal data in it, under a request id of its own."""
    with psycopg.connect(center_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE public.customers ADD CHECK (occupation <> '비밀의시인')")
    statuses: dict[str, int] = {}

    def send(request_id: str, method: str, path: str, **options: object) -> None:
        headers = {"X-Request-ID": request_id, **options.pop("headers", {})}  # type: ignore[dict-item]
        statuses[request_id] = program.request(method, path, headers=headers, **options).status_code

    send("a-success", "GET", CUSTOMER)
    send("a-search", "GET", "/api/v1/customers/search", params={"q": "홍길동"})
    send("a-stranger", "GET", f"/api/v1/customers/{STRANGER}/detail")
    send("a-forged-token", "GET", CUSTOMER, headers={"Authorization": "Bearer eyJmb3JnZWQ"})
    send("a-wrong-email", "PUT", CUSTOMER, json={"email": "private.person@example.com and more"})
    send("a-path-nowhere", "GET", "/api/v1/010-9876-5432/홍길동")
    send("a-wrong-filter", "GET", "/api/v1/customers/search", params={"risk_level": "홍길동"})
    send("not-json-at-all", "PUT", CUSTOMER, content="홍길동", headers={"Content-Type": "application/json"})
    send("a-graphql-value", "POST", "/graphql", json={"query": '{ customer(id: "홍길동") { name } }'})
    send(
        "a-graphql-name", "POST", "/graphql", json={"query": "{ private_person }", "operationName": "홍길동"}
    )
    failing = 'updateCustomer(input: { id: 123, occupation: "비밀의시인" }) { customer { name } }'
    send("an-aliased-error", "POST", "/graphql", json={"query": f"mutation {{ private_person: {failing} }}"})
    send("a-server-error", "PUT", CUSTOMER, json={"occupation": "비밀의시인", "phone": "010-9876-5432"})
    return statuses


def test_the_requests_failed_as_meant(failures: dict[str, int]) -> None:
    assert failures["a-success"] == failures["a-search"] == 200
    assert failures["a-stranger"] == 404
    assert failures["a-forged-token"] == 401
    assert failures["a-wrong-email"] == 400
    assert failures["a-server-error"] == 500


def test_every_line_is_json_with_a_time_and_a_level(program: Program, failures: dict[str, int]) -> None:
    assert failures
    for line in log_lines(program.logged):
        assert {"at", "level", "logger", "message"} <= line.keys()


def test_each_failure_has_a_line_with_its_request_id(program: Program, failures: dict[str, int]) -> None:
    logged = {line["request_id"]: line for line in log_lines(program.logged) if "status" in line}

    failed = {request_id: status for request_id, status in failures.items() if status >= 400}
    assert {request_id: line["status"] for request_id, line in logged.items()} == failed
    assert logged["a-stranger"]["method"] == "GET"
    assert logged["a-server-error"]["level"] == "ERROR"


def test_an_unexpected_error_tells_its_kind_and_place(program: Program, failures: dict[str, int]) -> None:
    assert failures
    assert "CheckViolation" in program.logged
    assert "db/updates.py" in program.logged
    assert {line["field"] for line in log_lines(program.logged) if "field" in line} == {"updateCustomer"}


def test_no_line_tells_about_whom(program: Program, failures: dict[str, int]) -> None:
    assert failures
    logged = "\n".join(str(line) for line in log_lines(program.logged))
    for words in (*PERSONAL, str(STRANGER), "customers/123", "private_person", "eyJ", SECRET):
        assert words not in logged
    assert not any(token in logged for token in program.tokens.values())


def test_an_error_that_nobody_waited_for_tells_its_kind_and_no_more() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FORGETFUL], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )

    told = {
        line["message"]: line.get("exc_info") for line in log_lines(ran.stderr) if line["level"] == "ERROR"
    }
    assert told["Future exception was never retrieved"] == "builtins.ValueError"
    assert told["Exception in callback int"].startswith("builtins.ValueError")
    assert "비밀의시인" not in str(told)
