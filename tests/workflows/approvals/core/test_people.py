"""Who is asked: every policy that stands between the lines of `assign` and a task."""

import pytest
from approval_company import (
    Company,
    Drive,
    approve,
    guard,
    name_of,
    parallel,
    people,
    role,
    user,
    way,
    workflow,
)

from fieldstone.metadata.approval_flows import Assignee
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.approvals.core import commands as c
from fieldstone.workflows.approvals.core.facts import Broken

NOBODY = role("empty")

EMPTY = {
    # id: attributes -> state of the run, who is asked, incident
    "passes": ({"on_empty": "approve"}, "approved", [], None),
    "rejects": ({"on_empty": "reject"}, "rejected", [], None),
    "asks administrators": ({"on_empty": "administrator"}, "running", ["root"], None),
    "asks others": ({"on_empty": "assign", "empty_assign": people("eve")}, "running", ["eve"], None),
    "others are nobody either": ({"on_empty": "assign", "empty_assign": NOBODY}, "stuck", [], "nobody"),
    "is an incident": ({"on_empty": "incident"}, "stuck", [], "nobody"),
}


@pytest.mark.parametrize(("attributes", "state", "asked", "incident"), EMPTY.values(), ids=EMPTY.keys())
def test_a_step_that_has_nobody_to_ask(attributes, state, asked, incident) -> None:
    drive = Drive(workflow(approve("look", assign=NOBODY, **attributes)))
    assert (drive.state.state, drive.open(), drive.visit("look").incident) == (state, asked, incident)
    if incident:
        assert drive.told()["stuck"] == ["root"]


LEFT = {
    "their manager": ("manager", {"ann": "max"}, "running", ["max"], None),
    "the next manager who is there": ("manager", {"ann": "gone", "gone": "max"}, "running", ["max"], None),
    "without a manager the administrators": ("manager", {}, "running", ["root"], None),
    "the administrators": ("administrator", {"ann": "max"}, "running", ["root"], None),
    "nobody in their place": ("skip", {"ann": "max"}, "stuck", [], "nobody"),
    "an incident": ("incident", {"ann": "max"}, "stuck", [], "left"),
}


@pytest.mark.parametrize(("policy", "managers", "state", "asked", "incident"), LEFT.values(), ids=LEFT.keys())
def test_somebody_who_left_before_being_asked_is_replaced_by(
    policy, managers, state, asked, incident
) -> None:
    company = Company(managers=managers, inactive={"ann", "gone"})
    drive = Drive(workflow(approve("look", "ann", on_left=policy)), company)
    assert (drive.state.state, drive.open(), drive.visit("look").incident) == (state, asked, incident)


@pytest.mark.parametrize(("policy", "managers", "state", "asked", "incident"), LEFT.values(), ids=LEFT.keys())
def test_somebody_who_leaves_with_an_open_task_is_replaced_by(
    policy, managers, state, asked, incident
) -> None:
    company = Company(managers=managers, inactive={"gone"})
    drive = Drive(workflow(approve("look", "ann", on_left=policy)), company)
    company.inactive.add("ann")
    drive.on_run(c.ApproverLeft, None, user=user("ann"))
    asked = ["ann"] if policy == "incident" else asked  # the task stays until an administrator gives it away
    assert (drive.state.state, drive.open(), drive.visit("look").incident) == (state, asked, incident)


def test_somebody_who_leaves_gives_everything_to_one_named_person() -> None:
    drive = Drive(workflow(approve("look", "ann", "bob")))
    drive.company.inactive.add("ann")
    made = drive.on_run(c.ApproverLeft, None, user=user("ann"), to=user("eve")).events
    assert drive.open() == ["bob", "eve"]
    assert [event.kind for event in made] == [
        "left",
        "task_made",
        "transferred",
        "task_opened",
    ]  # nothing about bob
    drive.approve("eve"), drive.approve("bob")
    assert drive.state.state == "approved"


