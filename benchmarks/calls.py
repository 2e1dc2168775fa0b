"""Many callers of one coroutine function in this process: how often, how long, and at what cost."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter, process_time

from benchmarks.servers import offspring_cpu_seconds

SECONDS = 2.0
WARM_UP = 0.5

Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Calls:
    """What came of calling: latencies and processor time in microseconds of one call.

    `cpu` is this process's, callers included; `server_cpu` that of the servers which it started.
    """

    rate: float
    p50: float
    p99: float
    longest: float
    cpu: float
    server_cpu: float


async def call(work: Work, *, callers: int) -> Calls:
    """Let so many callers call, each again as soon as it was answered."""
    await _latencies(work, callers, WARM_UP)
    cpu, server_cpu, began = process_time(), offspring_cpu_seconds(os.getpid()), perf_counter()
    latencies = await _latencies(work, callers, SECONDS)
    took = perf_counter() - began
    cpu, server_cpu = process_time() - cpu, offspring_cpu_seconds(os.getpid()) - server_cpu
    calls = len(latencies)
    ordered = sorted(latencies)
    return Calls(
        rate=calls / took,
        p50=1e6 * ordered[calls // 2],
        p99=1e6 * ordered[calls * 99 // 100],
        longest=1e6 * ordered[-1],
        cpu=1e6 * cpu / calls,
        server_cpu=1e6 * server_cpu / calls,
    )


async def nothing() -> None:
    """Wait for what is done in the loop's next turn: the least that waiting for anything costs."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    loop.call_soon(done.set_result, None)
    await done


async def _latencies(work: Work, callers: int, seconds: float) -> list[float]:
    latencies: list[float] = []
    end = perf_counter() + seconds

    async def caller() -> None:
        while (began := perf_counter()) < end:
            await work()
            latencies.append(perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(caller())
    return latencies
