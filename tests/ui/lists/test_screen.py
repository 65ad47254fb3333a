"""The list page: what it shows to whom."""

import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from ui_world import World, token_of

IDS = re.compile(r'<tr data-id="([0-9a-f-]{36})"')


def ids(html: str) -> list[UUID]:
    return [UUID(found) for found in IDS.findall(html)]


def test_a_list_shows_its_views_columns_and_the_titles_of_links(world: World, admin: FlaskClient) -> None:
    html = admin.get(f"{world.base}/e/book").text
    assert "<h1 class" in html
    assert "Ada Lovelace" in html
    assert len(ids(html)) == 50


def test_load_more_brings_the_rest_and_nothing_twice(world: World, admin: FlaskClient) -> None:
    html = admin.get(f"{world.base}/e/book").text
    more = re.search(r'hx-get="([^"]+cursor=[^"]+)"', html)
    assert more
    rest = admin.get(more[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).text
    assert "<html" not in rest
    assert len(ids(rest)) == 10
    assert not set(ids(html)) & set(ids(rest))
    assert "cursor=" not in rest


@pytest.mark.parametrize(
    ("sort", "first"), [("title", "Volume 00"), ("-title", "Volume 59"), ("-price", "Volume 59")]
)
def test_a_list_is_sorted_by_its_address(world: World, admin: FlaskClient, sort: str, first: str) -> None:
    html = admin.get(f"{world.base}/e/book", query_string={"sort": sort}).text
    titles = re.findall(r'fs-title-cell"[^>]*><a [^>]*>([^<]+)', html)
    assert titles[0] == first


def test_an_expression_filters_and_a_wrong_one_says_what_is_wrong(world: World, admin: FlaskClient) -> None:
    good = admin.get(f"{world.base}/e/book", query_string={"filter": 'status == "new" && price > 20'})
    assert good.status_code == 200
    wrong = admin.get(f"{world.base}/e/book", query_string={"filter": "statsu == 1"})
    assert wrong.status_code == 422
    assert "statsu" in wrong.text
    assert "fs-chip" in wrong.text


def test_a_reader_sees_no_hidden_field_and_may_change_nothing(world: World, reader: FlaskClient) -> None:
    answer = reader.get(f"{world.base}/e/book?f=price~above~20&sort=price")
    assert answer.status_code == 200
    html = answer.text
    assert "price" not in html.lower()
    assert "data-e=" not in html
    assert f"{world.base}/e/book/new" not in html
    assert "data-delete-selected" not in html


def test_an_entity_that_one_may_not_read_is_not_there(world: World, reader: FlaskClient) -> None:
    hidden, absent = reader.get(f"{world.base}/e/author"), reader.get(f"{world.base}/e/unicorn")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.text.replace("author", "") == absent.text.replace("unicorn", "")


def test_chosen_columns_are_shown_in_their_order(world: World, admin: FlaskClient) -> None:
    admin.set_cookie("fs_columns_book_list", "price%2Ctitle", path=f"{world.base}/e/book")
    html = admin.get(f"{world.base}/e/book").text
    head = html[html.index("<thead>") : html.index("</thead>")]
    assert head.index("Price") < head.index("Title")
    assert "Status" not in head


def test_a_cell_is_edited_with_the_version_that_was_seen(world: World, admin: FlaskClient) -> None:
    page = admin.get(f"{world.base}/e/book?sort=title").text
    headers = {"X-CSRF-Token": token_of(page), "HX-Request": "true"}
    cell = f"{world.base}/e/book/{ids(page)[3]}/cell/isbn"
    version = re.search(r'name="version" value="(\d+)"', admin.get(cell, headers=headers).text)
    assert version
    saved = admin.post(cell, data={"isbn": "979-1", "version": version[1]}, headers=headers)
    assert saved.status_code == 200
    assert "<tr" in saved.text
    stale = admin.post(cell, data={"isbn": "979-2", "version": version[1]}, headers=headers)
    assert stale.status_code == 422
    assert "979-1" in stale.text
    assert 'value="979-2"' in stale.text
    taken = admin.post(cell, data={"isbn": "978-0000001", "version": int(version[1]) + 1}, headers=headers)
    assert taken.status_code == 422
    assert 'role="alert"' in taken.text


def test_a_field_that_one_may_not_write_has_no_editor(
    world: World, reader: FlaskClient, admin: FlaskClient
) -> None:
    record = ids(admin.get(f"{world.base}/e/book").text)[0]
    assert reader.get(f"{world.base}/e/book/{record}/cell/title").status_code == 404
    assert admin.get(f"{world.base}/e/book/{record}/cell/copy_count").status_code == 404


def test_deleting_offers_to_undo_and_undoing_brings_back(world: World, admin: FlaskClient) -> None:
    page = admin.get(f"{world.base}/e/book?sort=-title").text
    chosen = [str(each) for each in ids(page)[:2]]
    headers = {"X-CSRF-Token": token_of(page), "HX-Request": "true"}
    deleted = admin.post(f"{world.base}/e/book/delete", data={"id": chosen}, headers=headers)
    assert "2 Books deleted" in deleted.text
    undo = re.search(rf'hx-post="({world.base}/e/book/bulk/[0-9a-f-]+/undo)"', deleted.text)
    assert undo
    assert '<span id="count">58 records</span>' in admin.get(f"{world.base}/e/book").text
    assert "2 Books restored" in admin.post(undo[1], data={"toast": "1"}, headers=headers).text
    assert '<span id="count">60 records</span>' in admin.get(f"{world.base}/e/book").text


@pytest.mark.parametrize("sent", [[], ["not-an-id"]], ids=["nothing", "nonsense"])
def test_deleting_nothing_is_refused(world: World, admin: FlaskClient, sent: list[str]) -> None:
    headers = {"X-CSRF-Token": token_of(admin.get(f"{world.base}/").text), "HX-Request": "true"}
    answer = admin.post(f"{world.base}/e/book/delete", data={"id": sent}, headers=headers)
    assert answer.status_code == 400
    assert answer.headers["HX-Reswap"] == "none"


def test_a_reader_cannot_delete_by_hand(world: World, reader: FlaskClient, admin: FlaskClient) -> None:
    record = ids(admin.get(f"{world.base}/e/book").text)[0]
    headers = {"X-CSRF-Token": token_of(reader.get(f"{world.base}/").text)}
    assert (
        reader.post(f"{world.base}/e/book/delete", data={"id": str(record)}, headers=headers).status_code
        == 403
    )
