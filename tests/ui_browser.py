"""Pages of a browser on which nothing may go wrong unnoticed, and signing in there as a person does."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, ConsoleMessage, Page, StorageState, ViewportSize
from ui_world import World

EXPECTED = ("the server responded with a status of 4",)
"""What the browser itself logs for an answer that a test asks for on purpose."""
LEAVING = ("htmx:sendAbort", "htmx:afterRequest")
"""What htmx logs for a question of the bell that is cut off when one leaves the page."""


DESK: ViewportSize = {"width": 1280, "height": 800}


@contextmanager
def faultless(
    browser: Browser,
    address: str,
    state: StorageState | None = None,
    *,
    viewport: ViewportSize = DESK,
    expected: tuple[str, ...] = EXPECTED,
) -> Iterator[Page]:
    """A page on which nothing may go wrong unnoticed; an error that says one of `expected` is no fault."""
    context = browser.new_context(viewport=viewport, base_url=address, locale="en-GB", storage_state=state)
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    faults: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in (*expected, *LEAVING)):
            faults.append(f"{message.text} ({message.location.get('url')})")

    opened.on("console", heard)
    opened.on("pageerror", lambda error: faults.append(error.stack or str(error)))
    yield opened
    context.close()
    assert not faults, faults


def state_of(
    browser: Browser, world: World, address: str, name: str = "admin", password: str | None = None
) -> StorageState:
    """The cookies of a browser that somebody has signed in with, without a page being drawn."""
    context = browser.new_context(base_url=address)
    form = {"username": name, "password": password or world.password}
    answer = context.request.post(f"{world.base}/sign-in", form=form)
    assert answer.ok, name
    state = context.storage_state()
    context.close()
    return state


def sign_in(page: Page, world: World) -> None:
    page.goto(f"{world.base}/")
    page.get_by_label("User name or e-mail").fill("admin")
    page.get_by_label("Password").fill(world.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{world.base}/")
