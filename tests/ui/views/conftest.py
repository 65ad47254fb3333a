"""A workshop with views of every kind, and clients that are signed in to it."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from ui_world import World
from workshop_world import PASSWORD, make_workshop


@pytest.fixture(scope="session")
def shop(postgres_url: str) -> Iterator[World]:
    made = make_workshop(postgres_url, "ui-workshop")
    yield made
    made.close()


def client_of(world: World, username: str, password: str) -> FlaskClient:
    client = world.app.test_client()
    answer = client.post(f"{world.base}/sign-in", data={"username": username, "password": password})
    assert answer.status_code == 303
    return client


@pytest.fixture
def boss(shop: World) -> FlaskClient:
    return client_of(shop, "admin", shop.password)


@pytest.fixture
def maker(shop: World) -> FlaskClient:
    """Sees no price, may change only what is hers."""
    return client_of(shop, "mara", PASSWORD)


@pytest.fixture
def looker(shop: World) -> FlaskClient:
    """Sees neither state nor begin, and changes nothing."""
    return client_of(shop, "luke", PASSWORD)
