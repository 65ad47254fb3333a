"""Every screen can be used by everybody: axe finds no breach of WCAG 2.2 AA, in light and dark, on a desk and in a hand.

`SCREENS` lists each page, `PARTS` each address that is no page; a new address must be added to one of them. Each page is
loaded once and looked at by all rules on a desk in light or in a hand in dark, in turn; drills look at both. Dark on a desk
and light in a hand change colours only where the other two do; `BOTH` are the pages whose contrast drills ask for there too.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, ViewportSize
from rounds import ROUNDS, turn
from ui_browser import faultless, sign_in
from ui_world import World, make_world, served
from workshop_world import COMPANY, fill

import fieldstone.ui
from fieldstone.engine import publish, records
from fieldstone.engine.identity import context_for_user, find_person, issue_link
from fieldstone.engine.imports import ImportOptions, run_import
from fieldstone.engine.imports.drafts import add_draft
from fieldstone.ui.routes import ROUTES
from fieldstone.workflows import approvals
from fieldstone.workflows.notifications import Notice, notify
from fieldstone.workflows.notifications.chat import save_channel
from fieldstone.workflows.notifications.unsubscribing import unsubscribe_path
from fieldstone.workflows.webhooks import save_webhook

pytestmark = pytest.mark.browser

PACKAGES = Path(__file__).parents[2] / "packages"
AXE = Path(fieldstone.ui.__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
Setting = tuple[ViewportSize, Literal["light", "dark"]]
DESK_LIGHT: Setting = ({"width": 1280, "height": 900}, "light")
HAND_DARK: Setting = ({"width": 390, "height": 844}, "dark")
BOTH = ("{t}/", "{e}", "{e}/{one}", "{e}/{one}/edit")
LOOK = """(only) => axe.run(document, {runOnly: only, resultTypes: ["violations"]}).then(
  (found) => found.violations.map((each) => `${each.id} (${each.impact}): ${each.help}\\n` + each.nodes.slice(0, 5).map(
    (node) => `    ${node.target.join(" ")}: ${node.failureSummary.replace(/\\s+/g, " ")}`).join("\\n")))"""
STILL = """() => Promise.all(document.getAnimations().filter((each) => each.effect.getTiming().iterations !== Infinity)
  .map((each) => each.finished.catch(() => null)))"""
E, S, A = "/t/<tenant>/e/<entity>", "/t/<tenant>/studio", "/t/<tenant>/admin"

OPEN: dict[str, list[str]] = {
    "/": ["/"],
    "/t/<tenant>/sign-in": ["{t}/sign-in"],
    "/t/<tenant>/forgot": ["{t}/forgot"],
    "/t/<tenant>/link/<secret>": ["{t}/link/{link}", "{t}/link/wrong"],
    "/t/<tenant>/decide/<token>": ["{t}/{decide}", "{t}/decide/wrong"],
    "/t/<tenant>/unsubscribe/<token>": ["{t}/{unsubscribe}", "{t}/unsubscribe/wrong"],
}
SCREENS: dict[str, list[str]] = {
    "/t/<tenant>/": ["{t}/"],
    "/t/<tenant>/password": ["{t}/password"],
    "/t/<tenant>/account": ["{t}/account"],
    "/t/<tenant>/account/notifications": ["{t}/account/notifications"],
    "/t/<tenant>/inbox": ["{t}/inbox", "{t}/inbox?box=submitted", "{t}/inbox?box=cc", "{t}/inbox?box=done"],
    "/t/<tenant>/inbox/<uuid:task_id>": ["{t}/inbox/{task}"],
    "/t/<tenant>/approvals/<uuid:run_id>": ["{t}/approvals/{approval}"],
    "/t/<tenant>/notifications": ["{t}/notifications", "{t}/notifications?show=unread"],
    "/t/<tenant>/documents": ["{t}/documents?path={t}/e/piece"],
    "/t/<tenant>/<path:rest>": ["{t}/e/nosuch"],
    E: ["{e}", "{e}?view=piece_board", "{e}?view=piece_plan", "{e}?view=piece_tree", "{e}?q=nothing+at+all"],
    f"{E}/duplicates": ["{e}/duplicates"],
    f"{E}/merge": ["{e}/merge?id={one}&id={two}"],
    f"{E}/<uuid:record_id>/convert/<name>": ["{e}/{one}/convert/keep"],
    f"{E}/import": ["{e}/import"],
    f"{E}/import/<uuid:run_id>": ["{e}/import/{draft}", "{e}/import/{run}"],
    f"{E}/new": ["{e}/new", "{t}/e/sample/new"],
    f"{E}/<uuid:record_id>": ["{e}/{one}", "{t}/e/sample/{sample}"],
    f"{E}/<uuid:record_id>/edit": ["{e}/{one}/edit"],
    S: ["{t}/studio"],
    f"{S}/spreadsheet": ["{t}/studio/spreadsheet"],
    f"{S}/revisions/<int:number>": ["{t}/studio/revisions/1"],
    f"{S}/form/<entity>": ["{t}/studio/form/piece"],
    A: ["{t}/admin"],
    f"{A}/company": ["{t}/admin/company"],
    f"{A}/people": ["{t}/admin/people"],
    f"{A}/people/new": ["{t}/admin/people/new"],
    f"{A}/people/<uuid:user_id>": ["{t}/admin/people/{person}"],
    f"{A}/people/<uuid:user_id>/disable": ["{t}/admin/people/{maker}/disable"],
    f"{A}/teams": ["{t}/admin/teams"],
    f"{A}/teams/new": ["{t}/admin/teams/new"],
    f"{A}/teams/<uuid:team_id>": ["{t}/admin/teams/{team}"],
    f"{A}/roles": ["{t}/admin/roles"],
    f"{A}/roles/<role>": ["{t}/admin/roles/maker"],
    f"{A}/mail": ["{t}/admin/mail"],
    f"{A}/approvals": ["{t}/admin/approvals"],
    f"{A}/approvals/older": ["{t}/admin/approvals/older"],
    f"{A}/approvals/trial": ["{t}/admin/approvals/trial"],
    f"{A}/automations": ["{t}/admin/automations"],
    f"{A}/automations/<name>": ["{t}/admin/automations/marked", "{t}/admin/automations/rung"],
    f"{A}/notifications": ["{t}/admin/notifications"],
    f"{A}/notifications/rooms/new": ["{t}/admin/notifications/rooms/new"],
    f"{A}/notifications/rooms/<uuid:channel_id>": ["{t}/admin/notifications/rooms/{room}"],
    f"{A}/webhooks": ["{t}/admin/webhooks"],
    f"{A}/webhooks/new": ["{t}/admin/webhooks/new"],
    f"{A}/webhooks/<uuid:hook_id>": ["{t}/admin/webhooks/{hook}"],
    f"{A}/audit": ["{t}/admin/audit"],
    f"{A}/jobs": ["{t}/admin/jobs"],
}
"""Route -> addresses, whose names are filled in from `places`."""

PARTS = {
    "/t/<tenant>/palette": "a part of the page that asks",
    "/t/<tenant>/logo": "a picture",
    "/t/<tenant>/notifications/count": "a part of every page",
    "/t/<tenant>/notifications/<uuid:notification_id>/open": "goes on to what it is about",
    "/t/<tenant>/regions/<country>": "a part of a form",
    f"{E}/views": "a part of the list",
    f"{E}/filter": "a part of the list",
    f"{E}/filter/row": "a part of the list",
    f"{E}/filter/apply": "goes on to the list",
    f"{E}/bulk/control": "a part of the list",
    f"{E}/bulk/<uuid:run_id>": "a part of the list",
    f"{E}/export": "a file",
    f"{E}/merge/begin": "goes on to the merge",
    f"{E}/cards": "a part of the board",
    f"{E}/children": "a part of the tree",
    f"{E}/import/values": "a part of the import",
    f"{E}/import/<uuid:run_id>/trial/<uuid:trial_id>": "a part of the import",
    f"{E}/import/<uuid:run_id>/progress": "a part of the import",
    f"{E}/import/<uuid:run_id>/errors.csv": "a file",
    f"{E}/<uuid:record_id>/cell/<field>": "a part of the list",
    f"{E}/lookup": "a part of a form",
    f"{E}/why": "a part of a page",
    f"{E}/<uuid:record_id>/submit": "a part of the record",
    f"{E}/<uuid:record_id>/act": "a part of the record",
    f"{E}/<uuid:record_id>/history": "a part of the record",
    f"{S}/field/<entity>": "a part of the form and of Studio",
    f"{S}/spreadsheet/<uuid:run_id>": "shown with a real workbook by test_spreadsheet.py",
    f"{S}/spreadsheet/<uuid:run_id>/progress": "a part of that",
}


BOSS = {"name": "boss", "type": "role", "value": "administrator"}
NOBODY = {"name": "keeper", "type": "field", "value": "keeper"}
FLOWS: dict[str, dict[str, Any]] = {
    "workflows/release": {
        "title": "Release", "entity": "piece", "when": "price > 0", "figures": ["price", "place.name"],
        "steps": [
            {"name": "boss", "type": "approve", "title": "Boss", "assign": [BOSS], "fields": [{"name": "weight", "access": "write"}]},
            {"name": "keeper", "type": "approve", "title": "Keeper", "assign": [NOBODY]},
        ],
    },
    "workflows/stray": {
        "title": "Stray", "entity": "piece", "steps": [{"name": "keeper", "type": "approve", "assign": [NOBODY]}],
    },
    "automations/marked": {
        "entity": "piece", "title": "Mark", "trigger": {"on": "create"}, "when": "label == 'Twin'",
        "actions": [{"name": "spare", "type": "set", "values": {"spare": "true"}}],
    },
    "automations/rung": {
        "entity": "piece", "title": "Ring", "trigger": {"on": "webhook"},
        "actions": [{"name": "new", "type": "create", "entity": "piece", "values": {"label": "'Rung'"}}],
    },
}  # fmt: skip
"""One approval that waits for the administrator, one that found nobody; an automation that runs, one with a secret."""


def test_every_address_is_looked_at_or_is_no_page() -> None:
    known = {*OPEN, *SCREENS, *PARTS}
    assert {route.path for route in ROUTES if route.method == "GET"} == known


@pytest.fixture(scope="module")
def shop(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The workshop, with what makes its pieces alike and convertible, and an entity with kinds of fields."""
    folder = tmp_path_factory.mktemp("everybody") / "workshop"
    shutil.copytree(PACKAGES / "workshop", folder)
    shutil.copy(PACKAGES / "kinds" / "entities" / "sample.json", folder / "entities")
    path = folder / "entities" / "piece.json"
    piece = json.loads(path.read_text())
    piece["duplicates"] = [{"name": "same_label", "fields": [{"name": "label"}]}]
    made = {"name": "kept", "entity": "place", "values": {"name": "label"}}
    piece["conversions"] = [{"name": "keep", "title": "Keep as a place", "creates": [made]}]
    path.write_text(json.dumps(piece))
    for document, content in FLOWS.items():
        place = folder / f"{document}.json"
        place.parent.mkdir(exist_ok=True)
        place.write_text(json.dumps(content))
    built = make_world(postgres_url, "everybody", folder, COMPANY)
    built.services.engine.write(built.system(), fill)
    yield built
    built.close()


