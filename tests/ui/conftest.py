"""One tenant with a library for all tests of the screens, and clients that are signed in to it."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from ui_world import World, make_world, served, signed_in

from fieldstone.engine import records
from fieldstone.engine.identity import find_person, set_password
from fieldstone.engine.transaction import Transaction

READER_PASSWORD = "seven quiet rivers"
COMPANY = {"name": "City Library", "currency": "EUR", "time_zone": "Asia/Taipei"}


@pytest.fixture(scope="session")
def world(postgres_url: str) -> Iterator[World]:
    made = make_world(postgres_url, "ui-library", company=COMPANY)
    made.services.engine.write(made.system(), fill)
    with made.services.engine.database.connection() as connection:
        reader = find_person(connection, made.tenant, "rita")
        assert reader is not None
        set_password(connection, made.tenant, reader.id, READER_PASSWORD)
    yield made
    made.close()


def fill(tx: Transaction) -> None:
    """Five authors, sixty books, and a reader who may do little."""
    names = ["Ada Lovelace", "Lu Xun", "王小明", "Kenji Miyazawa", "Doris Lessing"]
    authors = [records.create(tx, "author", {"name": name})["id"] for name in names]
    for number in range(60):
        body = {
            "title": f"Volume {number:02}",
            "author": str(authors[number % 5]),
            "isbn": f"978-{number:07}",
            "status": "used" if number % 3 else "new",
            "price": f"{10 + number}.50",
            "published": f"19{40 + number % 50}-03-0{1 + number % 9}",
            "copies": [{"shelf": "A1", "pieces": 2}],
        }
        records.create(tx, "book", body)
    user = records.create(
        tx, "user", {"username": "rita", "name": "Rita Reader", "email": "rita@example.org"}
    )
    records.create(tx, "role_grant", {"user": str(user["id"]), "role": "reader"})


@pytest.fixture(scope="session")
def app_server(world: World) -> Iterator[str]:
    """The address of the running application."""
    with served(world.app) as address:
        yield address


@pytest.fixture
def admin(world: World) -> FlaskClient:
    return signed_in(world, "admin", world.password)


@pytest.fixture
def reader(world: World) -> FlaskClient:
    return signed_in(world, "rita", READER_PASSWORD)
