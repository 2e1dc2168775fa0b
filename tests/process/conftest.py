"""Programs to look at from outside, and folders for them to run in."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from harness import open_folder
from process.program import CUSTOMER, Program

Serve = Callable[..., Program]


@contextmanager
def programs(folder: Path) -> Generator[Serve]:
    """Give a function that starts the program in a folder; what still runs at the end is ended."""
    started: list[Program] = []

    def serve(*, ready: bool = True, **settings: object) -> Program:
        program = Program(folder, settings)
        started.append(program)
        if ready:
            program.wait_until_it_answers()
        return program

    try:
        yield serve
    finally:
        for program in started:
            if program.process.poll() is None:
                program.end()


@dataclass(frozen=True)
class FirstRun:
    """A first start on an empty folder, stopped again after a change was stored."""

    folder: Path
    port: int
    printed: str
    logged: str
    exit_code: int
    tokens: dict[str, str]
    curl_printed: str
    statuses: dict[str, int]
    family: set[int]


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture
def serve(folder: Path) -> Iterator[Serve]:
    with programs(folder) as serve:
        yield serve


@pytest.fixture(scope="session")
def first_run() -> Iterator[FirstRun]:
    with open_folder() as folder, programs(folder) as serve:
        program = serve()
        curl = program.printed.partition("Try it:\n")[2]
        statuses = {
            role: program.request("GET", CUSTOMER, token=token).status_code
            for role, token in program.tokens.items()
        }
        ran = subprocess.run(["sh", "-c", curl], capture_output=True, text=True, check=False)
        program.request("PUT", CUSTOMER, json={"occupation": "첫 실행의 직업"}).raise_for_status()
        family = program.family()
        code = program.end()
        yield FirstRun(
            folder,
            program.port,
            program.printed,
            program.logged,
            code,
            program.tokens,
            ran.stdout if shutil.which("curl") else "",
            statuses,
            family,
        )


@pytest.fixture
def used_folder(first_run: FirstRun, folder: Path) -> Path:
    """A folder whose `.data` holds the demo center and the change of the first run."""
    copy_data(first_run, folder)
    return folder


def copy_data(first_run: FirstRun, folder: Path) -> None:
    """Copy the `.data` of the first run into another folder."""
    holes = "--sparse=always" if sys.platform == "linux" else "-c"  # most of a new cluster is zeros
    subprocess.run(["cp", "-a", holes, first_run.folder / ".data", folder], check=True)
