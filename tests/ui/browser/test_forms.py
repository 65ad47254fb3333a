"""Forms in a real browser: making and changing records, and nothing typed lost whatever happens meanwhile."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect
from ui_browser import faultless, sign_in, state_of
from ui_world import World, make_world, served

from fieldstone.engine import publish, records
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.transaction import Transaction

pytestmark = pytest.mark.browser

COMPANY = {"name": "Parts", "currency": "EUR", "time_zone": "Asia/Taipei"}
ORDERS = Path(__file__).parents[2] / "packages" / "orders"
PASTED = "\n".join(["Bolt\t1\t0.05\t13%"] * 10)


@pytest.fixture(scope="module")
def orders(postgres_url: str) -> Iterator[World]:
    made = make_world(postgres_url, "ui-orders", ORDERS, COMPANY)
    engine = made.services.engine
    for body in ({"name": "Harbour", "country": "DE"}, {"name": "台北", "country": "TW"}):
        engine.write(made.system(), partial(records.create, entity="place", body=body))
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(orders: World) -> Iterator[str]:
    with served(orders.app) as at:
        yield at


@pytest.fixture(scope="module")
def session(browser: Browser, address: str, orders: World) -> StorageState:
    return state_of(browser, orders, address)


@pytest.fixture
def page(browser: Browser, address: str, orders: World, session: StorageState) -> Iterator[Page]:
    with faultless(browser, address, session) as opened:
        opened.goto(f"{orders.base}/e/order/new")
        yield opened


Make = Callable[..., dict[str, Any]]


@pytest.fixture
def make(orders: World) -> Make:
    """Makes an order behind the browser's back."""

    def made(**values: Any) -> dict[str, Any]:
        body = {"label": "Made", **values}
        return orders.services.engine.write(orders.system(), lambda tx: records.create(tx, "order", body))

    return made


def stored(world: World, label: str) -> list[dict[str, Any]]:
    request = ListRequest(filter=f'label == "{label}"', fields=("label",))

    def work(tx: Transaction) -> list[dict[str, Any]]:
        return [records.read(tx, "order", each["id"]) for each in list_records(tx, "order", request).data]

    return world.services.engine.read(world.system(), work)


def change(world: World, record: dict[str, Any], **values: Any) -> None:
    world.services.engine.write(world.system(), lambda tx: records.update(tx, "order", record["id"], values))


