"""Requests over HTTP through both doors: the gateway, a floor and a stock peer."""

import json
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec

import psycopg

from access import Role
from benchmarks.client import Load, load
from benchmarks.report import Section
from benchmarks.scenarios import Scenario, request_bytes, scenarios
from benchmarks.servers import (
    SECRET,
    Server,
    floor,
    gateway,
    offspring_cpu_seconds,
    stock_peer,
    temporary_folder,
)
from db.embedded import EmbeddedPostgres
from gateway.identity import Tokens

CUSTOMERS, CONNECTIONS, WARM_UP, SECONDS = 64, 16, 2.0, 6.0

_WELL_VISITED = """
SELECT customer_id FROM gateway.customer_summary WHERE total_visits >= 20 ORDER BY md5(customer_id::text)
 LIMIT %s
"""

_HEAD = (
    "what",
    "server",
    "bytes",
    "req/s",
    "p50 ms",
    "p99 ms",
    "CPU µs/request",
    "database µs/request",
    "peak MB",
    "req/s to floor",
    "req/s to stock",
    "CPU to stock",
)

_WORDS = """\
One worker on the embedded database with the demo center, side by side in one run with a floor (a bare ASGI
app on the same uvicorn, which answers as many fixed bytes) and a stock peer (Strawberry's ASGI app with its
DataLoaders and SQLAlchemy over the same rows and document). The stock peer knows no tokens, policy, limits
or audit; each answer of the gateway waits until its audit record is committed, with fsync on. Requests go
round many customers and carry a token."""


class NotTheSame(Exception):
    """The servers do not answer the same, so comparing them would say nothing."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One server under one kind of request."""

    scenario: str
    server: str
    load: Load
    cpu_microseconds: float
    database_microseconds: float | None
    peak_megabytes: float


def measure() -> Section:
    """Load the servers with one kind of request after the other."""
    if find_spec("greenlet") is None:
        sys.exit("the stock peer needs greenlet: install sqlalchemy[asyncio]")
    token = Tokens(SECRET).make(
        subject="bench@center.example",
        role=Role.ADMIN,
        scopes=frozenset({"health:read"}),
        lifetime=timedelta(hours=1),
    )
    with temporary_folder() as folder, gateway(folder / "data") as product:
        url = EmbeddedPostgres(folder / "data" / "postgres").start()
        with psycopg.connect(url) as connection:
            ids = [row[0] for row in connection.execute(_WELL_VISITED, [CUSTOMERS])]
        with stock_peer(url) as stock, floor() as bare:
            servers = (product, stock, bare)
            measured = [one for wanted in scenarios(ids) for one in _measure(wanted, token, *servers)]
    settings = f"{CONNECTIONS} connections for {SECONDS:.0f} s after {WARM_UP:.0f} s of warm-up"
    return Section(
        "Requests over HTTP",
        _WORDS,
        [_HEAD, *(_cells(one, measured) for one in measured)],
        labels=2,
        load=f"{settings}, {len(ids)} customers in turn, benchmarks/client.py",
    )


def _measure(
    scenario: Scenario, token: str, product: Server, stock: Server, bare: Server
) -> list[Measurement]:
    requests = scenario.requests(token)
    if scenario.peer:
        _require_same_answers(scenario, token, product, stock)
    found = [_loaded(scenario.name, product, requests, product)]
    if scenario.peer:
        found.append(_loaded(scenario.name, stock, requests, product))
    size = found[0].load.body_bytes
    fixed = [request_bytes(scenario.method, f"/{size}", scenario.bodies[0], token)]
    return [*found, _loaded(scenario.name, bare, fixed, None)]


def _loaded(name: str, server: Server, requests: list[bytes], database_of: Server | None) -> Measurement:
    load(server.port, requests, connections=CONNECTIONS, seconds=WARM_UP)
    cpu, database = server.cpu_seconds, offspring_cpu_seconds(database_of.pid) if database_of else 0
    measured = load(server.port, requests, connections=CONNECTIONS, seconds=SECONDS)
    if measured.failures:
        raise NotTheSame(f"{server.name} failed {measured.failures} of {measured.requests} requests: {name}")
    used = server.cpu_seconds - cpu
    database_used = offspring_cpu_seconds(database_of.pid) - database if database_of else None
    return Measurement(
        scenario=name,
        server=server.name,
        load=measured,
        cpu_microseconds=1e6 * used / measured.requests,
        database_microseconds=None if database_used is None else 1e6 * database_used / measured.requests,
        peak_megabytes=server.peak_megabytes,
    )


def _require_same_answers(scenario: Scenario, token: str, product: Server, stock: Server) -> None:
    """Compare which keys the two answers have, and how many elements their lists."""
    for body in scenario.bodies[:8]:
        ours, theirs = (_shape(_post(server, body, token)) for server in (product, stock))
        if ours != theirs:
            raise NotTheSame(f"{ours}\n{theirs}")


def _post(server: Server, body: bytes, token: str) -> object:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/graphql", body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own address
        return json.load(answer)


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items()}
    return [_shape(inner) for inner in value] if isinstance(value, list) else None


def _cells(one: Measurement, every: Sequence[Measurement]) -> list[str]:
    same = {other.server: other for other in every if other.scenario == one.scenario}
    database = one.database_microseconds
    return [
        one.scenario,
        one.server,
        f"{one.load.body_bytes:,}",
        f"{one.load.rate:,.0f}",
        f"{one.load.p50:.1f}",
        f"{one.load.p99:.1f}",
        f"{one.cpu_microseconds:,.0f}",
        "" if database is None else f"{database:,.0f}",
        f"{one.peak_megabytes:.0f}",
        f"{one.load.rate / same['floor'].load.rate:.4f}",
        f"{one.load.rate / same['stock'].load.rate:.2f}" if "stock" in same else "",
        f"{one.cpu_microseconds / same['stock'].cpu_microseconds:.2f}" if "stock" in same else "",
    ]
