"""Arranging a form by mouse and keyboard, previewing it as a role, publishing and undoing it; the Studio page."""

import os

import pytest
from playwright.sync_api import Page, expect
from ui_world import World

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def drag(page: Page, name: str, to: str) -> None:
    """Drag a card by its grip, in steps, as a hand does."""
    grip = page.locator(f"[data-item={name}] .fs-grip").first
    grip.scroll_into_view_if_needed()
    box, target = grip.bounding_box(), page.locator(to).last.bounding_box()
    assert box is not None
    assert target is not None
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(target["x"] + 60, target["y"] + 12, steps=12)
    page.mouse.move(target["x"] + 62, target["y"] + 14, steps=4)
    page.mouse.up()


def card(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.locator(f"[data-item={name}]")


def test_a_form_is_arranged_published_and_undone(home: Page, world: World) -> None:
    home.goto(f"{world.base}/studio/form/book")
    shot(home, "arrange")
    foot = home.locator("#arrange-foot")
    expect(foot.get_by_role("button", name="Publish")).to_be_disabled()
    drag(home, "isbn", "[data-section=inside] [data-item=summary]")
    expect(home.locator("[data-section=inside] [data-item=isbn]")).to_be_visible()
    expect(foot).to_contain_text("Changes the form “Book”")
    card(home, "status").get_by_role("button", name="Move Status down").focus()
    home.keyboard.press("Enter")
    card(home, "price").get_by_label("Settings of").click()
    card(home, "price").get_by_label("Label").fill("Cost")
    card(home, "price").get_by_label("Required").check()
    home.get_by_label("Settings for").select_option("reader")
    card(home, "title").get_by_label("Settings of").click()
    card(home, "title").get_by_label("Read-only").check()
    home.get_by_label("Preview as").select_option("reader")
    dialog = home.get_by_role("dialog")
    expect(dialog).to_contain_text("The form for")
    shot(home, "preview")
    expect(dialog).not_to_contain_text("Cost")
    dialog.get_by_role("button", name="Close").click()
    foot.get_by_role("button", name="Publish").click()
    home.wait_for_url("**/e/book/new**")
    expect(home.locator(".fs-toast").filter(has_text="Book")).to_be_visible()
    expect(home.get_by_label("Cost").first).to_be_visible()
    home.get_by_role("button", name="Undo").click()
    expect(home.locator(".fs-toast").filter(has_text="Undone")).to_be_visible()
    expect(home.get_by_label("Cost")).to_have_count(0)


def test_sections_and_tabs_are_added_and_fields_taken_in(home: Page, world: World) -> None:
    home.goto(f"{world.base}/studio/form/book")
    home.get_by_role("button", name="Add a tab").click()
    home.get_by_label("Title of the tab").last.fill("Extra")
    home.get_by_label("Title of the section").last.fill("Odds and ends")
    up = home.locator("[data-item=topics]").get_by_role("button", name="Move Topics up")
    up.focus()
    for _ in range(7):  # through the fields that are not on the form, into the newest section
        home.keyboard.press("Enter")
    expect(home.locator("[data-section=''] [data-item=topics]")).to_be_visible()
    foot = home.locator("#arrange-foot")
    expect(foot).to_contain_text("Changes the form")
    home.wait_for_load_state("networkidle")
    foot.get_by_role("button", name="Publish").click()
    home.wait_for_url("**/e/book/new**")
    expect(home.get_by_text("Extra")).to_be_visible()
    home.get_by_role("button", name="Undo").click()
    expect(home.get_by_text("Extra")).to_have_count(0)


def test_the_studio_page_leads_back_to_a_revision(home: Page, world: World) -> None:
    home.goto(f"{world.base}/studio")
    expect(home.get_by_role("heading", name="Revisions")).to_be_visible()
    home.locator("summary").filter(has_text="Books").click()
    expect(home.get_by_role("cell", name="isbn", exact=True)).to_be_visible()
    shot(home, "studio")
    if SHOTS:
        home.set_viewport_size({"width": 390, "height": 800})
        home.emulate_media(color_scheme="dark")
        shot(home, "studio-phone")
        home.goto(f"{world.base}/studio/form/book")
        shot(home, "arrange-phone")
        home.set_viewport_size({"width": 1280, "height": 800})
        home.goto(f"{world.base}/studio")
    links = home.get_by_role("link", name="Go back to this revision")
    if links.count():
        links.first.click()
        expect(home.get_by_role("heading", level=1)).to_contain_text("Go back to revision")
        shot(home, "back")
