"""Boards, calendars, trees, the filter builder, saved views and bulk changes in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, StorageState, expect
from ui_browser import faultless, state_of
from ui_world import World, served
from workshop_world import make_workshop

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shop(postgres_url: str) -> Iterator[World]:
    made = make_workshop(postgres_url, "browser-workshop")
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(shop: World) -> Iterator[str]:
    with served(shop.app) as found:
        yield found


@pytest.fixture(scope="module")
def session(browser: Browser, address: str, shop: World) -> StorageState:
    return state_of(browser, shop, address)


@pytest.fixture
def page(browser: Browser, address: str, session: StorageState) -> Iterator[Page]:
    with faultless(browser, address, session) as opened:
        yield opened


def column(page: Page, value: str) -> Locator:
    return page.locator(f'[data-column="{value}"]')


def drag(page: Page, source: Locator, target: Locator) -> None:
    start, end = source.bounding_box(), target.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] - 4)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 60, steps=12)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 70, steps=3)
    page.mouse.up()


def test_a_card_is_dragged_and_the_move_undone(page: Page, shop: World) -> None:
    page.goto(f"{shop.base}/e/piece?view=piece_board")
    card = column(page, "planned").locator(".fs-board-card").filter(has_text="Part 00")
    drag(page, card, column(page, "made").locator("[data-cards]"))
    toast = page.locator(".fs-toast")
    expect(toast).to_contain_text("Part 00 moved to Made")
    expect(column(page, "made").locator(".fs-board-count")).to_have_text("8")
    expect(column(page, "made").locator(".fs-board-sum")).to_contain_text("€1,106.00")
    toast.get_by_role("button", name="Undo").click()
    expect(column(page, "made").locator(".fs-board-count")).to_have_text("7")
    expect(column(page, "planned")).to_contain_text("Part 00")


def test_a_refused_card_goes_back_with_the_reason(page: Page, shop: World) -> None:
    page.goto(f"{shop.base}/e/piece?view=piece_board")
    card = column(page, "made").locator(".fs-board-card").filter(has_text="Machine")
    card.get_by_role("button", name="Move Machine").click()
    page.get_by_role("dialog").get_by_role("button", name="Shipped").press("Enter")
    expect(page.locator(".fs-toast")).to_contain_text("A shipped piece needs its place")
    expect(column(page, "made")).to_contain_text("Machine")
    expect(column(page, "shipped").locator(".fs-board-card")).to_have_count(0)


def test_an_entry_of_a_calendar_is_dragged_to_another_day(page: Page, shop: World) -> None:
    page.goto(f"{shop.base}/e/piece?view=piece_plan&day=2026-03-11")
    entry = page.locator('[data-day="2026-03-10"] .fs-event', has_text="Part 00")
    drag(page, entry, page.locator('[data-day="2026-03-19"]'))
    expect(page.locator(".fs-toast")).to_contain_text("Part 00 moved to Mar 19, 2026")
    expect(page.locator('[data-day="2026-03-19"]')).to_contain_text("Part 00")
    page.locator('[data-day="2026-03-19"] .fs-event', has_text="Part 00").get_by_role("button").click()
    page.get_by_label("Day", exact=True).fill("2026-03-10")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator('[data-day="2026-03-10"]')).to_contain_text("Part 00")


def test_a_tree_opens_and_closes(page: Page, shop: World) -> None:
    page.goto(f"{shop.base}/e/piece?view=piece_tree")
    toggle = page.get_by_role("button", name="Show the 12 records below Machine")
    toggle.click()
    expect(page.get_by_role("link", name="Part 03")).to_be_visible()
    toggle.click()
    expect(page.get_by_role("link", name="Part 03")).to_be_hidden()


def test_a_nested_filter_is_built_and_read_back(page: Page, shop: World) -> None:
    page.goto(f"{shop.base}/e/piece?view=piece_list")
    page.get_by_role("button", name="Filter").click()
    row = page.locator(".fs-filter-row")
    row.get_by_label("Field").select_option("state")
    row.get_by_label("Value").select_option("made")
    page.get_by_role("button", name="Add a group").click()
    inner = page.locator(".fs-filter-group .fs-filter-group .fs-filter-row")
    inner.get_by_label("Field").select_option("place")
    picked = inner.get_by_role("combobox", name="Value")
    picked.fill("Hall")
    page.get_by_role("option", name="Hall").click()
    page.locator(".fs-filter-group .fs-filter-group").get_by_role("button", name="Add a condition").click()
    expect(inner).to_have_count(2)
    inner.nth(1).get_by_label("Field").select_option("place.city")
    inner.nth(1).get_by_label("Value").fill("tokyo")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#count")).to_have_text("3 records")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator(".fs-filter-row")).to_have_count(3)
    expect(
        page.locator(".fs-filter-group .fs-filter-group").get_by_role("combobox", name="Value")
    ).to_have_value("Hall")


def test_a_view_is_saved_and_found_again(page: Page, shop: World) -> None:
    page.goto(f'{shop.base}/e/piece?view=piece_list&filter=state == "planned"')
    page.locator(".fs-view-switch").click()
    page.get_by_role("button", name="Save or manage views…").click()
    page.get_by_label("Name").fill("Still to do")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Still to do")
    expect(page.locator("#count")).to_have_text("6 records")


def test_many_records_are_changed_at_once_and_put_back(page: Page, shop: World) -> None:
    page.goto(f'{shop.base}/e/piece?view=piece_list&filter=state == "made"&sort=label')
    page.get_by_label("Select all rows").check()
    page.get_by_role("button", name="Change a field").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Field").select_option("state")
    dialog.get_by_label("State").select_option("shipped")
    dialog.get_by_role("button", name="Change", exact=True).click()
    expect(dialog.get_by_role("status")).to_contain_text("3 records changed")
    expect(dialog).to_contain_text("4 records were refused")
    expect(dialog.get_by_role("listitem").filter(has_text="Machine")).to_contain_text("needs its place")
    dialog.get_by_role("button", name="Undo").click()
    expect(dialog.get_by_role("status")).to_contain_text("3 records are as they were before")
    dialog.get_by_role("link", name="Close").last.click()
    expect(page.locator("#count")).to_have_text("7 records")


def test_on_a_phone_a_calendar_is_an_agenda(page: Page, shop: World) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{shop.base}/e/piece?view=piece_plan&day=2026-03-11")
    expect(page.get_by_text("Wednesday, March 11, 2026")).to_be_visible()
    expect(page.locator('[data-day="2026-03-25"]')).to_be_hidden()
