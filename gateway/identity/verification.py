"""Is a token genuine: the key it must have been signed with, and its signature."""

import base64
from collections.abc import Callable
from typing import Any

import jwt

from gateway.identity.claims import ClaimRules, Claims, read_claims
from gateway.identity.key_sets import KeySource
from gateway.identity.public_keys import ALGORITHMS
from gateway.identity.refusals import Reason, Unauthenticated

_SECRET_ALGORITHM = "HS256"  # noqa: S105 - a name of a method, no secret
_LONGEST_TOKEN = 8192

_SIGNATURE_ONLY: dict[str, Any] = {
    f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")
}
"""The library judges claims by a clock of its own; `read_claims` does by the one it is given."""


class Verifier:
    """Verifies tokens of a secret (HS256), of a key set (RS256, ES256, EdDSA), or of both.

    The algorithm that a token names only chooses among those that the configuration allows, and each key
    serves one algorithm, so a public key never becomes a secret (RFC 8725, sections 2.1 and 3.1).
    """

    def __init__(
        self, *, secret: str | None, keys: KeySource | None, rules: ClaimRules, clock: Callable[[], float]
    ) -> None:
        self._secret = _as_key(secret) if secret is not None else None
        self._keys = keys
        self._rules = rules
        self._clock = clock

    async def verify(self, token: str) -> Claims:
        """Return the claims of a token.

        Raises:
            Unauthenticated: it is oversized, forged, not in force, or claims nothing sound.
            KeysUnavailable: the keys to tell cannot be read.
        """
        if len(token) > _LONGEST_TOKEN:
            raise Unauthenticated(Reason.OVERSIZED)
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise Unauthenticated(Reason.MALFORMED) from None
        key = await self._key_of(header.get("alg"), header.get("kid"))
        try:
            claims: dict[str, object] = jwt.decode(  # pyright: ignore[reportUnknownMemberType]
                token,
                key,
                algorithms=[key.algorithm_name],
                options=_SIGNATURE_ONLY,  # pyright: ignore[reportArgumentType]
            )
        except jwt.PyJWTError:
            raise Unauthenticated(Reason.SIGNATURE) from None
        return read_claims(claims, self._rules, self._clock())

    async def _key_of(self, algorithm: object, key_id: str | None) -> jwt.PyJWK:
        if self._secret is not None and algorithm == _SECRET_ALGORITHM:
            return self._secret
        if self._keys is None or not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise Unauthenticated(Reason.ALGORITHM)
        key = await self._keys.find(key_id, algorithm)
        if key is None:
            raise Unauthenticated(Reason.UNKNOWN_KEY)
        return key


def _as_key(secret: str) -> jwt.PyJWK:
    text = base64.urlsafe_b64encode(secret.encode()).rstrip(b"=").decode()
    return jwt.PyJWK({"kty": "oct", "k": text}, _SECRET_ALGORITHM)
