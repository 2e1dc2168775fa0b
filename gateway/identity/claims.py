"""What a token says, once its signature is known to be good: whose it is, until when, and what for."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from access import Role
from gateway.identity.refusals import Reason, Unauthenticated

_LEEWAY_SECONDS = 30
_LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """Which claims are asked for, and under which names role and scopes are found.

    `issuer` and `audience` are required of every token where they are set.
    """

    issuer: str | None = None
    audience: str | None = None
    role_claim: str = "role"
    scope_claim: str = "scope"


@dataclass(frozen=True, slots=True)
class Claims:
    """A token's claims. Without a `role` the center's users know it; `expires_at` is in Unix seconds."""

    subject: str
    role: Role | None
    scopes: frozenset[str]
    expires_at: float


def read_claims(claims: Mapping[str, object], rules: ClaimRules, now: float) -> Claims:
    """Return the claims of a token that is in force at `now` (Unix seconds).

    Raises:
        Unauthenticated: it is not in force, not for us, not an access token, or a claim has no sound value.
    """
    expires_at = _moment(claims, "exp")
    if expires_at is None:
        raise Unauthenticated(Reason.CLAIMS)
    if expires_at <= now - _LEEWAY_SECONDS:
        raise Unauthenticated(Reason.EXPIRED)
    for name in ("nbf", "iat"):
        begins_at = _moment(claims, name)
        if begins_at is not None and begins_at > now + _LEEWAY_SECONDS:
            raise Unauthenticated(Reason.NOT_YET_VALID)
    if rules.issuer is not None and claims.get("iss") != rules.issuer:
        raise Unauthenticated(Reason.ISSUER)
    if rules.audience is not None and rules.audience not in _texts(claims.get("aud")):
        raise Unauthenticated(Reason.AUDIENCE)
    if claims.get("type", "access") != "access":
        raise Unauthenticated(Reason.TYPE)
    return Claims(
        subject=_subject(claims.get("sub")),
        role=_role(claims.get(rules.role_claim)),
        scopes=_scopes(claims.get(rules.scope_claim)),
        expires_at=expires_at,
    )


def _moment(claims: Mapping[str, object], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unauthenticated(Reason.CLAIMS)
    try:
        moment = float(value)
    except OverflowError:
        raise Unauthenticated(Reason.CLAIMS) from None
    if not math.isfinite(moment):
        raise Unauthenticated(Reason.CLAIMS)
    return moment


def _subject(value: object) -> str:
    # the subject is looked up and written down, so it must be text that every store can keep
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_SUBJECT or not value.isprintable():
        raise Unauthenticated(Reason.CLAIMS)
    return value


def _role(value: object) -> Role | None:
    if value is None:
        return None
    if not isinstance(value, str) or value.upper() not in list(Role):
        raise Unauthenticated(Reason.ROLE)
    return Role(value.upper())


def _scopes(value: object) -> frozenset[str]:
    if value is None:
        return frozenset()
    if isinstance(value, str):
        return frozenset(value.split())
    texts = _texts(value)
    if not isinstance(value, list) or len(texts) != len(cast("list[object]", value)):
        raise Unauthenticated(Reason.CLAIMS)
    return frozenset(texts)


def _texts(value: object) -> list[str]:
    """Return the texts of a claim that is one text or a list of them."""
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]
