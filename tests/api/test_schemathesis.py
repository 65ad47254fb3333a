"""Schemathesis and the API agree: the document says what is asked and answered, for a field of every type.

First each operation is asked for something that it does (2xx), and the answer is held against the document; a new
operation without such an example fails. Then Schemathesis asks the document's examples with all its checks, and what it makes
up by itself for one in six operations, in turn. All that it makes up, right and wrong, for every border that the document draws
and of every entity, is asked by `make drills`: the seed is printed, and `DRILL_SEED` repeats it.
"""

import os
import random
from collections.abc import Callable, Iterator
from io import BytesIO
from time import time
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from api_exceptions import ALLOWED
from api_sample import Sampled, sample
from api_world import ApiWorld, api_world, button, phases, sealing
from every_type import DOCUMENTS
from PIL import Image
from rounds import ROUNDS, turn
from ui_world import served
from werkzeug.test import TestResponse

from fieldstone.api.handlers import bulk as handler
from fieldstone.api.handlers.hooks import SIGNATURE, TIMESTAMP
from fieldstone.engine.jobs import enqueue
from fieldstone.metadata.fields import FIELD_TYPES
from fieldstone.workflows.automations import Automations, Ports
from fieldstone.workflows.automations.incoming import sign
from fieldstone.workflows.webhooks import find_event
from fieldstone.workflows.webhooks.events import end as end_event

BASE = (
    "delegation", "exchange_rate", "role_grant", "team", "temporary_access", "user", "working_calendar", "working_day",
)  # fmt: skip
CSV = "text/csv"
PLACE = DOCUMENTS["entities/place.json"]
ACTING: dict[str, dict[str, Any]] = {
    "entities/place.json": PLACE | {"properties": PLACE["properties"] | {"phase": phases()}},
    "workflows/sealing.json": sealing("place"),
    "automations/tidy.json": button("place", "name"),
    "automations/lose.json": button("place", "name")
    | {"actions": [{"name": "lose", "type": "set", "values": {"name": "null"}}]},
    "automations/call.json": {
        "entity": "thing",
        "title": "Call",
        "trigger": {
            "on": "webhook",
            "match": {"field": "serial", "value": "payload.serial"},
            "inputs": [{"name": "serial", "type": "text", "required": True}],
        },
        "actions": [{"name": "set", "type": "set", "values": {"a_text": '"Called"'}}],
    },
}
"""Places have states, approvals and buttons, of which one fails; things are called from outside."""
Asked = dict[str, TestResponse]


@pytest.fixture(scope="module")
def world(postgres_url: str) -> Iterator[ApiWorld]:
    with api_world(postgres_url, "every-type", DOCUMENTS | ACTING) as built:
        built.services.engine.followers = (*built.services.engine.followers, Automations(Ports()))
        yield built


def test_the_package_has_a_field_of_every_type() -> None:
    assert {f"a_{name}" for name in FIELD_TYPES} <= set(DOCUMENTS["entities/thing.json"]["properties"])


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()


def ask_common(api: ApiWorld) -> Asked:
    stored = api.post("/files?name=red.png", data=picture(), content_type="image/png")
    file = f"/files/{stored.get_json()['id']}"
    rows = "name\n" + "\n".join(f"Dune {n}" for n in range(5))
    done = api.post("/place/import", data=rows, content_type=CSV).get_json()["id"]
    later = "name\n" + "\n".join(f"Later {n}" for n in range(6000))
    waiting = api.post("/place/import", data=later, content_type=CSV)
    assert waiting.status_code == 202
    return {
        "GET /openapi.json": api.get("/openapi.json"),
        "GET /me": api.get("/me"),
        "GET /search": api.get("/search?q=Dune"),
        "POST /files": stored,
        "GET /files/{id}": api.get(file),
        "GET /files/{id}/thumbnail": api.get(f"{file}/thumbnail"),
        "GET /imports/{id}": api.get(f"/imports/{done}"),
        "POST /imports/{id}/stop": api.post(f"/imports/{waiting.get_json()['id']}/stop"),
        "POST /imports/{id}/revert": api.post(f"/imports/{done}/revert"),
    }


