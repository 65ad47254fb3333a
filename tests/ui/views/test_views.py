"""Boards, calendars and trees as pages: what is on them, for whom, and what a move does."""

import re

import pytest
from flask.testing import FlaskClient
from ui_world import World, token_of

CARD = re.compile(r'fs-board-card" data-id="([0-9a-f-]{36})" data-version="(\d+)"')
VIEWS = ("piece_board", "piece_places", "piece_plan", "piece_meetings", "piece_tree")


def page(world: World, client: FlaskClient, **query: str) -> str:
    answer = client.get(f"{world.base}/e/piece", query_string=query)
    assert answer.status_code == 200
    return answer.text


def column(html: str, value: str) -> str:
    start = html.index(f'data-column="{value}"')
    return html[start : html.index("</section>", start)]


def record(html: str, title: str) -> tuple[str, str]:
    """(id, version) of a card or an entry by its title."""
    found = re.search(
        rf'data-id="([0-9a-f-]{{36}})" data-version="(\d+)"(?:(?!data-id).)*?{title}', html, re.DOTALL
    )
    assert found
    return found[1], found[2]


def headers(world: World, client: FlaskClient) -> dict[str, str]:
    return {"X-CSRF-Token": token_of(client.get(f"{world.base}/").text), "HX-Request": "true"}


def test_the_switcher_offers_every_view(shop: World, boss: FlaskClient) -> None:
    html = page(shop, boss)
    assert all(f"view={name}" in html for name in VIEWS)


def test_a_view_that_stands_on_a_hidden_field_is_absent(shop: World, looker: FlaskClient) -> None:
    html = page(shop, looker)
    assert "piece_places" in html
    assert "piece_board" not in html
    assert "piece_plan" not in html
    assert "data-board" not in page(shop, looker, view="piece_board")


def test_a_board_has_its_columns_counts_and_sums(shop: World, boss: FlaskClient) -> None:
    html = page(shop, boss, view="piece_board")
    made = column(html, "made")
    assert ">7<" in made
    assert "€1,096.00" in made
    assert len(CARD.findall(made)) == 5
    assert "cursor=" in made
    assert ">0<" in column(html, "shipped")


