"""A workshop for each test: they change its definitions."""

import re
from collections.abc import Iterator

import pytest
from publish_world import Workshop, workshop


@pytest.fixture
def shop(postgres_url: str, request: pytest.FixtureRequest) -> Iterator[Workshop]:
    name = "pub-" + re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[-30:].strip("-")
    with workshop(postgres_url, name) as made:
        yield made
