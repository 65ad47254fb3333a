"""Workflows: what can be known to be wrong is said when the document is read, at its place."""

from typing import Any

import pytest
from metadata.flow_cases import compiled, told_of

from fieldstone.metadata.approval_flows import Assignee, FieldAccess, Timer
from fieldstone.metadata.layers import layer_of

ROLE = {"name": "r", "type": "role", "value": "keeper"}


def ask(name: str = "ask", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "approve", "assign": [ROLE], **more}


def flow(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"entity": "asset", "steps": list(steps), **more}


def by(**line: Any) -> dict[str, Any]:
    return flow(ask(), ask("second", assign=[{"name": "x", **line}]))


def branch(*ways: Any, **more: Any) -> dict[str, Any]:
    return {"name": "which", "type": "branch", "ways": list(ways), **more}


def way(name: str, when: str | None = None, *steps: Any) -> dict[str, Any]:
    return {"name": name, "steps": list(steps), **({"when": when} if when else {})}


END = {"name": "over", "type": "end"}
BOTH = {"name": "both", "type": "parallel", "ways": [way("a", None, ask("one")), way("b", None, ask("two"))]}
WAIT = {"name": "w", "type": "wait"}

LEGAL: dict[str, dict[str, Any]] = {
    "a role": flow(ask()),
    "narrowed by the candidate": by(type="role", value="keeper", where="candidate.team == place.crew"),
    "a path": by(type="field", value="place.keeper"),
    "the owner": by(type="field", value="owner_id"),
    "a team field": by(type="field", value="place.crew"),
    "the head of a team": by(type="team_head", value="place.crew"),
    "a chain until": by(type="managers", until="candidate.username == 'top'"),
    "an expression": by(type="expression", expression="rare ? expert : place.keeper"),
    "decided before": by(type="decided", value="ask"),
    "decided in every way of a parallel step": flow(
        BOTH, ask(assign=[{"name": "x", "type": "decided", "value": "two"}])
    ),
    "decided on the only way that goes on": flow(
        branch(way("no", "rare", END), way("yes", None, ask("sign"))),
        ask(assign=[{"name": "x", "type": "decided", "value": "sign"}]),
    ),
    "total by every value of a choice": flow(
        ask(), branch(way("t", "kind == 'tool'"), way("v", "kind == 'vehicle'"), way("n", "isEmpty(kind)"))
    ),
    "total by a required number": flow(ask(), branch(way("low", "price < 5"), way("high", "price >= 5"))),
    "every true way": flow(ask(), branch(way("always"), way("rare", "rare", ask("sign")), every=True)),
    "the head of somebody's team": by(type="team_head", value="expert"),
    "a return to the start": flow(ask(), ask("second", returnTo=["submitter", "ask"])),
    "the user is who submitted": flow(ask(), when="user.id == owner_id && hasRole('keeper')"),
    "a day to wait for": flow(ask(), {**WAIT, "until": "due"}),
    "a link of the right entity": flow(ask(), {"name": "d", "type": "do", "set": {"expert": "place.keeper"}}),
    "a state that a transition leads to": flow(ask(), on={"approved": {"state": "'done'"}}),
    "another record": flow({"name": "c", "type": "call", "workflow": "case_0", "record": "place"}),
}


@pytest.mark.parametrize("name", LEGAL)
def test_a_workflow_that_makes_sense_is_read(name: str) -> None:
    if name == "another record":
        found = compiled(
            {
                "workflows/case_0": {"entity": "place", "steps": [ask()]},
                "workflows/calls": LEGAL[name],
            }
        )
        assert found.problems == ()
        return
    assert [str(problem) for problem in READ(name)] == []


READ = told_of("workflows", lambda: {name: body for name, body in LEGAL.items() if name != "another record"})

