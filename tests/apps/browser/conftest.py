"""The demo company of the default CRM, served for the days of all people."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from crm_company import PASSWORD, crm_company
from crm_day import Crm
from playwright.sync_api import Browser
from ui_browser import state_of
from ui_world import served

from fieldstone.api import register as register_api
from fieldstone.app.embedded import Endpoints

PEOPLE = ("admin", "anna", "ben", "mei", "fay", "sam")


@pytest.fixture(scope="module")
def crm(endpoints: Endpoints, test_home: Path, browser: Browser) -> Iterator[Crm]:
    with crm_company(endpoints, test_home, "days") as world:
        register_api(world.app, world.services)
        with served(world.app) as address:
            states = {name: state_of(browser, world, address, name, PASSWORD) for name in PEOPLE}
            yield Crm(world, address, states, PASSWORD)
