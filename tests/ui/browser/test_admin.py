"""Administration in a real browser: invite and come in, disable, the last administrator, settings, keys."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect
from ui_browser import faultless, state_of
from ui_world import World, make_world, served

pytestmark = pytest.mark.browser

PASSWORD = "copper kettle 41"
PAGES = ("admin", "admin/company", "admin/people", "admin/people/new", "admin/teams", "admin/teams/new", "admin/roles",
         "admin/roles/reader", "admin/mail", "admin/audit", "admin/jobs", "account", "forgot")  # fmt: skip


@pytest.fixture(scope="module")
def office(postgres_url: str) -> Iterator[World]:
    made = make_world(postgres_url, "ui-admin", demo=True)
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(office: World) -> Iterator[str]:
    with served(office.app) as running:
        yield running


@pytest.fixture(scope="module")
def session(browser: Browser, address: str, office: World) -> StorageState:
    return state_of(browser, office, address)


@pytest.fixture
def boss(browser: Browser, address: str, office: World, session: StorageState) -> Iterator[Page]:
    """A page signed in as the administrator, on the start of administration."""
    with faultless(browser, address, session) as page:
        page.goto(f"{office.base}/admin")
        yield page


def test_somebody_is_invited_comes_in_and_is_disabled(
    boss: Page, browser: Browser, address: str, office: World
) -> None:
    boss.get_by_role("link", name="People", exact=True).click()
    boss.get_by_role("link", name="Invite somebody").click()
    boss.get_by_label("Name", exact=True).fill("Nadia Novak")
    boss.get_by_label("E-mail").fill("nadia@example.org")
    boss.get_by_label("Librarian").check()
    boss.get_by_role("button", name="Make a link").click()
    link = boss.locator("#link").inner_text()
    with faultless(browser, address) as nadia:
        nadia.goto(link)
        nadia.get_by_label("New password", exact=True).fill(PASSWORD)
        nadia.locator("#password-again").fill(PASSWORD)
        nadia.get_by_role("button").first.click()
        nadia.get_by_label("User name or e-mail").fill("nadia@example.org")
        nadia.get_by_label("Password").fill(PASSWORD)
        nadia.get_by_role("button", name="Sign in").click()
        expect(nadia.get_by_role("heading", level=1)).to_contain_text("Nadia Novak")
        boss.goto(f"{office.base}/admin/people")
        boss.get_by_role("link", name=re.compile("Nadia")).click()
        boss.get_by_role("link", name="Disable").click()
        expect(boss.get_by_role("heading", name="Disable Nadia Novak?")).to_be_visible()
        boss.get_by_role("link", name="Cancel").click()
        boss.get_by_role("link", name="Disable").click()
        boss.get_by_role("button", name="Disable").click()
        expect(boss.get_by_text("The account is disabled.")).to_be_visible()
        nadia.reload()
        expect(nadia.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_last_administrator_cannot_leave(boss: Page) -> None:
    boss.get_by_role("link", name="People", exact=True).click()
    boss.locator(".fs-adm-person", has_text="Administrator").first.click()
    boss.get_by_role("button", name="Take away the role Administrator").click()
    expect(boss.get_by_role("alert")).to_contain_text("This is the last administrator.")
    expect(boss.get_by_role("button", name="Take away the role Administrator")).to_be_visible()


def test_settings_tick_the_checklist_and_demo_data_goes(boss: Page) -> None:
    item = boss.get_by_role("listitem").filter(has_text="Choose the currency")
    expect(item).to_contain_text("To do")
    item.get_by_role("link").click()
    boss.get_by_label("Company name").fill("Town Library")
    boss.get_by_label("Currency").select_option("TWD")
    boss.get_by_role("button", name="Save").click()
    expect(boss.get_by_text("The settings were saved.")).to_be_visible()
    expect(boss.locator(".fs-brand")).to_contain_text("Town Library")
    boss.get_by_role("link", name="Overview").click()
    expect(item).to_contain_text("Done")
    boss.get_by_role("button", name="Remove demo data").click()
    boss.get_by_role("dialog").get_by_role("button", name="Remove demo data").click()
    expect(boss.get_by_text(re.compile("demo records? removed"))).to_be_visible()
    expect(boss.get_by_role("listitem").filter(has_text="Remove the demo data")).to_contain_text("Done")


def test_a_key_is_shown_once_and_revoked(boss: Page, office: World) -> None:
    boss.goto(f"{office.base}/account")
    boss.get_by_label("What it is for").fill("robot")
    boss.get_by_role("button", name="Make a key").click()
    secret = boss.locator("#key-secret").inner_text()
    assert secret.startswith("fs_")
    boss.goto(f"{office.base}/account")
    expect(boss.get_by_text(secret)).to_have_count(0)
    boss.get_by_role("button", name="Revoke the key robot").click()
    boss.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(boss.get_by_text("The key was revoked.")).to_be_visible()


def test_every_page_fits_a_small_phone_and_breaks_no_rule(boss: Page, office: World) -> None:
    boss.set_viewport_size({"width": 360, "height": 740})
    for path in PAGES:
        answer = boss.goto(f"{office.base}/{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert boss.evaluate("document.documentElement.scrollWidth") <= 360, path
        html = boss.content()
        assert not re.search(r"<(?!html)[^>]+\son[a-z]+=", html), path
        assert boss.locator("h1").count() == 1, path
