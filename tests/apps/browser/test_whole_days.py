"""The days of all people in both languages, at the desk and with the phone: the main path of each, by no language's words.

The other days of this folder look closer at one language and one screen each. An ordinary run makes one in eight of these
tours, in turn; `make drills` makes all.
"""

import re

import pytest
from crm_day import HAND, Crm, cell, day, field, pick, save, upload, value
from playwright.sync_api import Browser, Page, ViewportSize, expect
from ui_browser import DESK

pytestmark = pytest.mark.browser

SCREENS: dict[str, ViewportSize] = {"desk": DESK, "phone": HAND}


def related(page: Page, entity: str) -> None:
    """Begin a new record from the record that is shown."""
    page.get_by_role("main").locator(f"a[href*='/e/{entity}/new']").first.click()


def representative(page: Page, crm: Crm, mark: str) -> None:
    """A customer, a contact of it, and a quote with a line, whose totals are right before and after saving."""
    page.goto(crm.url("/e/customer/new"))
    field(page, "name").fill(f"Harbour Gears {mark}")
    field(page, "phone").fill("+886 3 555 0110")
    customer = save(page)
    related(page, "contact")
    field(page, "name").fill(f"Ada {mark}")
    expect(field(page, "customer")).to_have_value(f"Harbour Gears {mark}")
    save(page)
    page.goto(customer)
    expect(page.get_by_role("link", name=f"Ada {mark}")).to_be_visible()
    page.goto(crm.url("/e/quote/new"))
    field(page, "subject").fill(f"Sensors {mark}")
    pick(page, field(page, "customer"), "翠峰", re.compile("翠峰紡織"))
    pick(page, cell(page, "product"), "Heron T10", re.compile("Heron T10"))
    cell(page, "quantity").fill("3")
    cell(page, "unit_price").fill("1000")
    cell(page, "discount").fill("10")
    cell(page, "tax_rate").fill("5")
    cell(page, "tax_rate").press("Tab")
    expect(page.locator("[data-field=total] output")).to_contain_text("2,835")
    save(page)
    expect(value(page, "total")).to_contain_text("2,835")


def finance(page: Page, crm: Crm, mark: str) -> None:
    """An instalment of a contract is planned and paid."""
    page.goto(crm.url("/e/contract"))
    page.get_by_role("link", name="東雲 制御システム更新").first.click()
    expect(value(page, "total")).to_contain_text("61,932.40")
    related(page, "payment_plan")
    field(page, "name").fill(f"Parts {mark}")
    if not field(page, "customer").input_value():
        pick(page, field(page, "customer"), "東雲")
    field(page, "due_date").fill("2027-01-31")
    field(page, "amount").fill("1250.50")
    plan = save(page)
    related(page, "payment")
    if not field(page, "customer").input_value():
        pick(page, field(page, "customer"), "東雲")
    field(page, "paid_on").fill("2026-01-15")
    field(page, "amount").fill("1250.50")
    save(page)
    page.goto(plan)
    expect(value(page, "received_amount")).to_contain_text("1,250.50")


def support(page: Page, crm: Crm, mark: str) -> None:
    """A ticket is taken down, worked on, and has its call."""
    page.goto(crm.url("/e/ticket/new"))
    field(page, "subject").fill(f"Reader restarts {mark}")
    pick(page, field(page, "customer"), "Siam", re.compile("Siam"))
    field(page, "priority").select_option("high")
    ticket = save(page)
    page.goto(f"{ticket}/edit")
    field(page, "status").select_option("accepted")
    save(page)
    related(page, "activity")
    field(page, "subject").fill(f"Call {mark}")
    field(page, "kind").select_option("call")
    save(page)
    page.goto(ticket)
    expect(page.get_by_role("link", name=f"Call {mark}").first).to_be_visible()


def administrator(page: Page, crm: Crm, mark: str) -> None:
    """A file is looked at and given up, the form arranged with a preview, the log read."""
    page.goto(crm.url("/e/contact/import"))
    rows = f"姓名,客戶\n高雅琪 {mark},翠峰紡織股份有限公司\n"
    page.locator("input[type=file]").set_input_files(
        upload(f"people {mark}.csv", rows.encode("utf-8"), "text/csv")
    )
    expect(page.locator("[name=target_field]").first).to_have_value("name")
    page.locator("[data-check] button[hx-post$='/check']").first.click()
    expect(page.locator("[data-result]")).to_contain_text("1")
    page.locator("button[hx-post$='/discard']").click()
    page.wait_for_url("**/e/contact/import")
    page.goto(crm.url("/studio/form/ticket"))
    expect(page.locator("[data-item=subject]")).to_be_visible()
    page.goto(crm.url("/admin/audit"))
    expect(page.get_by_role("main").locator("tbody tr").first).to_be_visible()


DAYS = {"mei": representative, "fay": finance, "sam": support, "admin": administrator}


@pytest.mark.sampled(8)
@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("locale", ["en", "zh-Hant"])
@pytest.mark.parametrize("who", DAYS)
def test_the_day_of(browser: Browser, crm: Crm, who: str, locale: str, screen: str) -> None:
    with day(browser, crm, who, locale, SCREENS[screen]) as page:
        page.goto(crm.url("/"))
        assert page.locator("html").get_attribute("lang") == locale
        DAYS[who](page, crm, f"{locale} {screen}")
