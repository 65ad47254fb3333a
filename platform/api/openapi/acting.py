"""The paths about what is done with a record: transitions of its states, buttons; and the automations behind them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fieldstone.api.handlers.hooks import SIGNATURE, TIMESTAMP
from fieldstone.api.openapi.operations import (
    ETAG,
    ID,
    Operations,
    answer,
    body_of,
    json_of,
    reading,
    ref,
    tagged,
    writing,
)
from fieldstone.api.openapi.shared import (
    BOOLEAN,
    COUNT,
    MAYBE_TEXT,
    MAYBE_TIME,
    MAYBE_UUID,
    TEXT,
    TIME,
    UUID,
    many,
    whole,
)
from fieldstone.engine.permissions import EntityAccess
from fieldstone.metadata.automation_rules import TRIGGERS
from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.meta_schemas import NAME
from fieldstone.workflows.automations.trace import STATES

OFFER: Final = whole(
    name=TEXT, title=TEXT, field=TEXT, to=TEXT, comment=BOOLEAN, workflow=MAYBE_TEXT, allowed=BOOLEAN, why=MAYBE_TEXT
)  # fmt: skip
STAGE: Final = whole(
    field=TEXT, value=MAYBE_TEXT, entered_at=TIME, entered_by=MAYBE_UUID, on_behalf_of=MAYBE_UUID, transition=MAYBE_TEXT,
    comment=TEXT, left_at=MAYBE_TIME, seconds=COUNT,
)  # fmt: skip
BUTTON: Final = whole(name=TEXT, title=TEXT, icon=TEXT, confirm=TEXT)
STATE: Final = {"type": "string", "enum": list(STATES)}
LONG: Final = {"type": "string", "maxLength": 4000}
FAILURE: Final = {"type": ["object", "null"]}
SCHEMAS: Final[Mapping[str, dict[str, Any]]] = {
    "Automation": whole(
        name=TEXT, title=TEXT, entity=MAYBE_TEXT, trigger={"type": "string", "enum": list(TRIGGERS)}, active=BOOLEAN,
        runs={"type": "object", "additionalProperties": COUNT}, secret_set_at=MAYBE_TIME,
    ),
    "AutomationRun": whole(
        id=UUID, automation=TEXT, entity=MAYBE_TEXT, record_id=MAYBE_UUID, trigger=TEXT, state=STATE, actor=MAYBE_UUID,
        parent=MAYBE_UUID, depth=COUNT, revision={"type": "integer"}, started_at=TIME, finished_at=MAYBE_TIME,
        milliseconds=COUNT, steps=many({"type": "object"}), error=FAILURE, attempts=COUNT,
    ),
}  # fmt: skip


def state_paths(
    entity: Entity, access: EntityAccess, readable: frozenset[str], record: Mapping[str, Any]
) -> dict[str, Operations]:
    """Paths of one entity by address, where the caller sees a state; `record` is the schema of its record."""
    name, title = entity.name, entity.title
    steps = {
        step.name
        for field in entity.fields.values()
        if field.machine is not None and field.name in readable
        for step in field.machine.transitions
    }
    if not steps or not access.allows("read"):
        return {}
    found: dict[str, Operations] = {
        f"/{name}/{{id}}/transitions": {
            "get": reading(
                f"transitions_{name}", f"{title}: what can be done with its states",
                {"200": answer("In order", json_of(whole(data=many(OFFER))))}, (404,),
            )
        },
        f"/{name}/{{id}}/stages": {
            "get": reading(
                f"stages_{name}", f"{title}: how long it was in which state",
                {"200": answer("Oldest first", json_of(whole(data=many(STAGE))))}, (404,),
            )
        },
    }  # fmt: skip
    if access.allows("update"):
        body = {
            "type": "object",
            "required": ["action"],
            "properties": {
                "action": {"type": "string", "enum": sorted(steps)},
                "field": LONG,
                "comment": LONG,
                "values": {"type": "object"},
            },
            "additionalProperties": False,
        }
        found[f"/{name}/{{id}}/transition"] = {
            "post": writing(
                f"transition_{name}", f"{title}: take a transition of a state",
                {"200": answer("The record", json_of(record), ETAG)}, (404, 412),
                parameters=["If-Match", "Idempotency-Key"], requestBody=body_of(body),
            )
        }  # fmt: skip
    return found


def button_paths(entity: Entity, access: EntityAccess, record: Mapping[str, Any]) -> dict[str, Operations]:
    """Paths of one entity that has buttons; `record` is the schema of its record."""
    if not access.allows("read"):
        return {}
    name, title = entity.name, entity.title
    body = {
        "type": "object",
        "required": ["automation"],
        "properties": {"automation": LONG},
        "additionalProperties": False,
    }
    done = whole(run=UUID, state=STATE, error=FAILURE, record={"anyOf": [record, {"type": "null"}]})
    return {
        f"/{name}/{{id}}/buttons": {
            "get": reading(
                f"buttons_{name}", f"{title}: the buttons that can be pressed now",
                {"200": answer("In order", json_of(whole(data=many(BUTTON))))}, (404,),
            )
        },
        f"/{name}/{{id}}/press": {
            "post": writing(
                f"press_{name}", f"{title}: press a button",
                {"200": answer("What it came to", json_of(done))}, (404, 412),
                parameters=["If-Match", "Idempotency-Key"], requestBody=body_of(body),
            )
        },
    }  # fmt: skip


def automation_paths(parameters: Sequence[Mapping[str, Any]]) -> dict[str, Operations]:
    """Paths for those who manage definitions; `parameters` are those of a page of runs."""
    name = {"in": "path", "required": True, "schema": {"type": "string", "pattern": f"^{NAME.pattern}$"}}
    page = whole(data=many(ref("AutomationRun")), next=MAYBE_UUID)
    seconds = {"in": "header", "required": True, "schema": {"type": "string", "pattern": "^[0-9]{1,12}$"}}
    signature = {
        "in": "header",
        "required": True,
        "schema": {"type": "string", "pattern": "^sha256=[0-9a-f]{64}$"},
    }
    hook = writing(
        "call_hook", "Start an automation from outside",
        {"200": answer("The run; null where the condition did not hold", json_of(whole(run=MAYBE_UUID, state=MAYBE_TEXT)))},
        parameters=[
            {**name, "name": "automation"},
            {**seconds, "name": TIMESTAMP, "description": "Seconds since 1970; at most five minutes off."},
            {**signature, "name": SIGNATURE, "description": "HMAC-SHA256 of `<timestamp>.<body>` with the secret."},
        ],
        requestBody=body_of({"type": "object"}),
    )  # fmt: skip
    found: dict[str, Operations] = {
        "/automations": {
            "get": reading(
                "automations", "All automations, with what they did in the last seven days",
                {"200": answer("By name", json_of(whole(data=many(ref("Automation")))))},
            )
        },
        "/automations/{name}/runs": {
            "get": reading(
                "automation_runs", "Runs of an automation, newest first", {"200": answer("A page", json_of(page))}, (404,),
                parameters=[{**name, "name": "name"}, *parameters],
            )
        },
        "/automations/{name}/secret": {
            "put": writing(
                "hook_secret", "A new secret for an incoming webhook, shown this once",
                {"200": answer("The secret", json_of(whole(secret=TEXT)))}, (404,), parameters=[{**name, "name": "name"}],
            )
        },
        "/automation-runs/{id}": {
            "get": reading(
                "automation_run", "A run with its trace", {"200": answer("The run", json_of(ref("AutomationRun")))}, (404,),
                parameters=[ID],
            )
        },
        "/automation-runs/{id}/retry": {
            "post": writing(
                "retry_run", "Try a failed run again", {"202": answer("A job does it")}, (404,),
                parameters=[ID, "Idempotency-Key"],
            )
        },
        "/hooks/{automation}": {"post": {**hook, "security": []}},
    }  # fmt: skip
    return tagged(found, "automations")