@pytest.fixture(scope="module")
def places(shop: World) -> dict[str, Any]:
    """What the addresses name."""
    engine, context = shop.services.engine, shop.system()

    def make(tx: Any) -> dict[str, Any]:
        one, two = (records.create(tx, "piece", {"label": "Twin", "price": "5.00"})["id"] for _ in range(2))
        team = records.create(tx, "team", {"name": "North"})["id"]
        sample = records.create(tx, "sample", {"label": "All kinds", "stars": 3, "paint": "#336699"})["id"]
        draft = add_draft(tx, "piece", b"label,price\nA,1\nB,x\n", "csv", "pieces.csv")
        return {"one": one, "two": two, "team": team, "sample": sample, "draft": draft}

    found = engine.write(context, make)
    ran = run_import(
        engine, context, "piece", b"label,price\nOK,1\nBad,x\n", "csv", ImportOptions(partial=True)
    )
    engine.write(context, lambda tx: publish.put_draft(tx, "entities", "place", {"title": "Spot"}))
    plan = engine.read(context, publish.make_plan)
    publish.publish(engine, context, plan.base, plan.hash)
    with engine.database.connection() as connection:
        admin, maker = (find_person(connection, shop.tenant, each) for each in ("admin", "mara"))
        assert admin is not None and maker is not None
        link = issue_link(connection, shop.tenant, admin.id, "reset")
    return (
        told(shop, admin.id, found["one"])
        | asked(shop, admin.id, found["one"])
        | found
        | {
            "run": ran.id,
            "person": admin.id,
            "maker": maker.id,
            "link": link,
            "t": shop.base,
            "e": f"{shop.base}/e/piece",
        }
    )


