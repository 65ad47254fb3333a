"""An expense claim from its lines to the money: at the desk of who asks and who pays, with the phone of who decides."""

import pytest
from crm_day import HAND, Crm, cell, day, field, save, shot, value
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


def submit(page: Page, button: str) -> None:
    """By the button on the claim, which first says who will be asked."""
    page.get_by_role("button", name=button).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Anna Lin")
    expect(dialog).to_contain_text("Fay Huang")
    shot(page, "ben-submit")
    dialog.get_by_role("button", name="Submit for approval").click()
    expect(value(page, "status").first).to_have_text("Submitted")


def open_task(page: Page, crm: Crm, number: str) -> None:
    page.goto(crm.url("/inbox"))
    page.get_by_role("main").get_by_role("link", name=number).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(number)


def approve(page: Page, number: str) -> None:
    page.get_by_role("form", name="Decide").get_by_role("button", name="Approve").click()
    expect(page.locator(".fs-toast")).to_contain_text(f"Approved: {number}")


def test_a_claim_is_sent_back_comes_again_and_is_paid(browser: Browser, crm: Crm) -> None:
    with (
        day(browser, crm, "ben", "en") as ben,
        day(browser, crm, "anna", "en", HAND) as anna,
        day(browser, crm, "fay", "en") as fay,
    ):
        ben.goto(crm.url("/e/expense_claim/new"))
        field(ben, "purpose").fill("Fair in Hsinchu")
        cell(ben, "date").fill("2026-01-12")
        cell(ben, "category").select_option("travel")
        cell(ben, "amount").fill("400")
        claim = save(ben)
        number = ben.get_by_role("heading", level=1).inner_text()
        submit(ben, "Submit for approval")
        shot(ben, "ben-submitted")

        open_task(anna, crm, number)
        shot(anna, "anna-phone-task")
        anna.get_by_role("button", name="Send back").click()
        dialog = anna.get_by_role("dialog")
        dialog.get_by_label("Comment").fill("With whom did you talk?")
        shot(anna, "anna-phone-return")
        dialog.get_by_role("button", name="Send back").click()
        expect(anna.locator(".fs-toast")).to_contain_text(f"Sent back: {number}")

        ben.goto(claim)
        expect(value(ben, "status").first).to_have_text("Draft")
        expect(ben.get_by_role("main")).to_contain_text("With whom did you talk?")
        ben.get_by_role("link", name="Edit", exact=True).click()
        field(ben, "remarks").fill("With all buyers of the north")
        save(ben)
        submit(ben, "Submit again")

        open_task(anna, crm, number)
        approve(anna, number)
        for step in ("finance", "payment"):
            open_task(fay, crm, number)
            shot(fay, f"fay-{step}")
            approve(fay, number)

        ben.goto(claim)
        expect(value(ben, "status").first).to_have_text("Paid")
        expect(value(ben, "paid_on")).not_to_be_empty()
        ben.get_by_role("link", name="Trail").first.click()
        expect(ben.get_by_role("main")).to_contain_text("With whom did you talk?")
        shot(ben, "ben-trail")
