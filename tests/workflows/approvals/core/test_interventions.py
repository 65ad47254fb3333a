"""Runs that are stuck, and what administrators do about it; children; moving to another revision."""

import pytest
from approval_company import (
    Company,
    Drive,
    approve,
    branch,
    guard,
    name_of,
    parallel,
    people,
    role,
    step,
    user,
    way,
    workflow,
)

from fieldstone.problems import FieldstoneError
from fieldstone.workflows.approvals.core import commands as c
from fieldstone.workflows.approvals.core import obstacles
from fieldstone.workflows.approvals.core.effects import EndRun, StartRun
from fieldstone.workflows.approvals.core.facts import Broken

SIZE = branch(
    "size",
    way("big", approve("boss", "ann"), when="big"),
    way("small", approve("clerk", "bob"), when="small"),
)

GUARDS = {
    # id: worth of big and small -> state, who is asked, incident
    "true": (True, True, "running", ["ann"], None),
    "null is false": (None, True, "running", ["bob"], None),
    "no way is true": (False, None, "stuck", [], "no_way"),
    "broken, though another is true": (Broken("no rate"), True, "stuck", [], "broken: no rate"),
    "broken after a true one": (True, Broken("no rate"), "running", ["ann"], None),
}


@pytest.mark.parametrize(("big", "small", "state", "asked", "incident"), GUARDS.values(), ids=GUARDS.keys())
def test_guards(big, small, state, asked, incident) -> None:
    drive = Drive(workflow(SIZE), Company(values={"big": big, "small": small}))
    assert (drive.state.state, drive.open(), drive.visit("size").incident) == (state, asked, incident)


def stuck() -> Drive:
    return Drive(
        workflow(SIZE, approve("last", "eve")), Company(values={"big": Broken("no rate"), "small": None})
    )


def test_retry_asks_again() -> None:
    drive = stuck()
    drive.fix("retry", step=drive.visit("size").id)
    assert drive.state.state == "stuck"
    drive.company.values["big"] = True
    drive.fix("retry", step=drive.visit("size").id)
    assert drive.state.state == "running" and drive.open() == ["ann"]


def test_skip_goes_on_as_if_the_step_were_not_there() -> None:
    drive = stuck()
    drive.fix("skip", step=drive.visit("size").id)
    assert drive.open() == ["eve"] and drive.visit("size").state == "skipped"


@pytest.mark.parametrize("outcome", [None, "approved", "rejected"])
def test_end_ends_with_an_outcome_or_without(outcome) -> None:
    drive = stuck()
    drive.fix("end", outcome=outcome)
    assert drive.state.state == drive.outcome() == (outcome or "ended")


def test_an_intervention_is_marked_and_never_a_decision() -> None:
    drive = stuck()
    before = len(drive.events)
    drive.fix("skip", step=drive.visit("size").id, comment="rate is missing")
    made = drive.events[before:]
    assert all(event.intervention for event in made) and made[0].kind == "intervened"
    assert made[0].comment == "rate is missing" and name_of(made[0].actor) == "root"
    assert not {"approved", "rejected"} & {event.kind for event in made}


def test_only_administrators_intervene_and_they_say_why() -> None:
    drive = stuck()
    for who, comment, code in (("ann", "x", "run.not_yours"), ("root", " ", "comment.required")):
        with pytest.raises(FieldstoneError) as refused:
            drive.fix("end", who=who, comment=comment)
        assert refused.value.code == code


def test_a_task_is_reassigned() -> None:
    drive = Drive(workflow(approve("look", "ann", "bob")))
    drive.fix("reassign", task=drive.task("ann").id, to=user("eve"))
    assert drive.states("look") == {"ann": "transferred", "bob": "open", "eve": "open"}
    with pytest.raises(FieldstoneError) as refused:
        drive.fix("reassign", task=drive.task("eve").id, to=user("bob"))
    assert refused.value.code == "task.person"


def test_no_administrator_brings_in_whom_the_step_leaves_out() -> None:
    drive = Drive(workflow(approve("look", "ann", except_=people("eve"), on_self="skip")))
    for who, reason in (("eve", "excluded"), ("sub", "submitter")):
        with pytest.raises(FieldstoneError) as refused:
            drive.fix("reassign", task=drive.task("ann").id, to=user(who))
        assert refused.value.code == "task.person" and refused.value.data["reason"] == reason


def test_a_step_that_found_nobody_gets_somebody() -> None:
    drive = Drive(workflow(approve("look", assign=role("nobody"))))
    drive.fix("reassign", step=drive.visit("look").id, to=user("eve"))
    assert drive.state.state == "running" and drive.open() == ["eve"]
    drive.approve("eve")
    assert drive.state.state == "approved"


def test_other_ways_go_on_while_one_is_stuck() -> None:
    drive = Drive(
        workflow(parallel("both", way("l", approve("a", "ann")), way("r", approve("b", assign=role("no")))))
    )
    assert drive.state.state == "stuck" and drive.open() == ["ann"]
    drive.approve("ann")
    assert drive.state.state == "stuck"
    drive.fix("skip", step=drive.visit("b").id)
    assert drive.state.state == "approved"


def test_values_that_cannot_be_stored_are_an_incident() -> None:
    company = Company(values={"rate": Broken("no rate")})
    drive = Drive(workflow(step("store", "do", set={"x": guard("rate")}), approve("last", "eve")), company)
    assert drive.state.state == "stuck" and drive.visit("store").incident == "failed: refused"
    company.values["rate"] = 1
    drive.fix("retry", step=drive.visit("store").id)
    assert drive.open() == ["eve"]


