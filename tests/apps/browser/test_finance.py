"""The day of somebody in finance: in English at the desk, in Traditional Chinese with the phone."""

from io import BytesIO

import pytest
from crm_day import HAND, Crm, cell, day, field, pick, save, shot, upload, value
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser

RECEIPT = BytesIO()
Image.new("RGB", (640, 900), "linen").save(RECEIPT, "PNG")


def test_money_of_a_contract_at_the_desk(browser: Browser, crm: Crm) -> None:
    """Plans an instalment, books its payment, sees the money fields, and exports the list."""
    with day(browser, crm, "fay", "en") as page:
        page.goto(crm.url("/"))
        shot(page, "fay-home")
        page.get_by_role("navigation", name="Main navigation").get_by_role(
            "link", name="Contracts", exact=True
        ).click()
        page.get_by_role("link", name="東雲 制御システム更新").click()
        expect(value(page, "total")).to_contain_text("61,932.40")
        contract = page.url
        page.get_by_role("main").locator("a[href*='/e/payment_plan/new']").first.click()
        expect(field(page, "contract")).to_have_value("東雲 制御システム更新")
        field(page, "name").fill("Spare parts")
        if not field(page, "customer").input_value():
            pick(page, field(page, "customer"), "東雲")
        field(page, "due_date").fill("2027-01-31")
        field(page, "amount").fill("1,250.50")
        shot(page, "fay-plan")
        plan = save(page)
        expect(value(page, "state")).to_have_text("open")
        page.get_by_role("main").locator("a[href*='/e/payment/new']").first.click()
        expect(field(page, "plan")).to_have_value("Spare parts")
        if not field(page, "customer").input_value():
            pick(page, field(page, "customer"), "東雲")
        field(page, "paid_on").fill("2026-01-15")
        field(page, "amount").fill("1250.50")
        save(page)
        page.goto(plan)
        expect(value(page, "state")).to_have_text("paid")
        expect(value(page, "received_amount")).to_contain_text("1,250.50")
        shot(page, "fay-paid")
        page.goto(contract)
        expect(page.get_by_role("link", name="Spare parts").first).to_be_visible()

        page.goto(crm.url("/e/customer?view=customer_credit"))
        expect(page.get_by_role("columnheader", name="Credit limit")).to_be_visible()
        shot(page, "fay-credit")
        page.goto(crm.url("/e/payment_plan?view=payment_plan_list"))
        page.get_by_role("button", name="More actions").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Export as Excel").click()
        sheet = load_workbook(BytesIO(download.value.path().read_bytes())).active
        assert sheet is not None
        assert any("Spare parts" in row for row in sheet.iter_rows(values_only=True))


def test_an_expense_claim_with_the_phone(browser: Browser, crm: Crm) -> None:
    """Two lines, one above the limit: refused without its receipt, taken with a photograph of it."""
    with day(browser, crm, "fay", "zh-Hant", HAND, expected=("status of 422",)) as page:
        page.goto(crm.url("/e/expense_claim/new"))
        field(page, "purpose").fill("台北客戶拜訪")
        cell(page, "date").fill("2026-01-12")
        cell(page, "category").select_option("travel")
        cell(page, "amount").fill("80")
        page.locator("[data-row-add]").click()
        cell(page, "date", 2).fill("2026-01-12")
        cell(page, "category", 2).select_option("hotel")
        cell(page, "amount", 2).fill("600")
        cell(page, "amount", 2).press("Tab")
        expect(page.locator("[data-field=total] output")).to_contain_text("680")
        shot(page, "fay-phone-claim")
        page.locator("[data-form-save]").click()
        problems = page.locator("[data-form-problems]")
        expect(problems).to_be_visible()
        expect(page.locator("[data-form-state]")).to_have_text("尚未儲存")
        head, box = page.locator(".fs-form-head").bounding_box(), problems.bounding_box()
        assert head and box and box["y"] >= head["y"] + head["height"], (
            "the problems are hidden below the head"
        )
        shot(page, "fay-phone-refused")
        picture = page.locator("[data-grid] tbody tr:nth-child(2) [data-cell=receipt] input[type=file]")
        picture.set_input_files(upload("receipt.png", RECEIPT.getvalue(), "image/png"))
        expect(page.locator("[data-grid] tbody tr:nth-child(2) [data-file-preview]").first).to_be_visible()
        save(page)
        expect(value(page, "total")).to_contain_text("680")
        page.locator("[data-field=lines] img").first.scroll_into_view_if_needed()
        shot(page, "fay-phone-saved")
