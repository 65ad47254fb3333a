"""A field that is hidden from a visitor leaves no trace on record pages and in Why."""

import pytest
from flask.testing import FlaskClient
from ui_world import World

from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest


@pytest.fixture
def book(world: World) -> str:
    request = ListRequest(filter="status == 'new'", limit=1)
    page = world.services.engine.read(world.system(), lambda tx: list_records(tx, "book", request))
    return str(page.data[0]["id"])


@pytest.mark.parametrize("path", ["/e/book/{book}", "/e/book/why?record={book}", "/e/book/why?field=price"])
def test_what_is_hidden_is_absent(
    world: World, admin: FlaskClient, reader: FlaskClient, book: str, path: str
) -> None:
    address = world.base + path.format(book=book)
    assert "price" in admin.get(address).get_data(as_text=True).lower()
    answer = reader.get(address)
    assert answer.status_code == 200
    assert "price" not in answer.get_data(as_text=True).lower()


def test_who_may_only_read_gets_no_form(world: World, reader: FlaskClient, book: str) -> None:
    assert reader.get(f"{world.base}/e/book/{book}/edit").status_code == 403
    assert reader.get(f"{world.base}/e/book/new").status_code == 403
