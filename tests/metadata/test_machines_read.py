"""State machines and fields that wait for approval: what fits is read, what does not is refused at its place."""

from typing import Any

import pytest
from metadata.flow_cases import compiled

from fieldstone.metadata.state_machines import StateMachine, Transition

GO = {"name": "go", "from": ["new"], "to": "done"}
ASK = {"name": "ask", "type": "approve", "assign": [{"name": "r", "type": "role", "value": "keeper"}]}
FLOW = {"entity": "case", "steps": [ASK]}
SETTING = {**FLOW, "on": {"approved": {"state": "'done'"}}}


def case(**state: Any) -> dict[str, Any]:
    return {
        "entities/case": {
            "properties": {
                "label": {"type": "string"},
                "pieces": {"type": "integer"},
                "twice": {"field": "formula", "formula": "pieces * 2"},
                "state": {"enum": ["new", "done", "gone"], **state},
            }
        }
    }


def machine(*transitions: Any, **more: Any) -> dict[str, Any]:
    return case(transitions=list(transitions), **more)


PLACE = "/properties/state"
ILLEGAL: dict[str, tuple[dict[str, Any], str, str]] = {
    "from nowhere": (machine({**GO, "from": ["nwe"]}), "transition.value", "/transitions/0/from/0"),
    "to nowhere": (machine({**GO, "to": "dne"}), "transition.value", "/transitions/0/to"),
    "to itself": (machine({**GO, "from": ["done"]}), "transition.circle", "/transitions/0/from"),
    "begins nowhere": (machine(GO, initial="nwe"), "transition.value", "/initial"),
    "begins twice": (machine(GO, initial="new", default="done"), "transition.initial", "/initial"),
    "a condition of nothing": (machine({**GO, "when": "lable == 'x'"}), "expression.invalid", "/transitions/0/when"),
    "a condition that is none": (machine({**GO, "when": "pieces"}), "expression.invalid", "/transitions/0/when"),
    "sets nothing there is": (machine({**GO, "set": {"lable": "'x'"}}), "field.unknown", "/transitions/0/set/lable"),
    "sets the wrong type": (machine({**GO, "set": {"pieces": "label"}}), "expression.invalid", "/transitions/0/set/pieces"),
    "sets what is computed": (machine({**GO, "set": {"twice": "1"}}), "set.read_only", "/transitions/0/set/twice"),
    "sets its own state": (machine({**GO, "set": {"state": "'gone'"}}), "set.state", "/transitions/0/set/state"),
    "an unknown role": (machine({**GO, "roles": ["keper"]}), "role.unknown", "/transitions/0/roles"),
    "an unknown approval": (machine({**GO, "workflow": "lend"}), "workflow.unknown", "/transitions/0/workflow"),
    "an approval that leaves the state": (
        {**machine({**GO, "workflow": "lend"}), "workflows/lend": FLOW}, "transition.workflow", "/transitions/0/workflow",
    ),
    "the second in another order": (
        machine({**GO, "order": 20}, {"name": "x", "to": "gone", "order": 10, "roles": ["keper"]}),
        "role.unknown", "/transitions/1/roles",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("documents", "code", "pointer"), ILLEGAL.values(), ids=ILLEGAL)
def test_what_does_not_fit_is_refused(documents: dict[str, Any], code: str, pointer: str) -> None:
    assert [(p.code, p.path) for p in compiled(documents).problems] == [(code, PLACE + pointer)]


def test_a_state_machine_arrives_at_the_field() -> None:
    rich = {
        **GO, "title": "Go on", "when": "pieces > 0 && changed(label)", "roles": ["keeper"], "comment": True,
        "set": {"label": "concat(label, '!')"}, "workflow": "lend", "icon": "flag",
    }  # fmt: skip
    found = compiled(
        {
            **machine({"name": "drop", "to": "gone", "order": 5}, rich, initial="new"),
            "workflows/lend": SETTING,
        }
    )
    assert found.problems == () and found.model is not None
    field = found.model.entities["case"].fields["state"]
    assert field.default == "new"
    read = field.machine
    assert read is not None
    assert [each.name for each in read.transitions] == ["drop", "go"]
    go = read.transition("go")
    assert go is not None
    assert (go.title, go.from_, go.to, go.roles) == ("Go on", ("new",), "done", {"keeper"})
    assert (go.comment, go.workflow, go.icon, list(go.set)) == (True, "lend", "flag", ["label"])
    assert go.when is not None and go.when.reads_context == {"changed"}


def test_values_that_nothing_leads_to_are_noted() -> None:
    found = compiled(machine(GO, initial="new"))
    assert found.problems == ()
    (note,) = found.notes
    assert (note.code, note.path) == ("transition.unreachable", "/properties/state/transitions")
    assert '"gone"' in note.message


def test_lines_and_other_types_have_no_transitions() -> None:
    inside = {"field": "lines", "properties": case(transitions=[GO])["entities/case"]["properties"]}
    lined = compiled({"entities/case": {"properties": {"parts": inside}}})
    assert [p.code for p in lined.problems] == ["transition.lines"]
    text = compiled({"entities/case": {"properties": {"label": {"type": "string", "transitions": [GO]}}}})
    assert [p.code for p in text.problems] == ["keyword.not_here"]


def test_a_tenant_adds_a_transition_and_changes_another() -> None:
    patch = {"properties": {"state": {"transitions": [
        {"name": "go", "roles": ["keeper"]}, {"name": "back", "from": ["done"], "to": "new"},
    ]}}}  # fmt: skip
    found = compiled(machine(GO), {"entities/case": patch})
    assert found.problems == () and found.model is not None
    read = found.model.entities["case"].fields["state"].machine
    assert read is not None
    assert {each.name: set(each.roles) for each in read.transitions} == {"go": {"keeper"}, "back": set()}


def test_two_tenants_share_an_entity_with_a_machine() -> None:
    documents = machine({**GO, "when": "pieces > 0"})
    one = compiled(documents).model
    other = compiled(documents, {"entities/asset": {"properties": {"more": {"type": "string"}}}}).model
    assert one is not None and other is not None
    assert one.entities["case"] is other.entities["case"]


STATES = StateMachine(
    (
        Transition("start", "", "busy", ("new",)),
        Transition("drop", "", "gone"),
        Transition("redo", "", "new", ("busy",)),
    )
)


def test_what_can_be_done_follows_from_the_value() -> None:
    assert [each.name for each in STATES.leaving("new")] == ["start", "drop"]
    assert [each.name for each in STATES.leaving(None)] == ["drop"]
    assert STATES.leaving("gone") == ()
    assert [each.name for each in STATES.between("busy", "new")] == ["redo"]
    assert STATES.between("new", "new") == ()


# Fields that wait


def waiting(field: dict[str, Any], flow: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    entity = {
        "properties": {
            "label": {"type": "string"},
            "pieces": {"type": "integer"},
            "cap": {"approval": "raise", **field},
        }
    }
    said = {"workflows/raise": {**FLOW, "field": "cap", **(flow or {})}}
    return {"entities/case": {**entity, **more}, **said}


NUMBER = {"type": "integer"}
WAITING: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "fits": (waiting(NUMBER, {"when": "pending > cap"}), []),
    "required": (waiting(NUMBER, required=["cap"]), [("approval.field", "/properties/cap/approval")]),
    "computed": (
        waiting({"field": "formula", "formula": "pieces * 2"}), [("approval.field", "/properties/cap/approval")]
    ),
    "read-only": (waiting({**NUMBER, "readOnly": True}), [("approval.field", "/properties/cap/approval")]),
    "with transitions": (
        waiting({"enum": ["a", "b"], "transitions": [{"name": "x", "to": "a"}]}),
        [("approval.field", "/properties/cap/approval")],
    ),
    "of a workflow that names no field": (
        {**waiting(NUMBER), "workflows/raise": FLOW}, [("approval.workflow", "/properties/cap/approval")]
    ),
    "of a workflow about something else": (
        {**waiting(NUMBER), "workflows/raise": {**FLOW, "entity": "asset"}},
        [("workflow.entity", "/properties/cap/approval")],
    ),
    "of an unknown workflow": (
        {**waiting({**NUMBER, "approval": "rise"}), "workflows/raise": FLOW},
        [("workflow.unknown", "/properties/cap/approval")],
    ),
    "submitted by itself": (
        waiting(NUMBER, {"automatic": "create"}), [("keyword.not_here", "/automatic")]
    ),
}  # fmt: skip


@pytest.mark.parametrize(("documents", "said"), WAITING.values(), ids=WAITING)
def test_a_field_that_waits_and_its_workflow_name_each_other(
    documents: dict[str, Any], said: list[tuple[str, str]]
) -> None:
    assert [(p.code, p.path) for p in compiled(documents).problems] == said


def test_a_field_of_lines_does_not_wait() -> None:
    inside = {"field": "lines", "properties": {"qty": {"type": "integer", "approval": "raise"}}}
    found = compiled({"entities/case": {"properties": {"parts": inside}}, "workflows/raise": FLOW})
    assert [(p.code, p.path) for p in found.problems] == [
        ("approval.field", "/properties/parts/properties/qty/approval")
    ]
