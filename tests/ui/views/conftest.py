"""A workshop with views of every kind, and clients that are signed in to it."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from ui_world import World, signed_in
from workshop_world import PASSWORD, make_workshop


@pytest.fixture(scope="session")
def shop(postgres_url: str) -> Iterator[World]:
    made = make_workshop(postgres_url, "ui-workshop")
    yield made
    made.close()


@pytest.fixture
def boss(shop: World) -> FlaskClient:
    return signed_in(shop, "admin", shop.password)


@pytest.fixture
def maker(shop: World) -> FlaskClient:
    """Sees no price, may change only what is hers."""
    return signed_in(shop, "mara", PASSWORD)


@pytest.fixture
def looker(shop: World) -> FlaskClient:
    """Sees neither state nor begin, and changes nothing."""
    return signed_in(shop, "luke", PASSWORD)
