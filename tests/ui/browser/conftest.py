"""A browser that fails the test on any console error, page error or breach of the content security policy."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, StorageState, sync_playwright
from ui_world import World

NAMES = ("chromium", "chromium-browser", "google-chrome")
EXPECTED = ("the server responded with a status of 4",)
"""What the browser itself logs for an answer that a test asks for on purpose."""


def chromium() -> str | None:
    return next((found for found in map(shutil.which, NAMES) if found), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.fail("Chromium is missing; install it with: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, app_server: str) -> Iterator[Page]:
    """A page at 1280x800 that is not signed in."""
    with faultless(browser, app_server) as opened:
        yield opened


@contextmanager
def faultless(browser: Browser, address: str, state: StorageState | None = None) -> Iterator[Page]:
    """A page on which nothing may go wrong unnoticed."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, base_url=address, locale="en-GB", storage_state=state
    )
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    faults: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in EXPECTED):
            faults.append(message.text)

    opened.on("console", heard)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    context.close()
    assert not faults


def sign_in(page: Page, world: World) -> None:
    page.goto(f"{world.base}/")
    page.get_by_label("User name or e-mail").fill("admin")
    page.get_by_label("Password").fill(world.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{world.base}/")


@pytest.fixture(scope="session")
def signed_in(browser: Browser, app_server: str, world: World) -> StorageState:
    """The cookies of a browser that the administrator has signed in with."""
    with faultless(browser, app_server) as page:
        sign_in(page, world)
        return page.context.storage_state()


@pytest.fixture
def home(browser: Browser, app_server: str, world: World, signed_in: StorageState) -> Iterator[Page]:
    """A page signed in as the administrator, on the start page."""
    with faultless(browser, app_server, signed_in) as page:
        page.goto(f"{world.base}/")
        yield page
