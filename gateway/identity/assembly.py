"""Puts identity together from the settings."""

import time
from functools import partial

from db.engine import Database
from gateway.identity.accounts import Accounts
from gateway.identity.attempts import Attempts
from gateway.identity.claims import ClaimRules
from gateway.identity.fetching import fetch_document
from gateway.identity.identity import Identity
from gateway.identity.key_sets import FileKeys, KeySource, UrlKeys
from gateway.identity.public_keys import PublicKeys, read_key_set
from gateway.identity.tokens import Tokens
from gateway.identity.verification import Verifier
from gateway.settings import Settings

_COOLDOWN_SECONDS = 30


def build_identity(settings: Settings, database: Database) -> Identity:
    """Return what tells the senders of requests, over the users of a database."""
    verifier = Verifier(
        secret=settings.signing_secret, keys=_key_source(settings), rules=_rules(settings), clock=time.time
    )
    accounts = Accounts(database, deadline_seconds=settings.operation_seconds, clock=time.monotonic)
    attempts = Attempts(settings.forged_tokens_per_minute, clock=time.monotonic)
    return Identity(verifier, accounts, attempts, clock=time.time)


def token_maker(settings: Settings) -> Tokens | None:
    """Return what makes tokens; None where there is no secret to sign them with, only a key set."""
    secret = settings.signing_secret
    return Tokens(secret, _rules(settings)) if secret else None


def configured_keys(settings: Settings) -> PublicKeys:
    """Read the key set of the settings once, right now; no keys where they name none.

    Raises:
        CannotFetch, OSError: it does not come.
        BadKeySet: what comes is none.
    """
    if settings.jwks_file is not None:
        return read_key_set(settings.jwks_file.read_bytes())
    if settings.jwks_url is not None:
        return read_key_set(fetch_document(settings.jwks_url))
    return PublicKeys()


def _rules(settings: Settings) -> ClaimRules:
    return ClaimRules(
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        role_claim=settings.jwt_role_claim,
        scope_claim=settings.jwt_scope_claim,
    )


def _key_source(settings: Settings) -> KeySource | None:
    if settings.jwks_file is not None:
        return FileKeys(settings.jwks_file)
    if settings.jwks_url is None:
        return None
    return UrlKeys(
        partial(fetch_document, settings.jwks_url),
        lifetime=settings.jwks_seconds,
        stale=settings.jwks_stale_seconds,
        cooldown=_COOLDOWN_SECONDS,
        clock=time.monotonic,
    )