def ask_metadata(api: ApiWorld) -> Asked:
    place = "/metadata/entities/place"
    country = {"properties": {"country": {"type": "string"}}}
    drafted = api.ask("PUT", place, country)
    planned = api.post("/metadata/plan", {})
    plan = planned.get_json()
    publish = {"base": plan["base"], "plan": plan["plan"], "consent": []}
    published = api.post("/metadata/publish", publish)
    back = api.post("/metadata/plan", {"to": plan["base"]}).get_json()
    consent = [each["id"] for each in back["changes"] if each["class"] == "destructive"]
    rolled = api.post("/metadata/rollback", {"to": plan["base"], "plan": back["plan"], "consent": consent})
    api.ask("PUT", place, country)
    return {
        f"PUT {DOCUMENT}": drafted,
        "POST /metadata/plan": planned,
        "POST /metadata/publish": published,
        "POST /metadata/rollback": rolled,
        "GET /metadata/revisions": api.get("/metadata/revisions"),
        "GET /metadata/{folder}": api.get("/metadata/entities"),
        f"GET {DOCUMENT}": api.get(place),
        f"DELETE {DOCUMENT}": api.delete(f"{place}?draft=1"),
    }


def ask_spreadsheets(api: ApiWorld) -> Asked:
    def start(name: str) -> TestResponse:
        return api.ask("POST", f"{SHEETS}?name={name}", data="label,size\nOne,1\nTwo,2\n", content_type=CSV)

    started = start("bolts.csv")
    one = f"{SHEETS}/{started.get_json()['id']}"
    sheet = {"sheet": "bolts", "title": "Bolts", "columns": [{"column": "size", "name": "length"}]}
    changed = api.ask("PATCH", one, {"sheets": [sheet]})
    plan = changed.get_json()["plan"]
    return {
        f"POST {SHEETS}": started,
        f"GET {SHEETS}/{{id}}": api.get(one),
        f"PATCH {SHEETS}/{{id}}": changed,
        f"POST {SHEETS}/{{id}}/apply": api.post(f"{one}/apply", {"base": plan["base"], "plan": plan["plan"]}),
        f"DELETE {SHEETS}/{{id}}": api.delete(f"{SHEETS}/{start('nuts.csv').get_json()['id']}"),
    }


DOCUMENT = "/metadata/{folder}/{name}"
SHEETS = "/metadata/from-spreadsheet"
BODIES: dict[str, tuple[Callable[[ApiWorld, int], dict[str, Any]], str, str]] = {
    "place": (lambda api, n: {"name": f"Harbour {n}"}, "name", "Quay"),
    "thing": (lambda api, n: {"a_text": f"Lamp {n}"}, "a_text", "Torch"),
    "team": (lambda api, n: {"name": f"North {n}"}, "name", "South"),
    "user": (lambda api, n: {"username": f"kim{n}", "name": "Kim"}, "name", "Kay"),
    "exchange_rate": (
        lambda api, n: {"currency": "JPY", "date": f"2020-01-{n + 1:02}", "rate": "2"},
        "rate",
        "3",
    ),
    "delegation": (
        lambda api, n: {
            "user": api.make("user", username=f"jo{n}-{api.count('user')}", name="Jo")["id"],
            "delegate": str(api.users["reader"]),
        },
        "reason",
        "Away",
    ),
    "temporary_access": (
        lambda api, n: {
            "user": str(api.users["reader"]),
            "entity": "place",
            "until": "2030-01-01T00:00:00Z",
            "record": api.make("place", name=f"Seen {n}")["id"],
        },
        "reason",
        "Audit",
    ),
    "working_calendar": (lambda api, n: {"name": f"Plant {n}"}, "time_zone", "Asia/Tokyo"),
    "working_day": (
        lambda api, n: {
            "calendar": api.make(
                "working_calendar",
                name=f"Office {api.get('/working_calendar?count=true').get_json()['count']}",
            )["id"],
            "date": f"2026-02-{n + 1:02}",
            "kind": "holiday",
        },
        "title",
        "New Year",
    ),
    "role_grant": (
        lambda api, n: {"user": api.make("user", username=f"lee{n}", name="Lee")["id"], "role": "reader"},
        "role",
        "clerk",
    ),
}
"""Per entity: the body of a new record, a field to change, and its new value."""


