"""Why somebody is not let in: each a type, and for the log a reason that the client is never told."""

from enum import StrEnum

from db.engine import DatabaseUnavailable


class Reason(StrEnum):
    """Why a token is not trusted, as the log says it."""

    NO_TOKEN = "no_token"  # noqa: S105 - a word of the log, no secret
    OVERSIZED = "oversized"
    MALFORMED = "malformed"
    ALGORITHM = "algorithm"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE = "signature"
    CLAIMS = "claims"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    TYPE = "type"
    ROLE = "role"
    UNKNOWN_USER = "unknown_user"
    INACTIVE_USER = "inactive_user"


GUESSES = frozenset(
    {Reason.OVERSIZED, Reason.MALFORMED, Reason.ALGORITHM, Reason.UNKNOWN_KEY, Reason.SIGNATURE}
)
"""The reasons that count against a sender: nobody whom we trust has signed the token.

An expired token is none of them. A whole center often shares one address, and every browser in it sends an
expired token before it asks for a new one.
"""


class Unauthenticated(Exception):
    """No token, or one that cannot be trusted."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def challenge(self) -> str:
        """The `WWW-Authenticate` header that goes with it (RFC 6750, section 3)."""
        return "Bearer" if self.reason is Reason.NO_TOKEN else 'Bearer error="invalid_token"'


class TooManyAttempts(Exception):
    """The sender's address has sent too many tokens that nobody signed; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class KeysUnavailable(Exception):
    """The keys to verify a token with cannot be read now, so nobody knows whether it is good."""


REFUSALS = (Unauthenticated, TooManyAttempts, KeysUnavailable, DatabaseUnavailable)
"""Everything that `Identity.viewer_of` raises."""
