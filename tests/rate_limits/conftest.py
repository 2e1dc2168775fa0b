"""What the tests of limits share: a gateway with the limits that centers get, and people who ask it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from harness import GENEROUS, Gateway, running_gateway, token

from gateway.settings import Settings

DEFAULTS = {name: Settings.model_fields[name].default for name in GENEROUS}


@dataclass(frozen=True)
class Person:
    """Somebody with a token, who has asked for nothing yet."""

    gateway: Gateway
    token: str

    def rest(self, path: str, **options: Any) -> httpx.Response:
        return self.gateway.rest(path, headers=self.headers, **options)

    def graphql(self, document: str, *, accept: str = "*/*", **variables: Any) -> httpx.Response:
        body = {"query": document, "variables": variables}
        return self.gateway.request("POST", "/graphql", json=body, headers={**self.headers, "Accept": accept})

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def somebody(gateway: Gateway, role: str = "MANAGER") -> Person:
    """Return a person whom no other test knows."""
    return Person(gateway, token(role, subject=f"{uuid4().hex}@center.example"))


def left(answer: httpx.Response) -> dict[str, int]:
    """Return how much is left by class, as the header RateLimit says."""
    items = [item.split(";") for item in answer.headers["RateLimit"].split(", ")]
    return {name.strip('"'): int(rest.removeprefix("r=")) for name, rest, _ in items}


@pytest.fixture(scope="session")
def limited(gateway: Gateway) -> Iterator[Gateway]:
    """A gateway with the default limits."""
    with running_gateway(gateway.database_url, **DEFAULTS) as running:
        yield running
