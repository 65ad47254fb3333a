"""Scenarios about approvals, states and buttons: who is asked next, what is refused, how it ends."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import prepare_database
from fieldstone.packages import check_package
from fieldstone.packages.scenarios import Outcome
from fieldstone.workflows import approvals
from fieldstone.workflows.approvals import ApprovalGuard, AutomaticRuns, BoundFields

ROLE = {"entities": [{"name": "asset", "verbs": {"create": "all", "read": "all", "update": "all"}}]}
CHECKER = {"name": "c", "type": "role", "value": "checker"}
DOCUMENTS: Mapping[str, Any] = {
    "package.json": {"name": "stock", "version": "1.0.0"},
    "entities/asset.json": {
        "$schema": "https://fieldstone.dev/schemas/entity-1.json",
        "properties": {
            "label": {"type": "string"},
            "price": {"field": "decimal", "scale": 2},
            "cap": {"type": "integer", "approval": "raise"},
            "note": {"type": "string"},
            "state": {
                "enum": ["new", "asked", "bought"],
                "initial": "new",
                "transitions": [
                    {"name": "ask", "from": ["new"], "to": "asked", "when": "price > 0"},
                    {"name": "buy", "from": ["asked"], "to": "bought", "roles": ["checker"]},
                ],
            },
        },
    },
    "roles/clerk.json": ROLE,
    "roles/checker.json": ROLE,
    "workflows/purchase.json": {
        "entity": "asset",
        "when": "price > 0",
        "on": {"submitted": {"state": "'asked'"}, "approved": {"state": "'bought'"}},
        "steps": [
            {"name": "boss", "type": "approve", "assign": [{"name": "m", "type": "manager"}]},
            {"name": "size", "type": "branch", "ways": [
                {"name": "big", "when": "price >= 1000", "steps": [
                    {"name": "check", "type": "approve", "assign": [CHECKER], "commentRequired": ["reject"],
                     "fields": [{"name": "note", "access": "required"}]}]},
                {"name": "small"}]},
        ],
    },
    "workflows/raise.json": {
        "entity": "asset", "field": "cap", "steps": [{"name": "check", "type": "approve", "assign": [CHECKER]}],
    },
    "automations/mark.json": {
        "entity": "asset", "trigger": {"on": "button"}, "when": "price > 0",
        "actions": [{"name": "mark", "type": "set", "values": {"note": "'marked'"}}],
    },
}  # fmt: skip


def step(name: str, do: str, who: str = "ann", **more: Any) -> dict[str, Any]:
    return {"name": name, "do": do, "as": who, "record": "asset/press", **more}


SUBMIT = step("submit", "submit", workflow="purchase", then={"asked": ["ben"], "approval": "running"})
SCENARIOS: Mapping[str, list[dict[str, Any]]] = {
    "both_approve": [
        SUBMIT,
        step("boss", "approve", "ben", then={"asked": ["cora"]}),
        step("empty", "approve", "cora", then={"error": "required", "field": "note"}),
        step("check", "approve", "cora", values={"note": "fine"}, then={"asked": [], "approval": "approved", "values": {"state": "bought"}}),
    ],
    "somebody_else_cannot": [SUBMIT, step("no", "approve", "cora", then={"error": "task.unknown"})],
    "a_rejection_needs_words": [
        SUBMIT,
        step("boss", "approve", "ben"),
        step("silent", "reject", "cora", then={"error": "comment.required"}),
        step("said", "reject", "cora", comment="Too dear", then={"approval": "rejected"}),
    ],
    "returned_and_withdrawn": [
        SUBMIT,
        step("back", "return", "ben", comment="Why?", then={"approval": "returned"}),
        step("off", "withdraw", then={"approval": "withdrawn"}),
        step("nothing", "approve", "ben", then={"error": "approval.none"}),
    ],
    "a_value_waits": [
        step("ask", "update", values={"cap": 5}, then={"values": {"cap": None}, "asked": ["cora"]}),
        step("yes", "approve", "cora", then={"values": {"cap": 5}}),
    ],
    "states": [
        step("not_yet", "transition", transition="buy", then={"error": "transition.refused"}),
        step("ask", "transition", transition="ask", then={"values": {"state": "asked"}}),
        step("buy", "transition", "cora", transition="buy", then={"values": {"state": "bought"}}),
    ],
    "a_button": [step("mark", "press", automation="mark", then={"values": {"note": "marked"}})],
    "wrong_expectations": [
        step("submit", "submit", workflow="purchase", then={"asked": ["cora"], "approval": "approved"}),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Outcome]]:
    folder = tmp_path_factory.mktemp("stock")
    people = [
        {"name": "ann", "roles": ["clerk"], "manager": "ben"},
        {"name": "ben", "roles": ["clerk"]},
        {"name": "cora", "roles": ["checker"]},
    ]
    tests = {
        "people": people,
        "given": [{"name": "press", "entity": "asset", "values": {"label": "Press", "price": 1200}}],
        "scenarios": [{"name": name, "as": "ann", "steps": steps} for name, steps in SCENARIOS.items()],
    }
    for file, body in {**DOCUMENTS, "tests/flows.json": tests}.items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(json.dumps(body))
    database = Database(postgres_url, pool_size=4)
    prepare_database(database)
    engine = Engine(
        database,
        guards=[ApprovalGuard()],
        followers=[AutomaticRuns()],
        approvals=BoundFields(),
        submit=approvals.submit,
    )
    yield {outcome.scenario: outcome for outcome in check_package(engine, folder)}
    database.dispose()


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "wrong_expectations"])
def test_what_flows_promise_is_played(outcomes: dict[str, Outcome], name: str) -> None:
    assert outcomes[name].problems == ()


def test_what_is_not_so_is_said(outcomes: dict[str, Outcome]) -> None:
    assert outcomes["wrong_expectations"].problems == (
        "step submit: cora should be asked, but ben is asked",
        "step submit: the approval should be approved, but it is running",
    )
