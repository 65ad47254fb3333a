"""A person's day in the CRM in a real browser: a page that fails its test when anything at all goes wrong on it.

Not only errors of the console, also every answer of 4xx or 5xx that the day did not announce, every breach of the
content security policy, and every moment in which the page is wider than its screen. With SHOTS=folder the days
leave pictures there.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Locator, Page, StorageState, ViewportSize, expect
from ui_browser import DESK, faultless
from ui_world import World

HAND: ViewportSize = {"width": 390, "height": 844}
RECORD = re.compile(r"/e/[a-z_]+/[0-9a-f-]{36}$")
WATCH = """(() => {
  let before = false, said = false;
  document.addEventListener("securitypolicyviolation", (event) => console.error(`CSP: ${event.violatedDirective}`));
  setInterval(() => {
    const root = document.documentElement;
    const wide = root !== null && root.scrollWidth > root.clientWidth;
    if (wide && before && !said) {
      said = true;
      console.error(`${location.pathname}: the page is ${root.scrollWidth} wide, its screen ${root.clientWidth}`);
    }
    before = wide;
  }, 100);
})()"""
"""Says an error when a page stays wider than its screen for a tenth of a second."""


@dataclass(frozen=True)
class Crm:
    """The demo company, served, and who is signed in."""

    world: World
    address: str
    states: dict[str, StorageState]
    password: str

    def url(self, path: str) -> str:
        return f"{self.world.base}{path}"


@contextmanager
def day(
    browser: Browser,
    crm: Crm,
    who: str,
    locale: str,
    screen: ViewportSize = DESK,
    *,
    expected: tuple[str, ...] = (),
) -> Iterator[Page]:
    """A page of somebody who is signed in; an error that says one of `expected` is no fault."""
    with faultless(browser, crm.address, crm.states[who], viewport=screen, expected=expected) as page:
        page.context.add_cookies([{"name": "fs_locale", "value": locale, "url": crm.address}])
        page.add_init_script(WATCH)
        yield page


def shot(page: Page, name: str) -> None:
    folder = os.environ.get("SHOTS")
    if folder:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.wait_for_timeout(300)  # colours change gradually
            page.screenshot(path=f"{folder}/{name}-{scheme}.png")
        page.emulate_media(color_scheme="light")


def field(page: Page, name: str) -> Locator:
    """What one types into or chooses from for a field of a form."""
    return page.locator(f"[data-field={name}] .fs-control").locator("input, select, textarea").first


def cell(page: Page, name: str, row: int = 1) -> Locator:
    """The same for a column of the lines."""
    return (
        page.locator(f"[data-grid] tbody tr:nth-child({row}) [data-cell={name}]")
        .locator("input, select")
        .first
    )


def pick(page: Page, box: Locator, words: str, title: str | re.Pattern[str] | None = None) -> None:
    """Choose a record by typing part of its title."""
    box.press_sequentially(words)
    option = page.get_by_role("option", name=title or words).first
    expect(option).to_have_attribute("aria-selected", "true")
    box.press("Enter")


def save(page: Page) -> str:
    """Save the form; the address of the record."""
    page.locator("[data-form-save]").click()
    page.wait_for_url(RECORD)
    return page.url


def value(page: Page, name: str) -> Locator:
    """What a record page shows for a field."""
    return page.locator(f"dl[data-field={name}] dd")


def drag(page: Page, source: Locator, target: Locator) -> None:
    """In steps, as a hand does."""
    start, end = source.bounding_box(), target.bounding_box()
    assert start and end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] - 4)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 40, steps=8)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 50, steps=3)
    page.mouse.up()


def upload(name: str, content: bytes, mime: str) -> Any:
    return {"name": name, "mimeType": mime, "buffer": content}
