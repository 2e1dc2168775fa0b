"""What somebody sees who starts the program for the first time, and for the second."""

import json
import shutil
from pathlib import Path

import pytest
from process.conftest import FirstRun, Serve
from process.program import CUSTOMER, alive, wait_until


def test_it_prints_where_it_answers(first_run: FirstRun) -> None:
    base = f"http://127.0.0.1:{first_run.port}"
    for address in ("/graphql", "/api/v1", "/api/v1/openapi.json", "/livez", "/readyz"):
        assert base + address in first_run.printed


def test_it_prints_a_working_token_for_each_role(first_run: FirstRun) -> None:
    assert first_run.statuses == {"STAFF": 200, "MANAGER": 200, "ADMIN": 200}


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_its_curl_line_works_as_it_stands(first_run: FirstRun) -> None:
    answer = json.loads(first_run.curl_printed)

    assert answer["success"] is True
    assert answer["data"]["customer"]["customer_id"] == 123


def test_it_stops_cleanly(first_run: FirstRun) -> None:
    assert first_run.exit_code == 0
    assert "Traceback" not in first_run.printed + first_run.logged
    assert "exc_info" not in first_run.logged
    assert len(first_run.family) > 1
    wait_until(lambda: not alive(first_run.family))


def test_a_second_start_keeps_what_was_changed_and_takes_earlier_tokens_and_a_file_of_settings(
    used_folder: Path, serve: Serve, first_run: FirstRun
) -> None:
    (used_folder / ".env").write_text("CORS_ORIGINS=https://front.example\nLOG_LEVEL=WARNING\n")
    program = serve()

    headers = {"Origin": "https://front.example"}
    answer = program.request("GET", CUSTOMER, token=first_run.tokens["MANAGER"], headers=headers)

    assert answer.json()["data"]["customer"]["occupation"] == "첫 실행의 직업"
    assert answer.headers["access-control-allow-origin"] == "https://front.example"
    assert program.logged == ""