def ask_jobs(api: ApiWorld) -> Asked:
    engine = api.services.engine
    context = engine.system_context(api.made.tenant)
    job = f"/jobs/{engine.write(context, lambda tx: enqueue(tx, 'nothing', {}))}"
    stopped = api.post(f"{job}/stop")
    return {
        "GET /jobs": api.get("/jobs?state=stopped&limit=1"),
        "POST /jobs/{id}/stop": stopped,
        "POST /jobs/{id}/replay": api.post(f"{job}/replay"),
        "GET /jobs/{id}": api.get(job),
        "POST /jobs/replay": api.post("/jobs/replay", {"kind": "nothing"}),
    }


def ask_approvals(api: ApiWorld) -> Asked:
    """Runs of places, which an administrator seals; there are two, of whom one can urge the other."""
    second = api.make("user", username="second", name="Second")["id"]
    api.make("role_grant", user=second, role="administrator")

    def run() -> tuple[str, str, TestResponse]:
        place = api.make("place", name="Sealed")
        answer = api.post(f"/place/{place['id']}/submit", {})
        which = answer.get_json()["id"]
        task = next(each for each in api.get("/tasks").get_json()["data"] if each["run"] == which)
        return f"/approvals/{which}", str(task["id"]), answer

    one, task, submitted = run()
    _, other, _ = run()
    third, _, _ = run()
    record = api.get(one).get_json()["record"]
    me = api.get("/me").get_json()["id"]
    leave = {"user": me, "dry_run": True}
    return {
        "POST /place/{id}/submit": submitted,
        "GET /place/{id}/approvals": api.get(f"/place/{record}/approvals"),
        "POST /place/approval-path": api.post("/place/approval-path", {"values": {"name": "x"}}),
        "GET /tasks": api.get("/tasks?limit=1&count=true"),
        "GET /tasks/{id}": api.get(f"/tasks/{task}"),
        "POST /approvals/{id}/comment": api.post(f"{one}/comment", {"comment": "Well"}),
        "POST /approvals/{id}/cc": api.post(f"{one}/cc", {"users": [str(api.users["clerk"])]}),
        "POST /approvals/{id}/urge": api.post(f"{one}/urge", {"comment": "Soon"}),
        "GET /approvals/{id}": api.get(one),
        "POST /tasks/{id}/{action}": api.post(f"/tasks/{task}/approve", {"comment": "Fine"}),
        "POST /tasks/decide": api.post("/tasks/decide", {"tasks": [other], "action": "approve"}),
        "POST /approvals/{id}/withdraw": api.post(f"{third}/withdraw", {"comment": "No"}),
        "POST /approvals/{id}/intervene": api.post(
            f"{run()[0]}/intervene", {"action": "end", "comment": "Lost"}
        ),
        "GET /approvals": api.get("/approvals"),
        "POST /approvals/move": api.post("/approvals/move", {"workflow": "sealing", "dry_run": True}),
        "POST /approvals/simulate": api.post("/approvals/simulate", {"workflow": "sealing"}),
        "POST /approvals/leave": api.post("/approvals/leave", leave),
    }


def ask_acting(api: ApiWorld) -> Asked:
    """States, buttons, and automations with a run that failed."""
    one = f"/place/{api.make('place', name='Acted on')['id']}"
    lost = api.post(f"{one}/press", {"automation": "lose"}).get_json()
    assert lost["state"] == "failed", lost
    api.make("thing", serial="call-me")
    renewed = api.ask("PUT", "/automations/call/secret")
    body, stamp = b'{"serial": "call-me"}', str(int(time()))
    headers = {TIMESTAMP: stamp, SIGNATURE: sign(renewed.get_json()["secret"], stamp, body)}
    called = api.ask(
        "POST", "/hooks/call", who=None, data=body, headers=headers, content_type="application/json"
    )
    return {
        "GET /place/{id}/transitions": api.get(f"{one}/transitions"),
        "POST /place/{id}/transition": api.post(f"{one}/transition", {"action": "open"}),
        "GET /place/{id}/stages": api.get(f"{one}/stages"),
        "GET /place/{id}/buttons": api.get(f"{one}/buttons"),
        "POST /place/{id}/press": api.post(f"{one}/press", {"automation": "tidy"}),
        "GET /automations": api.get("/automations"),
        "GET /automations/{name}/runs": api.get("/automations/lose/runs"),
        "PUT /automations/{name}/secret": renewed,
        "GET /automation-runs/{id}": api.get(f"/automation-runs/{lost['run']}"),
        "POST /automation-runs/{id}/retry": api.post(f"/automation-runs/{lost['run']}/retry"),
        "POST /hooks/{automation}": called,
    }


