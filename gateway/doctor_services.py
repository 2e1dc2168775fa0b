"""`doctor` on what is not the database: the store where limits are counted, and the keys of tokens."""

import asyncio
from collections.abc import Generator

from redis.exceptions import RedisError

from gateway.findings import Finding
from gateway.identity import BadKeySet, CannotFetch, configured_keys
from gateway.limits.shared_counter import SharedCounter
from gateway.settings import Settings


def service_findings(settings: Settings) -> Generator[Finding]:
    """Look at what the settings name, and at nothing else."""
    if settings.rate_limit_url is not None:
        yield _store(settings.rate_limit_url.get_secret_value(), settings.rate_limit_wait_seconds)
    if settings.jwks_url is not None or settings.jwks_file is not None:
        yield _keys(settings)


def _store(url: str, wait_seconds: float) -> Finding:
    try:
        asyncio.run(_ping(url, wait_seconds))
    except (RedisError, OSError, TimeoutError) as error:
        # without the error's words, which can hold the address with its password
        return Finding(
            "limits",
            fine=False,
            words=f"the store does not answer in {wait_seconds:g} s ({type(error).__name__})",
            advice="start it, or mend RATE_LIMIT_URL; until it answers each worker counts for itself",
        )
    return Finding("limits", fine=True, words="the store answers")


async def _ping(url: str, wait_seconds: float) -> None:
    counter = SharedCounter(url, wait_seconds)
    try:
        await counter.ping()
    finally:
        await counter.close()


def _keys(settings: Settings) -> Finding:
    subject = "keys"
    try:
        keys = configured_keys(settings)
    except (CannotFetch, BadKeySet, OSError) as error:
        name = "JWKS_FILE" if settings.jwks_file else "JWKS_URL"
        return Finding(
            subject,
            fine=False,
            words=f"{name} cannot be used ({type(error).__name__}: {error})",
            advice="let it be a JSON Web Key Set with public keys; until then tokens of its keys get a 503",
        )
    algorithms = sorted({algorithm for _, algorithm in keys.by_id})
    return Finding(subject, fine=True, words=f"{len(keys.by_id)} usable ({', '.join(algorithms)})")
