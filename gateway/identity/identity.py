"""Who is asking: from a request to its viewer."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import TLRUCache
from starlette.requests import Request

from access import Viewer
from gateway.identity.accounts import Accounts
from gateway.identity.attempts import Attempts
from gateway.identity.claims import Claims
from gateway.identity.refusals import GUESSES, Reason, Unauthenticated
from gateway.identity.verification import Verifier

_log = logging.getLogger(__name__)

_SCHEME = "bearer "
_TRUSTED_SECONDS = 60
_MOST_TOKENS = 10_000


@dataclass(frozen=True, slots=True)
class _Verified:
    claims: Claims
    trusted_until: float


class Identity:
    """Tells who sent a request, by its bearer token.

    A verified token is trusted for a minute, and never beyond its expiry; then its signature is looked at
    again. Its digest is remembered until it expires, so that an address that must wait for its forged tokens
    can still use it.
    """

    def __init__(
        self, verifier: Verifier, accounts: Accounts, attempts: Attempts, clock: Callable[[], float]
    ) -> None:
        self._verifier = verifier
        self._accounts = accounts
        self._attempts = attempts
        self._clock = clock
        self._verified: TLRUCache[bytes, _Verified] = TLRUCache(
            _MOST_TOKENS, ttu=lambda _digest, verified, _now: verified.claims.expires_at, timer=clock
        )

    async def viewer_of(self, request: Request) -> Viewer:
        """Return who sent a request.

        Raises:
            Unauthenticated: it carries no token, or one that cannot be trusted, or its user is inactive.
            TooManyAttempts: too many forged tokens came from its address.
            KeysUnavailable: the keys to verify its token cannot be read.
            DatabaseUnavailable: the center's users cannot be read.
        """
        try:
            claims = await self._claims(_token_of(request), _address_of(request))
            role = await self._accounts.role_of(claims)
        except Unauthenticated as refused:
            about = {"reason": str(refused.reason), "request_id": getattr(request.state, "request_id", None)}
            _log.info("token refused", extra=about)
            raise
        return Viewer(subject=claims.subject, role=role, scopes=claims.scopes)

    async def _claims(self, token: str, address: str) -> Claims:
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is not None and self._clock() < known.trusted_until:
            return known.claims
        if known is None:
            self._attempts.check(address)
        try:
            claims = await self._verifier.verify(token)
        except Unauthenticated as refused:
            self._verified.pop(digest, None)
            if refused.reason in GUESSES:
                self._attempts.count(address)
            raise
        trusted_until = min(self._clock() + _TRUSTED_SECONDS, claims.expires_at)
        self._verified[digest] = _Verified(claims, trusted_until)
        return claims


def _token_of(request: Request) -> str:
    headers = request.headers.getlist("authorization")
    if len(headers) != 1 or not headers[0].lower().startswith(_SCHEME):
        raise Unauthenticated(Reason.NO_TOKEN)
    token = headers[0][len(_SCHEME) :].strip()
    if not token:
        raise Unauthenticated(Reason.NO_TOKEN)
    return token


def _address_of(request: Request) -> str:
    return request.client.host if request.client else ""