def test_the_people_of_a_copy_are_told_and_not_asked() -> None:
    drive = Drive(
        workflow(step("tell", "cc", assign=people("fay", "gone")), approve("look", "ann")),
        Company(inactive={"gone"}),
    )
    assert drive.told()["cc"] == ["fay"] and drive.open() == ["ann"]


CALL = (step("sub", "call", workflow="child"), approve("last", "eve"))
CHILD = {"child": workflow(approve("x", "ann"))}


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("approved", "running"), ("rejected", "rejected"), ("withdrawn", "rejected"), ("ended", "rejected")],
)
def test_a_run_waits_for_its_child(outcome, state) -> None:
    drive = Drive(workflow(*CALL), Company(workflows=CHILD))
    (start,) = drive.effects_of(StartRun)
    assert start.run == drive.visit("sub").child and start.workflow == "child"
    drive.on_run(c.ChildEnded, None, step=start.step, outcome=outcome)
    assert drive.state.state == state and drive.effects_of(EndRun) == []


def test_a_child_is_dismissed_when_its_parent_goes_back() -> None:
    drive = Drive(
        workflow(approve("one", "ann"), parallel("both", way("l", CALL[0]), way("r", approve("two", "bob")))),
        Company(workflows=CHILD),
    )
    drive.approve("ann")
    child = drive.visit("sub").child
    drive.on_task(c.Return, "bob", to="one")
    assert [effect.run for effect in drive.effects_of(EndRun)] == [child]


def test_a_child_is_dismissed_with_its_parent() -> None:
    drive = Drive(workflow(*CALL), Company(workflows=CHILD))
    drive.on_run(c.Withdraw, "sub")
    assert [effect.run for effect in drive.effects_of(EndRun)] == [drive.visit("sub").child]
    child = Drive(CHILD["child"], parent=(user("p"), user("s")), depth=1)
    child.on_run(c.Dismiss, None)
    assert child.state.state == "ended" and child.on_run(c.Dismiss, None).events == ()


DEPTHS = {
    "deep enough": (5, CHILD, 4, "running"),
    "too deep": (5, CHILD, 5, "depth"),
    "absent": (5, {}, 0, "workflow: child"),
}


@pytest.mark.parametrize(("most", "known", "depth", "expected"), DEPTHS.values(), ids=DEPTHS.keys())
def test_calls_are_bounded(most, known, depth, expected) -> None:
    drive = Drive(workflow(*CALL, max_depth=most), Company(workflows=known), depth=depth)
    assert (drive.visit("sub").incident or drive.state.state) == expected


def test_a_child_that_cannot_be_started_is_an_incident() -> None:
    drive = Drive(workflow(*CALL), Company(workflows=CHILD))
    drive.on_run(c.Failed, None, step=drive.visit("sub").id, incident="no record")
    assert drive.state.state == "stuck" and drive.visit("sub").incident == "failed: no record"
    drive.fix("retry", step=drive.visit("sub").id)
    assert drive.state.state == "running" and len(drive.effects_of(StartRun)) == 1


OLD = workflow(
    approve("one", "ann"),
    parallel("both", way("l", approve("left", "bob")), way("r", approve("right", "cid"))),
)


def moved(new, names=None) -> Drive:
    drive = Drive(OLD)
    drive.approve("ann")
    drive.definition = new
    drive.on_run(c.Move, "root", revision=2, steps=names or {})
    return drive


def test_a_run_moves_to_a_revision_in_which_its_steps_have_other_names() -> None:
    new = workflow(
        approve("first", "ann"),
        parallel("both", way("l", approve("west", "bob")), way("r", approve("right", "cid"))),
        approve("added", "eve"),
    )
    drive = moved(new, {"one": "first", "left": "west"})
    assert drive.state.revision == 2 and drive.open() == ["bob", "cid"]
    drive.approve("bob"), drive.approve("cid")
    assert drive.open() == ["eve"]


def test_a_move_can_decide_a_step_that_needs_less_now() -> None:
    drive = Drive(workflow(approve("one", "ann", "bob"), approve("two", "eve")))
    drive.approve("ann")
    drive.definition = workflow(approve("one", "ann", "bob", mode="any"), approve("two", "eve"))
    drive.on_run(c.Move, "root", revision=2, steps={})
    assert drive.open() == ["eve"]


OBSTACLES = {
    "absent": (workflow(parallel("both", way("l", approve("left", "bob")), way("r"))), {"right": "absent"}),
    "elsewhere": (
        workflow(approve("right", "cid"), parallel("both", way("l", approve("left", "bob")), way("r"))),
        {"right": "place"},
    ),
    "another kind": (
        workflow(
            parallel("both", way("l", step("left", "wait", seconds=1)), way("r", approve("right", "cid")))
        ),
        {"left": "kind"},
    ),
}


@pytest.mark.parametrize(("new", "why"), OBSTACLES.values(), ids=OBSTACLES.keys())
def test_a_move_is_refused_with_the_steps_that_are(new, why) -> None:
    drive = Drive(OLD)
    drive.approve("ann")
    assert obstacles(new, drive.state, {}) == why
    with pytest.raises(FieldstoneError) as refused:
        moved(new)
    assert refused.value.code == "move.step" and refused.value.data["steps"] == why


def test_only_administrators_move_a_run() -> None:
    drive = Drive(OLD)
    with pytest.raises(FieldstoneError) as refused:
        drive.on_run(c.Move, "ann", revision=2, steps={})
    assert refused.value.code == "run.not_yours"
