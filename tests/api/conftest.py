"""A tenant of neutral records and a test client with keys of its people."""

from collections.abc import Iterator

import pytest
from api_world import ApiWorld, api_world


@pytest.fixture(scope="session")
def api(postgres_url: str) -> Iterator[ApiWorld]:
    with api_world(postgres_url, "stock-api") as built:
        yield built
