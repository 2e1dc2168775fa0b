"""One customer's analytics and recommendations over HTTP, in centers of several sizes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter

import psycopg

from access import Role
from benchmarks.report import Section
from benchmarks.servers import (
    SECRET,
    Server,
    command,
    gateway,
    offspring_cpu_seconds,
    temporary_folder,
)
from db.embedded import EmbeddedPostgres
from gateway.identity import Tokens

SIZES = (1_000, 100_000)
LARGE = (1_000_000,)
REQUESTS, WARM_UP, GROUPS = 250, 30, 3

_VISITED = """
SELECT customer_id FROM gateway.customer_summary WHERE total_visits > 0 ORDER BY md5(customer_id::text)
 LIMIT %s
"""
_LIVE, _DETAIL = "livez", "detail"
_REQUESTS = (
    (_LIVE, "/livez", 0),
    (_DETAIL, "/api/v1/customers/{}/detail", 0),
    ("analytics", "/api/v1/customers/{}/analytics?period=90d", 1),
    ("recommendations, first asked", "/api/v1/customers/{}/recommendations", 2),
    ("recommendations, asked again", "/api/v1/customers/{}/recommendations", 2),
    ("segment", "/api/v1/customers/segments/{}", 0),
)
"""What is asked, where, and which of the groups of customers it is asked about."""

_HEAD = (
    "center",
    "what",
    "bytes",
    "p50 ms",
    "p99 ms",
    "CPU µs/request",
    "database µs/request",
    "p50 to detail",
    "p50 to livez",
)

_WORDS = """\
One caller who waits for each answer, over HTTP through the REST door, with a token, the policy and an audit
record committed before every answer. No answer comes out of a cache: each request asks for another customer,
drawn from all who ever came. Recommendations are computed and stored when they are first asked for, and read
when the same customers are asked for again. The floor is `/livez`, which asks the database nothing."""


class RequestFailed(Exception):
    """A request was not answered with 200, so its time would say nothing."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One kind of request in a center of one size; latencies in milliseconds, ordered."""

    customers: int
    what: str
    latencies: Sequence[float]
    body_bytes: int
    cpu_microseconds: float
    database_microseconds: float

    @property
    def p50(self) -> float:
        """The latency that half of the requests stayed below."""
        return self.latencies[len(self.latencies) // 2]

    @property
    def p99(self) -> float:
        """The latency that 99 of 100 requests stayed below."""
        return self.latencies[len(self.latencies) * 99 // 100]


def measure() -> Section:
    """Ask in a small center and in a large one."""
    return _section("Analytics and recommendations over HTTP", SIZES)


def measure_a_million() -> Section:
    """Ask in a center of a million customers, which takes a while to load."""
    return _section("Analytics and recommendations at a million customers", LARGE)


def _section(title: str, sizes: Iterable[int]) -> Section:
    measured: list[Measurement] = []
    fits: list[str] = []
    for customers in sizes:
        with temporary_folder() as folder:
            command(folder, "seed", "--customers", str(customers))
            fits.append(f"{command(folder, 'fit', '--force'):.1f} s for {customers:,} customers")
            measured += _in_center(folder, customers)
    return Section(
        title,
        f"{_WORDS} Before that, `python -m gateway fit --force`\ntook {', '.join(fits)}.",
        [_HEAD, *(_cells(one, measured) for one in measured)],
        labels=2,
        load=f"{REQUESTS} requests on one connection after {WARM_UP} of warm-up, benchmarks/analytics.py",
    )


def _in_center(data_dir: Path, customers: int) -> Iterator[Measurement]:
    token = Tokens(SECRET).make(
        subject="bench@center.example",
        role=Role.ADMIN,
        scopes=frozenset({"health:read"}),
        lifetime=timedelta(hours=1),
    )
    with gateway(data_dir) as server:
        url = EmbeddedPostgres(data_dir / "postgres").start()
        with psycopg.connect(url) as connection:
            ids = [row[0] for row in connection.execute(_VISITED, [GROUPS * (WARM_UP + REQUESTS)])]
        for what, path, group in _REQUESTS:
            asked = ids[group::GROUPS]
            before = _processor_seconds(server)
            latencies, size = _latencies(server, [path.format(number) for number in asked], token)
            server_seconds, database_seconds = (
                after - then for after, then in zip(_processor_seconds(server), before, strict=True)
            )
            yield Measurement(
                customers=customers,
                what=what,
                latencies=sorted(latencies[WARM_UP:]),
                body_bytes=size,
                cpu_microseconds=1e6 * server_seconds / len(asked),
                database_microseconds=1e6 * database_seconds / len(asked),
            )


def _latencies(server: Server, paths: Sequence[str], token: str) -> tuple[list[float], int]:
    """Return how long each answer took, in milliseconds, and the bytes of a mean body."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    latencies: list[float] = []
    size = 0
    for path in paths:
        began = perf_counter()
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        latencies.append(1000 * (perf_counter() - began))
        size += len(body)
        if answer.status != HTTPStatus.OK:
            raise RequestFailed(f"{path}: {answer.status} {body[:300]!r}")
    connection.close()
    return latencies, size // len(paths)


def _processor_seconds(server: Server) -> tuple[float, float]:
    """Return the processor time so far of the server and of its database."""
    return server.cpu_seconds, offspring_cpu_seconds(server.pid)


def _cells(one: Measurement, every: Sequence[Measurement]) -> list[str]:
    same = {other.what: other for other in every if other.customers == one.customers}
    return [
        f"{one.customers:,}",
        one.what,
        f"{one.body_bytes:,}",
        f"{one.p50:.2f}",
        f"{one.p99:.2f}",
        f"{one.cpu_microseconds:,.0f}",
        f"{one.database_microseconds:,.0f}",
        f"{one.p50 / same[_DETAIL].p50:.2f}",
        f"{one.p50 / same[_LIVE].p50:.1f}",
    ]
