"""The day of a sales representative: in Traditional Chinese at the desk, in English with the phone on the way."""

import re

import pytest
from crm_day import HAND, RECORD, Crm, cell, day, drag, field, pick, save, shot, value
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser


def test_morning_at_the_desk(browser: Browser, crm: Crm) -> None:
    """Signs in, looks around, makes a customer that is nearly there already, a contact, and converts a lead."""
    with day(browser, crm, "mei", "zh-Hant") as page:
        page.context.clear_cookies(name="fieldstone_session")
        page.goto(crm.url("/"))
        page.get_by_label("使用者名稱或電子郵件").fill("mei")
        page.get_by_label("密碼").fill(crm.password)
        page.get_by_role("button", name="登入").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("林思妤")
        shot(page, "mei-home")

        page.get_by_role("navigation", name="主導覽").get_by_role("link", name="客戶", exact=True).click()
        expect(page.locator("#count")).to_contain_text("筆記錄")
        expect(page.get_by_role("link", name="力行汽車零件股份有限公司")).to_be_visible()
        page.get_by_role("searchbox").fill("富士見精機")  # a customer of another team
        page.get_by_role("searchbox").press("Enter")
        expect(page.get_by_text("沒有符合條件的記錄")).to_be_visible()

        page.goto(crm.url("/e/customer/new"))
        field(page, "name").fill("力行汽車零件有限公司")
        field(page, "phone").click()
        note = page.locator(".fs-alike")
        expect(note).to_contain_text("力行汽車零件股份有限公司")
        shot(page, "mei-duplicate")
        field(page, "name").fill("新竹精密齒輪股份有限公司")
        field(page, "phone").fill("+886 3 555 0110")
        expect(note).to_have_count(0)
        customer = save(page)
        expect(value(page, "name").first).to_have_text("新竹精密齒輪股份有限公司")
        shot(page, "mei-customer")

        page.get_by_role("main").locator("a[href*='/e/contact/new']").first.click()
        field(page, "name").fill("陳怡君")
        expect(page.locator("[data-field=customer] input").first).to_have_value("新竹精密齒輪股份有限公司")
        save(page)
        page.goto(customer)
        expect(page.get_by_role("link", name="陳怡君")).to_be_visible()

        page.goto(crm.url("/e/lead?view=lead_mine"))
        page.get_by_role("link", name="蔡佩君").click()
        page.get_by_role("link", name="轉換為客戶").click()
        shot(page, "mei-convert")
        page.get_by_role("button", name="建立").click()
        expect(page.locator(".fs-toast")).to_contain_text("宏遠紡織")
        page.goto(crm.url("/e/opportunity?view=opportunity_my_open"))
        expect(page.get_by_role("row").filter(has_text="宏遠紡織")).to_be_visible()


