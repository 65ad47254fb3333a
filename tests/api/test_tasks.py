"""Approvals over HTTP: submitting, the inbox, deciding, and what is refused with which status and reason."""

from collections.abc import Iterator
from typing import Any

import pytest
from api_world import ALL, ApiWorld, api_world, counted, problem

from fieldstone.engine.service import Engine
from fieldstone.workflows import approvals

DOCUMENTS: dict[str, dict[str, Any]] = {
    "entities/asset": {
        "type": "object",
        "required": ["label"],
        "titleField": "label",
        "properties": {
            "label": {"type": "string"},
            "price": {"field": "money"},
            "limit": {"field": "decimal", "scale": 2, "approval": "limits"},
            "status": {"oneOf": [{"const": "draft"}, {"const": "bought"}], "default": "draft"},
        },
    },
    "roles/clerk": {
        "entities": [{"name": "asset", "verbs": {**ALL, "import": "all"}}],
    },
    "roles/reader": {
        "entities": [{"name": "asset", "verbs": {"read": "all"}}],
    },
    "workflows/buying": {
        "entity": "asset",
        "title": "Buying",
        "when": "price > 0",
        "material": ["price"],
        "on": {"approved": {"status": "'bought'"}},
        "steps": [
            {
                "name": "check", "type": "approve", "title": "Check", "mode": "any", "order": 10,
                "assign": [{"name": "readers", "type": "role", "value": "reader"}], "commentRequired": ["reject"],
            }
        ],
    },
    "workflows/limits": {
        "entity": "asset",
        "title": "Limits",
        "field": "limit",
        "steps": [
            {
                "name": "check", "type": "approve", "title": "Check", "mode": "any", "order": 10,
                "assign": [{"name": "readers", "type": "role", "value": "reader"}],
            }
        ],
    },
}  # fmt: skip
MISSING = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def api(postgres_url: str) -> Iterator[ApiWorld]:
    with api_world(
        postgres_url, "api-tasks", {f"{path}.json": each for path, each in DOCUMENTS.items()}
    ) as built:
        approving(built.services.engine)
        built.add_person("second", ("reader",))
        yield built


def approving(engine: Engine) -> None:
    """The engine with what approvals fill in."""
    engine.guards = (*engine.guards, approvals.ApprovalGuard())
    engine.followers = (*engine.followers, approvals.AutomaticRuns())
    engine.approvals, engine.submit = approvals.BoundFields(), approvals.submit


