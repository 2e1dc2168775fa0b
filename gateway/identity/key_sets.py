"""Where public keys come from: a file, or an address that is asked again when keys change."""

import asyncio
import logging
import math
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import jwt

from gateway.identity.fetching import CannotFetch
from gateway.identity.public_keys import BadKeySet, PublicKeys, read_key_set
from gateway.identity.refusals import KeysUnavailable

_log = logging.getLogger(__name__)


class KeySource(Protocol):
    """Finds the key that a token names."""

    async def find(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """Return the key; None where there is no such key.

        Raises:
            KeysUnavailable: nobody can say now whether there is.
        """
        ...


class FileKeys:
    """The keys of a file, read again when it has changed; one that cannot be read leaves the former keys."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys = PublicKeys()
        self._seen: tuple[int, int] | None = None

    async def find(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """Return a key; see `KeySource.find`."""
        self._read_when_changed()
        if not self._keys.by_id:
            raise KeysUnavailable
        return self._keys.find(key_id, algorithm)

    def _read_when_changed(self) -> None:
        try:
            state = self._path.stat()
            seen = (state.st_mtime_ns, state.st_ino)
            if seen == self._seen:
                return
            self._seen = seen
            self._keys = read_key_set(self._path.read_bytes())
        except (OSError, BadKeySet) as error:
            _log.warning("key set file cannot be used", extra={"error": type(error).__name__})


class UrlKeys:
    """The keys that an issuer publishes, kept for their lifetime.

    A key that is not among them is looked for once more, but once in a cooldown only, so that invented key
    ids cost the issuer nothing. Requests that need the same fetch share one. While the issuer is away its
    last keys serve on, for `stale` seconds after they were fetched and no longer: that is how long a key that
    it takes back meanwhile is still trusted. All times are in seconds.
    """

    def __init__(
        self,
        fetch: Callable[[], bytes],
        *,
        lifetime: float,
        stale: float,
        cooldown: float,
        clock: Callable[[], float],
    ) -> None:
        self._fetch = fetch
        self._lifetime = lifetime
        self._stale = max(stale, lifetime)
        self._cooldown = cooldown
        self._clock = clock
        self._keys = PublicKeys()
        self._fetched_at = -math.inf
        self._away = False
        self._fetching: asyncio.Task[None] | None = None
        self._fetch_again_at = self._search_again_at = -math.inf

    async def find(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """Return a key; see `KeySource.find`."""
        asked_at = self._clock()
        await self._renew(asked_at)
        key = self._keys.find(key_id, algorithm)
        if key is None and self._fetched_at < asked_at:
            await self._search(asked_at)
            key = self._keys.find(key_id, algorithm)
        if key is None and self._away:
            raise KeysUnavailable  # the issuer may have made the key since it was last heard
        return key

    async def _renew(self, now: float) -> None:
        """See to it that the keys are within their lifetime, or the issuer away and they not yet stale."""
        if now < self._fetched_at + self._lifetime:
            return
        if now >= self._fetch_again_at:
            self._begin()
        # once the issuer is known to be away nobody waits for it
        if not (self._away and self._serves_on()):
            await self._arrival()
        if not self._serves_on():
            raise KeysUnavailable

    async def _search(self, now: float) -> None:
        """Fetch for a key that is not there, unless one was looked for a moment ago."""
        if now >= self._search_again_at:
            self._search_again_at = now + self._cooldown
            self._begin()
        await self._arrival()

    def _serves_on(self) -> bool:
        return self._clock() < self._fetched_at + self._stale

    def _begin(self) -> None:
        if self._fetching is None:
            self._fetch_again_at = self._clock() + self._cooldown
            self._fetching = asyncio.create_task(self._fetch_keys())

    async def _arrival(self) -> None:
        if self._fetching is not None:
            # a client that hangs up must not end the fetch that others wait for
            await asyncio.shield(self._fetching)

    async def _fetch_keys(self) -> None:
        try:
            keys = read_key_set(await asyncio.to_thread(self._fetch))
        except (CannotFetch, BadKeySet) as error:
            self._away = True
            _log.warning("key set cannot be fetched", extra={"error": f"{type(error).__name__}: {error}"})
        else:
            self._keys, self._fetched_at, self._away = keys, self._clock(), False
        finally:
            self._fetching = None