def test_a_task_goes_back_to_its_assignee_when_the_delegate_leaves() -> None:
    drive = Drive(workflow(approve("look", "ann")), Company(delegates={"ann": "dan"}))
    assert drive.open() == ["dan"]
    drive.company.inactive.add("dan")
    drive.on_run(c.ApproverLeft, None, user=user("dan"))
    assert drive.open() == ["ann"]


SELF = {
    "may decide": ("allow", {}, ("sub",), "running", ["sub"]),
    "is passed over": ("skip", {}, ("sub", "bob"), "running", ["bob"]),
    "alone, the step is passed": ("skip", {}, ("sub",), "approved", []),
    "is replaced by the manager": ("manager", {"sub": "max"}, ("sub",), "running", ["max"]),
    "without a manager nobody is left": ("manager", {}, ("sub",), "stuck", []),
    "a manager who is asked anyway is asked once": (
        "manager",
        {"sub": "max"},
        ("sub", "max"),
        "running",
        ["max"],
    ),
}


@pytest.mark.parametrize(("policy", "managers", "who", "state", "asked"), SELF.values(), ids=SELF.keys())
def test_the_submitter_as_approver(policy, managers, who, state, asked) -> None:
    drive = Drive(workflow(approve("look", *who, on_self=policy)), Company(managers=managers))
    assert (drive.state.state, drive.open()) == (state, asked)


DEDUPE = {
    # id: dedupe of the third step, who approves the first and the second, asked by the third (ann and bob)
    "none asks again": ("none", "ann", "bob", ["ann", "bob"]),
    "adjacent takes over from the step before": ("adjacent", "ann", "bob", ["ann"]),
    "any takes over from every step": ("any", "ann", "cid", ["bob"]),
    "any, both approved": ("any", "ann", "bob", []),
}


@pytest.mark.parametrize(("dedupe", "first", "second", "asked"), DEDUPE.values(), ids=DEDUPE.keys())
def test_whoever_approved_before_is_not_asked_again(dedupe, first, second, asked) -> None:
    flow = workflow(
        approve("one", first),
        approve("two", second),
        approve("three", "ann", "bob", dedupe=dedupe),
        approve("four", "zoe"),
    )
    drive = Drive(flow)
    drive.approve(first), drive.approve(second)
    assert drive.open() == (asked or ["zoe"])
    assert drive.visit("three").approvals == 2 - len(asked)


def test_adjacent_looks_into_the_ways_of_a_container_before() -> None:
    flow = workflow(
        parallel("both", way("l", approve("one", "ann")), way("r", approve("two", "bob"))),
        approve("three", "ann", "cid", dedupe="adjacent"),
    )
    drive = Drive(flow)
    drive.approve("ann"), drive.approve("bob")
    assert drive.open() == ["cid"]


def test_adjacent_looks_out_of_a_container_at_the_step_before() -> None:
    inner = parallel("inner", way("x", approve("three", "ann", "cid", dedupe="adjacent")), way("y"))
    drive = Drive(
        workflow(approve("one", "ann"), parallel("outer", way("l", inner), way("r", approve("two", "bob"))))
    )
    drive.approve("ann")
    assert drive.open() == ["cid", "bob"] or drive.open() == ["bob", "cid"]


def test_managers_above_each_other_in_a_circle_are_nobody() -> None:
    company = Company(managers={"ann": "bob", "bob": "ann"}, inactive={"ann", "bob"})
    assert Drive(workflow(approve("look", "ann")), company).open() == ["root"]