def cell(page: Page, row: int, name: str) -> Any:
    return page.locator(f"[data-grid] tbody tr:nth-child({row}) [data-cell={name}]")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def saved(page: Page, title: str) -> None:
    page.wait_for_url(re.compile(r"/e/order/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_a_record_is_made_with_every_kind_of_field(page: Page, orders: World) -> None:
    page.get_by_label("Label").fill("Everything")
    place = page.get_by_role("combobox", name="Place")
    place.press_sequentially("harb")
    expect(page.get_by_role("option", name="Harbour")).to_have_attribute("aria-selected", "true")
    place.press("Enter")
    expect(page.locator("[data-field=country] output")).to_have_text("DE")
    page.get_by_role("tab", name="More").click()
    page.get_by_label("Weight").fill("1,234.5")
    page.get_by_label("Due").fill("2026-03-04T08:30")
    page.get_by_label("Topics").press_sequentially("heavy,far,")
    page.get_by_label("Note").fill("two\nlines")
    page.get_by_label("Extra").fill('{"a": [1, 2]}')
    page.locator("[data-field=paper] input[type=file]").set_input_files(
        {"name": "note.txt", "mimeType": "text/plain", "buffer": b"hello"}
    )
    expect(page.locator("[data-field=paper] a")).to_have_text("note.txt")
    save(page)
    saved(page, "Everything")
    (record,) = stored(orders, "Everything")
    assert record["weight"] == Decimal("1234.5")
    assert record["due"].isoformat() == "2026-03-04T00:30:00+00:00"
    assert record["topics"] == ["heavy", "far"]
    assert record["note"] == "two\nlines"
    assert record["extra"] == {"a": [1, 2]}
    assert record["paper"]["name"] == "note.txt"
    assert record["items"] == []
    page.get_by_role("tab", name="More").click()
    expect(page.locator("[data-field=weight] dd")).to_have_text("1,234.50")
    expect(page.get_by_role("link", name="note.txt")).to_have_attribute("href", re.compile("/files/"))


@pytest.mark.parametrize(("rounding", "total"), [("line", "0.60"), ("document", "0.57")])
def test_totals_before_saving_are_those_after_it(
    page: Page, orders: World, rounding: str, total: str
) -> None:
    label = f"Rounded per {rounding}"
    page.get_by_label("Label").fill(label)
    page.get_by_label("Rounding").select_option(rounding)
    page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const target = document.querySelector("[data-grid] tbody [data-cell=part] input");
            target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        PASTED,
    )
    expect(page.locator("[data-grid] tbody tr")).to_have_count(10)
    expect(page.locator("[data-field=pieces] output")).to_have_text("10")
    expect(page.locator("[data-field=total] output")).to_have_text(total)
    save(page)
    saved(page, label)
    expect(page.locator("[data-field=total] dd")).to_have_text(total)
    (record,) = stored(orders, label)
    assert record["total"] == Decimal(total)


def test_lines_in_yen_are_rounded_to_whole_yen_before_saving_and_after(page: Page, orders: World) -> None:
    page.get_by_label("Label").fill("In yen")
    cell(page, 1, "part").get_by_role("textbox").fill("Bolt")
    cell(page, 1, "qty").get_by_role("textbox").fill("3")
    cell(page, 1, "price").get_by_role("textbox").fill("105")
    cell(page, 1, "price").locator("[data-currency]").select_option("JPY")
    cell(page, 1, "rate").get_by_role("textbox").fill("10")
    expect(cell(page, 1, "tax").locator("output")).to_have_text("32")
    expect(page.locator("[data-field=total] output")).to_have_text("347")
    save(page)
    saved(page, "In yen")
    (record,) = stored(orders, "In yen")
    assert (record["total"], str(record["items"][0]["tax"])) == (Decimal(347), "32")


def test_problems_stand_at_their_fields_and_lead_there(page: Page, make: Make) -> None:
    make(label="Taken", code="X1")
    save(page)
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Label: Please fill this in.")
    expect(page.get_by_label("Label")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Label").fill("Broken")
    cell(page, 1, "part").get_by_role("textbox").fill("Nut")
    cell(page, 1, "qty").get_by_role("textbox").fill("0")
    cell(page, 1, "price").get_by_role("textbox").fill("cheap")
    save(page)
    expect(summary).to_contain_text("line 1 · Qty: 1 or more.")
    expect(cell(page, 1, "price").locator(".fs-error")).to_have_text("A number.")
    summary.get_by_role("button", name=re.compile("Price")).click()
    expect(cell(page, 1, "price").get_by_role("textbox")).to_be_focused()
    expect(cell(page, 1, "price").get_by_role("textbox")).to_have_value("cheap")
    cell(page, 1, "price").get_by_role("textbox").fill("3")
    cell(page, 1, "qty").get_by_role("textbox").fill("2")
    page.get_by_role("tab", name="More").click()
    page.get_by_label("Code").fill("X1")
    page.get_by_role("tab", name="Order").click()
    save(page)
    expect(summary).to_contain_text("Code: This value is already in use.")
    summary.get_by_role("button", name=re.compile("Code")).click()
    expect(page.get_by_label("Code")).to_be_focused()


def test_rules_show_require_and_lock_while_one_types(page: Page) -> None:
    page.get_by_label("Label").fill("Ruled")
    expect(page.get_by_label("Sent on")).to_be_hidden()
    page.get_by_label("Status").select_option("sent")
    expect(page.get_by_label("Sent on")).to_be_visible()
    page.get_by_label("Urgent").check()
    expect(page.get_by_label("Remark")).to_be_disabled()
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("Sent on: Please fill this in.")
    page.get_by_label("Sent on").fill("2026-01-02")
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("Place: Say where it was sent")


def test_lines_are_added_moved_and_removed_by_keyboard(page: Page, orders: World) -> None:
    page.get_by_label("Label").fill("Lines")
    for number, part in enumerate(("a", "b", "c"), 1):
        cell(page, number, "part").get_by_role("textbox").fill(part)
        cell(page, number, "price").get_by_role("textbox").fill(str(number))
        page.keyboard.press("Enter")
    cell(page, 3, "part").get_by_role("textbox").press("Alt+ArrowUp")
    cell(page, 1, "part").locator("xpath=..").get_by_role("button", name="Remove line").click()
    save(page)
    saved(page, "Lines")
    (record,) = stored(orders, "Lines")
    assert [line["part"] for line in record["items"]] == ["c", "b"]
    assert record["total"] == Decimal(5)


def test_a_double_click_makes_one_record(page: Page, orders: World) -> None:
    page.get_by_label("Label").fill("Once")
    body = page.evaluate(
        """async () => {
            const told = JSON.parse(document.querySelector("[data-form]").dataset.form);
            const token = document.querySelector('meta[name="csrf-token"]').content;
            const { key, revision, form, save } = told;
            const body = JSON.stringify({ key, revision, version: null, form, values: { label: "Once" } });
            const headers = { "X-CSRF-Token": token };
            const send = () => fetch(save, { method: "POST", body, headers }).then((answer) => answer.json());
            return Promise.all([send(), send(), send()]);
        }"""
    )
    assert len({each["url"] for each in body}) == 1
    assert len(stored(orders, "Once")) == 1


def edit(page: Page, orders: World, record: dict[str, Any]) -> None:
    page.goto(f"{orders.base}/e/order/{record['id']}/edit")


def test_only_what_was_changed_is_written(page: Page, orders: World, make: Make) -> None:
    record = make(label="Before", remark="kept")
    edit(page, orders, record)
    page.get_by_label("Label").fill("After")
    save(page)
    saved(page, "After")
    expect(page.get_by_text("After saved")).to_be_visible()
    history = page.get_by_role("region", name="History")
    expect(history.locator("li").first).to_contain_text("Administrator")
    expect(history.locator("li").first.locator("del")).to_have_text("Before")
    expect(history.locator("li").first.locator("ins")).to_have_text("After")


def test_two_people_change_the_same_record_and_choose(page: Page, orders: World, make: Make) -> None:
    record = make(label="Shared", remark="first", note="old")
    edit(page, orders, record)
    page.get_by_label("Remark").fill("mine")
    page.get_by_role("tab", name="More").click()
    page.get_by_label("Weight").fill("7")
    change(orders, record, remark="theirs", note="new")
    save(page)
    dialog = page.get_by_role("dialog", name="Somebody else changed this meanwhile")
    expect(dialog.locator("fieldset")).to_have_count(1)
    expect(dialog).to_contain_text("theirs")
    expect(dialog).to_contain_text("first")
    dialog.get_by_label("mine").check()
    dialog.get_by_role("button", name="Save this choice").click()
    saved(page, "Shared")
    (now,) = stored(orders, "Shared")
    assert (now["remark"], now["note"], now["weight"]) == ("mine", "new", Decimal(7))


def test_a_session_that_ends_at_line_forty_loses_nothing(page: Page, orders: World) -> None:
    page.get_by_label("Label").fill("Forty lines")
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", Array.from({ length: 40 }, (_, n) => `part ${n + 1}\\t2\\t1.50`).join("\\n"));
            document.querySelector("[data-grid] tbody [data-cell=part] input")
                .dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(page.locator("[data-field=total] output")).to_have_text("120")
    page.context.clear_cookies(name="fieldstone_session")
    save(page)
    dialog = page.get_by_role("dialog", name="Sign in again")
    dialog.get_by_label("User name or e-mail").fill("admin")
    dialog.get_by_label("Password").fill(orders.password)
    dialog.get_by_role("button", name="Sign in").click()
    saved(page, "Forty lines")
    (record,) = stored(orders, "Forty lines")
    assert len(record["items"]) == 40


def test_what_was_typed_is_there_again_after_the_page_was_lost(page: Page, orders: World) -> None:
    page.get_by_label("Label").fill("Typed before")
    cell(page, 1, "part").get_by_role("textbox").fill("Screw")
    expect(page.locator("[data-form-state]")).to_have_text("Not saved yet")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_label("Label")).to_have_value("Typed before")
    expect(cell(page, 1, "part").get_by_role("textbox")).to_have_value("Screw")
    expect(page.get_by_text("is here again")).to_be_visible()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_label("Label")).to_have_value("")