ILLEGAL: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "no entity": ({**flow(ask()), "entity": "aset"}, "entity.unknown", "/entity", '"asset"'),
    "a condition over nothing": (flow(ask(), when="pricce > 1"), "expression.invalid", "/when", '"price"'),
    "a condition that is no condition": (flow(ask(), when="price + 1"), "expression.invalid", "/when", "boolean"),
    "an unknown role": (by(type="role", value="keper"), "role.unknown", "/steps/1/assign/0/value", '"keeper"'),
    "a role that may submit": (flow(ask(), roles=["keper"]), "role.unknown", "/roles/0", '"keeper"'),
    "a field that names nobody": (
        by(type="field", value="place.name"), "assign.field", "/steps/1/assign/0/value", "no user or team",
    ),
    "a path that leads nowhere": (
        by(type="field", value="place.keper"), "field.unknown", "/steps/1/assign/0/value", '"keeper"',
    ),
    "a team of users": (
        by(type="manager", value="place.crew"), "assign.field", "/steps/1/assign/0/value", "no user",
    ),
    "a table that is not there": (
        by(type="table", value="who"), "table.unknown", "/steps/1/assign/0/value", "decision table",
    ),
    "an expression for a number": (
        by(type="expression", expression="price"), "expression.invalid", "/steps/1/assign/0/expression", "user or a team",
    ),
    "a chain without end": (by(type="managers"), "assign.value", "/steps/1/assign/0", '"levels"'),
    "candidates of a field": (
        by(type="field", value="expert", where="candidate.active"), "keyword.not_here", "/steps/1/assign/0/where", "role",
    ),
    "the level has two meanings": (
        by(type="managers", until="level >= 3"), "flow.ambiguous", "/steps/1/assign/0/until", "rename",
    ),
    "decided by nobody": (
        by(type="decided", value="aks"), "step.unknown", "/steps/1/assign/0/value", '"ask"',
    ),
    "decided later": (
        flow(ask(assign=[{"name": "x", "type": "decided", "value": "later"}]), ask("later")),
        "step.order", "/steps/0/assign/0/value", "comes later",
    ),
    "decided on one way only": (
        flow(
            branch(way("a", "rare", ask("sign")), way("b")),
            ask("after", **{"except": [{"name": "x", "type": "decided", "value": "sign"}]}),
        ),
        "step.order", "/steps/1/except/0/value", "not asked on every path",
    ),
    "decided by itself": (
        flow(ask(assign=[{"name": "x", "type": "decided", "value": "ask"}])),
        "step.order", "/steps/0/assign/0/value", "itself",
    ),
    "a timer for a step that comes later": (
        flow(
            ask(timers=[{"name": "t", "action": "transfer", "after": "P1D",
                         "to": [{"name": "x", "type": "decided", "value": "later"}]}]),
            ask("later"),
        ),
        "step.order", "/steps/0/timers/0/to/0/value", "comes later",
    ),
    "after the end": (flow(ask(), END, ask("late")), "step.unreachable", "/steps/2", "ends the run"),
    "after every way has ended": (
        flow(ask(), branch(way("a", "rare", END), way("b", None, {**END, "name": "end2"})), ask("late")),
        "step.unreachable", "/steps/2", "on every way",
    ),
    "after an end inside a way": (
        flow(ask(), branch(way("a", "rare", END, ask("late")), way("b"))),
        "step.unreachable", "/steps/1/ways/0/steps/1", "ends the run",
    ),
    "a way behind the last": (
        flow(ask(), branch(way("all"), way("none", "rare"))), "step.unreachable", "/steps/1/ways/1", "put it last",
    ),
    "a way that others have taken": (
        flow(ask(), branch(way("a", "price > 5"), way("b", "price > 10"), way("c"))),
        "step.unreachable", "/steps/1/ways/1", "before it",
    ),
    "a branch with a gap": (
        flow(ask(), branch(way("a", "price < 5"), way("b", "price > 5"))), "branch.partial", "/steps/1/ways", "price is 5",
    ),
    "a branch that forgets what is empty": (
        flow(ask(), branch(way("a", "pieces < 5"), way("b", "pieces >= 5"))),
        "branch.partial", "/steps/1/ways", "pieces is empty",
    ),
    "a branch that cannot be judged": (
        flow(ask(), branch(way("a", "price < pieces"), way("b", "price >= pieces"))),
        "branch.partial", "/steps/1/ways", "cannot be shown",
    ),
    "a parallel way without steps": (
        flow({"name": "both", "type": "parallel", "ways": [way("a", None, ask("one")), way("b")]}),
        "way.empty", "/steps/0/ways/1", "no step",
    ),
    "only one parallel way": (
        flow({"name": "both", "type": "parallel", "ways": [way("a", None, ask("one"))]}),
        "way.empty", "/steps/0/ways", "only one",
    ),
    "a join of more ways than there are": (flow({**BOTH, "join": 3}), "parallel.join", "/steps/0/join", "there are 2"),
    "nobody is asked": (flow({"name": "d", "type": "do", "set": {"label": "'x'"}}), "workflow.empty", "/steps", "nobody"),
    "a return to a later step": (
        flow(ask(returnTo=["later"]), ask("later")), "step.order", "/steps/0/returnTo/0", "no earlier",
    ),
    "a return to nowhere": (flow(ask(), ask("b", returnTo=["aks"])), "step.unknown", "/steps/1/returnTo/0", '"ask"'),
    "a step called like the start": (flow(ask("submitter")), "step.reserved", "/steps/0/name", "returnTo"),
    "two steps of one name": (
        flow(ask(), branch(way("a", "rare", ask()), way("b"))), "step.twice", "/steps/1/ways/0/steps/0/name", "/steps/0",
    ),
    "an access to nothing": (
        flow(ask(fields=[{"name": "labl", "access": "read"}])), "field.unknown", "/steps/0/fields/0/name", '"label"',
    ),
    "writing what is computed": (
        flow(ask(fields=[{"name": "double", "access": "write"}])), "set.read_only", "/steps/0/fields/0/name", "computed",
    ),
    "nobody could approve": (flow(ask(operations=["reject"])), "step.operations", "/steps/0/operations", "approve"),
    "a quorum without a number": (flow(ask(mode="count")), "required", "/steps/0/count", "missing"),
    "a number without a quorum": (flow(ask(count=2)), "keyword.not_here", "/steps/0/count", "mode"),
    "a deadline of no length": (
        flow(ask(timers=[{"name": "t", "action": "remind", "after": "PT0S"}])),
        "duration", "/steps/0/timers/0/after", "longer than nothing",
    ),
    "a deadline in the past": (
        flow(ask(timers=[{"name": "t", "action": "remind", "after": "-P1D"}])),
        "duration", "/steps/0/timers/0/after", "longer than nothing",
    ),
    "a deadline in months": (
        flow(ask(timers=[{"name": "t", "action": "remind", "after": "P1M"}])),
        "duration", "/steps/0/timers/0/after", "months",
    ),
    "thirty working hours": (
        flow(ask(timers=[{"name": "t", "action": "remind", "after": "PT30H"}])),
        "duration", "/steps/0/timers/0/after", "whole days",
    ),
    "an escalation to nobody": (
        flow(ask(timers=[{"name": "t", "action": "escalate", "after": "P1D"}])), "required", "/steps/0/timers/0/to", "to",
    ),
    "an approval that repeats": (
        flow(ask(timers=[{"name": "t", "action": "approve", "after": "P1D", "repeat": "P1D"}])),
        "keyword.not_here", "/steps/0/timers/0/repeat", "remind",
    ),
    "ways of an approval": (flow(ask(ways=[])), "keyword.not_here", "/steps/0/ways", "branch"),
    "nobody to ask": (flow({"name": "a", "type": "approve"}), "required", "/steps/0/assign", "missing"),
    "a wait for nothing": (flow(ask(), WAIT), "wait.time", "/steps/1", "either"),
    "a wait for a number": (
        flow(ask(), {**WAIT, "until": "price"}), "expression.invalid", "/steps/1/until", "date",
    ),
    "a value of the wrong type": (
        flow(ask(), on={"approved": {"pieces": "label"}}), "expression.invalid", "/on/approved/pieces", "integer",
    ),
    "a value of an unknown field": (
        flow(ask(), on={"approved": {"labl": "'x'"}}), "field.unknown", "/on/approved/labl", '"label"',
    ),
    "a computed value": (
        flow(ask(), on={"approved": {"double": "2"}}), "set.read_only", "/on/approved/double", "computed",
    ),
    "a value that is not among the choices": (
        flow(ask(), on={"approved": {"kind": "'tol'"}}), "expression.invalid", "/on/approved/kind", '"tool"',
    ),
    "a state that nothing leads to": (
        flow(ask(), on={"returned": {"state": "'new'"}}), "set.state", "/on/returned/state", "no transition",
    ),
    "a link to something else": (
        flow(ask(), on={"approved": {"expert": "place"}}), "set.link", "/on/approved/expert", '"user"',
    ),
    "a material field": (flow(ask(), material=["pricce"]), "field.unknown", "/material/0", '"price"'),
    "a figure": (flow(ask(), figures=["place.nam"]), "field.unknown", "/figures/0", '"name"'),
    "a call to nobody": (
        flow({"name": "c", "type": "call", "workflow": "nothing"}), "workflow.unknown", "/steps/0/workflow", "workflow",
    ),
    "a field that does not wait": (flow(ask(), field="pieces"), "approval.field", "/field", '"approval"'),
    "pending without a field": (flow(ask(), when="pending > 1"), "expression.invalid", "/when", "pending"),
}  # fmt: skip

