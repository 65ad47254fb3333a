"""Saved views: one's own, shared ones, and which opens first."""

import re

from flask.testing import FlaskClient
from ui_world import World, token_of

CONDITION = 'state == "made"'


def headers(world: World, client: FlaskClient) -> dict[str, str]:
    return {"X-CSRF-Token": token_of(client.get(f"{world.base}/").text), "HX-Request": "true"}


def test_an_own_view_is_kept_renamed_opened_first_and_deleted(
    shop: World, boss: FlaskClient, maker: FlaskClient
) -> None:
    sent, base = headers(shop, maker), f"{shop.base}/e/piece"
    query = {"filter": CONDITION, "sort": "-label"}
    saved = maker.post(
        f"{base}/views", query_string=query, data={"title": "Made ones", "default": "1"}, headers=sent
    )
    url = saved.headers["HX-Redirect"]
    name = re.search(r"view=(my-\w+)", url)
    assert name
    html = maker.get(base).text
    assert "Made ones" in html
    assert '<span id="count">7 records</span>' in html
    assert html.index("Part 11") < html.index("Part 09")
    assert "Made ones" not in boss.get(base).text
    changed = {"title": "Those made", "filter": 'state == "planned"'}
    assert maker.post(f"{base}/views/{name[1]}", data=changed, headers=sent).status_code == 200
    html = maker.get(url).text
    assert "Those made" in html
    assert '<span id="count">6 records</span>' in html
    assert boss.post(f"{base}/views/{name[1]}", data=changed, headers=headers(shop, boss)).status_code == 404
    assert maker.post(f"{base}/views/{name[1]}", data={"verb": "delete"}, headers=sent).status_code == 200
    assert "Those made" in maker.get(base).text  # the message that it is gone
    assert "Those made" not in maker.get(base).text


def test_a_saved_board_is_a_board(shop: World, maker: FlaskClient) -> None:
    sent, base = headers(shop, maker), f"{shop.base}/e/piece"
    query = {"view": "piece_board", "filter": 'contains(label, "Part")'}
    saved = maker.post(f"{base}/views", query_string=query, data={"title": "My board"}, headers=sent)
    html = maker.get(saved.headers["HX-Redirect"]).text
    assert "data-board" in html
    assert "Machine" not in html


def test_a_shared_view_is_published_for_everybody(shop: World, boss: FlaskClient, maker: FlaskClient) -> None:
    base = f"{shop.base}/e/piece"
    data = {"title": "Spare parts", "for": "all"}
    refused = maker.post(f"{base}/views", data=data, headers=headers(shop, maker))
    assert refused.status_code == 404
    shared = boss.post(
        f"{base}/views", query_string={"filter": "spare == true"}, data=data, headers=headers(shop, boss)
    )
    assert shared.status_code == 200
    html = maker.get(shared.headers["HX-Redirect"]).text
    assert "Spare parts" in html
    assert '<span id="count">4 records</span>' in html


def test_the_first_view_can_be_any(shop: World, maker: FlaskClient) -> None:
    base, sent = f"{shop.base}/e/piece", headers(shop, maker)
    assert maker.post(f"{base}/views/default", data={"view": "piece_board"}, headers=sent).status_code == 200
    assert "data-board" in maker.get(base).text
    assert maker.post(f"{base}/views/default", data={"view": ""}, headers=sent).status_code == 200
    assert "data-board" not in maker.get(base).text
