"""The measurements as a table, with ratios."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.client import Load

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

_READ_ME = (
    "One worker on the embedded database with the demo center, side by side in one run with a floor (a",
    "bare ASGI app on the same uvicorn, which answers as many fixed bytes) and a stock peer (Strawberry's",
    "ASGI app with its DataLoaders and SQLAlchemy over the same rows and document, without tokens or",
    "masking). Requests go round many customers and carry a token. Read the ratios: absolute figures are",
    "the machine's, whose cores client, server and database share.",
)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One server under one kind of request."""

    scenario: str
    server: str
    load: Load
    cpu_microseconds: float
    database_microseconds: float | None
    peak_megabytes: float


def report(measurements: Sequence[Measurement], settings: str) -> str:
    """Return the page docs/benchmarks.md."""
    lines = [
        "# Benchmarks",
        "",
        *_READ_ME,
        "",
        _row(_HEAD),
        _row(["---", "---", *["---:"] * (len(_HEAD) - 2)]),
        *(_row(_cells(one, measurements)) for one in measurements),
        "",
        f"- Machine: {_machine()}",
        f"- Load: {settings}",
        "- Command: `make bench`",
        f"- Date: {date.today().isoformat()}",  # noqa: DTZ011 - the day where it ran
        "",
    ]
    return "\n".join(lines)


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


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _machine() -> str:
    models = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")
    ]
    processor = models[0].partition(":")[2].strip() if models else platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
