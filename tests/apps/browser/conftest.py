"""The demo company of the default CRM, served once for the days of all people."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from crm_day import Crm
from playwright.sync_api import Browser, StorageState
from ui_world import World, make_world, served

from fieldstone.api import register as register_api
from fieldstone.engine.identity import find_person, set_password

ROOT = Path(__file__).parents[3] / "apps" / "default_crm"
PEOPLE = ("mei", "fay", "sam")
PASSWORD = "a long password for days"
COMPANY = {"name": "Kingfisher Trading", "currency": "USD", "time_zone": "Asia/Taipei"}


@pytest.fixture(scope="module")
def crm(postgres_url: str, browser: Browser) -> Iterator[Crm]:
    world = make_world(postgres_url, "crm-days", ROOT, COMPANY, demo=True)
    register_api(world.app, world.services)
    with world.services.engine.database.connection() as connection:
        for name in PEOPLE:
            person = find_person(connection, world.tenant, name)
            assert person is not None
            set_password(connection, world.tenant, person.id, PASSWORD)
    with served(world.app) as address:
        states = {name: state_of(browser, world, address, name, PASSWORD) for name in PEOPLE}
        states["admin"] = state_of(browser, world, address, "admin", world.password)
        yield Crm(world, address, states, PASSWORD)
    world.close()


def state_of(browser: Browser, world: World, address: str, name: str, password: str) -> StorageState:
    """The cookies of a browser that somebody has signed in with."""
    context = browser.new_context(base_url=address)
    answer = context.request.post(f"{world.base}/sign-in", form={"username": name, "password": password})
    assert answer.ok, name
    state = context.storage_state()
    context.close()
    return state