def ask_telling(api: ApiWorld) -> Asked:
    """Notifications, web hooks and chat channels."""
    body = {"name": "Store", "entity": "place", "url": "https://example.org/hook"}
    hook = api.post("/webhooks", body)
    one = f"/webhooks/{hook.get_json()['id']}"
    place = api.make("place", name="Told")
    event = api.get(f"{one}/events").get_json()["data"][0]["id"]
    engine = api.services.engine
    context = engine.system_context(api.made.tenant)
    engine.write(context, lambda tx: end_event(tx, find_event(tx, UUID(event)), "dead"))
    assert place["id"] and event
    room = api.post("/chat-channels", {"name": "Desk", "format": "slack", "url": "https://example.org/room"})
    channel = f"/chat-channels/{room.get_json()['id']}"
    path = "/webhooks/{id}"
    return {
        "GET /notifications": api.get("/notifications"),
        "POST /notifications/read": api.post("/notifications/read", {"all": True}),
        "POST /notifications/unread": api.post("/notifications/unread", {"ids": []}),
        "GET /notifications/preferences": api.get("/notifications/preferences"),
        "PATCH /notifications/preferences": api.ask(
            "PATCH", "/notifications/preferences", {"digest": "07:00"}
        ),
        "GET /notifications/defaults": api.get("/notifications/defaults"),
        "PATCH /notifications/defaults": api.ask("PATCH", "/notifications/defaults", {"quiet": None}),
        "POST /webhooks": hook,
        "GET /webhooks": api.get("/webhooks"),
        f"GET {path}": api.get(one),
        f"PATCH {path}": api.ask("PATCH", one, {"active": False}),
        f"GET {path}/events": api.get(f"{one}/events"),
        f"POST {path}/events/{{event}}/replay": api.post(f"{one}/events/{event}/replay"),
        f"DELETE {path}": api.delete(one),
        "GET /chat-channels": api.get("/chat-channels"),
        "POST /chat-channels": room,
        "PATCH /chat-channels/{id}": api.ask("PATCH", channel, {"name": "Room"}),
        "DELETE /chat-channels/{id}": api.delete(channel),
    }


def ask_entity(api: ApiWorld, name: str) -> Asked:
    body, field, value = BODIES[name]
    collection, one = f"/{name}", f"/{name}/{{id}}"
    created = api.post(collection, body(api, 0))
    assert created.status_code == 201, created.text
    record = f"{collection}/{created.get_json()['id']}"
    others = [api.make(name, **body(api, n))["id"] for n in (1, 2)]
    header = ",".join(body(api, 3))
    rows = f"{header}\n" + ",".join(map(str, body(api, 4).values()))
    bulk = api.post(f"{collection}/bulk", {"op": "delete", "ids": others})
    run = f"{collection}/bulk/{bulk.get_json()['id']}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handler, "AT_ONCE", 0)  # so that it waits for a worker, which is not there
        waiting = api.post(f"{collection}/bulk", {"op": "update", "filter": "true", "values": {field: value}})
    assert waiting.status_code == 202, waiting.text
    mappings = f"{collection}/import/mappings"
    mapping = {"mapping": {header.partition(",")[0]: header.partition(",")[0]}}
    return {
        f"POST {collection}": created,
        f"GET {collection}": api.get(f"{collection}?count=true&sort=-{field}"),
        f"GET {one}": api.get(f"{record}?expand=created_by"),
        f"PATCH {one}": api.patch(record, {field: value}),
        f"GET {one}/history": api.get(f"{record}/history"),
        f"POST {collection}/batch": api.post(
            f"{collection}/batch", {"operations": [{"op": "create", "record": body(api, 5)}]}
        ),
        f"POST {collection}/aggregate": api.post(f"{collection}/aggregate", {"measures": [{"fn": "count"}]}),
        f"POST {collection}/import": api.post(f"{collection}/import", data=rows, content_type=CSV),
        f"PUT {mappings}/{{name}}": api.ask("PUT", f"{mappings}/mine", mapping),
        f"GET {mappings}": api.get(mappings),
        f"DELETE {mappings}/{{name}}": api.delete(f"{mappings}/mine"),
        f"GET {collection}/schema.json": api.get(f"{collection}/schema.json"),
        f"POST {collection}/bulk": bulk,
        f"GET {collection}/bulk/{{id}}": api.get(run),
        f"POST {collection}/bulk/{{id}}/stop": api.post(f"{collection}/bulk/{waiting.get_json()['id']}/stop"),
        f"POST {collection}/bulk/{{id}}/undo": api.post(f"{run}/undo"),
        f"DELETE {one}": api.delete(record),
        f"POST {one}/restore": api.post(f"{record}/restore"),
    }


