"""The paths about approvals: the boxes of tasks, what is done with one, and the approvals of records."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fieldstone.api.openapi.operations import (
    ETAG,
    ID,
    LOCATION,
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
    NUMBER,
    TEXT,
    TIME,
    UUID,
    many,
    whole,
)
from fieldstone.engine.permissions import EntityAccess
from fieldstone.metadata.definitions import Entity
from fieldstone.workflows.approvals import ACTIONS

OBJECT: Final = {"type": "object"}
LONG: Final = {"type": "string", "maxLength": 10_000}
PERSON: Final = {**whole(id=UUID, name=MAYBE_TEXT), "type": ["object", "null"]}
TASK: Final = whole(
    id=UUID, run=UUID, entity=TEXT, record=UUID, title=MAYBE_TEXT, workflow=TEXT, workflow_title=TEXT, field=MAYBE_TEXT,
    step=TEXT, step_title=TEXT, submitter=PERSON, submitted_at=TIME, run_state=TEXT, state=TEXT, assignee=PERSON,
    holder=PERSON, added=MAYBE_TEXT, origin=TEXT, opened_at=MAYBE_TIME, due_at=MAYBE_TIME, decided_at=MAYBE_TIME,
    decided_by=PERSON, comment=TEXT, signature=MAYBE_UUID, operations=many(TEXT), version=NUMBER,
)  # fmt: skip
RUN: Final = whole(
    id=UUID, workflow=TEXT, workflow_title=TEXT, revision=NUMBER, entity=TEXT, record=UUID, title=MAYBE_TEXT,
    field=MAYBE_TEXT, submitter=PERSON, submitted_at=TIME, state=TEXT, round=NUMBER, returned_to=MAYBE_TEXT,
    ended_at=MAYBE_TIME, version=NUMBER, parent=MAYBE_UUID,
)  # fmt: skip
PATH: Final = whole(workflow=MAYBE_TEXT, title=MAYBE_TEXT, possible=BOOLEAN, steps=many(OBJECT))
SCHEMAS: Final[Mapping[str, dict[str, Any]]] = {"Task": TASK, "Approval": RUN, "ApprovalPath": PATH}
RESULT: Final = whole(task=UUID, done=BOOLEAN, code=MAYBE_TEXT, message=MAYBE_TEXT)


def _closed(*required: str, **properties: Any) -> dict[str, Any]:
    found = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": list(required)} if required else {})


ACT: Final = _closed(
    comment=LONG, to={"type": ["string", "null"], "maxLength": 100}, users={"type": ["array", "null"], "items": UUID},
    where={"type": "string", "enum": ["before", "after", "parallel"]}, rerun=BOOLEAN,
    password={"type": ["string", "null"], "maxLength": 1000}, signature=MAYBE_UUID,
)  # fmt: skip
COMMENT: Final = _closed(comment=LONG)


def task_paths(parameters: Sequence[Mapping[str, Any]]) -> dict[str, Operations]:
    """What everybody who is signed in has; `parameters` are those of a box."""
    entry = {"anyOf": [ref("Task"), ref("Approval")]}
    page: dict[str, Any] = {"type": "object", "required": ["data", "next"]}
    page["properties"] = {"data": many(entry), "next": MAYBE_TEXT, "waiting": COUNT}
    task = {"200": answer("The task", json_of(ref("Task")), ETAG)}
    run = {"200": answer("The approval", json_of(ref("Approval")))}
    action = {
        "name": "action",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "enum": sorted(ACTIONS)},
    }
    decide = _closed(
        "tasks", "action", tasks={"type": "array", "items": UUID, "minItems": 1, "maxItems": 200},
        action={"type": "string", "enum": ["approve", "reject"]}, comment=LONG,
        password={"type": ["string", "null"], "maxLength": 1000},
    )  # fmt: skip
    found: dict[str, Operations] = {
        "/tasks": {
            "get": reading(
                "tasks", "Approval tasks: waiting, submitted, cc, done", {"200": answer("A page", json_of(page))},
                parameters=list(parameters),
            )
        },
        "/tasks/decide": {
            "post": writing(
                "decide_tasks", "Decide several tasks, each for itself",
                {"200": answer("What came of each", json_of(whole(results=many(RESULT))))},
                parameters=["Idempotency-Key"], requestBody=body_of(decide),
            )
        },
        "/tasks/{id}": {
            "get": reading("task", "A task, as it is seen before deciding", task, (404,), parameters=[ID])
        },
        "/tasks/{id}/{action}": {
            "post": writing(
                "act_on_task", "Decide a task, hand it over, ask others", task, (404, 412),
                parameters=[ID, action, "If-Match", "Idempotency-Key"], requestBody={**body_of(ACT), "required": False},
            )
        },
        "/approvals/{id}": {
            "get": reading("approval", "The trail of an approval", run, (404,), parameters=[ID])
        },
        **{
            f"/approvals/{{id}}/{verb}": {
                "post": writing(
                    f"{verb}_approval", summary, run, (404,), parameters=[ID, "Idempotency-Key"],
                    requestBody={**body_of(COMMENT), "required": False},
                )
            }
            for verb, summary in (
                ("withdraw", "Take a submission back"), ("urge", "Ask everybody who is asked to hurry"),
                ("comment", "Say something in the trail"),
            )
        },
        "/approvals/{id}/cc": {
            "post": writing(
                "cc_approval", "Let more people know", run, (404,), parameters=[ID, "Idempotency-Key"],
                requestBody=body_of(_closed("users", users=many(UUID), comment=LONG)),
            )
        },
    }  # fmt: skip
    return tagged(found, "approvals")


def mending_paths(parameters: Sequence[Mapping[str, Any]]) -> dict[str, Operations]:
    """What those who manage definitions have besides."""
    body = _closed(
        "action", "comment", action={"type": "string", "enum": ["retry", "reassign", "skip", "end"]},
        comment={**LONG, "pattern": r"\S"},
        step=MAYBE_UUID, task=MAYBE_UUID, to=MAYBE_UUID, outcome={"enum": ["approved", "rejected", None]},
    )  # fmt: skip
    name = {"type": "string", "maxLength": 40}
    moving = _closed(
        "workflow", workflow=name, steps={"type": "object", "additionalProperties": TEXT}, comment=LONG,
        runs={"type": ["array", "null"], "items": UUID}, dry_run=BOOLEAN,
    )  # fmt: skip
    simulating = _closed(
        workflow={"type": ["string", "null"], "maxLength": 40}, document={"type": ["object", "null"]},
        filter=MAYBE_TEXT, limit={"type": "integer", "minimum": 1, "maximum": 1000},
    )  # fmt: skip
    leaving = _closed("user", user=UUID, to=MAYBE_UUID, comment=LONG, dry_run=BOOLEAN)
    page = whole(data=many(ref("Approval")), next={"type": "null"})
    return tagged(
        {
            "/approvals": {
                "get": reading(
                    "approvals", "Approvals that wait for an administrator", {"200": answer("Newest first", json_of(page))},
                    parameters=list(parameters),
                )
            },
            "/approvals/move": {
                "post": writing(
                    "move_approvals", "Let running approvals go by a new revision",
                    {"200": answer("What was moved, or could be (`dry_run`)", json_of(OBJECT))},
                    parameters=["Idempotency-Key"], requestBody=body_of(moving),
                )
            },
            "/approvals/simulate": {
                "post": reading(
                    "simulate_approvals", "Try a definition on records", {"200": answer("The ways", json_of(OBJECT))},
                    (413, 415, 422), requestBody=body_of(simulating),
                )
            },
            "/approvals/leave": {
                "post": writing(
                    "leave", "Somebody leaves: everything goes to others",
                    {"200": answer("What was handed over, or would be (`dry_run`)", json_of(OBJECT))}, (404,),
                    parameters=["Idempotency-Key"], requestBody=body_of(leaving),
                )
            },
            "/approvals/{id}/intervene": {
                "post": writing(
                    "intervene", "Mend an approval that is stuck", {"200": answer("It", json_of(ref("Approval")))}, (404,),
                    parameters=[ID, "Idempotency-Key"], requestBody=body_of(body),
                )
            },
        },
        "approvals",
    )  # fmt: skip


def record_paths(entity: Entity, access: EntityAccess) -> dict[str, Operations]:
    """Paths of one entity."""
    if not access.allows("read"):
        return {}
    name, title = entity.name, entity.title
    path = _closed(
        id=MAYBE_UUID,
        values={"type": ["object", "null"]},
        workflow={"type": ["string", "null"], "maxLength": 40},
    )
    trail = whole(data=many(ref("Approval")), offers=many(whole(workflow=TEXT, title=TEXT, again=BOOLEAN)))
    return {
        f"/{name}/approval-path": {
            "post": reading(
                f"approval_path_{name}", f"{title}: who would be asked, and why",
                {"200": answer("The way", json_of(ref("ApprovalPath")))}, (404, 413, 415, 422), requestBody=body_of(path),
            )
        },
        f"/{name}/{{id}}/submit": {
            "post": writing(
                f"submit_{name}", f"{title}: submit for approval",
                {"201": answer("The approval", json_of(ref("Approval")), LOCATION)}, (404,),
                parameters=["Idempotency-Key"],
                requestBody={
                    **body_of(_closed(workflow={"type": ["string", "null"], "maxLength": 40}, comment=LONG)),
                    "required": False,
                },
            )
        },
        f"/{name}/{{id}}/approvals": {
            "get": reading(
                f"approvals_{name}", f"{title}: its approvals, newest first",
                {"200": answer("Trails, and what it can be submitted to", json_of(trail))}, (404,),
            )
        },
    }  # fmt: skip