def told(shop: World, admin: UUID, piece: UUID) -> dict[str, Any]:
    """Notices, a chat room, and a web hook with an event in its log."""
    engine = shop.services.engine
    with engine.database.connection() as connection:
        boss = context_for_user(connection, shop.tenant, admin)
    hook, _ = save_webhook(
        engine, boss, {"name": "Robot", "entity": "piece", "url": "https://example.org/hook"}
    )
    with engine.database.connection() as connection:
        boss = context_for_user(connection, shop.tenant, admin)

    def make(tx: Any) -> Any:
        notify(tx, Notice("assigned", (admin,), "assigned", {}, "piece", piece))
        notify(tx, Notice("reminder", (admin,), "reminder", {"title": "Sharpen", "message": "Before noon"}))
        records.update(tx, "piece", piece, {"price": "6.00"})
        return save_channel(tx, {"name": "Desk", "format": "slack", "url": "https://example.org/room"}).id

    room = engine.write(boss, make)
    path = unsubscribe_path(engine, shop.tenant, admin, "reminder")
    return {"hook": hook.id, "room": room, "unsubscribe": path}


def asked(shop: World, admin: UUID, piece: UUID) -> dict[str, Any]:
    """An approval that waits for the administrator, and a stuck one."""
    engine = shop.services.engine
    with engine.database.connection() as connection:
        boss = context_for_user(connection, shop.tenant, admin)

    def make(tx: Any) -> dict[str, Any]:
        approvals.submit(tx, "piece", piece, "stray")
        run = approvals.submit(tx, "piece", piece, "release", comment="Ready since Monday")
        return {"approval": run["id"]}

    found = engine.write(boss, make)
    task = engine.read(boss, lambda tx: approvals.tasks(tx, "waiting", 50, None).data)[0]["id"]
    return found | {
        "task": task,
        "decide": engine.write(boss, lambda tx: approvals.link_path(tx, task, admin)),
    }


