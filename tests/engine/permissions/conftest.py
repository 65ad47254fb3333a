from collections.abc import Iterator

import pytest
from identity_world import World, world


@pytest.fixture(scope="module")
def stock(postgres_url: str) -> Iterator[World]:
    """A tenant whose people do not change."""
    with world(postgres_url, "stock") as built:
        built.add_user("ann", ["clerk"], "north", password=None)
        built.add_user("bob", ["clerk"], "harbour", password=None)
        built.add_user("cid", ["clerk"], "south", password=None)
        built.add_user("chief", ["chief"], "north", password=None)
        built.add_user("head", ["head"], "north", password=None)
        built.add_user("auditor", ["auditor"], password=None)
        built.add_user("archivist", ["archivist"], password=None)
        built.add_user("keeper", ["keeper"], password=None)
        built.add_user("writer", ["writer"], password=None)
        built.add_user("hr", ["people_manager"], password=None)
        built.add_user("nobody", [], password=None)
        for owner in ("ann", "bob", "cid", "keeper"):
            built.add_asset(f"of {owner}", owner)
        yield built
