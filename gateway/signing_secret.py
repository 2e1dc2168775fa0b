"""Which secrets may sign tokens, and the one that development makes for itself."""

import os
import secrets
from pathlib import Path

SHORTEST_SECRET = 32
"""Bytes: RFC 7518, section 3.2, asks HS256 for as many as its hash has."""

_FEWEST_CHARACTERS = 8  # different ones: a secret of fewer was typed, not drawn
_PUBLISHED = frozenset(
    {
        "your-secret-key-here-change-in-production",  # the older centers'
        "a-string-secret-at-least-256-bits-long",  # jwt.io's
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",  # the FastAPI tutorial's
    }
)


def is_weak(secret: str) -> bool:
    """Whether others may know or guess the secret."""
    return (
        secret in _PUBLISHED
        or len(secret.encode()) < SHORTEST_SECRET
        or len(set(secret)) < _FEWEST_CHARACTERS
    )


def random_secret() -> str:
    """Return a secret that nobody knows."""
    return secrets.token_urlsafe(48)


def kept_secret(path: Path) -> str:
    """Return the secret in a file that only its owner may read; it is made where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        secret = random_secret()
        file.write(secret)
    return secret
