"""What flows of demo data may name: wrong people, records, acts and times are problems with their place."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fieldstone.metadata.compile import Compiled

PACKAGE: Mapping[str, Any] = {
    "entities/asset": {
        "properties": {
            "label": {"type": "string"},
            "state": {
                "enum": ["new", "old"],
                "initial": "new",
                "transitions": [{"name": "age", "to": "old"}],
            },
        }
    },
    "workflows/purchase": {
        "entity": "asset",
        "steps": [
            {"name": "boss", "type": "approve", "assign": [{"name": "m", "type": "manager"}]},
        ],
    },
    "demo/user": {"entity": "user", "records": [{"name": "ann", "values": {"username": "ann"}}]},
    "demo/asset": {"entity": "asset", "records": [{"name": "press", "values": {"label": "Press"}}]},
}


def flow(**more: Any) -> dict[str, Any]:
    return {"name": "act", "as": "user/ann", "do": "submit", "record": "asset/press", **more}


LEGAL = {
    "a submission": flow(workflow="purchase", comment="Please", at={"$days": -2, "$time": "09:30"}),
    "an update": flow(do="update", values={"label": "Mill"}, at={"$hours": -3}),
    "a return to a step": flow(do="return", to="boss"),
    "a transfer": flow(do="transfer", to="user/ann", at={"$days": 0}),
    "a transition": flow(do="transition", transition="age"),
}
WRONG = {
    "nobody": (flow(**{"as": "user/bob"}), "/as", "user.unknown"),
    "no such record": (flow(record="asset/pres"), "/record", "record.unknown"),
    "no such act": (flow(do="aprove"), "/do", "enum"),
    "a role": (flow(**{"as": "boss"}), "/as", "pattern"),
    "tomorrow": (flow(at={"$days": 1}), "/at", "data.relative"),
    "a date": (flow(at={"on": "2026-01-01"}), "/at", "data.relative"),
    "no time": (flow(at={"$days": -1, "$time": "noon"}), "/at", "data.relative"),
    "nothing to write": (flow(do="update"), "", "flow.incomplete"),
    "handed to nobody": (flow(do="delegate"), "", "flow.incomplete"),
    "handed to a stranger": (flow(do="transfer", to="user/bob"), "/to", "user.unknown"),
    "values of a submission": (flow(values={"label": "x"}), "/values", "flow.unused"),
    "a link to nothing": (
        flow(do="update", values={"label": {"$ref": "asset/x"}}),
        "/values/label",
        "record.unknown",
    ),
}
GONE = {
    "workflow": (flow(workflow="sale"), "/workflow", "workflow.unknown"),
    "transition": (flow(do="transition", transition="grow"), "/transition", "transition.unknown"),
    "automation": (flow(do="press", automation="mark"), "/automation", "automation.unknown"),
    "field": (flow(do="update", values={"size": 1}), "/values/size", "field.unknown"),
}
Compile = Callable[..., Compiled]


def played(compiled: Compile, act: Mapping[str, Any], folder: str = "demo") -> Compiled:
    return compiled({**PACKAGE, f"{folder}/flows": {"flows": [act]}})


@pytest.mark.parametrize("act", LEGAL.values(), ids=LEGAL)
def test_what_people_may_have_done(compiled: Compile, act: Mapping[str, Any]) -> None:
    found = played(compiled, act)
    assert [str(each) for each in (*found.problems, *found.notes)] == []


@pytest.mark.parametrize(("act", "place", "code"), WRONG.values(), ids=WRONG)
def test_what_nobody_can_have_done_is_a_problem_with_its_place(
    compiled: Compile, act: Mapping[str, Any], place: str, code: str
) -> None:
    (problem,) = played(compiled, act).problems
    assert (problem.path, problem.code) == (f"/flows/0{place}", code)
    assert "demo/flows.json" in str(problem)


@pytest.mark.parametrize(("act", "place", "code"), GONE.values(), ids=GONE)
def test_what_a_tenant_may_have_taken_away_is_a_note(
    compiled: Compile, act: Mapping[str, Any], place: str, code: str
) -> None:
    found = played(compiled, act)
    assert found.problems == ()
    assert [(note.path, note.code) for note in found.notes] == [(f"/flows/0{place}", code)]


def test_flows_stand_in_demo_only(compiled: Compile) -> None:
    (problem,) = played(compiled, flow(), "data").problems
    assert (problem.path, problem.code) == ("/flows", "flow.folder")


def test_records_need_an_entity(compiled: Compile) -> None:
    for body in ({"records": [{"name": "x"}]}, {}, {"records": [], "flows": [flow()]}):
        (problem,) = compiled({**PACKAGE, "demo/more": body}).problems
        assert (problem.path, problem.code) == ("/entity", "required")
