"""A gateway that does not wait long, for clients who do not finish."""

from collections.abc import Iterator

import pytest
from harness import Gateway, running_gateway


@pytest.fixture(scope="session")
def impatient(gateway: Gateway) -> Iterator[Gateway]:
    """One over the same database that waits a third of a second for headers and for a body."""
    with running_gateway(gateway.database_url, receive_seconds=0.3) as running:
        yield running
