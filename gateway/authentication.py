"""Who is asking: bearer tokens, verified and made."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from starlette.requests import Request

from access import Role, Viewer

_ALGORITHMS = ["HS256"]  # fixed here and never taken from the token: RFC 8725, section 3.1
_LEEWAY_SECONDS = 30
_LONGEST_TOKEN = 8192
_SCHEME = "bearer "


class Unauthenticated(Exception):
    """No token, or one that is expired, forged, or names no role."""


class Tokens:
    """Verifies and makes the tokens of one secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def viewer_of(self, request: Request) -> Viewer:
        """Return who sent a request.

        Raises:
            Unauthenticated: the request carries no token that can be trusted.
        """
        headers = request.headers.getlist("authorization")
        if len(headers) != 1 or not headers[0].lower().startswith(_SCHEME):
            raise Unauthenticated("an Authorization header with a bearer token is needed")
        return self.verify(headers[0][len(_SCHEME) :].strip())

    def verify(self, token: str) -> Viewer:
        """Return the viewer that a token stands for.

        Raises:
            Unauthenticated: it is expired, forged, oversized, or names no subject or role.
        """
        if len(token) > _LONGEST_TOKEN:
            raise Unauthenticated("the token is too long")
        try:
            claims: dict[str, Any] = jwt.decode(  # pyright: ignore[reportUnknownMemberType]
                token,
                self._secret,
                algorithms=_ALGORITHMS,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "sub"], "verify_aud": False},
            )
        except jwt.InvalidTokenError as error:
            raise Unauthenticated(str(error)) from None
        return _viewer(claims)

    def make(self, *, subject: str, role: Role, scopes: frozenset[str], lifetime: timedelta) -> str:
        """Return a token of this secret."""
        now = datetime.now(UTC)
        claims = {"sub": subject, "role": str(role), "scope": " ".join(sorted(scopes)), "type": "access"}
        return jwt.encode(  # pyright: ignore[reportUnknownMemberType]
            {**claims, "iat": now, "exp": now + lifetime}, self._secret, algorithm="HS256"
        )


def _viewer(claims: dict[str, Any]) -> Viewer:
    if claims.get("type", "access") != "access":
        raise Unauthenticated("not an access token")
    role, scope = claims.get("role"), claims.get("scope", "")
    if role not in list(Role) or not isinstance(scope, str):
        raise Unauthenticated("the token names no role")
    return Viewer(subject=claims["sub"], role=Role(role), scopes=frozenset(scope.split()))
