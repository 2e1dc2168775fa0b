"""What the REST tests share: a center that a module may change."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from harness import UNCACHED, Gateway, running_gateway

if TYPE_CHECKING:
    from conftest import Databases


@pytest.fixture(scope="module")
def center(databases: "Databases", demo_template: str) -> Iterator[Gateway]:
    """A gateway over a center of the module's own; each test changes only a customer of its own."""
    with databases.temporary(demo_template) as url, running_gateway(url, **UNCACHED) as running:
        yield running