def test_more_cards_come_by_cursor_and_none_twice(shop: World, boss: FlaskClient) -> None:
    made = column(page(shop, boss, view="piece_board"), "made")
    more = re.search(r'hx-get="([^"]+cursor=[^"]+)"', made)
    assert more
    rest = boss.get(more[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).text
    assert len(CARD.findall(rest)) == 2
    assert not {each[0] for each in CARD.findall(rest)} & {each[0] for each in CARD.findall(made)}


def test_a_sum_that_is_hidden_is_left_out(shop: World, maker: FlaskClient) -> None:
    html = page(shop, maker, view="piece_board")
    assert "1,096" not in html
    assert "Price" not in html


def test_a_board_of_links_shows_titles_and_the_rest(
    shop: World, boss: FlaskClient, looker: FlaskClient
) -> None:
    html = page(shop, boss, view="piece_places")
    assert html.index(">Hall<") < html.index(">Yard<") < html.index("No Place")
    assert "Not visible" in page(shop, looker, view="piece_places") or "Hall" not in page(
        shop, looker, view="piece_places"
    )


def test_a_card_moves_and_the_move_can_be_undone(shop: World, boss: FlaskClient) -> None:
    html = page(shop, boss, view="piece_board")
    card, version = record(html, "Part 00")
    sent = headers(shop, boss)
    url = f"{shop.base}/e/piece/{card}/move?view=piece_board"
    moved = boss.post(url, data={"value": "made", "version": version}, headers=sent)
    assert moved.status_code == 200
    assert "Part 00 moved to Made" in moved.text
    assert 'name="value" value="planned"' in moved.text
    assert "€1,106.00" in moved.text
    stale = boss.post(url, data={"value": "shipped", "version": version}, headers=sent)
    assert stale.headers["HX-Refresh"] == "true"
    back = boss.post(url, data={"value": "planned", "version": str(int(version) + 1)}, headers=sent)
    assert "moved to Planned" in back.text


def test_a_move_that_breaks_a_rule_says_which(shop: World, boss: FlaskClient) -> None:
    card, version = record(page(shop, boss, view="piece_board"), "Machine")
    url = f"{shop.base}/e/piece/{card}/move?view=piece_board"
    refused = boss.post(url, data={"value": "shipped", "version": version}, headers=headers(shop, boss))
    assert refused.status_code == 422
    assert refused.headers["HX-Reswap"] == "none"
    assert "A shipped piece needs its place" in refused.text


def test_who_may_not_change_a_record_cannot_move_its_card(
    shop: World, maker: FlaskClient, looker: FlaskClient, boss: FlaskClient
) -> None:
    card, version = record(page(shop, boss, view="piece_board"), "Part 01")
    url = f"{shop.base}/e/piece/{card}/move"
    sent = {"value": "planned", "version": version}
    theirs = maker.post(f"{url}?view=piece_board", data=sent, headers=headers(shop, maker))
    assert theirs.status_code == 403
    hidden = looker.post(f"{url}?view=piece_board", data=sent, headers=headers(shop, looker))
    assert hidden.status_code == 404
    assert "data-movable" not in page(shop, looker, view="piece_places")


@pytest.mark.parametrize("span", ["month", "week", "agenda"])
def test_a_calendar_shows_records_on_their_days(shop: World, boss: FlaskClient, span: str) -> None:
    html = page(shop, boss, view="piece_plan", span=span, day="2026-03-11")
    days = dict(re.findall(r'data-day="([^"]+)"(.*?)</li>\s*(?=<li class="fs-day"|</ol>)', html, re.DOTALL))
    assert "Part 00" in days["2026-03-11"]
    assert "Part 01" in days["2026-03-11"]
    assert "Part 02" in days["2026-03-13"]
    assert 'data-color="blue"' in days["2026-03-11"]


def test_days_are_those_of_the_visitors_zone(shop: World, boss: FlaskClient) -> None:
    html = page(shop, boss, view="piece_meetings", day="2026-03-10")
    start = html.index('data-day="2026-03-10"')
    assert "9:30" in html[start : start + 1500]


def test_an_entry_moves_with_its_length_and_back(shop: World, boss: FlaskClient) -> None:
    html = page(shop, boss, view="piece_plan", day="2026-03-11", span="month")
    entry, version = record(html, "Part 02")
    sent = headers(shop, boss)
    url = f"{shop.base}/e/piece/{entry}/reschedule?view=piece_plan&day=2026-03-11"
    moved = boss.post(url, data={"day": "2026-03-20", "version": version}, headers=sent)
    assert moved.status_code == 200
    assert "Part 02 moved to Mar 20, 2026" in moved.text
    detail = boss.get(f"{shop.base}/e/piece/{entry}").text
    assert "Mar 23, 2026" in detail
    undo = {"start": "2026-03-12", "end": "2026-03-15", "version": str(int(version) + 1)}
    assert boss.post(url, data=undo, headers=sent).status_code == 200


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "nonsense", "2026-13-01"])
def test_a_calendar_of_any_day_answers(shop: World, boss: FlaskClient, day: str) -> None:
    assert "fs-calendar" in page(shop, boss, view="piece_plan", day=day)


def test_a_day_offers_to_make_a_record_of_it(shop: World, boss: FlaskClient) -> None:
    html = page(shop, boss, view="piece_plan", day="2026-03-11")
    assert f"{shop.base}/e/piece/new?begin=2026-03-18" in html
    assert "2026-03-18" in boss.get(f"{shop.base}/e/piece/new?begin=2026-03-18").text


def test_a_tree_shows_its_top_with_counts_and_opens(shop: World, boss: FlaskClient) -> None:
    html = page(shop, boss, view="piece_tree")
    assert "Machine" in html
    assert "Part 00" not in html
    assert ">12<" in html
    below = re.search(r'data-tree="([^"]+)"', html)
    assert below
    rows = boss.get(below[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).text
    assert rows.count("<tr ") == 12
    assert 'data-depth="1"' in rows


def test_a_filtered_tree_is_a_plain_list(shop: World, boss: FlaskClient) -> None:
    html = page(shop, boss, view="piece_tree", filter='label == "Part 00"')
    assert "Part 00" in html
    assert "data-tree" not in html