SHAPES: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "an unknown access": (
        flow(ask(fields=[{"name": "label", "access": "see"}])), "enum", "/steps/0/fields/0/access", "hidden",
    ),
    "an unknown operation": (flow(ask(operations=["aprove"])), "enum", "/steps/0/operations/0", '"approve"'),
    "an unknown occasion": (flow(ask(), on={"aproved": {}}), "keyword.unknown", "/on/aproved", '"approved"'),
}  # fmt: skip

SAID = told_of("workflows", lambda: {name: case[0] for name, case in ILLEGAL.items()})
SAID_OF_SHAPES = told_of("workflows", lambda: {name: case[0] for name, case in SHAPES.items()})


@pytest.mark.parametrize("name", [*ILLEGAL, *SHAPES])
def test_what_is_wrong_is_said_at_its_place(name: str) -> None:
    said = SAID(name) if name in ILLEGAL else SAID_OF_SHAPES(name)
    _, code, pointer, words = (ILLEGAL | SHAPES)[name]
    found = [(problem.code, problem.path) for problem in said]
    assert (code, pointer) in found, found
    message = next(each.message for each in said if (each.code, each.path) == (code, pointer))
    assert words in message


def test_what_a_document_says_arrives_in_the_definition() -> None:
    found = compiled(
        {
            "workflows/all": flow(
                ask(
                    mode="percent", percent=60, fullCount=True, onReject="count", onEmpty="assign", emptyAssign=[ROLE],
                    onLeft="skip", onSelf="manager", dedupe="any", operations=["approve", "reject", "add_before"],
                    commentRequired=["reject"], password=True, signature=True,
                    fields=[{"name": "label", "access": "write"}], figures=["place.name"],
                    timers=[{"name": "t", "action": "remind", "after": "P1DT2H", "repeat": "PT4H", "times": 3}],
                ),
                roles=["keeper"], automatic="create", material=["price"], onMaterialChange="void", maxRounds=3,
                maxDepth=2, withdraw=False, calendar="night", description="Why", title="All of it",
            )
        }
    )  # fmt: skip
    assert found.problems == () and found.model is not None
    workflow = found.model.workflows["all"]
    assert (workflow.title, workflow.description, workflow.roles) == ("All of it", "Why", {"keeper"})
    assert (workflow.automatic, workflow.material, workflow.on_material_change) == (
        "create",
        {"price"},
        "void",
    )
    assert (workflow.max_rounds, workflow.max_depth, workflow.withdraw) == (3, 2, False)
    assert (workflow.calendar, workflow.layer) == ("night", "shop")
    (step,) = workflow.steps
    assert (step.mode, step.percent, step.full_count, step.on_reject) == ("percent", 60, True, "count")
    assert (step.on_empty, step.on_left, step.on_self, step.dedupe) == ("assign", "skip", "manager", "any")
    assert step.empty_assign == (Assignee("r", "role", "keeper"),)
    assert step.operations == {"approve", "reject", "add_before"}
    assert (step.comment_required, step.password, step.signature) == ({"reject"}, True, True)
    assert (step.fields, step.figures) == ((FieldAccess("label", "write"),), ("place.name",))
    assert step.timers == (Timer("t", "remind", 86_400 + 7_200, True, 14_400, 3),)


