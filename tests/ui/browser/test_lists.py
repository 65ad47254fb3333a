"""Lists in a real browser: finding, filtering, editing in place, deleting and undoing."""

import re

import pytest
from playwright.sync_api import Page, expect
from ui_world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def books(home: Page, world: World) -> Page:
    home.goto(f"{world.base}/e/book?sort=title")
    expect(home.get_by_role("row")).to_have_count(51)
    return home


def test_load_more_adds_the_rest(books: Page) -> None:
    books.get_by_role("link", name="Load more").click()
    expect(books.get_by_role("row")).to_have_count(61)
    expect(books.get_by_role("link", name="Load more")).to_have_count(0)


def test_a_head_sorts_up_and_down(books: Page) -> None:
    head = books.get_by_role("columnheader", name="Title")
    expect(head).to_have_attribute("aria-sort", "ascending")
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(books.get_by_role("row").nth(1)).to_contain_text("Volume 59")


def test_slash_searches_in_the_list(books: Page) -> None:
    books.keyboard.press("/")
    box = books.get_by_role("searchbox", name="Search Books")
    expect(box).to_be_focused()
    box.press_sequentially("volume 12")
    box.press("Enter")
    expect(books.get_by_role("row")).to_have_count(2)
    expect(books.locator(".fs-chip")).to_contain_text("volume 12")


def test_a_filter_is_built_without_knowing_the_language(books: Page) -> None:
    books.get_by_role("button", name="Filter").click()
    books.get_by_label("Field", exact=True).select_option("status")
    books.get_by_label("Value", exact=True).select_option("new")
    books.get_by_role("button", name="Apply").click()
    expect(books.locator(".fs-chip")).to_contain_text("Status is New")
    expect(books.locator(".fs-foot")).to_contain_text("20 records")
    books.get_by_role("link", name="Remove filter: Status").click()
    expect(books.locator(".fs-foot")).to_contain_text("60 records")


def test_an_expression_that_is_wrong_is_explained_where_one_can_mend_it(books: Page) -> None:
    books.get_by_role("button", name="Filter").click()
    books.get_by_role("button", name="Expression").click()
    books.get_by_label("Show records for which this is true").fill("pricee > 3")
    books.get_by_role("button", name="Apply").click()
    expect(books.get_by_role("alert")).to_contain_text("pricee")


def test_a_cell_is_edited_where_it_stands(books: Page) -> None:
    row = books.get_by_role("row").nth(5)
    cell = row.locator("td[data-e=status]")
    cell.dblclick()
    box = cell.get_by_role("combobox")
    expect(box).to_be_focused()
    box.select_option("lost")
    books.keyboard.press("Tab")
    expect(books.get_by_role("alert")).to_be_visible()
    books.keyboard.press("Escape")
    expect(cell.locator("select")).to_have_count(0)


def test_escape_leaves_a_cell_as_it_was(books: Page) -> None:
    cell = books.get_by_role("row").nth(4).locator("td.fs-title-cell")
    before = cell.inner_text()
    cell.hover()
    cell.locator(".fs-pencil").click()
    cell.get_by_role("textbox").fill("Something else")
    books.keyboard.press("Escape")
    expect(cell).to_have_text(before)


def test_saving_a_cell_brings_the_whole_row(books: Page) -> None:
    cell = books.get_by_role("row").nth(6).locator("td.fs-title-cell")
    cell.locator("a").focus()
    cell.hover()
    cell.locator(".fs-pencil").click()
    cell.get_by_role("textbox").fill("Volume 05 revised")
    cell.get_by_role("textbox").press("Enter")
    row = books.get_by_role("row").nth(6)
    expect(row.get_by_role("link", name="Volume 05 revised")).to_be_visible()


def test_rows_are_walked_selected_deleted_and_brought_back(books: Page) -> None:
    for key in ("j", "j", "x"):
        books.keyboard.press(key)
    bar = books.get_by_role("region", name="Selected rows")
    expect(bar).to_contain_text("1 selected")
    gone = books.locator("tr[data-selected] .fs-title-cell a").inner_text()
    bar.get_by_role("button", name="Delete").click()
    expect(books.get_by_role("status")).to_contain_text("Book deleted")
    expect(books.locator(".fs-foot")).to_contain_text("59 records")
    expect(books.get_by_role("link", name=gone, exact=True)).to_have_count(0)
    books.get_by_role("button", name="Undo").click()
    expect(books.get_by_role("link", name=gone, exact=True)).to_have_count(1)


def test_columns_are_chosen_and_kept(books: Page) -> None:
    books.get_by_role("button", name="Columns").click()
    books.get_by_label("Isbn", exact=True).check()
    books.get_by_role("button", name="Apply").click()
    expect(books.get_by_role("columnheader", name="Isbn")).to_be_visible()
    books.reload()
    expect(books.get_by_role("columnheader", name="Isbn")).to_be_visible()


def test_this_screen_shows_its_documents_and_its_api_call(books: Page) -> None:
    books.get_by_role("button", name="More actions").click()
    books.get_by_role("button", name="This screen as…").click()
    dialog = books.get_by_role("dialog", name="This screen as…")
    expect(dialog).to_contain_text("entities/book.json")
    expect(dialog).to_contain_text(re.compile(r"curl .*/api/v1/book\?sort=title", re.S))
    books.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_on_a_phone_rows_are_cards(books: Page) -> None:
    books.set_viewport_size({"width": 390, "height": 844})
    first = books.get_by_role("link", name="Volume 00")
    expect(first).to_be_visible()
    box = books.locator("tr[data-id]").first.bounding_box()
    assert box is not None
    assert box["height"] > 80


def test_a_session_that_ended_is_renewed_on_the_page(books: Page, world: World) -> None:
    books.context.clear_cookies(name="fieldstone_session")
    cell = books.get_by_role("row").nth(8).locator("td.fs-title-cell")
    cell.hover()
    cell.locator(".fs-pencil").click()
    dialog = books.get_by_role("dialog", name="Sign in again")
    dialog.get_by_label("User name or e-mail").fill("admin")
    dialog.get_by_label("Password").fill(world.password)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()
    cell.hover()
    cell.locator(".fs-pencil").click()
    cell.get_by_role("textbox").fill("Volume 07 after all")
    cell.get_by_role("textbox").press("Enter")
    expect(books.get_by_role("link", name="Volume 07 after all")).to_be_visible()
