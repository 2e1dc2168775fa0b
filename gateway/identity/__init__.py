"""Who is asking: bearer tokens verified, their roles found, and guessing made dear."""

from gateway.identity.assembly import build_identity, configured_keys, token_maker
from gateway.identity.fetching import CannotFetch
from gateway.identity.identity import Identity
from gateway.identity.public_keys import BadKeySet
from gateway.identity.refusals import REFUSALS, KeysUnavailable, TooManyAttempts, Unauthenticated
from gateway.identity.tokens import Tokens

__all__ = [
    "REFUSALS",
    "BadKeySet",
    "CannotFetch",
    "Identity",
    "KeysUnavailable",
    "Tokens",
    "TooManyAttempts",
    "Unauthenticated",
    "build_identity",
    "configured_keys",
    "token_maker",
]