def test_a_wrong_condition_is_one_problem_and_not_two() -> None:
    found = compiled({"workflows/one": flow(ask(), branch(way("a", "pricce > 1"), way("b")))})
    assert [(p.path, p.code) for p in found.problems] == [("/steps/1/ways/0/when", "expression.invalid")]


def test_workflows_that_call_each_other_without_end_are_refused() -> None:
    call = {"name": "c", "type": "call"}
    found = compiled(
        {
            "workflows/one": flow(ask(), {**call, "workflow": "two"}),
            "workflows/two": flow({**call, "workflow": "one"}),
        }
    )
    assert {(p.file, p.path, p.code) for p in found.problems} == {
        ("workflows/one.json", "/steps/1/workflow", "workflow.endless"),
        ("workflows/two.json", "/steps/0/workflow", "workflow.endless"),
    }


def test_a_call_behind_a_condition_may_come_back() -> None:
    call = {"name": "c", "type": "call", "workflow": "one"}
    found = compiled({"workflows/one": flow(ask(), branch(way("again", "rare", call), way("done")))})
    assert found.problems == ()


def test_a_tenant_changes_one_step_inside_a_way_and_keeps_the_rest() -> None:
    below = flow(ask(), branch(way("a", "rare", ask("deep"), ask("deeper")), way("b")))
    patch = {
        "steps": [
            {
                "name": "which",
                "ways": [{"name": "a", "steps": [{"name": "deep", "mode": "any", "title": "Ours"}]}],
            },
            {"name": "first", "type": "cc", "order": 5, "assign": [ROLE]},
            {"name": "ask", "timers": [{"name": "t", "action": "remind", "after": "P1D"}]},
        ]
    }
    found = compiled({"workflows/one": below}, {"workflows/one": patch})
    assert found.problems == () and found.model is not None
    workflow = found.model.workflows["one"]
    assert [step.name for step in workflow.steps] == ["first", "ask", "which"]
    deep, deeper = workflow.steps[2].ways[0].steps
    assert (deep.title, deep.mode, deeper.mode) == ("Ours", "any", "all")
    document = found.model.documents["workflows", "one"]
    assert layer_of(document, "/steps/1/ways/0/steps/0/mode") == "tenant"
    assert layer_of(document, "/steps/1/ways/0/steps/0/assign") == "shop"
    assert [timer.name for timer in workflow.steps[1].timers] == ["t"]


def test_two_tenants_share_a_workflow_that_reads_the_same() -> None:
    documents = {
        "workflows/one": flow(ask(), branch(way("a", "price > 1", ask("b")), way("c")), when="pieces > 1")
    }
    one = compiled(documents).model
    other = compiled(documents, {"entities/asset": {"properties": {"more": {"type": "string"}}}}).model
    assert one is not None and other is not None
    assert one.workflows["one"] is other.workflows["one"]


def test_titles_have_keys_for_every_language() -> None:
    texts = {
        "workflow.one": "一", "workflow.one.step.ask": "問", "workflow.one.way.a": "甲", "workflow.two": "x",
        "transition.asset.state.start": "始", "transition.aset.state.start": "x", "automation.none": "x",
    }  # fmt: skip
    found = compiled({"workflows/one": flow(ask()), "translations/ja": {"locale": "ja", "texts": texts}})
    assert sorted(note.path for note in found.notes) == [
        "/texts/automation.none", "/texts/transition.aset.state.start", "/texts/workflow.two",
    ]  # fmt: skip