def submitted(api: ApiWorld, who: str = "clerk", **values: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A record that was submitted, and the reader's task."""
    made = api.make(who=who, **{"price": "10", "price_currency": "USD", **values})
    answer = api.post(f"/asset/{made['id']}/submit", {"comment": "Please"}, who=who)
    assert answer.status_code == 201, answer.text
    run = answer.get_json()
    assert answer.headers["Location"].endswith(f"/approvals/{run['id']}")
    tasks = api.get("/tasks", who="reader").get_json()["data"]
    return run, next(task for task in tasks if task["run"] == run["id"])


def test_a_record_is_submitted_seen_and_decided(api: ApiWorld) -> None:
    run, task = submitted(api, label="Lathe")
    assert (task["title"], task["workflow"], task["submitter"]["name"]) == ("Lathe", "buying", "Clerk")
    assert {"approve", "reject", "return"} <= set(task["operations"])
    seen = api.get(f"/tasks/{task['id']}", who="reader")
    assert (
        seen.headers["ETag"] == f'"{task["version"]}"'
        and seen.get_json()["comments"][0]["comment"] == "Please"
    )
    key = {"Idempotency-Key": "decide-once", "If-Match": f'"{task["version"]}"'}
    done = api.post(f"/tasks/{task['id']}/approve", {"comment": "Yes"}, who="reader", headers=key)
    assert (done.status_code, done.get_json()["state"]) == (200, "approved")
    again = api.post(f"/tasks/{task['id']}/approve", {"comment": "Yes"}, who="reader", headers=key)
    assert again.get_json() == done.get_json() and again.headers["Idempotency-Replayed"] == "true"
    assert api.get(f"/asset/{run['record']}").get_json()["status"] == "bought"
    trail = api.get(f"/asset/{run['record']}/approvals", who="clerk").get_json()
    assert [each["state"] for each in trail["data"]] == ["approved"]
    assert api.get("/tasks?box=done", who="reader").get_json()["data"][0]["id"] == task["id"]
    assert api.get("/tasks?box=submitted&limit=1", who="clerk").get_json()["data"][0]["id"] == run["id"]


def test_the_path_is_told_before_anything_is_stored(api: ApiWorld) -> None:
    body = {"values": {"label": "Lamp", "price": "5", "price_currency": "USD"}}
    found = api.post("/asset/approval-path", body, who="clerk").get_json()
    assert (found["workflow"], found["possible"]) == ("buying", True)
    assert {each["name"] for each in found["steps"][0]["people"]} == {"Reader", "Second"}
    assert api.post("/asset/approval-path", {"values": {}}, who="clerk").get_json()["workflow"] is None
    bound = api.post("/asset/approval-path", {**body, "workflow": "limits"}, who="clerk").get_json()
    assert bound["workflow"] == "limits"


REFUSED: list[tuple[str, str, str, dict[str, Any], int, str]] = [
    ("somebody else's", "clerk", "approve", {}, 403, "task.not_yours"),
    ("a stranger's", "nobody", "approve", {}, 404, "task.unknown"),
    ("no comment", "reader", "reject", {}, 422, "comment.required"),
    ("unknown member", "reader", "approve", {"why": "x"}, 422, "request.invalid"),
    ("no such action", "reader", "bless", {}, 422, "invalid"),
    ("to nobody", "reader", "transfer", {}, 422, "invalid"),
    ("nowhere", "reader", "return", {"to": "nosuch", "comment": "x"}, 422, "return.unknown"),
]


@pytest.mark.parametrize(
    ("name", "who", "action", "body", "status", "code"), REFUSED, ids=[each[0] for each in REFUSED]
)
def test_what_is_refused_changes_nothing(
    api: ApiWorld, name: str, who: str, action: str, body: dict[str, Any], status: int, code: str
) -> None:
    _, task = submitted(api, label=name)
    answer = problem(api.post(f"/tasks/{task['id']}/{action}", body, who=who), status)
    assert code in (answer["code"], *(each["code"] for each in answer["errors"])) or code == "invalid"
    assert api.get(f"/tasks/{task['id']}", who="reader").get_json()["version"] == task["version"]


def test_who_comes_second_is_told_who_was_first(api: ApiWorld) -> None:
    run, task = submitted(api)
    other = next(
        each for each in api.get("/tasks", who="second").get_json()["data"] if each["run"] == run["id"]
    )
    api.post(f"/tasks/{task['id']}/approve", who="reader")
    for which, who in ((task, "reader"), (other, "second")):
        told = problem(api.post(f"/tasks/{which['id']}/reject", {"comment": "No"}, who=who), 409)
        assert told["code"] == "task.decided" and told["data"]["decided_by"] == str(api.users["reader"])
        assert told["data"]["decided_at"]


def test_a_stale_version_and_a_withdrawn_run(api: ApiWorld) -> None:
    run, task = submitted(api)
    stale = api.post(f"/tasks/{task['id']}/approve", {}, who="reader", headers={"If-Match": '"99"'})
    assert problem(stale, 412)["data"] == {"version": task["version"]}
    problem(api.post(f"/approvals/{run['id']}/withdraw", who="reader"), 403)
    problem(api.post(f"/approvals/{run['id']}/withdraw", who="nobody"), 404)
    assert api.post(f"/approvals/{run['id']}/withdraw", {"comment": "Later"}, who="clerk").status_code == 200
    assert problem(api.post(f"/tasks/{task['id']}/approve", who="reader"), 409)["code"] == "run.over"


def test_running_twice_without_reason_and_locked_fields(api: ApiWorld) -> None:
    run, _ = submitted(api)
    assert problem(api.post(f"/asset/{run['record']}/submit", {}, who="clerk"), 409)["code"] == "run.running"
    problem(api.patch(f"/asset/{run['record']}", {"price": "1"}, who="clerk"), 422)
    problem(api.delete(f"/asset/{run['record']}", who="clerk"), 422)
    made = api.make(who="clerk")
    refused = api.post(f"/asset/{made['id']}/submit", {"workflow": "buying"}, who="clerk")
    assert problem(refused, 422)["code"] == "submit.condition"
    problem(api.post(f"/asset/{made['id']}/submit", {"workflow": "nosuch"}, who="clerk"), 422)
    problem(api.post(f"/asset/{made['id']}/submit", {"workflow": "buying"}, who="reader"), 403)


def test_a_bound_field_over_http(api: ApiWorld) -> None:
    made = api.make(who="clerk", label="Bound")
    answer = api.patch(f"/asset/{made['id']}", {"limit": "3000000"}, who="clerk")
    assert answer.get_json()["limit"] is None and answer.headers["ETag"] == '"1"'
    waiting = answer.get_json()["_pending"]["limit"]
    assert (waiting["value"], waiting["requested_by"]) == ("3000000", str(api.users["clerk"]))
    second = problem(api.patch(f"/asset/{made['id']}", {"limit": "5"}, who="admin"), 409)
    assert second["code"] == "pending.exists" and second["data"]["value"] == "3000000"
    csv = b"label,limit\nBound,7\n"
    imported = api.post(
        "/asset/import?mode=update&key=label&partial=true", data=csv, content_type="text/csv", who="clerk"
    ).get_json()
    assert imported.get("failed") == 1, imported
    assert imported["errors"][0]["code"] == "pending.exists"
    task = next(
        each for each in api.get("/tasks", who="reader").get_json()["data"] if each["record"] == made["id"]
    )
    assert task["field"] == "limit"
    api.post(f"/tasks/{task['id']}/approve", who="reader")
    assert api.get(f"/asset/{made['id']}").get_json()["limit"] == "3000000"
    schema = api.get("/asset/schema.json?for=read").get_json()
    assert "_pending" in schema["properties"]


def test_several_at_once(api: ApiWorld) -> None:
    ids = [submitted(api)[1]["id"] for _ in range(2)]
    body = {"tasks": [*ids, MISSING], "action": "approve"}
    results = api.post("/tasks/decide", body, who="reader").get_json()["results"]
    assert [(each["done"], each["code"]) for each in results] == [
        (True, None), (True, None), (False, "task.unknown"),
    ]  # fmt: skip


def test_administrators_see_what_is_stuck_and_move_and_try(api: ApiWorld) -> None:
    assert api.get("/approvals").get_json() == {"data": [], "next": None}
    plan = api.post("/approvals/move", {"workflow": "buying", "dry_run": True}).get_json()
    assert plan["runs"] == []
    found = api.post("/approvals/simulate", {"workflow": "buying", "limit": 5}).get_json()
    assert found["records"] == 5
    schema = "https://fieldstone.dev/schemas/workflow-1.json"
    document = {
        "$schema": schema,
        **DOCUMENTS["workflows/buying"],
        "name": "buying",
        "when": "price > 1000000",
    }
    tried = api.post("/approvals/simulate", {"document": document}).get_json()
    assert tried["not_submitted"] == tried["records"]
    wrong = {**document, "when": "nosuch > 1"}
    problem(api.post("/approvals/simulate", {"document": wrong}), 422)
    leaving = api.post("/approvals/leave", {"user": str(api.users["second"]), "dry_run": True}).get_json()
    assert leaving["tasks"] is not None


def test_a_decision_asks_the_database_this_often(api: ApiWorld) -> None:
    """The key; the run; its record; who is active; the record's update, twice; names and titles; the commit."""
    for _ in range(2):
        _, task = submitted(api)
        with counted() as trips:
            answer = api.post(f"/tasks/{task['id']}/approve", who="reader")
        assert answer.status_code == 200
    assert trips[0] <= 10, trips
