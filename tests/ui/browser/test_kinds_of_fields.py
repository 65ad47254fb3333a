"""Every special control in a real browser: filled by mouse and keyboard, saved, read, edited, filtered."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, StorageState, expect
from ui_browser import faultless, state_of
from ui_world import World, make_world, served

from fieldstone.engine import records
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.transaction import Transaction

pytestmark = pytest.mark.browser

KINDS = Path(__file__).parents[2] / "packages" / "kinds"


@pytest.fixture(scope="module")
def kinds(postgres_url: str) -> Iterator[World]:
    made = make_world(postgres_url, "ui-kinds", KINDS)
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(kinds: World) -> Iterator[str]:
    with served(kinds.app) as at:
        yield at


@pytest.fixture(scope="module")
def session(browser: Browser, address: str, kinds: World) -> StorageState:
    return state_of(browser, kinds, address)


@pytest.fixture
def page(browser: Browser, address: str, session: StorageState) -> Iterator[Page]:
    with faultless(browser, address, session) as opened:
        yield opened


def stored(world: World, label: str) -> dict[str, Any]:
    def work(tx: Transaction) -> dict[str, Any]:
        found = list_records(tx, "sample", ListRequest(filter=f'label == "{label}"', fields=("label",))).data
        return records.read(tx, "sample", found[0]["id"])

    return world.services.engine.read(world.system(), work)


def field(page: Page, name: str) -> Locator:
    return page.locator(f"[data-kind=control][data-field={name}]")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/e/sample/[0-9a-f-]{36}$"))


def test_a_form_with_every_special_control(page: Page, kinds: World) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 25.0339639, "longitude": 121.5644722})
    page.goto(f"{kinds.base}/e/sample/new")
    page.get_by_label("Label").fill("All of them")
    field(page, "opens").get_by_label("Opens").fill("09:30")
    field(page, "effort").get_by_label("Effort").fill("1:30")
    page.keyboard.press("Tab")
    expect(field(page, "effort").locator("input")).to_have_value("1h 30m")
    field(page, "stay").get_by_label("Stay: Start").fill("2026-01-01")
    field(page, "stay").get_by_label("Stay: End").fill("2026-01-31")
    page.get_by_label("1 of 5 stars").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(field(page, "stars").locator("label[data-on]")).to_have_count(4)
    field(page, "level").get_by_role("radio", name="Low").focus()
    page.keyboard.press("ArrowRight")
    expect(field(page, "level").get_by_role("radio", name="High")).to_be_checked()
    field(page, "paint").locator("input[type=text]").fill("#FF8800")
    expect(field(page, "paint").get_by_label("Paint: choose a colour")).to_have_value("#ff8800")
    field(page, "picture").get_by_role("button", name="Picture").press("Enter")
    page.keyboard.type("truck-d")
    page.keyboard.press("Enter")
    expect(field(page, "picture").locator("[data-icon-name]")).to_have_text("truck-delivery")
    field(page, "spot").get_by_role("button", name="My position").click()
    expect(page.get_by_label("Spot: Latitude")).to_have_value("25.033964")
    field(page, "ean").locator("input").fill("4006381333931")
    field(page, "tag").locator("input").fill("https://example.org/1")
    field(page, "token").locator("input").fill("s3cret")
    text = page.get_by_role("textbox", name="Text", exact=True)
    text.click()
    page.keyboard.type("Hello ")
    page.get_by_role("button", name="Bold").click()
    page.keyboard.type("you")
    field(page, "notes").locator("textarea").fill("# Head\n\n*soft* <b>raw</b>")
    field(page, "query").locator("textarea").fill("SELECT 1;\n  -- two")
    row = page.locator("[data-grid] tbody tr").first
    row.locator("[data-cell=name] input").fill("Bolt")
    row.locator("[data-cell=took] input").fill("45 min")
    row.locator("[data-cell=level] select").select_option("high")
    row.locator("[data-cell=stars] select").select_option("2")
    assert "s3cret" not in page.evaluate("JSON.stringify(localStorage)")
    save(page)

    record = stored(kinds, "All of them")
    assert {name: record[name] for name in ("opens", "effort", "stay", "stars", "level", "paint", "picture", "ean", "tag")} == {
        "opens": "09:30", "effort": "PT1H30M", "stay": {"start": "2026-01-01", "end": "2026-01-31"}, "stars": 4,
        "level": "high", "paint": "#ff8800", "picture": "truck-delivery", "ean": "4006381333931",
        "tag": "https://example.org/1",
    }  # fmt: skip
    assert record["spot"] == {"lat": 25.033964, "lon": 121.564472}
    assert record["token"] == {"set": True}
    assert re.fullmatch(r"(<p>)?Hello <(b|strong)>you</(b|strong)>(</p>)?", record["text"])
    assert record["notes"] == "# Head\n\n*soft* <b>raw</b>"
    assert record["query"] == "SELECT 1;\n  -- two"
    assert {name: record["parts"][0][name] for name in ("took", "level", "stars")} == {
        "took": "PT45M",
        "level": "high",
        "stars": 2,
    }
    assert record["rank"]

    # The record page shows each of them, and no secret.
    shown = page.locator("main")
    for words in (
        "1 h 30 min",
        "Jan 1, 2026 – Jan 31, 2026",
        "High",
        "#ff8800",
        "25.033964, 121.564472",
        "4006381333931",
        "•••••• (set)",
    ):
        expect(shown).to_contain_text(words)
    expect(shown.get_by_role("img", name="4 of 5 stars").first).to_be_visible()
    expect(shown.locator("figure svg")).to_have_count(2)
    expect(shown.locator(".fs-prose h1")).to_have_text("Head")
    expect(shown.locator(".fs-prose em")).to_have_text("soft")
    expect(shown).to_contain_text("<b>raw</b>")
    assert "s3cret" not in page.content()


def test_an_untouched_form_is_unchanged_and_values_can_be_cleared(page: Page, kinds: World) -> None:
    body = {
        "label": "Full", "opens": "09:30:15", "effort": "P1DT2H", "stay": {"start": "2026-01-01", "end": "2026-01-31"},
        "stars": 0, "level": "low", "paint": "#ff8800", "picture": "star", "spot": {"lat": 1.5, "lon": -2},
        "ean": "4006381333931", "token": "s3cret", "text": "<p>a &lt; b</p><ul><li>c</li></ul>", "notes": "x", "query": "y",
    }  # fmt: skip
    made = kinds.services.engine.write(kinds.system(), lambda tx: records.create(tx, "sample", body))
    page.goto(f"{kinds.base}/e/sample/{made['id']}/edit")
    expect(field(page, "effort").locator("input")).to_have_value("1d 2h")
    assert page.locator("[data-form-state]").inner_text() == ""
    field(page, "stay").get_by_label("Stay: End").fill("")
    field(page, "token").locator("[data-secret-clear]").click()
    field(page, "level").locator("[data-choice-clear]").click()
    page.get_by_label("Spot: Latitude").fill("")
    page.get_by_label("Spot: Longitude").fill("")
    save(page)
    record = stored(kinds, "Full")
    assert record["stay"] == {"start": "2026-01-01", "end": None}
    assert (record["token"], record["level"], record["spot"]) == (None, None, None)
    kept = {name: record[name] for name in ("opens", "stars", "paint", "picture", "text", "effort")}
    assert kept == {name: body[name] for name in kept}


def test_what_is_wrong_is_said_in_words(page: Page, kinds: World) -> None:
    page.goto(f"{kinds.base}/e/sample/new")
    page.get_by_label("Label").fill("Wrong")
    field(page, "effort").locator("input").fill("a while")
    field(page, "ean").locator("input").fill("4006381333932")
    field(page, "stay").get_by_label("Stay: Start").fill("2026-02-01")
    field(page, "stay").get_by_label("Stay: End").fill("2026-01-01")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(field(page, "effort").locator(".fs-error")).to_have_text("A duration, like 1h 30m.")
    expect(field(page, "ean").locator(".fs-error")).to_have_text("The check digit is wrong; it should be 1.")
    expect(field(page, "stay").locator(".fs-error")).to_contain_text("The end is before the start.")


def test_the_list_filters_them(page: Page, kinds: World) -> None:
    for label, effort in (("Short", "PT10M"), ("Long", "PT10H")):
        body = {"label": label, "effort": effort, "stay": {"start": "2031-01-01"}}
        kinds.services.engine.write(kinds.system(), lambda tx, body=body: records.create(tx, "sample", body))
    page.goto(f"{kinds.base}/e/sample?f=effort~above~9h&f=stay~range_after~2030-01-01")
    expect(page.locator("tbody tr[data-id]")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("Long")
    expect(page.locator("tbody")).to_contain_text("10 h")


def test_rows_are_moved_by_hand(page: Page, kinds: World) -> None:
    for label in ("Row A", "Row B", "Row C"):
        kinds.services.engine.write(
            kinds.system(), lambda tx, label=label: records.create(tx, "sample", {"label": label})
        )
    page.goto(f"{kinds.base}/e/sample?f=label~starts~row")
    titles = page.locator("tbody tr .fs-title-cell")
    expect(titles).to_have_text(["Row A", "Row B", "Row C"])
    page.locator("tbody tr").nth(2).locator("[data-move]").press("ArrowUp")
    expect(titles).to_have_text(["Row A", "Row C", "Row B"])
    page.locator("tbody tr").nth(2).locator("[data-move]").drag_to(
        page.locator("tbody tr").nth(0), target_position={"x": 300, "y": 2}
    )
    expect(titles).to_have_text(["Row B", "Row A", "Row C"])
    page.goto(f"{kinds.base}/e/sample?f=label~starts~row&sort=-label")
    expect(page.locator("[data-move]").first).to_be_hidden()
