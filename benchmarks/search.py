"""Searches in centers of several sizes: cold and warm, the first page and a far one, beside plain SQL."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter

import psycopg
import uvloop

from access import Role
from benchmarks.report import Section
from benchmarks.search_center import TODAY, fill
from benchmarks.search_ways import SIZE, Answer, Asked, Way, by_trigrams, for_staff, gateways, naive
from benchmarks.servers import SECRET, gateway, temporary_folder
from db.embedded import EmbeddedPostgres
from db.engine import Database, Reader
from db.search import CustomerFilter, CustomerSort
from db.urls import libpq_url
from db.vocabulary import MembershipLevel, PackageStatus, RiskLevel, ServiceCode
from gateway.identity import Tokens

SIZES = (1_000, 100_000, 1_000_000)
FAR_PAGE = 20_000
WARM, PLAIN, REQUESTS = 15, 3, 200

_DEBIAN = Path("/usr/lib/postgresql/15/bin")  # it has pg_trgm, which the wheel has not
_CONTRACT = "/api/v1/customers/search?service_filter=brain,pulse&package_status=active&page=1&size=20"
_BRAIN_PULSE = (ServiceCode.BRAIN, ServiceCode.PULSE)
_NINETY_DAYS_AGO = TODAY - timedelta(days=90)

_ASKED = (
    Asked("everybody, last visit", CustomerFilter(), CustomerSort.LAST_VISIT),
    Asked("everybody, name", CustomerFilter(), CustomerSort.NAME),
    Asked("vip, revenue", CustomerFilter(membership_level=MembershipLevel.VIP), CustomerSort.REVENUE),
    Asked(
        "the contract's: brain or pulse, active; last visit",
        CustomerFilter(services=_BRAIN_PULSE, package_status=PackageStatus.ACTIVE),
        CustomerSort.LAST_VISIT,
    ),
    Asked("ai_bike, visits", CustomerFilter(services=(ServiceCode.AI_BIKE,)), CustomerSort.TOTAL_VISITS),
    Asked("expiring, name", CustomerFilter(package_status=PackageStatus.EXPIRING), CustomerSort.NAME),
    Asked("expired, revenue", CustomerFilter(package_status=PackageStatus.EXPIRED), CustomerSort.REVENUE),
    Asked("danger, last visit", CustomerFilter(risk_level=RiskLevel.DANGER), CustomerSort.LAST_VISIT),
    Asked("came in 90 days, name", CustomerFilter(last_visit_from=_NINETY_DAYS_AGO), CustomerSort.NAME),
    Asked(
        "not in 90 days, visits", CustomerFilter(last_visit_to=_NINETY_DAYS_AGO), CustomerSort.TOTAL_VISITS
    ),
    Asked("q=김, name", CustomerFilter(text="김"), CustomerSort.NAME),
    Asked("q=민서, last visit", CustomerFilter(text="민서"), CustomerSort.LAST_VISIT),
    Asked("q=5678 by staff, last visit", for_staff(CustomerFilter(text="5678")), CustomerSort.LAST_VISIT),
    Asked("q=010, last visit", CustomerFilter(text="010"), CustomerSort.LAST_VISIT),
    Asked(
        "q=김, active; last visit",
        CustomerFilter(text="김", package_status=PackageStatus.ACTIVE),
        CustomerSort.LAST_VISIT,
    ),
    Asked(
        "q=영, all filters; last visit",
        CustomerFilter(
            text="영",
            services=_BRAIN_PULSE,
            package_status=PackageStatus.ACTIVE,
            membership_level=MembershipLevel.PREMIUM,
            risk_level=RiskLevel.STABLE,
            last_visit_from=_NINETY_DAYS_AGO,
            last_visit_to=TODAY,
        ),
        CustomerSort.LAST_VISIT,
    ),
)

_HEAD = (
    "customers",
    "search",
    "page",
    "total",
    "cold ms",
    "p50 ms",
    "p99 ms",
    "plain p50 ms",
    "pg_trgm p50 ms",
    "plain to ours",
)

_WORDS = """\
A page of {size} and the exact total, by the statements that the gateway runs, one after the other on one
connection, without its memory for totals; beside them the plain SQL (LIKE on every row, OFFSET, a count of
the same) and the same with pg_trgm's indexes, on one server (PostgreSQL {version}) in one run. Ours and the
plain way must give the same answer; pg_trgm compares names as they are written. Cold is the first search
after a restart of PostgreSQL, with its files in the kernel's cache. The far page is {far:,}, or the last.
Over HTTP the contract's example, with token, policy, limits and a committed audit record, took
{http}. The gateway held {memory} at most."""


class NotTheSame(Exception):
    """Two ways gave two answers, so comparing them would say nothing."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One search for one page, in milliseconds; `warm` is ordered, `trigrams` None without pg_trgm."""

    customers: int
    asked: Asked
    page: int
    total: int
    cold: float | None
    warm: Sequence[float]
    plain: float
    trigrams: float | None


