"""The day of a support agent: in Traditional Chinese at the desk, in English with the phone."""

import re

import pytest
from crm_day import HAND, Crm, day, field, pick, save, shot, value
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser


def test_a_ticket_at_the_desk(browser: Browser, crm: Crm) -> None:
    """Takes a ticket from the list, works on it, and moves it on the board with the keyboard."""
    with day(browser, crm, "sam", "zh-Hant") as page:
        page.goto(crm.url("/"))
        nav = page.get_by_role("navigation", name="主導覽")
        expect(nav.get_by_role("link", name="報價單")).to_have_count(0)
        nav.get_by_role("link", name="服務單", exact=True).click()
        shot(page, "sam-tickets")
        page.get_by_role("link", name="外觀檢測誤判率偏高").first.click()
        page.get_by_role("link", name="編輯").click()
        field(page, "status").select_option("in_progress")
        save(page)
        expect(value(page, "status").first).to_have_text("處理中")
        ticket = page.url
        shot(page, "sam-ticket")
        page.get_by_role("main").locator("a[href*='/e/activity/new']").first.click()
        field(page, "subject").fill("電話說明照明調整")
        field(page, "kind").select_option("call")
        save(page)
        page.goto(ticket)
        expect(page.get_by_role("link", name="電話說明照明調整").first).to_be_visible()

        page.goto(crm.url("/e/ticket?view=ticket_board"))
        card = page.locator('[data-column="in_progress"] .fs-board-card').filter(
            has_text="外觀檢測誤判率偏高"
        )
        card.locator("[data-move]").click()
        page.get_by_role("dialog").get_by_role("button", name="等待客戶").press("Enter")
        expect(page.locator(".fs-toast")).to_contain_text("已移至")
        expect(page.locator('[data-column="waiting"]')).to_contain_text("外觀檢測誤判率偏高")


def test_what_support_does_not_see(browser: Browser, crm: Crm) -> None:
    """Deals, quotes and payments are not there at all; customers and contracts are without their money."""
    with day(browser, crm, "sam", "en", expected=("status of 404",)) as page:
        for entity in ("opportunity", "quote", "payment", "lead"):
            page.goto(crm.url(f"/e/{entity}"))
            expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    with day(browser, crm, "sam", "en") as page:
        page.goto(crm.url("/e/customer"))
        page.get_by_role("link", name=re.compile("晶穹半導體")).first.click()
        main = page.get_by_role("main")
        expect(main).to_contain_text("晶穹")
        for hidden in ("credit_limit", "bank_account", "balance"):
            expect(main.locator(f"[data-field={hidden}]")).to_have_count(0)
        expect(main.get_by_text("Opportunities")).to_have_count(0)
        shot(page, "sam-customer")
        page.goto(crm.url("/e/contract"))
        expect(page.get_by_role("columnheader", name="Total")).to_have_count(0)
        expect(page.get_by_role("button", name="Delete")).to_have_count(0)


def test_a_new_ticket_with_the_phone(browser: Browser, crm: Crm) -> None:
    with day(browser, crm, "sam", "en", HAND) as page:
        page.goto(crm.url("/e/ticket?view=ticket_list"))
        shot(page, "sam-phone-tickets")
        page.get_by_role("link", name=re.compile("New Ticket")).click()
        field(page, "subject").fill("Reader restarts twice a day")
        pick(page, field(page, "customer"), "Siam", re.compile("Siam"))
        field(page, "priority").select_option("high")
        shot(page, "sam-phone-new")
        save(page)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Reader restarts twice a day")
        shot(page, "sam-phone-ticket")
        page.get_by_role("link", name="Edit").click()
        field(page, "status").select_option("accepted")
        save(page)
        expect(value(page, "status").first).to_have_text("Accepted")