def test_a_record_is_deleted_and_brought_back(page: Page, orders: World, make: Make) -> None:
    record = make(label="Deleted by mistake")
    page.goto(f"{orders.base}/e/order/{record['id']}")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Delete").click()
    page.wait_for_url(f"**{orders.base}/e/order")
    assert stored(orders, "Deleted by mistake") == []
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Deleted by mistake")).to_be_visible()


def test_related_records_and_why(page: Page, orders: World, make: Make) -> None:
    place = orders.services.engine.write(
        orders.system(), lambda tx: records.create(tx, "place", {"name": "Depot"})
    )
    make(label="To the depot", place=str(place["id"]))
    page.goto(f"{orders.base}/e/place/{place['id']}")
    related = page.get_by_role("region", name="Orders")
    expect(related.get_by_role("link", name="To the depot")).to_be_visible()
    related.get_by_role("link", name="New Orders").click()
    expect(page.get_by_role("combobox", name="Place")).to_have_value("Depot")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Why?").click()
    dialog = page.get_by_role("dialog", name="Why?")
    expect(dialog).to_contain_text("Shown only while status == 'sent'")
    expect(dialog).to_contain_text("Layer: orders")


@pytest.mark.parametrize("width", [360, 390])
def test_on_a_phone_nothing_is_wider_than_the_screen(
    page: Page, orders: World, make: Make, width: int
) -> None:
    record = make(label="Narrow", items=[{"part": "A long name of a part", "price": "3"}])
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("", "/edit"):
        page.goto(f"{orders.base}/e/order/{record['id']}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("locale", "word"), [("zh-Hant", "儲存"), ("zh-Hans", "保存"), ("ja", "保存")])
def test_the_form_speaks_the_language(
    page: Page, orders: World, address: str, locale: str, word: str
) -> None:
    page.context.add_cookies([{"name": "fs_locale", "value": locale, "url": address}])
    page.goto(f"{orders.base}/e/place/new")
    expect(page.get_by_role("button", name=word, exact=True)).to_be_visible()
    parts = page.locator("[data-parts=person_name] input")
    expect(parts.first).to_have_attribute("data-part", "family")


def redefine(body: dict[str, Any]) -> dict[str, Any]:
    """`remark` becomes `comment`, `note` is gone, `weight` is required, the lines' `part` is a `piece`."""
    fields = body["properties"]
    fields["comment"] = {**fields.pop("remark"), "renamedFrom": "remark"}
    del fields["note"]
    body["required"] = [*body["required"], "weight"]
    inner = fields["items"]["properties"]
    inner["piece"] = {**inner.pop("part"), "renamedFrom": "part"}
    return body


def rearrange(body: dict[str, Any]) -> dict[str, Any]:
    for item in body["items"]:
        if item["name"] == "remark":
            item["name"] = "comment"
        if item["name"] == "items":
            item["columns"] = ["piece", "qty", "price"]
    body["items"] = [item for item in body["items"] if item["name"] != "note"]
    return body


def test_a_publish_while_the_form_is_open_loses_nothing(browser: Browser, postgres_url: str) -> None:
    world = make_world(postgres_url, "ui-moved", ORDERS, COMPANY)
    engine = world.services.engine
    try:
        with served(world.app) as address, faultless(browser, address) as page:
            sign_in(page, world)
            page.goto(f"{world.base}/e/order/new")
            page.get_by_label("Label").fill("Moved")
            page.get_by_label("Remark").fill("renamed on the way")
            cell(page, 1, "part").get_by_role("textbox").fill("Bolt")
            cell(page, 1, "price").get_by_role("textbox").fill("2")
            page.get_by_role("tab", name="More").click()
            page.get_by_label("Note").fill("has no place any more")
            edits = [publish.Edit("entities", "order", redefine), publish.Edit("forms", "order", rearrange)]
            plan = engine.read(world.system(), lambda tx: publish.plan_edits(tx, edits))
            assert plan.problems == ()
            consent = [each.id for each in plan.needing_consent]
            publish.publish_edits(engine, world.system(), edits, plan.base, plan.hash, consent)
            save(page)
            expect(page.get_by_text("This form was changed while you were working")).to_be_visible()
            expect(page.locator(".fs-note pre")).to_have_text("has no place any more")
            expect(page.get_by_label("Label")).to_have_value("Moved")
            save(page)
            expect(page.get_by_role("alert")).to_contain_text("Weight: Please fill this in.")
            page.get_by_role("tab", name="More").click()
            page.get_by_label("Weight").fill("3")
            save(page)
            saved(page, "Moved")
        (record,) = stored(world, "Moved")
        assert (record["comment"], record["weight"]) == ("renamed on the way", Decimal(3))
        assert [line["piece"] for line in record["items"]] == ["Bolt"]
    finally:
        world.close()
