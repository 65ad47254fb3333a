"""Transitions and buttons on the record page, refused cards of a board, and automations in administration."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from automation_documents import DOCUMENTS
from automation_world import Works
from flask import Flask
from flask.testing import FlaskClient
from record_world import package, record_world
from ui_world import Services, token_of

from fieldstone.engine.identity import find_person, set_password
from fieldstone.engine.tenants.registry import TenantRegistry
from fieldstone.ui import register
from fieldstone.workflows.automations import Automations, Ports

PASSWORD = "seven quiet rivers"
REASON = {
    "entities/task": {
        "title": "Task",
        "properties": {
            "name": {"type": "string"},
            "state": {
                "oneOf": [{"const": "open", "title": "Open"}, {"const": "shut", "title": "Shut"}], "initial": "open",
                "transitions": [{"name": "shut", "title": "Shut it", "from": ["open"], "to": "shut", "comment": True}],
            },
        },
    },
}  # fmt: skip
ALL = dict.fromkeys(("create", "read", "update", "delete"), "all")


@pytest.fixture(scope="module")
def works(postgres_url: str) -> Iterator[Works]:
    roles = {"roles/tasks": {"entities": [{"name": "task", "verbs": ALL}]}}
    board = {"views/tasks": {"entity": "task", "kind": "kanban", "title": "Tasks", "groupBy": "state"}}
    documents = {**DOCUMENTS, **REASON, **roles, **board}
    with record_world(postgres_url, "acting", [package("works", documents)]) as built:
        built.engine.followers = (Automations(Ports()),)
        built.add_user("anna", "clerk", "tasks")
        with built.engine.database.connection() as connection:
            admin = find_person(connection, built.tenant, "admin")
            assert admin is not None
            built.users["admin"] = admin.id
            for name in ("anna", "admin"):
                set_password(connection, built.tenant, built.users[name], PASSWORD)
        yield Works(built.engine, built.tenant, built.users)


@pytest.fixture(scope="module")
def app(works: Works) -> Flask:
    made = Flask(__name__, static_folder=None, template_folder=None)
    register(made, Services(works.engine, TenantRegistry()))
    return made


def client_of(app: Flask, works: Works, username: str) -> FlaskClient:
    client = app.test_client()
    answer = client.post(f"/t/{works.tenant.name}/sign-in", data={"username": username, "password": PASSWORD})
    assert answer.status_code == 303
    return client


@pytest.fixture(scope="module")
def anna(app: Flask, works: Works) -> FlaskClient:
    return client_of(app, works, "anna")


@pytest.fixture(scope="module")
def admin(app: Flask, works: Works) -> FlaskClient:
    return client_of(app, works, "admin")


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(f"/t/acting/{path}", follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


def post(client: FlaskClient, path: str, **form: str) -> str:
    """Post a form of the page and follow it to the next one."""
    token = token_of(page(client, ""))
    answer = client.post(f"/t/acting/{path}", data={"csrf_token": token, **form}, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


def test_the_page_offers_what_can_be_done_now_and_does_it(works: Works, anna: FlaskClient) -> None:
    record = works.create("asset", {"label": "Saw", "count": 1}, "anna")
    path = f"e/asset/{record['id']}"
    shown = page(anna, path)
    assert all(f">{title}</button>" in shown.replace("</svg>", ">") for title in ("Use", "Scrap", "Tidy up"))
    after = post(anna, f"{path}/transition", name="use", field="status")
    assert "Done: Use." in after
    assert ">Use</button>" not in after.replace("</svg>", ">")
    assert works.read("asset", record["id"])["status"] == "used"
    refused = post(anna, f"{path}/transition", name="use", field="status")
    assert "It cannot change this way. Possible now: Scrap." in refused
    assert "Slow has begun and goes on later." in post(anna, f"{path}/press", name="slow")
    assert works.read("asset", record["id"])["note"] == "first"
    assert "System, for Anna" in page(anna, path), "the history says on whose behalf"


def test_a_reason_and_a_question_are_asked_for_first(works: Works, anna: FlaskClient) -> None:
    task = works.create("task", {"name": "Sweep"}, "anna")
    path = f"e/task/{task['id']}"
    assert f"{path}/act?name=shut&amp;field=state" in page(anna, path)
    assert 'name="comment"' in page(anna, f"{path}/act?name=shut&field=state")
    after = post(anna, f"{path}/transition", name="shut", field="state", comment="It is swept")
    assert "<q>It is swept</q>" in after
    record = works.create("asset", {"label": "Mop"}, "anna")
    assert "Really?" in page(anna, f"e/asset/{record['id']}/act?name=tidy")
    assert anna.get(f"/t/acting/{path}/act?name=nosuch&field=state").status_code == 404


def test_a_card_that_may_not_go_there_stays_and_says_why(works: Works, anna: FlaskClient) -> None:
    task = works.create("task", {"name": "Dust"}, "anna")
    answer = anna.post(
        f"/t/acting/e/task/{task['id']}/move?view=tasks",
        data={"csrf_token": token_of(page(anna, "")), "value": "shut", "version": "1"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 422
    assert answer.headers["HX-Reswap"] == "none"
    assert "This change needs a reason: use its button on the record. Possible now: Shut it." in answer.text
    assert works.read("task", task["id"])["state"] == "open"


def test_an_administrator_reads_what_ran_and_why(works: Works, admin: FlaskClient, anna: FlaskClient) -> None:
    works.create("asset", {"label": "Other", "code": "taken"})
    works.create("asset", {"label": "Twin"}, "anna")
    listed = page(admin, "admin/automations")
    assert "Broken code" in listed
    assert "Failed 1" in listed
    shown = page(admin, "admin/automations/broken_code?state=failed")
    assert all(text in shown for text in ("Code is already in use", "All taken back", "Try again", "Twin"))
    (run,) = works.trace("broken_code")
    again = post(admin, f"admin/automations/broken_code/runs/{run.id}/retry")
    assert "It is tried again in a moment." in again
    assert anna.get("/t/acting/admin/automations").status_code == 403
    assert anna.get("/t/acting/admin/automations/broken_code").status_code == 403


def test_the_secret_of_a_hook_is_shown_once(works: Works, admin: FlaskClient) -> None:
    made = post(admin, "admin/automations/check/secret")
    found = re.search(r'fs-hook-secret">([^<]+)<', made)
    assert found
    assert found[1] not in page(admin, "admin/automations/check")
    assert UUID(str(works.users["admin"]))
