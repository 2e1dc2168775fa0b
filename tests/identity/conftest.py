"""What the identity tests share: an issuer, and gateways that trust it."""

from collections.abc import Iterator

import pytest
from harness import Gateway, running_gateway
from identity.doors import DOORS
from identity.issuer import Issuer, running_issuer

AUDIENCE, ISSUER = "wellness-gateway", "https://login.center.example"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """An issuer that a test may make misbehave."""
    with running_issuer() as running:
        yield running


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def keyed(gateway: Gateway) -> Iterator[Gateway]:
    """Production with the keys of an issuer and no secret."""
    with (
        running_issuer() as issuer,
        running_gateway(
            gateway.database_url,
            environment="production",
            jwt_secret=None,
            jwks_url=issuer.url,
            jwt_issuer=ISSUER,
            jwt_audience=AUDIENCE,
        ) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def both(gateway: Gateway) -> Iterator[Gateway]:
    """A gateway with a secret and the keys of an issuer, and with claim names of its own."""
    with (
        running_issuer() as issuer,
        running_gateway(
            gateway.database_url,
            jwks_url=issuer.url,
            jwt_role_claim="https://center.example/role",
            jwt_scope_claim="permissions",
        ) as running,
    ):
        yield running
