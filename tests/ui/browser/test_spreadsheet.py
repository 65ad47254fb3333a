"""A spreadsheet becomes entities in the browser: from a list in three languages to records, without a file edited."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from spreadsheet_files import suppliers
from ui_world import World

pytestmark = pytest.mark.browser

TWO_MINUTES = 120


def open_file(page: Page, world: World, path: Path) -> None:
    page.goto(f"{world.base}/studio")
    page.get_by_role("link", name="New entity from a spreadsheet").click()
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text("This is what the file says")).to_be_visible()


def test_a_list_of_suppliers_in_three_languages_is_an_entity_within_two_minutes(
    home: Page, world: World, tmp_path: Path
) -> None:
    page = home
    path = tmp_path / "供应商.xlsx"
    path.write_bytes(suppliers())
    began = time.monotonic()
    open_file(page, world, path)
    expect(page.get_by_label("Type of 单价（元）")).to_have_value("money")
    expect(page.get_by_label("Type of 供应商", exact=True)).to_have_value("link")
    expect(page.get_by_label("What the records are called").first).to_have_value("供应商")
    expect(page.locator("#sheet-foot")).to_contain_text("nothing existing changes")

    page.get_by_label("Type of 备注").select_option("integer")
    expect(page.locator("#s0-c12-fit")).to_contain_text("4 values do not fit")
    page.get_by_label("Type of 备注").select_option("text")
    expect(page.locator("#s0-c12-fit")).to_be_empty()
    page.get_by_label("Type of 国家").select_option("select")
    row = page.locator("#s0-c3-row")
    row.get_by_text("More").click()
    expect(row.get_by_label("Options, one per line")).to_have_value("中国\n日本\n德国\n台湾\n英国")
    page.get_by_label("Label of 合作开始").fill("Since")
    page.get_by_label("Label of 合作开始").press("Tab")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Create and import 16 rows").click()

    expect(page.get_by_text("6 created, 0 updated, 0 failed")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("10 created, 0 updated, 0 failed")).to_be_visible()
    page.get_by_role("link", name="Show the records").first.click()
    expect(page.get_by_role("row")).to_have_count(7)
    expect(page.get_by_role("row").filter(has_text="東京電子株式会社")).to_contain_text("日本")
    assert time.monotonic() - began < TWO_MINUTES

    expect(page.get_by_role("navigation").get_by_role("link", name="供应商")).to_be_visible()
    page.goto(f"{world.base}/e/product")
    expect(page.get_by_role("row").filter(has_text="零件 1")).to_contain_text("東京電子株式会社")


def test_what_was_typed_is_kept_and_what_cannot_be_is_said(home: Page, world: World, tmp_path: Path) -> None:
    page = home
    path = tmp_path / "bolts.csv"
    path.write_text("label,size\none,12\ntwo,13\n", "utf-8")
    open_file(page, world, path)
    page.get_by_label("What the records are called").fill("Bolts and nuts")
    page.locator("[name='s0.name']").fill("book")
    page.locator("[name='s0.name']").press("Tab")
    expect(page.get_by_role("alert")).to_contain_text("taken")
    expect(page.get_by_role("button", name="Create and import 2 rows")).to_be_disabled()
    page.reload()
    expect(page.get_by_label("What the records are called")).to_have_value("Bolts and nuts")
    expect(page.locator("[name='s0.name']")).to_have_value("book")
    page.goto(f"{world.base}/studio/spreadsheet")
    page.get_by_role("link", name="bolts.csv").click()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("heading", name="New entity from a spreadsheet")).to_be_visible()
    expect(page.get_by_role("link", name="bolts.csv")).to_have_count(0)
