"""States, buttons and incoming calls over HTTP."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from automation_documents import DOCUMENTS
from automation_world import Works
from flask import Flask
from flask.testing import FlaskClient
from record_world import package, record_world
from ui_world import Services

from fieldstone.api import register
from fieldstone.engine.identity import create_key, find_person
from fieldstone.engine.tenants.registry import TenantRegistry
from fieldstone.workflows.automations import Automations, Ports
from fieldstone.workflows.automations.incoming import sign

BASE = "/t/acting-api/api/v1"


class Caller:
    """Asks with somebody's key."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self.client, self.headers = client, {"Authorization": f"Bearer {key}"}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.open(BASE + path, method=method, json=body, headers={**self.headers, **headers})


@pytest.fixture(scope="module")
def works(postgres_url: str) -> Iterator[Works]:
    with record_world(postgres_url, "acting-api", [package("works", DOCUMENTS)]) as built:
        built.engine.followers = (Automations(Ports()),)
        built.add_user("anna", "clerk")
        yield Works(built.engine, built.tenant, built.users)


@pytest.fixture(scope="module")
def client(works: Works) -> FlaskClient:
    app = Flask(__name__, static_folder=None, template_folder=None)
    register(app, Services(works.engine, TenantRegistry()))
    return app.test_client()


@pytest.fixture(scope="module")
def callers(works: Works, client: FlaskClient) -> dict[str, Caller]:
    with works.engine.database.connection() as connection:
        admin = find_person(connection, works.tenant, "admin")
        assert admin is not None
        ids = {"anna": works.users["anna"], "admin": admin.id}
        keys = {name: create_key(connection, works.tenant, each)[1] for name, each in ids.items()}
    return {name: Caller(client, key) for name, key in keys.items()}


def test_a_transition_and_its_refusal(callers: dict[str, Caller]) -> None:
    anna = callers["anna"]
    made = anna.ask("POST", "/asset", {"label": "Saw"}).get_json()
    path = f"/asset/{made['id']}"
    refused = anna.ask("PATCH", path, {"status": "gone"})
    assert refused.status_code == 422
    (problem,) = refused.get_json()["errors"]
    assert (problem["pointer"], problem["code"]) == ("/status", "transition.refused")
    assert problem["data"] == {"from": "new", "to": "gone", "allowed": ["use"], "why": "condition"}
    assert anna.ask("POST", f"{path}/transition", {"action": "use"}, **{"If-Match": '"7"'}).status_code == 412
    once = {"Idempotency-Key": "use-once"}
    done = anna.ask("POST", f"{path}/transition", {"action": "use"}, **once)
    assert (done.status_code, done.headers["ETag"], done.get_json()["status"]) == (200, '"2"', "used")
    assert anna.ask("POST", f"{path}/transition", {"action": "use"}, **once).get_json() == done.get_json()
    again = anna.ask("POST", f"{path}/transition", {"action": "use", "values": {"count": 2}})
    assert again.get_json()["errors"][0]["data"]["why"] == "none"
    stays = anna.ask("GET", f"{path}/stages").get_json()["data"]
    assert [(each["value"], each["transition"], each["left_at"] is None) for each in stays] == [
        ("new", None, False), ("used", "use", True),
    ]  # fmt: skip
    offered = anna.ask("GET", f"{path}/transitions").get_json()["data"]
    assert {each["name"]: each["why"] for each in offered} == {"scrap": "condition", "sell": "condition"}
    for wrong in ({}, {"action": 1}, {"action": "use", "more": 1}):
        assert anna.ask("POST", f"{path}/transition", wrong).status_code == 422


def test_a_button_and_its_trace(callers: dict[str, Caller]) -> None:
    anna, admin = callers["anna"], callers["admin"]
    made = anna.ask("POST", "/asset", {"label": "Axe"}).get_json()
    path = f"/asset/{made['id']}"
    offered = anna.ask("GET", f"{path}/buttons").get_json()["data"]
    assert [(each["name"], each["confirm"]) for each in offered] == [("slow", ""), ("tidy", "Really?")]
    done = anna.ask("POST", f"{path}/press", {"automation": "slow"}).get_json()
    assert (done["state"], done["error"], done["record"]["note"]) == ("waiting", None, "first")
    run = admin.ask("GET", f"/automation-runs/{done['run']}").get_json()
    assert [step["state"] for step in run["steps"]] == ["done", "waiting"]
    page = admin.ask("GET", f"/automations/slow/runs?record={made['id']}").get_json()
    assert [each["id"] for each in page["data"]] == [done["run"]]
    listed = {each["name"]: each for each in admin.ask("GET", "/automations").get_json()["data"]}
    assert listed["slow"]["runs"] == {"waiting": 1}
    assert admin.ask("POST", f"/automation-runs/{done['run']}/retry").status_code == 404, "it has not failed"
    assert anna.ask("GET", "/automations").status_code == 403


def test_a_signed_call_is_taken_once(callers: dict[str, Caller], client: FlaskClient) -> None:
    callers["anna"].ask("POST", "/asset", {"label": "Drum", "code": "D1"})
    secret = callers["admin"].ask("PUT", "/automations/check/secret").get_json()["secret"]
    body, stamp = json.dumps({"code": "D1", "pieces": 4}).encode(), str(int(time.time()))

    def call(signature: str, name: str = "check") -> Any:
        headers = {"X-Fieldstone-Timestamp": stamp, "X-Fieldstone-Signature": signature}
        return client.post(
            f"{BASE}/hooks/{name}", data=body, headers=headers, content_type="application/json"
        )

    right = sign(secret, stamp, body)
    assert call(right).get_json()["state"] == "done"
    assert (call(right).status_code, call(right).get_json()["code"]) == (409, "hook.replayed")
    wrong, absent = call("sha256=" + "0" * 64), call(right, "nosuch")
    assert wrong.status_code == absent.status_code == 401
    assert wrong.get_json()["detail"] == absent.get_json()["detail"]
    (asset,) = callers["anna"].ask("GET", "/asset?filter=code == 'D1'").get_json()["data"]
    assert asset["count"] == 4
