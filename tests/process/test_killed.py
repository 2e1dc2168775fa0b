"""A program that is killed in the midst of its work: whatever it answered has its record."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from os import killpg
from pathlib import Path

import httpx
import pytest
from audit_records import rows
from harness import open_folder, token
from process.conftest import Serve
from process.program import SECRET, Program, command, wait_until

from db.demo import DemoPlan, load_demo
from db.embedded import EmbeddedPostgres
from db.migrate import migrate

READERS, WRITERS = 6, 3
ENOUGH_READS, ENOUGH_WRITES = 400, 100
DETAIL = "/api/v1/customers/{}/detail"
RECORDS = """
SELECT request_id, array_agg(outcome ORDER BY seq), max(customers)
  FROM gateway.audit_record GROUP BY request_id
"""
OCCUPATIONS = "SELECT customer_id, occupation FROM public.customers WHERE customer_id = ANY(%s)"


@pytest.fixture
def center_url() -> Iterator[str]:
    """A center in a database of its own, which outlives the program and keeps what it committed."""
    with open_folder() as folder, EmbeddedPostgres(folder / "postgres") as database:
        url = database.start()
        migrate(url)
        load_demo(url, DemoPlan(today=date(2026, 6, 15), customers=200), lambda _step, _done: None)
        yield url


@dataclass(frozen=True)
class Answered:
    """What clients received whole: whose data, by the id of the request; and the last number written."""

    reads: dict[str, int] = field(default_factory=dict)
    writes: dict[str, int] = field(default_factory=dict)
    written: dict[int, int] = field(default_factory=dict)


def until_it_is_gone(program: Program, work: Callable[[httpx.Client, int], None]) -> None:
    """Work, once and again, until the program no longer answers."""
    headers = {"Authorization": f"Bearer {token()}"}
    with httpx.Client(base_url=program.url, headers=headers, timeout=30) as client:
        for number in count():
            try:
                work(client, number)
            except httpx.TransportError:
                return


def reader(program: Program, answered: Answered, name: int) -> None:
    """Read one customer after the other."""

    def read(client: httpx.Client, number: int) -> None:
        request_id, customer = f"read-{name}-{number:06}", 1 + (name + READERS * number) % 100
        answer = client.get(DETAIL.format(customer), headers={"X-Request-ID": request_id})
        assert answer.json()["data"]["customer"]["customer_id"] == customer
        answered.reads[request_id] = customer

    until_it_is_gone(program, read)


def writer(program: Program, answered: Answered, customer: int) -> None:
    """Write one number after the other to one customer."""

    def write(client: httpx.Client, number: int) -> None:
        request_id = f"write-{customer}-{number:06}"
        answer = client.put(
            DETAIL.format(customer), json={"occupation": str(number)}, headers={"X-Request-ID": request_id}
        )
        assert answer.json()["data"]["customer"]["occupation"] == str(number)
        answered.writes[request_id] = customer
        answered.written[customer] = number

    until_it_is_gone(program, write)


def killed_at_work(program: Program) -> Answered:
    """Let clients read and write, kill every process of the program, and return what was answered."""
    answered = Answered()
    with ThreadPoolExecutor(READERS + WRITERS) as threads:
        clients = [threads.submit(reader, program, answered, name) for name in range(READERS)]
        clients += [threads.submit(writer, program, answered, 101 + name) for name in range(WRITERS)]
        wait_until(lambda: len(answered.reads) > ENOUGH_READS and len(answered.writes) > ENOUGH_WRITES, 60)
        killpg(program.process.pid, signal.SIGKILL)
        for client in clients:
            client.result()
    program.process.wait()
    return answered


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_program_has_a_record_of_all_that_it_answered(
    serve: Serve, folder: Path, center_url: str, store_url: str, workers: int
) -> None:
    limits = {"RATE_LIMIT_GENERAL": "1000000/second", "RATE_LIMIT_URL": store_url}
    program = serve(DATABASE_URL=center_url, JWT_SECRET=SECRET, WORKERS=workers, **limits)

    answered = killed_at_work(program)

    records = {request_id: recorded for request_id, *recorded in rows(center_url, RECORDS)}
    for request_id, customer in answered.reads.items():
        assert records.get(request_id) == [["OK"], [customer]], request_id
    for request_id, customer in answered.writes.items():
        assert records.get(request_id) == [["STARTED", "OK"], [customer]], request_id
    stored = {customer: int(text) for customer, text in rows(center_url, OCCUPATIONS, list(answered.written))}
    for customer, number in answered.written.items():
        # the write under way may have been stored, and its answer never sent
        assert stored[customer] in {number, number + 1}
    verified = command("audit", "verify", cwd=folder, DATABASE_URL=center_url)
    assert (verified.returncode, "nothing wrong" in verified.stdout) == (0, True), verified.stdout
