"""Guessing costs the sender: forged tokens, counted by the address they come from."""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from cachetools import TLRUCache

from gateway.identity.refusals import TooManyAttempts

_log = logging.getLogger(__name__)

_WINDOW_SECONDS = 60
_MOST_ADDRESSES = 10_000
_LONGEST_ADDRESS = 45  # characters of the longest IPv6 address
_IPV6_NETWORK = 64  # bits: what one household or office is given


@dataclass(frozen=True, slots=True)
class _Window:
    failures: int
    ends_at: float


class Attempts:
    """Counts failures in windows of a minute that begin with the first; beyond the limit nobody may try.

    Each process counts for itself, and remembers the 10,000 addresses that failed last.
    """

    def __init__(self, limit: int, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._clock = clock
        self._windows: TLRUCache[str, _Window] = TLRUCache(
            _MOST_ADDRESSES, ttu=lambda _address, window, _now: window.ends_at, timer=clock
        )

    def check(self, address: str) -> None:
        """Let an address try again.

        Raises:
            TooManyAttempts: it has failed too often within a minute.
        """
        window = self._windows.get(_network(address))
        if window is not None and window.failures >= self._limit:
            raise TooManyAttempts(max(1, math.ceil(window.ends_at - self._clock())))

    def count(self, address: str) -> None:
        """Count one failure."""
        network = _network(address)
        former = self._windows.get(network)
        window = _Window(
            former.failures + 1 if former else 1,
            former.ends_at if former else self._clock() + _WINDOW_SECONDS,
        )
        self._windows[network] = window
        if window.failures == self._limit:
            _log.warning("too many forged tokens from one address, which must wait")


def _network(address: str) -> str:
    """Return what is counted for one sender: an IPv4 address, or the network of an IPv6 address."""
    try:
        known = ip_address(address)
    except ValueError:
        return address[:_LONGEST_ADDRESS]
    if isinstance(known, IPv6Address) and known.ipv4_mapped is None:
        return str(ip_network((known.packed, _IPV6_NETWORK), strict=False))
    return address
