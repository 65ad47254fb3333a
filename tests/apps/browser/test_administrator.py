"""The day of the administrator: changes forms in Traditional Chinese, imports in English, invites with the phone."""

import re

import pytest
from crm_day import HAND, Crm, day, field, shot, upload
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser

PEOPLE_TO_IMPORT = """姓名,客戶,電子郵件
高雅琪,晶穹半導體股份有限公司,ya@example.com
邱俊宏,晶穹半導体股份有限公司,qiu@example.com
賴怡安,晶穹半導体股份有限公司,lai@example.com
"""


def test_a_form_is_made_to_fit(browser: Browser, crm: Crm) -> None:
    """Adds a field where it is missing, arranges the form, and takes both back."""
    with day(browser, crm, "admin", "zh-Hant") as page:
        page.goto(crm.url("/e/ticket/new"))
        field(page, "subject").fill("打到一半的主旨")
        page.get_by_role("button", name="更多操作").last.click()
        page.get_by_role("button", name="新增欄位").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("名稱").first.fill("班別")
        dialog.get_by_label("類型").select_option("select")
        dialog.get_by_label("選項").fill("早班\n晚班")
        expect(dialog).to_contain_text("新增欄位「班別」")
        shot(page, "admin-field")
        dialog.get_by_role("button", name="發佈").click()
        expect(page.get_by_label("班別")).to_be_visible()
        expect(field(page, "subject")).to_have_value("打到一半的主旨")
        page.locator(".fs-toast").filter(has_text="班別").get_by_role("button", name="復原").click()
        expect(page.get_by_label("班別")).to_have_count(0)

        page.goto(crm.url("/studio/form/ticket"))
        page.locator("[data-item=priority]").get_by_role("button", name="上移").press("Enter")
        card = page.locator("[data-item=subject]")
        card.get_by_label(re.compile("的設定")).click()
        card.get_by_label("名稱").fill("一句話說明")
        foot = page.locator("#arrange-foot")
        expect(foot).to_contain_text("變更表單")
        shot(page, "admin-arrange")
        page.wait_for_load_state("networkidle")
        foot.get_by_role("button", name="發佈").click()
        page.wait_for_url("**/e/ticket/new**")
        expect(page.get_by_label("一句話說明").first).to_be_visible()
        page.get_by_role("button", name="復原").click()
        expect(page.get_by_label("一句話說明")).to_have_count(0)


def test_a_file_is_imported_and_taken_back(browser: Browser, crm: Crm) -> None:
    """A customer whose name is written in other characters is settled once for both rows."""
    with day(browser, crm, "admin", "en") as page:
        page.goto(crm.url("/e/contact/import"))
        page.locator("input[type=file]").set_input_files(
            upload("people.csv", PEOPLE_TO_IMPORT.encode("utf-8"), "text/csv")
        )
        expect(page.get_by_role("heading", name="What the columns mean")).to_be_visible()
        for column, name in {"姓名": "name", "客戶": "customer", "電子郵件": "email"}.items():
            expect(page.get_by_label(f"Field for the column {column}", exact=True)).to_have_value(name)
        shot(page, "admin-import")
        page.get_by_role("button", name="Try without importing").click()
        settle = page.locator("[data-settle]").filter(has_text="晶穹半導体")
        expect(settle).to_contain_text("in 2 rows")
        page.get_by_label("What 晶穹半導体股份有限公司 stands for", exact=True).select_option("near")
        shot(page, "admin-settle")
        page.get_by_role("button", name="Try again").click()
        page.get_by_role("button", name="Import 3 rows").click()
        expect(page.get_by_text("3 created, 0 updated, 0 failed")).to_be_visible()
        shot(page, "admin-imported")
        run = page.url
        page.get_by_role("link", name="Show the records").click()
        expect(page.get_by_role("row").filter(has_text="賴怡安")).to_contain_text("晶穹半導體股份有限公司")
        page.goto(run)
        page.get_by_role("button", name="Take back…").click()
        page.get_by_role("dialog").get_by_role("button", name="Take back").click()
        expect(page.get_by_text("3 records were put back as they were.")).to_be_visible()
        page.goto(crm.url("/e/contact?q=賴怡安"))
        expect(page.get_by_text("Nothing fits")).to_be_visible()


def test_a_colleague_is_invited_with_the_phone(browser: Browser, crm: Crm) -> None:
    with day(browser, crm, "admin", "en", HAND) as page:
        page.goto(crm.url("/admin/people/new"))
        page.get_by_label("Name", exact=True).fill("Noor Haddad")
        page.get_by_label("E-mail").fill("noor@kingfisher.example")
        page.get_by_label("Support agent").check()
        shot(page, "admin-phone-invite")
        page.get_by_role("button", name="Make a link").click()
        expect(page.locator("#link")).to_contain_text("/link/")
        shot(page, "admin-phone-link")
        page.goto(crm.url("/admin/audit"))
        expect(page.get_by_role("main")).to_contain_text("Invitation made")
        expect(page.get_by_role("main")).to_contain_text("Noor Haddad")
        shot(page, "admin-phone-audit")
