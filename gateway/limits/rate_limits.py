"""Limits by class: charges a subject for a request before it runs, and says where that leaves them."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import inf
from typing import Literal

from redis.exceptions import RedisError

from access import LimitClass, Quota, Role
from gateway.limits.counters import Demand, LocalCounter, Standing, Taking
from gateway.limits.shared_counter import CONNECTIONS, SharedCounter

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 5.0  # before a store that was away is asked again

Counting = Literal["local", "shared", "away"]
"""Where requests are counted; `away` is locally, because the shared store does not answer."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused: the class whose quota it does not fit into, and for how many seconds.

    `retry_after` is None for a request that asks for more than the whole quota.
    """

    limit_class: LimitClass
    quota: Quota
    cost: int
    remaining: int
    retry_after: int | None

    @property
    def detail(self) -> Mapping[str, object]:
        """What the client is told of it."""
        return {
            "class": str(self.limit_class),
            "limit": self.quota.amount,
            "window": self.quota.seconds,
            "cost": self.cost,
            "remaining": self.remaining,
            "retry_after": self.retry_after,
        }


@dataclass(frozen=True, slots=True)
class LimitState:
    """Where a request leaves its subject, in every class that it was charged for; refused, it leaves all."""

    standings: Sequence[Standing]
    refusal: Refusal | None

    @property
    def headers(self) -> Mapping[str, str]:
        """The two fields of draft-ietf-httpapi-ratelimit-headers."""
        quotas = [
            (standing, standing.demand.limit_class, standing.demand.quota) for standing in self.standings
        ]
        return {
            "RateLimit-Policy": ", ".join(
                f'"{name}";q={quota.amount};w={quota.seconds}' for _, name, quota in quotas
            ),
            "RateLimit": ", ".join(
                f'"{name}";r={standing.remaining};t={standing.resets_in}' for standing, name, _ in quotas
            ),
        }


class RateLimits:
    """Charges requests, in the shared store where there is one and it answers, else in memory.

    `quotas` holds each class's quota for each role. `clock` tells seconds, and never goes back.
    """

    def __init__(
        self,
        quotas: Mapping[LimitClass, Mapping[Role, Quota]],
        *,
        url: str | None = None,
        wait_seconds: float = 0.05,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._quotas = quotas
        self._clock = clock
        self._local = LocalCounter(clock)
        self._shared = SharedCounter(url, wait_seconds) if url else None
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._ask_again_at: float | None = None

    @property
    def counting(self) -> Counting:
        """Where requests are counted at the moment."""
        if self._shared is None:
            return "local"
        return "shared" if self._ask_again_at is None else "away"

    async def open(self) -> None:
        """Connect to the shared store, so that the log tells at the start when it is away."""
        if self._shared:
            try:
                await self._shared.ping()
            except (RedisError, OSError, TimeoutError) as error:
                self._lost(error)

    async def close(self) -> None:
        """Close the connections to the shared store."""
        if self._shared:
            await self._shared.close()

    async def charge(self, subject: str, role: Role, units: Mapping[LimitClass, int]) -> LimitState:
        """Charge a subject with units of some classes: with all, or with none where one does not fit."""
        demands = [Demand(kind, self._quotas[kind][role], count) for kind, count in units.items()]
        # the store of the counters must not tell who works here
        taking = await self._take(sha256(subject.encode(errors="surrogatepass")).hexdigest()[:32], demands)
        return LimitState(taking.standings, None if taking.taken else _refusal(taking.standings))

    async def _take(self, subject: str, demands: Sequence[Demand]) -> Taking:
        if self._shared is None or self._resting:
            return self._local.take(subject, demands)
        # in a rush a request waits for its turn first: that is no sign of a store that is away
        async with self._turns:
            if self._resting:
                return self._local.take(subject, demands)
            if self._ask_again_at is not None:
                self._pause()  # one request finds out whether it is back, the others need not wait
            try:
                taking = await self._shared.take(subject, demands)
            except (RedisError, OSError, TimeoutError) as error:
                self._lost(error)
                return self._local.take(subject, demands)
            self._found()
            return taking

    @property
    def _resting(self) -> bool:
        """Whether the store was away a moment ago, and is not asked yet."""
        return self._ask_again_at is not None and self._clock() < self._ask_again_at

    def _lost(self, error: Exception) -> None:
        if self._ask_again_at is None:
            _log.warning("shared limits away, counting locally", extra={"error": type(error).__name__})
        self._pause()

    def _found(self) -> None:
        if self._ask_again_at is not None:
            _log.warning("shared limits back")
            self._ask_again_at = None

    def _pause(self) -> None:
        self._ask_again_at = self._clock() + _PAUSE_SECONDS


def _refusal(standings: Sequence[Standing]) -> Refusal:
    """Return the class that has to be waited for longest."""
    waits = {
        standing: inf if standing.retry_after is None else standing.retry_after for standing in standings
    }
    standing = max(waits, key=lambda standing: waits[standing])
    demand = standing.demand
    return Refusal(demand.limit_class, demand.quota, demand.units, standing.remaining, standing.retry_after)
