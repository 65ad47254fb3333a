"""The day of a sales representative: in Traditional Chinese at the desk, in English with the phone on the way."""


import pytest
from crm_day import Crm, day, field, save, shot, value
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
