"""The first hours of an administrator and of somebody at work, as their pages tell them, in a browser on the demo company."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from crm_company import crm_company
from playwright.sync_api import Browser, Page, expect
from ui_browser import EXPECTED, faultless
from ui_world import World, served

from fieldstone.app.embedded import Endpoints

from .walk import DOCS, Walk

pytestmark = pytest.mark.browser

LEFT = (*EXPECTED, "htmx:sendAbort", "htmx:afterRequest")
"""Who follows a link while a page still asks for something (what a draft would change) breaks that request off."""


@pytest.fixture(scope="module")
def demo(endpoints: Endpoints, test_home: Path) -> Iterator[World]:
    with crm_company(endpoints, test_home, "hours") as made:
        yield made


@pytest.fixture(scope="module")
def address(demo: World) -> Iterator[str]:
    with served(demo.app) as found:
        yield found


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with faultless(browser, address, expected=LEFT) as opened:
        yield opened


def sign_in(walk: Walk, demo: World, name: str) -> None:
    walk.word("/t/demo")
    walk.page.goto(f"{demo.base}/")
    walk.write(name, "User name or e-mail")
    walk.write(demo.password, "Password")
    walk.press("Sign in")


def test_an_administrator_follows_the_page(page: Page, browser: Browser, address: str, demo: World) -> None:
    walk = Walk(page, "first-hour-admin.md")
    nav, dialog = page.get_by_role("navigation", name="Main navigation"), page.get_by_role("dialog")
    main = page.locator("main")

    walk.section("1. Sign in")
    sign_in(walk, demo, "admin")
    walk.see("Set up your company")

    walk.section("2. The company")
    walk.press("Administration", nav)
    walk.press("Company")
    walk.write("Harbour Trading", "Company name")
    walk.choose("April", "Fiscal year starts in")
    walk.press("Save")
    walk.see("The settings were saved.")

    walk.section("3. People")
    walk.press("People")
    walk.press("Invite somebody")
    walk.write("Nadia Novak", "Name")
    walk.write("nadia@example.org", "E-mail")
    walk.tick("Sales representative")
    walk.press("Make a link")
    link = page.locator("#link").inner_text()
    with faultless(browser, address) as hers:
        hers.goto(link)
        walk.words_are("copper kettle 41", "New password", "New password again", "Save password")
        hers.get_by_label("New password", exact=True).fill("copper kettle 41")
        hers.get_by_label("New password again").fill("copper kettle 41")
        hers.get_by_role("button", name="Save password").click()
        expect(hers.get_by_role("button", name="Sign in")).to_be_visible()

    walk.section("4. Roles")
    walk.press("Roles")
    walk.press_longer("Sales representative")
    walk.see("Fields and rules")

    walk.section("5. A field, in place")
    walk.press("Customers", nav)
    walk.press("New Customer")
    walk.press("More actions", main)
    walk.press("Add a field")
    walk.write("Delivery days", "Label", dialog)
    walk.choose("Whole number", "Type", dialog)
    walk.see("Adds the field “Delivery days” to Customers; nothing existing changes.", dialog)
    walk.press("Publish", dialog)
    expect(page.get_by_label("Delivery days")).to_be_visible()
    walk.press("Undo")
    walk.see("Undone: the definitions are as they were before")
    expect(page.get_by_label("Delivery days")).to_have_count(0)

    walk.section("6. The form, arranged")
    walk.press("More actions", main)
    walk.press("Arrange this form")
    walk.press("Move Phone up")
    walk.control("Move Phone up").click()
    walk.word("Settings of Fax")
    card = page.locator("[data-item=fax]")
    card.get_by_label("Settings of Fax").click()
    walk.tick("Hidden", card)
    expect(page.locator("#arrange-foot")).to_contain_text("Changes the form")
    walk.words_are("Sales representative", "Preview as")
    page.get_by_label("Preview as").select_option(label="Sales representative")
    expect(dialog).to_contain_text("Phone")
    walk.press("Close", dialog)
    walk.press("Publish")
    page.wait_for_url("**/e/customer/new**")
    expect(page.get_by_label("Fax")).to_have_count(0)

    walk.section("7. A view for everybody")
    walk.press("Customers", nav)
    walk.press("Filter")
    walk.choose("Country or region", "Field")
    walk.choose("Taiwan", "Value")
    walk.press("Apply")
    walk.press("All customers", main)
    walk.press("Save or manage views…")
    walk.write("Customers in Taiwan", "Name")
    walk.choose("Everybody", "Who has it")
    walk.press("Save view")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Customers in Taiwan")

    walk.section("8. Your own data")
    walk.press("Customers", nav)
    walk.press("More actions", main)
    walk.press("Import…")
    page.locator("input[type=file]").set_input_files(DOCS.parent / walk.word("docs/first-hour/customers.csv"))
    walk.see("What the columns mean")
    walk.press("Try without importing")
    walk.see("Values that match nothing")
    page.get_by_label("What Machinry stands for").select_option(label=walk.word("Use “Machinery”"))
    walk.press("Try again")
    walk.press("Import 4 rows")
    walk.see("4 created, 0 updated, 0 failed")
    walk.press("Show the records")
    expect(page.get_by_role("link", name="Cedro S.r.l.")).to_be_visible()
    page.go_back()
    walk.press("Take back…")
    dialog.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("4 records were put back as they were.")).to_be_visible()

    walk.section("9. A new kind of record, from a spreadsheet")
    walk.press("Studio", nav)
    walk.press("New entity from a spreadsheet")
    page.locator("input[type=file]").set_input_files(DOCS.parent / walk.word("docs/first-hour/suppliers.csv"))
    walk.write("Supplier", "What the records are called").press("Tab")
    walk.press("Create and import 6 rows")
    walk.press("Show the records")
    expect(page.get_by_role("row").filter(has_text="東京ベアリング株式会社")).to_contain_text("Japan")

    walk.section("10. Back, if need be")
    walk.press("Studio", nav)
    walk.see("Revisions")
    walk.press("Go back to this revision")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Go back to revision")
    page.get_by_role("checkbox", name=walk.word("Removes Supplier with all records")).check()
    expect(nav.get_by_role("link", name="Supplier")).to_have_count(1)
    walk.press("Go back to this revision", main)
    expect(nav.get_by_role("link", name="Supplier")).to_have_count(0)
    walk.done()


def test_somebody_at_work_follows_the_page(page: Page, demo: World) -> None:
    walk = Walk(page, "first-hour-user.md")
    nav, main = page.get_by_role("navigation", name="Main navigation"), page.locator("main")
    top = page.get_by_role("banner")

    walk.section("1. Sign in")
    sign_in(walk, demo, "ben")
    walk.see("My lists")
    walk.see("Recently changed by you")

    walk.section("2. A list")
    walk.press("Customers", nav)
    walk.words_are("/", "taiwan", "Enter")
    page.wait_for_url("**/e/customer?view=customer_list")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("taiwan")
    page.keyboard.press("Enter")
    chip = page.locator(".fs-chip")
    expect(chip).to_contain_text("taiwan")
    chip.get_by_role("link").click()
    expect(chip).to_have_count(0)
    walk.press("Customer name", page.locator("thead"))
    walk.press("Filter")
    walk.choose("Industry", "Field")
    walk.choose("Electronics", "Value")
    walk.press("Apply")
    expect(chip).to_contain_text("Industry is Electronics")
    walk.press("All customers", main)
    walk.press("Save or manage views…")
    walk.write("Electronics", "Name")
    walk.press("Save view")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Electronics")

    walk.section("3. A board")
    walk.press("Pipeline board", nav)
    walk.word("Move")
    card = page.get_by_role("region", name=re.compile("^Prospecting")).get_by_role("listitem").first
    moved = card.get_by_role("link").first.inner_text()
    card.get_by_role("button", name="Move").click()
    page.get_by_role("dialog").get_by_role("button", name="Engaging").click()
    engaging = page.get_by_role("region", name=re.compile("^Engaging"))
    expect(engaging.get_by_role("link", name=moved)).to_be_visible()
    walk.press("Undo")
    expect(engaging.get_by_role("link", name=moved)).to_have_count(0)

    walk.section("4. A calendar")
    walk.press("Calendar", nav)
    for span in ("Month", "Week", "Agenda"):
        walk.press(span, main)
        expect(walk.control(span, main)).to_be_visible()

    walk.section("5. Something new, quickly")
    walk.press("New", top)
    walk.press("Activity", top)
    walk.write("Call about the spring order", "Subject")
    walk.choose("Call", "Kind")
    walk.press("Save")
    walk.see("Call about the spring order created")

    walk.section("6. A record")
    walk.press("Edit")
    walk.write("They want a price for 40 pieces", "Outcome")
    walk.press("Save")
    walk.see("History")
    expect(main).to_contain_text("They want a price for 40 pieces")

    walk.section("7. Lines")
    walk.press("New", top)
    walk.press("Quote", top)
    walk.words_are("龍井", "Customer")
    page.get_by_role("combobox", name="Customer").press_sequentially("龍井")
    page.get_by_role("option").filter(visible=True).first.click()
    walk.write("Sensor kit", "Description")
    walk.write("40", "Quantity")
    walk.write("125", "Unit price")
    expect(page.get_by_role("status", name="Total before discount")).to_contain_text("5,000")
    walk.press("Add line")
    page.get_by_role("button", name="Remove line").last.click()
    walk.press("Save")
    expect(main.get_by_role("heading", level=1)).not_to_contain_text("New Quote")

    walk.section("8. Search")
    walk.words_are("Ctrl K", "龍井", "Enter")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Control+k")
    page.keyboard.type("龍井")
    expect(page.get_by_role("dialog").get_by_role("option").first).to_contain_text("龍井")
    page.keyboard.press("Enter")
    expect(main.get_by_role("heading", level=1)).to_contain_text("龍井")

    walk.section("9. Is it here already?")
    walk.press("New", top)
    walk.press("Customer", top)
    walk.write("龙井化学工业有限公司", "Customer name").press("Tab")
    walk.see("This may be here already")
    walk.word("Save anyway")
    page.get_by_role("button", name="Save", exact=True).click()
    walk.control("Save anyway").click()
    expect(main.get_by_role("heading", level=1)).to_contain_text("龙井化学工业有限公司")

    walk.section("10. A lead becomes a customer")
    walk.press("New", top)
    walk.press("Lead", top)
    walk.write("Ines Keller", "Name")
    walk.write("Keller Optik AG", "Company")
    walk.press("Save")
    walk.see("A lead needs a phone number or an e-mail address")
    walk.write("ines.keller@optik.example", "E-mail")
    walk.press("Save")
    walk.press("Convert")
    walk.press("Create", main)
    expect(page.get_by_text("Created:")).to_be_visible()

    walk.section("11. On the phone")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{demo.base}/")
    walk.press("Menu")
    expect(nav.get_by_role("link", name="Customers", exact=True)).to_be_visible()
    walk.done()
