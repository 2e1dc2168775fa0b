"""Who used up how much, counted in Redis or Valkey for all workers and replicas at once.

The `limits` library counts one limit after the other and can't give back: a request that one class refuses
would have been charged in another. So the counting is a script of our own, which takes all units or none.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis

from gateway.limits.counters import Demand, Standing, Taking

T = TypeVar("T")

CONNECTIONS = 16
"""How many requests may ask the store at a time."""

_SLICES = 10

_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer, counts = {1}, {}
for i, key in ipairs(KEYS) do
    local amount, length, units = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
    local window, previous, current = math.floor(now / length), 0, 0
    local kept = redis.call('HMGET', key, 'window', 'previous', 'current')
    local age = window - (tonumber(kept[1]) or 0)
    if age == 0 then
        previous, current = tonumber(kept[2]), tonumber(kept[3])
    elseif age == 1 then
        previous = tonumber(kept[3])
    end
    local elapsed = now - window * length
    if previous * (length - elapsed) > (amount - current - units) * length then
        answer[1] = 0
    end
    counts[i] = {key, window, previous, current, elapsed, units, length}
end
for _, count in ipairs(counts) do
    local key, window, previous, current, elapsed, units, length = unpack(count)
    if answer[1] == 1 then
        current = current + units
        redis.call('HSET', key, 'window', window, 'previous', previous, 'current', current)
        redis.call('PEXPIRE', key, 2 * length)
    end
    for _, number in ipairs({previous, current, elapsed}) do
        table.insert(answer, number)
    end
end
return answer
"""
"""Takes units from several counters at once. The time is the store's own, so that no two clocks disagree.

KEYS: the counters. ARGV: for each the amount, the window's length in ms and the units.
Returns 1 or 0, and for each counter what was used in the window before and in this one, and its ms elapsed.
"""


class SharedCounter:
    """Counts in Redis or Valkey, for all processes that use the same one.

    `wait_seconds` is how long it may take to answer, or to be connected to.
    """

    def __init__(self, url: str, wait_seconds: float) -> None:
        # RESP 2, since the handshake of 3 takes two more answers; a command sent again would count twice
        pool = BlockingConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType]
            url, max_connections=CONNECTIONS, timeout=None, protocol=2, retry=None
        )
        self._redis: Any = Redis.from_pool(pool)  # its annotations leave type arguments out
        self._take = self._redis.register_script(_TAKE)
        self._wait_seconds = wait_seconds

    async def ping(self) -> None:
        """Find out whether it is there.

        Raises:
            RedisError, OSError, TimeoutError: it is not.
        """
        await self._in_time(self._redis.ping())

    async def take(self, subject: str, demands: Sequence[Demand]) -> Taking:
        """Take all units, or none.

        Raises:
            RedisError, OSError, TimeoutError: it is away, and nobody knows whether the units were taken.
        """
        arguments = [
            number
            for demand in demands
            for number in (demand.quota.amount, 1000 * demand.quota.seconds, demand.units)
        ]
        keys = [demand.key(subject) for demand in demands]
        taken, *numbers = await self._in_time(self._take(keys, arguments))
        standings = [
            Standing(demand, previous, current, elapsed / 1000)
            for demand, previous, current, elapsed in zip(
                demands, numbers[::3], numbers[1::3], numbers[2::3], strict=True
            )
        ]
        return Taking(bool(taken), standings)

    async def _in_time(self, answer: Awaitable[T]) -> T:
        """Wait for an answer, in slices: the loop comes round between them.

        A loop that was held up for longer than the whole wait would else take its own lateness for the
        store's, with the answer unread on the socket.
        """
        task = asyncio.ensure_future(answer)
        try:
            for _ in range(_SLICES):
                await asyncio.wait({task}, timeout=self._wait_seconds / _SLICES)
                if task.done():
                    return task.result()
            raise TimeoutError
        finally:
            if not task.done():
                task.add_done_callback(_drop)
                task.cancel()

    async def close(self) -> None:
        """Close its connections."""
        await self._redis.aclose()


def _drop(task: asyncio.Future[Any]) -> None:
    """Take note of how a given-up answer ended; nobody else asks, and asyncio would complain."""
    if not task.cancelled():
        task.exception()
