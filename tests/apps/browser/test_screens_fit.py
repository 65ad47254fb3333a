"""The screens that a person's menu leads to, at the desk and on the phone: nothing goes wrong.

A page is loaded once and seen in both sizes; wider than the screen it may never be. Half of a menu is seen in
English, the other half in Chinese; one in three of these tours is made in an ordinary run. The
administrator, whose menu has what the others see, looks at administration.
"""

import pytest
from crm_day import HAND, Crm, day, shot
from playwright.sync_api import Browser, Page
from ui_browser import DESK

pytestmark = pytest.mark.browser

WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
ENTITIES = {"mei": "opportunity", "fay": "payment", "sam": "ticket", "admin": "customer"}
"""Of which each looks at a record and at the form of a new one."""

MORE = {"admin": ("/admin", "/admin/people", "/admin/roles", "/studio", "/studio/form/customer", "/e/customer/duplicates",
                  "/e/customer/import", "/studio/spreadsheet")}  # fmt: skip


def seen(page: Page, name: str) -> list[str]:
    wide = []
    for size in (DESK, HAND):
        page.set_viewport_size(size)
        over = page.evaluate(WIDTH)
        for _ in range(20):  # the page may still be settling in its new size
            if over <= 0:
                break
            page.wait_for_timeout(100)
            over = page.evaluate(WIDTH)
        if over > 0:
            wide.append(f"{page.url} is {over} too wide at {size['width']}")
        shot(page, f"fit-{name}-{size['width']}")
    return wide


@pytest.mark.sampled(3)
@pytest.mark.parametrize("locale", ["en", "zh-Hant"])
@pytest.mark.parametrize("who", ["mei", "fay", "sam", "admin"])
def test_every_screen_of_the_menu_fits(browser: Browser, crm: Crm, who: str, locale: str) -> None:
    with day(browser, crm, who, locale) as page:
        page.goto(crm.url("/"))
        entity = ENTITIES[who]
        menu = page.locator("a.fs-nav-link[href*='/e/']").evaluate_all("all => all.map((a) => a.href)")
        addresses = [] if who == "admin" else menu[locale == "en" :: 2]
        addresses += [crm.url(path) for path in (f"/e/{entity}/new", *MORE.get(who, ()))]
        wide = seen(page, f"{who}-{locale}-home")
        for address in addresses:
            answer = page.goto(address)
            assert answer is not None
            assert answer.ok, address
            assert page.locator("html").get_attribute("lang") == locale
            wide += seen(
                page, f"{who}-{locale}-{address.partition('/t/')[2].partition('/')[2].replace('/', '_')}"
            )
        page.goto(crm.url(f"/e/{entity}"))
        first = page.locator("[data-id] a[href*='/e/']").first.get_attribute("href")
        page.goto(str(first))
        wide += seen(page, f"{who}-{locale}-record")
        assert wide == []
