"""A form with files, pictures, a signature, dependent choices, regions and all kinds of links, in a real browser."""

import re
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, expect
from ui_browser import faultless, state_of
from ui_world import World, make_world, served

from fieldstone.api import register as register_api
from fieldstone.engine import records
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.transaction import Transaction

pytestmark = pytest.mark.browser

HOLDINGS = Path(__file__).parents[2] / "packages" / "holdings"


@pytest.fixture(scope="module")
def holdings(postgres_url: str) -> Iterator[World]:
    made = make_world(postgres_url, "ui-holdings", HOLDINGS)
    register_api(made.app, made.services)
    for name in ("Harbour", "Hill", "Field"):
        body = {"name": name, "phone": "02 1234", "country": "TW"}
        made.services.engine.write(made.system(), partial(records.create, entity="place", body=body))
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(holdings: World) -> Iterator[str]:
    with served(holdings.app) as at:
        yield at


@pytest.fixture(scope="module")
def session(browser: Browser, address: str, holdings: World) -> StorageState:
    return state_of(browser, holdings, address)


@pytest.fixture
def page(browser: Browser, address: str, holdings: World, session: StorageState) -> Iterator[Page]:
    with faultless(browser, address, session) as opened:
        opened.goto(f"{holdings.base}/e/holding/new")
        yield opened


def png() -> dict[str, Any]:
    target = BytesIO()
    Image.new("RGB", (800, 600), "seagreen").save(target, "PNG")
    return {"name": "shelf.png", "mimeType": "image/png", "buffer": target.getvalue()}


def note(name: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "text/plain", "buffer": b"hello"}


def stored(world: World, label: str) -> dict[str, Any]:
    def work(tx: Transaction) -> dict[str, Any]:
        (found,) = list_records(tx, "holding", ListRequest(filter=f'label == "{label}"')).data
        return records.read(tx, "holding", found["id"])

    return world.services.engine.read(world.system(), work)


def choose(page: Page, box: Any, words: str, title: str) -> None:
    box.press_sequentially(words)
    expect(page.get_by_role("option", name=title)).to_have_attribute("aria-selected", "true")
    box.press("Enter")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/e/holding/[0-9a-f-]{36}$"))


def thumbnail_shown(page: Page, where: str) -> None:
    picture = page.locator(where).first
    expect(picture).to_be_visible()
    page.wait_for_function("at => document.querySelector(at).naturalWidth > 0", arg=where)


