"""The demo company behind the screens: everybody can open what the menu shows, everything renders in each language.

The demo records are loaded by the engine, so every rule and link of theirs has held when these tests begin.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from crm_company import PASSWORD, crm_company
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from ui_browser import faultless, sign_in
from ui_world import World, served

from fieldstone.app.embedded import Endpoints
from fieldstone.engine.identity import context_for_user, find_person
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.metadata.definitions import Model
from fieldstone.metadata.presentation import forms_of, list_views, menus_for

PEOPLE = {
    "sales_manager": "anna", "sales_representative": "mei", "finance": "fay", "support_agent": "sam",
    "read_only": "rita", "administrator": "admin",
}  # fmt: skip
"""Role -> who has it in the demo company."""

LOCALES = ("en", "zh-Hans", "zh-Hant", "ja")
"""Everything is rendered in English; in the other languages, whose texts `tests/ui/test_messages.py` checks, one list and one
form of each entity.
"""


@pytest.fixture(scope="module")
def world(endpoints: Endpoints, test_home: Path) -> Iterator[World]:
    with crm_company(endpoints, test_home, "screens") as made:
        yield made


@pytest.fixture(scope="module")
def model(world: World) -> Model:
    return world.services.engine.read(world.system(), lambda tx: tx.model)


@pytest.fixture(scope="module")
def clients(world: World) -> dict[str, FlaskClient]:
    return {role: signed_in(world, name) for role, name in PEOPLE.items()}


def signed_in(world: World, username: str) -> FlaskClient:
    client = world.app.test_client()
    answer = client.post(f"{world.base}/sign-in", data={"username": username, "password": PASSWORD})
    assert answer.status_code == 303, username
    return client


def ids_of(world: World, entity: str, limit: int = 1) -> list[Any]:
    request = ListRequest(fields=("id",), limit=limit)
    page = world.services.engine.read(world.system(), lambda tx: list_records(tx, entity, request))
    return [record["id"] for record in page.data]


def problems_of(client: FlaskClient, addresses: list[str]) -> list[str]:
    """The addresses that do not answer with a whole page."""
    found = []
    for address in addresses:
        answer = client.get(address)
        if answer.status_code != 200 or "</html>" not in answer.text:
            found.append(f"{answer.status_code} {address}")
    return found


@pytest.mark.parametrize("role", PEOPLE)
def test_everybody_can_open_every_entry_of_the_menu(
    world: World, model: Model, clients: dict[str, FlaskClient], role: str
) -> None:
    home = clients[role].get(f"{world.base}/").text
    shown = [item for menu in menus_for(model, [role]) for item in menu.items]
    addresses = {unescape(found) for found in re.findall(r'class="fs-nav-link" href="([^"]+/e/[^"]+)"', home)}
    assert len(addresses) >= 6
    assert {f"{world.base}/e/{item.entity}" for item in shown} == {
        each.partition("?")[0] for each in addresses
    }
    for entity in {item.entity for item in shown}:
        page = clients[role].get(f"{world.base}/e/{entity}").text
        views = re.findall(rf'href="({world.base}/e/{entity}\?view=[a-z_]+)[^"]*"', page)
        assert views, f"{entity} offers no list"
        addresses |= set(views)
    assert problems_of(clients[role], sorted(addresses)) == []


def test_views_that_read_hidden_fields_are_not_offered(world: World, clients: dict[str, FlaskClient]) -> None:
    address = f"{world.base}/e/customer?view=customer_credit"
    assert address in clients["finance"].get(f"{world.base}/").text
    assert address not in clients["support_agent"].get(f"{world.base}/").text
    assert address not in clients["support_agent"].get(f"{world.base}/e/customer").text


@pytest.mark.parametrize("locale", LOCALES)
def test_every_list_form_and_record_renders(
    world: World, model: Model, clients: dict[str, FlaskClient], locale: str
) -> None:
    client = clients["administrator"]
    client.set_cookie("fs_locale", locale, path="/")
    addresses = []
    for name, entity in model.entities.items():
        if entity.parent is not None or entity.layer == "base":
            continue
        most = None if locale == "en" else 1
        views = list_views(model, name, ["administrator"])[:most]
        forms = forms_of(model, name, model.roles)[:most]
        addresses += [f"{world.base}/e/{name}?view={view.name}" for view in views]
        addresses += [f"{world.base}/e/{name}/new?form={form.name}" for form in forms]
        for record in ids_of(world, name) if locale == "en" else ():
            addresses += [f"{world.base}/e/{name}/{record}", f"{world.base}/e/{name}/{record}/edit"]
    assert len(addresses) > (75 if locale == "en" else 20)
    assert problems_of(client, addresses) == []
    labels = {"en": "Contracts", "zh-Hans": "合同", "zh-Hant": "合約", "ja": "契約"}
    assert labels[locale] in client.get(f"{world.base}/e/contract").text


@pytest.mark.parametrize("role", [role for role in PEOPLE if role != "administrator"])
def test_everybody_can_open_the_records_of_the_lists_they_see(
    world: World, model: Model, clients: dict[str, FlaskClient], role: str
) -> None:
    """Forms of roles hide and lock differently: none may break on a real record."""
    engine = world.services.engine
    with engine.database.connection() as connection:
        person = find_person(connection, world.tenant, PEOPLE[role])
        assert person is not None
        context = context_for_user(connection, world.tenant, person.id)
    addresses = []
    for entity in dict.fromkeys(item.entity for menu in menus_for(model, [role]) for item in menu.items):
        request = ListRequest(fields=("id",), limit=2)
        page = engine.read(context, partial(list_records, entity=entity, request=request))
        addresses += [f"{world.base}/e/{entity}/{record['id']}" for record in page.data]
    assert len(addresses) >= 8
    assert problems_of(clients[role], addresses) == []


def records_of(world: World, entity: str) -> list[dict[str, Any]]:
    page = world.services.engine.read(
        world.system(), lambda tx: list_records(tx, entity, ListRequest(limit=200))
    )
    return page.data


def test_instalments_of_the_demo_company_add_up_to_its_contracts(world: World) -> None:
    """Of those that came into force; what is still negotiated is not planned yet."""
    early = ("draft", "negotiation", "in_approval", "approved")
    contracts = [each for each in records_of(world, "contract") if each["status"] not in early]
    assert len(contracts) >= 8
    for contract in contracts:
        assert contract["planned_amount"] == contract["total"] > 0, contract["name"]
        assert contract["received_amount"] <= contract["total"], contract["name"]
    states = {plan["state"] for plan in records_of(world, "payment_plan")}
    assert {"paid", "overdue", "open"} <= states


def test_figures_of_the_demo_company_agree(world: World) -> None:
    received = sum((c["received_amount"] for c in records_of(world, "customer")), Decimal(0))
    assert received == sum((p["signed_amount"] for p in records_of(world, "payment")), Decimal(0))
    for claim in records_of(world, "expense_claim"):
        assert claim["total"] == sum(line["payable"] for line in claim["lines"])
    open_tickets = [t for t in records_of(world, "ticket") if t["status"] not in ("resolved", "closed")]
    assert len(open_tickets) == sum(c["open_ticket_count"] for c in records_of(world, "customer"))


@pytest.mark.browser
def test_the_customer_card_prints_on_one_page_of_a4(world: World, browser: Browser) -> None:
    request = ListRequest(fields=("id",), filter="code == 'C-00001'")
    (card,) = world.services.engine.read(
        world.system(), lambda tx: list_records(tx, "customer", request)
    ).data
    with served(world.app) as address, faultless(browser, address) as page:
        sign_in(page, world)
        page.goto(f"{world.base}/e/customer/{card['id']}")
        page.wait_for_load_state("networkidle")
        paper = page.pdf(prefer_css_page_size=True)
        page.emulate_media(media="print")
        blocks = page.locator(".fs-section:visible > h2").all_inner_texts()
        beside = page.locator(":is(.fs-top, .fs-nav-link, .fs-record-side, .btn):visible").count()
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    assert blocks == ["Basic data", "Organisation and operation", "Payment", "Remarks"]
    assert beside == 0, "navigation, buttons and related records are not printed"