def test_deals_at_the_desk(browser: Browser, crm: Crm) -> None:
    """Drags a deal to the next stage and back, filters and keeps the view, finds a customer by Ctrl+K in Chinese."""
    with day(browser, crm, "mei", "zh-Hant") as page:
        page.goto(crm.url("/e/opportunity?view=opportunity_board"))
        source, target = (page.locator(f'[data-column="{each}"]') for each in ("engaging", "proposal"))
        card = source.locator(".fs-board-card").filter(has_text="禾順 產線感測器擴充")
        count = int(target.locator(".fs-board-count").inner_text())
        shot(page, "mei-board")
        drag(page, card, target.locator("[data-cards]"))
        toast = page.locator(".fs-toast")
        expect(toast).to_contain_text("「禾順 產線感測器擴充」已移至")
        expect(target.locator(".fs-board-count")).to_have_text(str(count + 1))
        toast.get_by_role("button", name="復原").click()
        expect(target.locator(".fs-board-count")).to_have_text(str(count))
        expect(source).to_contain_text("禾順 產線感測器擴充")

        page.goto(crm.url("/e/opportunity?view=opportunity_my_open"))
        page.get_by_role("button", name="篩選").click()
        row = page.locator(".fs-filter-row")
        row.get_by_label("欄位").select_option("stage")
        row.get_by_label("值").select_option("negotiation")
        shot(page, "mei-filter")
        page.get_by_role("button", name="套用").click()
        expect(page.locator(".fs-chip").first).to_contain_text("議價")
        expect(page.get_by_role("row").filter(has_text="翠峰 外觀檢測站")).to_be_visible()
        expect(page.get_by_role("row").filter(has_text="晶穹 外觀檢測站")).to_have_count(0)
        page.locator(".fs-view-switch").click()
        page.get_by_role("button", name="儲存或管理檢視…").click()
        page.get_by_role("dialog").get_by_label("名稱").first.fill("本週要簽的")
        page.get_by_role("button", name="儲存檢視").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("本週要簽的")

        page.keyboard.press("Control+k")
        page.get_by_role("combobox", name="搜尋與指令").press_sequentially("翠峰紡")
        found = page.get_by_role("option").filter(has_text="翠峰紡織股份有限公司").first
        expect(found).to_be_visible()
        shot(page, "mei-palette")
        found.click()
        page.wait_for_url(RECORD)
        expect(page.get_by_role("heading", level=1)).to_have_text("翠峰紡織股份有限公司")


def test_on_the_way_with_the_phone(browser: Browser, crm: Crm) -> None:
    """Plans a visit from the calendar, quotes with lines and live totals, and makes the contract."""
    with day(browser, crm, "mei", "en", HAND) as page:
        page.goto(crm.url("/"))
        page.get_by_role("navigation", name="Quick navigation").get_by_role("button", name="Menu").click()
        page.locator("#nav").get_by_role("link", name="Calendar").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Calendar")
        shot(page, "mei-phone-calendar")
        page.locator(".fs-day[data-today] .fs-day-add").click()
        field(page, "subject").fill("Visit about the new line")
        field(page, "kind").select_option("visit")
        pick(page, field(page, "customer"), "翠峰", re.compile("翠峰紡織"))
        shot(page, "mei-phone-activity")
        save(page)
        page.goto(crm.url("/e/activity?view=activity_calendar"))
        expect(page.locator(".fs-day[data-today]")).to_contain_text("Visit about the new line")

        page.goto(crm.url("/e/quote/new"))
        field(page, "subject").fill("Sensors for the new line")
        pick(page, field(page, "customer"), "翠峰", re.compile("翠峰紡織"))
        pick(page, cell(page, "product"), "Heron T10", re.compile("Heron T10"))
        cell(page, "quantity").fill("3")
        cell(page, "unit_price").fill("1000")
        cell(page, "discount").fill("10")
        cell(page, "tax_rate").fill("5")
        cell(page, "tax_rate").press("Tab")
        expect(page.locator("[data-field=total] output")).to_contain_text("2,835")
        page.locator("[data-field=total]").scroll_into_view_if_needed()
        shot(page, "mei-phone-quote")
        quote = save(page)
        expect(value(page, "total")).to_contain_text("2,835")
        for state in ("sent", "accepted"):
            page.goto(f"{quote}/edit")
            field(page, "status").select_option(state)
            save(page)
        shot(page, "mei-phone-accepted")
        page.get_by_role("button", name="More actions").last.click()
        page.get_by_role("link", name="Make a contract").click()
        shot(page, "mei-phone-convert")
        page.get_by_role("button", name="Create").click()
        expect(page.locator(".fs-toast")).to_contain_text("Created")
        page.goto(crm.url("/e/contract?view=contract_list"))
        page.get_by_role("link", name="Sensors for the new line").first.click()
        expect(value(page, "total")).to_contain_text("2,835")
        expect(page.locator("[data-field=lines]")).to_contain_text("Heron T10")
        shot(page, "mei-phone-contract")
