"""The public keys of a JSON Web Key Set (RFC 7517): those of them that we may verify with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_ALGORITHM_OF: Mapping[tuple[object, object], str] = {
    ("RSA", None): "RS256",
    ("EC", "P-256"): "ES256",
    ("OKP", "Ed25519"): "EdDSA",
}
"""What each kind of key signs with. A key serves one algorithm, whatever a token asks for (RFC 8725, 3.1)."""

ALGORITHMS = frozenset(_ALGORITHM_OF.values())
"""The algorithms that key sets are accepted for."""

_SHORTEST_RSA, _LONGEST_RSA = (
    2048,
    8192,
)  # bits: RFC 7518, section 3.3; and what verifies in under a millisecond


class BadKeySet(Exception):
    """The text is no key set, or holds no key that we may verify with."""


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """The usable keys of a set, by key id and algorithm."""

    by_id: Mapping[tuple[str | None, str], jwt.PyJWK] = field(
        default_factory=dict[tuple[str | None, str], jwt.PyJWK]
    )

    def find(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """Return the key that a token names; one that names none means the only key of its algorithm."""
        if key_id is not None:
            return self.by_id.get((key_id, algorithm))
        fitting = [key for (_, served), key in self.by_id.items() if served == algorithm]
        return fitting[0] if len(fitting) == 1 else None


def read_key_set(text: bytes) -> PublicKeys:
    """Return the usable keys of a set; any other key in it is passed over.

    Raises:
        BadKeySet: it is no key set, or has no usable key.
    """
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadKeySet("not JSON") from None
    entries = cast("dict[str, object]", document).get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise BadKeySet("not a key set")
    keys: dict[tuple[str | None, str], jwt.PyJWK] = {}
    for entry in cast("list[object]", entries):
        if isinstance(entry, dict) and (key := _usable(cast("dict[str, Any]", entry))):
            keys.setdefault((key.key_id, key.algorithm_name), key)
    if not keys:
        raise BadKeySet("no usable key")
    return PublicKeys(keys)


def _usable(entry: dict[str, Any]) -> jwt.PyJWK | None:
    """Return the key of an entry; None where it is not one for verifying tokens."""
    kind, curve = entry.get("kty"), entry.get("crv")
    if not isinstance(kind, str) or not isinstance(curve, str | None):
        return None
    algorithm = _ALGORITHM_OF.get((kind, curve))
    if algorithm is None or not _is_meant_for(algorithm, entry):
        return None
    try:
        key = jwt.PyJWK(entry, algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, LookupError, AttributeError):
        return None
    if isinstance(key.key, RSAPublicKey) and not _SHORTEST_RSA <= key.key.key_size <= _LONGEST_RSA:
        return None
    return key


def _is_meant_for(algorithm: str, entry: Mapping[str, Any]) -> bool:
    operations = entry.get("key_ops", ["verify"])
    return (
        entry.get("alg", algorithm) == algorithm
        and entry.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        and isinstance(entry.get("kid"), str | None)
        # a private key was published by mistake: whoever has read it can sign
        and "d" not in entry
    )