def test_exceptions_hold_for_everybody_who_is_brought_in() -> None:
    company = Company(managers={"ann": "max", "max": "top"}, delegates={"bob": "max"})
    step = approve("look", "ann", "bob", "max", except_=people("max"))
    drive = Drive(workflow(step), company)
    assert drive.open() == ["ann", "bob"]  # not max, and bob's delegation to max does not count
    for command, more in (
        (c.Transfer, {"to": user("max")}),
        (c.Delegate, {"to": user("max")}),
        (c.AddSign, {"where": "parallel", "users": (user("max"),)}),
    ):
        with pytest.raises(FieldstoneError) as refused:
            drive.on_task(command, "ann", **more)
        assert refused.value.code in ("task.person", "task.operation")
    company.inactive.add("ann")
    drive.on_run(c.ApproverLeft, None, user=user("ann"))
    assert drive.open() == ["bob", "top"]


def test_who_decided_a_step_can_be_asked_or_left_out() -> None:
    decided = (Assignee(name="d", kind="decided", value="one"),)
    flow = workflow(
        approve("one", "ann", "bob", mode="any"),
        approve("two", assign=decided),
        approve("three", "ann", "bob", except_=decided),
    )
    drive = Drive(flow)
    drive.approve("bob")
    assert drive.open() == ["bob"]
    drive.approve("bob")
    assert drive.open() == ["ann"]


DELEGATES = {
    "a stand-in decides": ({"ann": "dan"}, {}, set(), ["dan"]),
    "not one who is away too": ({"ann": "dan"}, {}, {"dan"}, ["ann"]),
    "not the submitter": ({"ann": "sub"}, {"on_self": "skip"}, set(), ["ann"]),
    "the submitter where that is allowed": ({"ann": "sub"}, {}, set(), ["sub"]),
}


@pytest.mark.parametrize(
    ("delegates", "attributes", "inactive", "asked"), DELEGATES.values(), ids=DELEGATES.keys()
)
def test_standing_delegations(delegates, attributes, inactive, asked) -> None:
    drive = Drive(
        workflow(approve("look", "ann", **attributes)), Company(delegates=delegates, inactive=inactive)
    )
    assert drive.open() == asked
    task = drive.task("ann")
    assert name_of(task.assignee) == "ann"


def test_one_person_never_holds_two_votes_of_a_step() -> None:
    drive = Drive(
        workflow(approve("look", "ann", "bob", "cid")), Company(delegates={"ann": "bob", "cid": "dan"})
    )
    assert drive.open() == ["ann", "bob", "dan"]


def test_the_assignee_may_decide_what_a_stand_in_holds() -> None:
    drive = Drive(workflow(approve("look", "ann")), Company(delegates={"ann": "dan"}))
    drive.approve("ann")
    assert drive.state.state == "approved" and name_of(drive.task("ann").decided_by) == "ann"


def test_a_broken_rule_is_an_incident_and_can_be_tried_again() -> None:
    company = Company()
    line = (Assignee(name="limit", kind="table", value="limits"),)
    drive = Drive(workflow(approve("look", assign=line)), company)
    assert drive.state.state == "stuck" and drive.visit("look").incident == "broken: no answer for limits"
    company.chosen["limits"] = ("ann",)
    drive.fix("retry", step=drive.visit("look").id)
    assert drive.state.state == "running" and drive.open() == ["ann"]
    drive.approve("ann")
    assert drive.state.state == "approved"


def test_too_few_people_for_a_count_are_an_incident() -> None:
    drive = Drive(workflow(approve("look", "ann", mode="count", count=2)))
    assert drive.state.state == "stuck" and drive.visit("look").incident == "too_few"
    drive.fix("reassign", step=drive.visit("look").id, to=user("bob"))
    assert drive.state.state == "running"
    drive.approve("ann"), drive.approve("bob")
    assert drive.state.state == "approved"


def test_the_condition_of_a_definition_is_asked_and_null_is_false() -> None:
    for value, reason in ((None, "condition"), (False, "condition"), (Broken("no rate"), "broken")):
        with pytest.raises(FieldstoneError) as refused:
            Drive(workflow(approve("look", "ann"), when=guard("ok")), Company(values={"ok": value}))
        assert refused.value.code == "submit.condition" and refused.value.data["reason"] == reason