@pytest.fixture(scope="module")
def address(shop: World) -> Iterator[str]:
    with served(shop.app) as found:
        yield found


def look(page: Page, label: str, only: dict[str, Any], faults: list[str]) -> None:
    page.evaluate(STILL)
    faults += [f"{label}: {each}" for each in page.evaluate(LOOK, only)]


def visit(
    page: Page, where: str, faults: list[str], first: Setting, *others: Setting, colours: bool = False
) -> None:
    """Look at a page as it is loaded in a setting, and turned into others; `colours`: only contrast in the rest of them."""
    size, scheme = first
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    answer = page.goto(where, wait_until="load")
    assert answer is not None and answer.status in (200, 404), f"{where}: {answer and answer.status}"
    look(page, f"{where} {size['width']} {scheme}", ALL, faults)
    for size, scheme in others:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        look(page, f"{where} {size['width']} {scheme}", ALL, faults)
    if colours:
        for size, scheme in ((HAND_DARK[0], DESK_LIGHT[1]), (DESK_LIGHT[0], HAND_DARK[1])):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            look(page, f"{where} {size['width']} {scheme}", CONTRAST, faults)


def check(page: Page, table: dict[str, list[str]], places: dict[str, Any]) -> None:
    faults: list[str] = []
    page.context.add_init_script(path=AXE)
    for number, address in enumerate(address for addresses in table.values() for address in addresses):
        settings = [DESK_LIGHT, HAND_DARK] if ROUNDS else [(DESK_LIGHT, HAND_DARK)[(number + turn()) % 2]]
        visit(page, address.format(**places), faults, *settings, colours=bool(ROUNDS) and address in BOTH)
    assert not faults, "\n".join(faults)


@pytest.mark.drill
def test_pages_before_signing_in(browser: Browser, address: str, places: dict[str, Any]) -> None:
    with faultless(browser, address) as page:
        check(page, OPEN, places)


@pytest.mark.drill
def test_every_screen(browser: Browser, address: str, shop: World, places: dict[str, Any]) -> None:
    with faultless(browser, address) as page:
        sign_in(page, shop)
        check(page, SCREENS, places)