def measure(sizes: Sequence[int] = SIZES) -> Section:
    """Search in a center of each size."""
    measured: list[Measurement] = []
    over_http: list[str] = []
    memory: list[str] = []
    version = ""
    for customers in sizes:
        with temporary_folder() as folder:
            server = EmbeddedPostgres(folder / "postgres", binaries=_DEBIAN if _DEBIAN.exists() else None)
            url = server.start()
            version = server.server_version or ""
            fill(url, customers, partial(_say, customers))
            measured += _searches(server, url, customers)
            p50, p99, peak = _over_http(folder, server.start())
            over_http.append(f"{p50:.1f} ms at p50 and {p99:.1f} at p99 with {customers:,} customers")
            memory.append(f"{peak:.0f} MB with {customers:,}")
            server.stop()
    words = _WORDS.format(
        size=SIZE, version=version, far=FAR_PAGE, http="; ".join(over_http), memory=", ".join(memory)
    )
    return Section(
        "Search",
        words,
        [_HEAD, *(_cells(one) for one in measured)],
        labels=3,
        load=f"{WARM} searches each ({PLAIN} of plain SQL), {REQUESTS} requests, benchmarks/search.py",
    )


def _searches(server: EmbeddedPostgres, url: str, customers: int) -> Iterator[Measurement]:
    colds: list[float] = []
    for asked in _ASKED:
        server.stop()
        url = server.start()
        colds.append(uvloop.run(_cold(url, asked)))
    yield from uvloop.run(_warm(url, customers, colds))


async def _cold(url: str, asked: Asked) -> float:
    database = Database(url, size=1, wait_seconds=10)
    await database.open()
    try:
        reader = Reader(database)
        await reader.fetch("SELECT 1", {})  # a connection that stands
        return (await _timed(gateways(reader), asked, 1))[1]
    finally:
        await database.close()


async def _warm(url: str, customers: int, colds: Sequence[float]) -> list[Measurement]:
    database = Database(url, size=1, wait_seconds=10)
    await database.open()
    connection = await psycopg.AsyncConnection.connect(libpq_url(url), autocommit=True)
    try:
        ours, plain = gateways(Reader(database)), naive(connection)
        trigrams = await by_trigrams(connection)
        measured: list[Measurement] = []
        for asked, cold in zip(_ASKED, colds, strict=True):
            total = (await ours(asked, 1)).total
            last = max(1, -(-total // SIZE))
            for page in dict.fromkeys((1, min(FAR_PAGE, last))):
                _say(customers, f"{asked.name}, page {page}")
                answer, warm = await _repeated(ours, asked, page, WARM)
                same, slow = await _repeated(plain, asked, page, PLAIN)
                if same != answer:
                    raise NotTheSame(f"{asked.name}, page {page}: {answer} and {same}")
                others = (await _repeated(trigrams, asked, page, PLAIN))[1] if trigrams else None
                measured.append(
                    Measurement(
                        customers,
                        asked,
                        page,
                        total,
                        cold if page == 1 else None,
                        warm,
                        slow[len(slow) // 2],
                        others[len(others) // 2] if others else None,
                    )
                )
        return measured
    finally:
        await connection.close()
        await database.close()


async def _repeated(way: Way, asked: Asked, page: int, times: int) -> tuple[Answer, list[float]]:
    """Return the answer, and how long it took each time in milliseconds, ordered; a first try is left out."""
    answer, _ = await _timed(way, asked, page)
    return answer, sorted([(await _timed(way, asked, page))[1] for _ in range(times)])


async def _timed(way: Way, asked: Asked, page: int) -> tuple[Answer, float]:
    began = perf_counter()
    answer = await way(asked, page)
    return answer, 1000 * (perf_counter() - began)


def _over_http(folder: Path, url: str) -> tuple[float, float, float]:
    """Return p50 and p99 of the contract's example in milliseconds, and the server's peak in megabytes."""
    token = Tokens(SECRET).make(
        subject="bench@center.example", role=Role.STAFF, scopes=frozenset(), lifetime=timedelta(hours=1)
    )
    settings = {"DATABASE_URL": url, "ENVIRONMENT": "production", "MODEL_REFRESH": "false"}
    with gateway(folder, settings) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        latencies: list[float] = []
        for _ in range(REQUESTS):
            began = perf_counter()
            connection.request("GET", _CONTRACT, headers={"Authorization": f"Bearer {token}"})
            connection.getresponse().read()
            latencies.append(1000 * (perf_counter() - began))
        connection.close()
        latencies.sort()
        return latencies[REQUESTS // 2], latencies[REQUESTS * 99 // 100], server.peak_megabytes


def _say(customers: int, what: str) -> None:
    sys.stderr.write(f"{customers:,}: {what}\n")


def _cells(one: Measurement) -> list[str]:
    p50 = one.warm[len(one.warm) // 2]
    return [
        f"{one.customers:,}",
        one.asked.name,
        f"{one.page:,}",
        f"{one.total:,}",
        f"{one.cold:.1f}" if one.cold is not None else "",
        f"{p50:.1f}",
        f"{one.warm[len(one.warm) * 99 // 100]:.1f}",
        f"{one.plain:.1f}",
        f"{one.trigrams:.1f}" if one.trigrams is not None else "",
        f"{one.plain / p50:.1f}",
    ]
