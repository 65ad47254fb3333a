"""A browser that fails the test on any console error, page error or breach of the content security policy."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState
from ui_browser import faultless, state_of
from ui_world import World


@pytest.fixture
def page(browser: Browser, app_server: str) -> Iterator[Page]:
    """A page at 1280x800 that is not signed in."""
    with faultless(browser, app_server) as opened:
        yield opened


@pytest.fixture(scope="session")
def signed_in(browser: Browser, app_server: str, world: World) -> StorageState:
    """The cookies of a browser that the administrator has signed in with."""
    return state_of(browser, world, app_server)


@pytest.fixture
def home(browser: Browser, app_server: str, world: World, signed_in: StorageState) -> Iterator[Page]:
    """A page signed in as the administrator, on the start page."""
    with faultless(browser, app_server, signed_in) as page:
        page.goto(f"{world.base}/")
        yield page
