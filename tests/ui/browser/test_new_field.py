"""A person adds a field from a form page, uses it, and takes it back: well under a minute."""

import re
import time

import pytest
from playwright.sync_api import Page, expect
from ui_world import World

pytestmark = pytest.mark.browser


def test_a_field_is_added_used_and_undone(home: Page, world: World) -> None:
    began = time.monotonic()
    home.goto(f"{world.base}/e/loan/new")
    home.get_by_role("button", name="More actions").last.click()
    home.get_by_role("button", name="Add a field").click()
    dialog = home.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Publish")).to_be_disabled()
    dialog.get_by_label("Label").fill("Shoe size")
    dialog.get_by_label("Type").select_option("select")
    expect(dialog).to_contain_text("Write the options")
    dialog.get_by_label("Options").fill("Small\nLarge")
    expect(dialog).to_contain_text("Adds the field “Shoe size” to Loans; nothing existing changes.")
    dialog.get_by_role("button", name="Publish").click()
    toast = home.locator(".fs-toast").filter(has_text="Shoe size")
    expect(toast).to_be_visible()
    field = home.get_by_label("Shoe size")
    expect(field).to_be_visible()
    assert time.monotonic() - began < 60
    toast.get_by_role("button", name="Undo").click()
    expect(home.locator(".fs-toast").filter(has_text="Undone")).to_be_visible()
    expect(field).to_have_count(0)


def test_what_was_typed_survives_a_new_field(home: Page, world: World) -> None:
    home.goto(f"{world.base}/e/author/new")
    home.get_by_label(re.compile("^Name")).fill("Somebody new")
    home.get_by_role("button", name="More actions").last.click()
    home.get_by_role("button", name="Add a field").click()
    dialog = home.get_by_role("dialog")
    dialog.get_by_label("Label").fill("鞋码")
    expect(dialog).to_contain_text("Adds the field “鞋码” to Authors")
    dialog.get_by_role("button", name="Publish").click()
    expect(home.get_by_label("鞋码")).to_be_visible()
    expect(home.get_by_label(re.compile("^Name"))).to_have_value("Somebody new")
    home.get_by_role("button", name="Undo").first.click()
    expect(home.get_by_label("鞋码")).to_have_count(0)
