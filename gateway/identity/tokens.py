"""Makes the tokens of a secret: for the command line, the first start and the tests."""

from datetime import UTC, datetime, timedelta

import jwt

from access import Role
from gateway.identity.claims import ClaimRules


class Tokens:
    """Makes HS256 tokens of one secret, with the claims that the rules ask for."""

    def __init__(self, secret: str, rules: ClaimRules | None = None) -> None:
        self._secret = secret
        self._rules = rules or ClaimRules()

    def make(self, *, subject: str, role: Role | None, scopes: frozenset[str], lifetime: timedelta) -> str:
        """Return a token; one without a role takes it from the center's users when it is used."""
        now = datetime.now(UTC)
        claims: dict[str, object] = {"sub": subject, "type": "access", "iat": now, "exp": now + lifetime}
        claims[self._rules.scope_claim] = " ".join(sorted(scopes))
        if role is not None:
            claims[self._rules.role_claim] = str(role)
        if self._rules.issuer is not None:
            claims["iss"] = self._rules.issuer
        if self._rules.audience is not None:
            claims["aud"] = self._rules.audience
        return jwt.encode(claims, self._secret, algorithm="HS256")  # pyright: ignore[reportUnknownMemberType]
