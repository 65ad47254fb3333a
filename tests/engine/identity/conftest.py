from collections.abc import Iterator

import pytest
from identity_world import World, world


@pytest.fixture(scope="module")
def office(postgres_url: str) -> Iterator[World]:
    """A tenant to which tests add people of their own."""
    with world(postgres_url, "office") as built:
        yield built


@pytest.fixture(scope="module")
def rival(postgres_url: str) -> Iterator[World]:
    """Another tenant in the same database."""
    with world(postgres_url, "rival") as built:
        yield built
