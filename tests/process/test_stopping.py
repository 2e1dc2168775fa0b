"""However it is told to stop, nothing of it stays behind."""

import signal
import socket
from pathlib import Path

import httpx
import pytest
from process.conftest import Serve
from process.program import CUSTOMER, Program, alive, free_port, wait_until


def assert_gone(program: Program, family: set[int]) -> None:
    for sign_of_an_error in ("Traceback", "exc_info"):
        assert sign_of_an_error not in program.printed + program.logged
    wait_until(lambda: not alive(family))


@pytest.mark.usefixtures("used_folder")
@pytest.mark.slow  # SIGTERM is how the first run of test_first_start ends
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_program_and_database(serve: Serve, sent: signal.Signals) -> None:
    program = serve()
    family = program.family()
    assert len(family) > 1

    assert program.end(sent) == 0
    assert_gone(program, family)


@pytest.mark.usefixtures("used_folder")
def test_ctrl_c_stops_program_and_database(serve: Serve) -> None:
    program = serve()
    family = program.family()

    assert program.press_ctrl_c() == 0
    assert_gone(program, family)


@pytest.mark.parametrize(
    ("sent", "moment"),
    [
        (signal.SIGTERM, "cluster"),
        pytest.param(signal.SIGINT, "cluster", marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, "cluster.new.*", marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, "cluster.new.*", marks=pytest.mark.slow),
    ],
)
def test_a_signal_stops_it_while_it_loads(
    serve: Serve, folder: Path, sent: signal.Signals, moment: str
) -> None:
    program = serve(ready=False)
    wait_until(lambda: any((folder / ".data" / "postgres").glob(moment)), 30)
    family = program.family()

    assert program.end(sent) == 0
    assert_gone(program, family)


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.usefixtures("used_folder")
def test_a_signal_stops_every_worker(serve: Serve, store_url: str, sent: signal.Signals) -> None:
    program = serve(WORKERS=2, RATE_LIMIT_URL=store_url)
    family = program.family()

    assert program.end(sent) == 0
    assert_gone(program, family)


@pytest.mark.slow
@pytest.mark.usefixtures("used_folder")
def test_ctrl_c_stops_every_worker(serve: Serve, store_url: str) -> None:
    program = serve(WORKERS=2, RATE_LIMIT_URL=store_url)
    family = program.family()

    assert program.press_ctrl_c() == 0
    assert_gone(program, family)


@pytest.mark.usefixtures("used_folder")
@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_killed_program_leaves_nothing_and_loses_nothing(
    serve: Serve, store_url: str, workers: int
) -> None:
    port = free_port()
    program = serve(WORKERS=workers, PORT=port, RATE_LIMIT_URL=store_url)
    family = program.family()
    program.request("PUT", CUSTOMER, json={"occupation": "죽기 전의 직업"}).raise_for_status()
    program.end(signal.SIGKILL)
    wait_until(lambda: not alive(family), 20)

    again = serve(PORT=port)
    answer = again.request("GET", CUSTOMER)
    assert answer.json()["data"]["customer"]["occupation"] == "죽기 전의 직업"


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_taken_port_is_told_in_words(serve: Serve, store_url: str, workers: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        program = serve(ready=False, PORT=port, WORKERS=workers, RATE_LIMIT_URL=store_url)

        assert program.process.wait(30) == 1
    assert str(port) in program.logged
    assert "PORT" in program.logged
    assert "Bearer" not in program.printed
    assert_gone(program, program.family())


@pytest.mark.slow
@pytest.mark.usefixtures("used_folder")
def test_a_request_under_way_is_answered_before_the_end(serve: Serve) -> None:
    program = serve()
    with httpx.stream("GET", program.url + "/livez") as answer:
        assert answer.status_code == 200
        assert program.end() == 0