def ask_alike(api: ApiWorld, name: str) -> Asked:
    """What only some entities have: merging, conversions, rules about duplicates."""
    if name in BASE:
        return {}
    body = BODIES[name][0]
    collection, one = f"/{name}", f"/{name}/{{id}}"
    winner, loser = (api.make(name, **body(api, n))["id"] for n in (6, 7))
    merged = api.post(f"{collection}/{winner}/merge", {"others": [loser]})
    found = {
        f"POST {one}/merge": merged,
        f"POST {one}/unmerge": api.post(
            f"{collection}/{winner}/unmerge", {"merge": merged.get_json()["merge"]}
        ),
    }
    if name == "place":
        api.make(name, **body(api, 6))
        found |= {
            f"GET {collection}/duplicates": api.get(f"{collection}/duplicates"),
            f"POST {collection}/duplicates": api.post(f"{collection}/duplicates", {"values": body(api, 6)}),
            f"POST {one}/convert": api.post(f"{collection}/{winner}/convert", {"conversion": "copy"}),
        }
    return found


def test_every_operation_does_something_as_the_document_says(world: ApiWorld) -> None:
    schema = schemathesis.openapi.from_dict(world.get("/openapi.json").get_json())
    answers = (
        ask_common(world)
        | ask_metadata(world)
        | ask_spreadsheets(world)
        | ask_jobs(world)
        | ask_telling(world)
        | ask_approvals(world)
        | ask_acting(world)
    )
    for name in BODIES:
        answers |= ask_entity(world, name) | ask_alike(world, name)
    documented = {found.ok().label: found.ok() for found in schema.get_all_operations()}
    assert set(documented) == set(answers), "an operation needs an example, and an example its operation"
    for label, answer in answers.items():
        assert 200 <= answer.status_code < 300, (label, answer.text)
        assert str(answer.status_code) in documented[label].definition.raw["responses"], label
        documented[label].validate_response(answer)


def run(api: ApiWorld, seed: int, examples: int, who: str, **more: Any) -> Sampled:
    print(f"seed {seed}")
    with served(api.app) as address:
        headers = {"Authorization": f"Bearer {api.keys[who]}"}
        return sample(f"{address}{api.base}", headers, seed=seed, examples=examples, allowed=ALLOWED, **more)


def check(found: Sampled) -> None:
    print(f"{sum(found.statuses.values())} requests, let pass: {dict(found.dropped)}")
    assert not found.errors, "\n".join(found.errors)
    assert not found.failures, "\n\n".join(found.failures.values())
    assert {status // 100 for _, status in found.statuses} >= {2, 4}


def test_schemathesis_finds_nothing_with_a_few_requests(world: ApiWorld) -> None:
    seed = int(os.environ.get("DRILL_SEED", 20261123))  # drills draw another each time
    check(run(world, seed, 1, "admin", without=BASE, phases=("examples",)))


def test_schemathesis_finds_nothing_with_what_it_makes_up_for_some_operations(world: ApiWorld) -> None:
    check(run(world, turn(), 1, "admin", without=BASE, phases=("fuzzing",), one_in=6))


if ROUNDS:  # only `make drills` has the time

    @pytest.mark.drill
    @pytest.mark.parametrize("who", ["admin", "clerk"])
    def test_schemathesis_finds_nothing_with_every_border_and_every_entity(world: ApiWorld, who: str) -> None:
        seed = int(os.environ.get("DRILL_SEED", random.randrange(10**9)))
        check(run(world, seed, ROUNDS, who))
