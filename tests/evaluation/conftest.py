from collections.abc import Iterator

import pytest
from conftest import Databases


@pytest.fixture(scope="module")
def demo_url(databases: Databases, demo_template: str) -> Iterator[str]:
    """The demo center, for reading."""
    with databases.temporary(demo_template) as url:
        yield url
