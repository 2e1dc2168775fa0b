"""`python -m benchmarks`: measure the gateway, the floor and the stock peer, and write docs/benchmarks.md."""

import json
import sys
import urllib.request
from datetime import timedelta
from importlib.util import find_spec

import psycopg

from access import Role
from benchmarks.client import load
from benchmarks.report import Measurement, report
from benchmarks.scenarios import Scenario, request_bytes, scenarios
from benchmarks.servers import (
    REPOSITORY,
    SECRET,
    Server,
    database_cpu_seconds,
    floor,
    gateway,
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


class NotTheSame(Exception):
    """The servers do not answer the same, so comparing them would say nothing."""


def main() -> None:
    """Run every measurement, one after the other."""
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
            measurements = [one for wanted in scenarios(ids) for one in _measure(wanted, token, *servers)]
    settings = f"{CONNECTIONS} connections for {SECONDS:.0f} s after {WARM_UP:.0f} s of warm-up"
    page = report(measurements, f"{settings}, {len(ids)} customers in turn, benchmarks/client.py")
    (REPOSITORY / "docs" / "benchmarks.md").write_text(page, encoding="utf-8")
    sys.stdout.write(page)


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
    cpu, database = server.cpu_seconds, database_cpu_seconds(database_of.pid) if database_of else 0
    measured = load(server.port, requests, connections=CONNECTIONS, seconds=SECONDS)
    if measured.failures:
        raise NotTheSame(f"{server.name} failed {measured.failures} of {measured.requests} requests: {name}")
    used = server.cpu_seconds - cpu
    database_used = database_cpu_seconds(database_of.pid) - database if database_of else None
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


if __name__ == "__main__":
    main()