def test_everything_is_filled_in_saved_and_shown(page: Page, holdings: World) -> None:
    page.get_by_label("Label").fill("All")
    page.locator("[data-field=photo] input[type=file]").set_input_files(png())
    thumbnail_shown(page, "[data-field=photo] [data-file-preview]")
    page.locator("[data-field=papers] input[type=file]").set_input_files([note("a.txt"), note("b.txt")])
    expect(page.locator("[data-field=papers] li")).to_have_count(2)

    pad = page.locator("[data-signature-pad]")
    pad.scroll_into_view_if_needed()
    seen = pad.bounding_box()
    assert seen is not None
    page.mouse.move(seen["x"] + 20, seen["y"] + 40)
    page.mouse.down()
    page.mouse.move(seen["x"] + 120, seen["y"] + 70, steps=5)
    page.mouse.up()
    expect(page.locator("[data-field=signed] a")).to_have_text("signature.png")

    kind, material = page.locator("[data-field=kind] select"), page.get_by_label("Material")
    assert material.locator("option").all_text_contents() == ["", "Mixed"]
    kind.select_option("wood")
    assert material.locator("option").all_text_contents() == ["", "Oak", "Pine", "Mixed"]
    material.select_option("oak")
    kind.select_option("metal")
    expect(material).to_have_value("")
    material.select_option("steel")

    page.locator("[data-field=origin] select").first.select_option("TW")
    page.get_by_label("Origin: part of the country").select_option("TW-TPE")

    page.get_by_label("About: kind of record").select_option("place")
    choose(page, page.get_by_role("combobox", name="About", exact=True), "hil", "Hill")
    choose(page, page.get_by_role("combobox", name="Home"), "harb", "Harbour")

    rows = page.locator("[data-field=places] tbody tr")
    choose(page, rows.nth(0).get_by_role("combobox"), "fie", "Field")
    rows.nth(0).get_by_label("Share").fill("60")
    page.locator("[data-field=places] [data-row-add]").click()
    choose(page, rows.nth(1).get_by_role("combobox"), "hil", "Hill")
    save(page)

    record = stored(holdings, "All")
    assert record["photo"]["type"] == record["signed"]["type"] == "image/png"
    assert [file["name"] for file in record["papers"]] == ["a.txt", "b.txt"]
    assert (record["kind"], record["material"], record["origin"]) == ("metal", "steel", "TW-TPE")
    assert record["about"]["entity"] == "place"
    assert record["home_then"] == {"name": "Harbour", "phone": "02 1234"}
    assert [row["share"] for row in record["places"]] == [60, None]

    thumbnail_shown(page, "[data-field=photo] img")
    thumbnail_shown(page, "[data-field=signed] img")
    main = page.locator("main")
    for text in ("b.txt", "Steel", "Taipei, Taiwan", "Hill", "Harbour", "60"):
        expect(main.get_by_text(text).first).to_be_visible()

    page.goto(f"{holdings.base}/e/holding")
    row = page.locator("tr", has_text="All").last
    for text in ("a.txt", "Taipei", "Field, Hill", "Hill Place", "Harbour · 02 1234"):
        expect(row).to_contain_text(text)
    thumbnail_shown(page, ".fs-picture-small")


def test_what_is_there_can_be_changed_and_nothing_else_moves(page: Page, holdings: World) -> None:
    engine, system = holdings.services.engine, holdings.system()
    places = engine.read(system, lambda tx: list_records(tx, "place", ListRequest(sort=("name",))).data)
    field, harbour, hill = (str(each["id"]) for each in places)
    body = {
        "label": "Kept", "kind": "wood", "material": "pine", "origin": "DE-BY",
        "about": {"entity": "place", "id": hill}, "places": [{"id": field, "share": 1}, {"id": hill, "note": "n"}],
    }  # fmt: skip
    made = engine.write(system, lambda tx: records.create(tx, "holding", body))
    page.goto(f"{holdings.base}/e/holding/{made['id']}/edit")
    expect(page.get_by_label("Origin: part of the country")).to_have_value("DE-BY")
    expect(page.locator("[data-form-state]")).to_have_text("")
    expect(page.get_by_label("Material")).to_have_value("pine")
    row = page.locator("[data-field=places] tbody tr").nth(0)
    row.get_by_label("Share").fill("5")
    page.get_by_label("Or type a name").fill("Ada")
    expect(page.locator("[data-field=signed] a")).to_have_text("signature.png")
    save(page)
    now = stored(holdings, "Kept")
    assert [(str(r["id"]), r["share"], r["note"]) for r in now["places"]] == [
        (field, 5, None),
        (hill, None, "n"),
    ]
    assert (now["material"], now["origin"], now["about"]["id"]) == ("pine", "DE-BY", hill)
    assert now["signed"]["type"] == "image/png"
    assert now["version"] == 2
    page.goto(f"{holdings.base}/e/place/{hill}")
    related = page.locator("main").get_by_role("link", name="Kept")
    expect(related.first).to_be_visible()
    assert harbour


def test_what_is_no_picture_is_said_at_once(page: Page) -> None:
    page.get_by_label("Label").fill("X")
    page.locator("[data-field=photo] input[type=file]").set_input_files(
        {"name": "fake.png", "mimeType": "image/png", "buffer": b"<svg/>"}
    )
    expect(page.locator("[data-field=photo] .fs-error")).to_contain_text("no picture")
