"""The shell in a real browser: signing in, moving by keyboard, theme, language, phone."""

import re

import pytest
from playwright.sync_api import Page, expect
from ui_world import World

pytestmark = pytest.mark.browser


def test_home_greets_and_leads_to_the_lists(home: Page) -> None:
    expect(home.get_by_role("heading", level=1)).to_contain_text("Administrator")
    home.get_by_role("navigation", name="Main navigation").get_by_role("link", name="All books").click()
    expect(home.get_by_role("heading", level=1)).to_contain_text("All books")
    expect(home.locator("nav [aria-current=page]").first).to_contain_text("All books")


def test_the_palette_finds_records_and_goes_there_by_keyboard(home: Page) -> None:
    home.keyboard.press("Control+k")
    field = home.get_by_role("combobox", name="Search and commands")
    expect(field).to_be_focused()
    expect(home.get_by_role("option", name=re.compile("All books")).first).to_be_visible()
    field.press_sequentially("volume 07")
    option = home.get_by_role("option", name=re.compile("Volume 07"))
    expect(option).to_have_attribute("aria-selected", "true")
    expect(option).to_have_attribute("href", re.compile(r"/e/book/[0-9a-f-]{36}$"))
    home.keyboard.press("Escape")
    expect(field).to_be_hidden()
    home.keyboard.press("Control+k")
    field.press_sequentially("authors")
    expect(home.get_by_role("option", name=re.compile("^Authors")).first).to_be_visible()
    home.keyboard.press("Enter")
    expect(home.get_by_role("heading", level=1)).to_contain_text("Authors")


def test_theme_is_chosen_at_once_and_kept(home: Page) -> None:
    root = home.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "light")
    home.get_by_role("button", name="Appearance").click()
    home.get_by_role("button", name="Dark", exact=True).first.click()
    expect(root).to_have_attribute("data-bs-theme", "dark")
    home.reload()
    expect(root).to_have_attribute("data-bs-theme", "dark")


def test_the_system_theme_is_followed(home: Page) -> None:
    home.emulate_media(color_scheme="dark")
    expect(home.locator("html")).to_have_attribute("data-bs-theme", "dark")


@pytest.mark.parametrize(
    ("name", "tag", "word"),
    [("繁體中文", "zh-Hant", "首頁"), ("简体中文", "zh-Hans", "首页"), ("日本語", "ja", "ホーム")],
)
def test_language_changes_everything(home: Page, name: str, tag: str, word: str) -> None:
    home.get_by_role("button", name="Language").click()
    home.get_by_role("button", name=name).first.click()
    expect(home.locator("html")).to_have_attribute("lang", tag)
    expect(home.get_by_role("link", name=word).first).to_be_visible()


def test_on_a_phone_the_navigation_opens_from_the_tab_bar_and_closes_with_escape(home: Page) -> None:
    home.set_viewport_size({"width": 360, "height": 740})
    tabs = home.get_by_role("navigation", name="Quick navigation")
    link = home.get_by_role("link", name="Authors").first
    tabs.get_by_role("button", name="Menu").click()
    expect(home.locator("#nav")).to_be_in_viewport()
    home.keyboard.press("Escape")
    expect(home.locator("#nav")).not_to_be_in_viewport()
    tabs.get_by_role("button", name="Menu").click()
    expect(link).to_be_visible()
    home.locator("#nav").get_by_role("link", name="Authors").click()
    expect(home.get_by_role("heading", level=1)).to_contain_text("Authors")


@pytest.mark.parametrize("path", ["/", "/e/book", "/e/user", "/password", "/nowhere"])
def test_no_page_is_wider_than_a_small_phone(home: Page, world: World, path: str) -> None:
    home.set_viewport_size({"width": 360, "height": 740})
    home.goto(world.base + path)
    assert home.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_missing_page_helps_on(home: Page, world: World) -> None:
    home.goto(f"{world.base}/nowhere")
    expect(home.get_by_role("heading", name="There is nothing here")).to_be_visible()
    home.get_by_role("link", name="Go to the start page").click()
    expect(home.get_by_role("heading", level=1)).to_contain_text("Administrator")
