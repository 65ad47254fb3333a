"""Votes: what each mode makes of answers, early and with everybody counted; what ends a run."""

import pytest
from approval_company import Company, Drive, approve, role, step, user, workflow

from fieldstone.problems import FieldstoneError
from fieldstone.workflows.approvals.core import commands as c
from fieldstone.workflows.approvals.core.decide import decide

ABC = ("ann", "bob", "cid")

MODES = {
    # id: attributes of the step, answers (+ approve, - reject), state of the run after each answer
    "all": ({}, "a+ b+ c+", "running running approved"),
    "all, one no ends it": ({}, "a+ b-", "running rejected"),
    "all, full count": ({"full_count": True}, "a- b+ c+", "running running rejected"),
    "any": ({"mode": "any"}, "b+", "approved"),
    "any, the first answer counts": ({"mode": "any"}, "b-", "rejected"),
    "any, noes counted": ({"mode": "any", "on_reject": "count"}, "a- b- c+", "running running approved"),
    "any, only noes": ({"mode": "any", "on_reject": "count"}, "a- b- c-", "running running rejected"),
    "any, full count": (
        {"mode": "any", "on_reject": "count", "full_count": True},
        "a+ b- c-",
        "running running approved",
    ),
    "in turn": ({"mode": "in_turn"}, "a+ b+ c+", "running running approved"),
    "in turn, second says no": ({"mode": "in_turn"}, "a+ b-", "running rejected"),
    "in turn, full count": (
        {"mode": "in_turn", "full_count": True},
        "a- b+ c+",
        "running running rejected",
    ),
    "two of three": ({"mode": "count", "count": 2}, "a+ c+", "running approved"),
    "two of three, noes counted": (
        {"mode": "count", "count": 2, "on_reject": "count"},
        "a+ b- c+",
        "running running approved",
    ),
    "two of three cannot be reached": (
        {"mode": "count", "count": 2, "on_reject": "count"},
        "a- b-",
        "running rejected",
    ),
    "two of three, full count": (
        {"mode": "count", "count": 2, "on_reject": "count", "full_count": True},
        "a+ b+ c-",
        "running running approved",
    ),
    "half": (
        {"mode": "percent", "percent": 50, "on_reject": "count"},
        "a- b+ c+",
        "running running approved",
    ),
    "a third": ({"mode": "percent", "percent": 33, "on_reject": "count"}, "a+", "approved"),
    "34 percent of three is two": ({"mode": "percent", "percent": 34}, "a+ b+", "running approved"),
    "100 percent": ({"mode": "percent", "percent": 100, "on_reject": "count"}, "a+ b-", "running rejected"),
}


@pytest.mark.parametrize(("attributes", "answers", "states"), MODES.values(), ids=MODES.keys())
def test_votes_amount_to_what_the_mode_says(attributes, answers, states) -> None:
    drive = Drive(workflow(approve("look", *ABC, **attributes)))
    names = dict(zip("abc", ABC, strict=True))
    for answer, state in zip(answers.split(), states.split(), strict=True):
        (drive.approve if answer[1] == "+" else drive.reject)(names[answer[0]])
        assert drive.state.state == state, answer
    assert drive.outcome() == drive.state.state
    assert drive.open() == []
    assert drive.told()[drive.state.state] == ["sub"]


def test_in_turn_asks_one_after_the_other() -> None:
    drive = Drive(workflow(approve("look", *ABC, mode="in_turn")))
    for name in ABC:
        assert drive.open() == [name] and drive.told()["asked"] == [name]
        drive.approve(name)


def test_whoever_is_not_needed_any_more_is_told() -> None:
    drive = Drive(workflow(approve("look", *ABC, mode="any")))
    drive.approve("bob")
    assert drive.states("look") == {"ann": "cancelled", "bob": "approved", "cid": "cancelled"}
    assert drive.told()["cancelled"] == ["ann", "cid"]


def test_steps_follow_each_other_and_values_are_set() -> None:
    definition = workflow(
        approve("first", "ann"),
        step("store", "do", set={"state": "'ok'"}),
        approve("second", "bob"),
        on={"approved": {"state": "'done'"}, "submitted": {"state": "'asked'"}},
    )
    drive = Drive(definition)
    drive.approve("ann")
    assert drive.open() == ["bob"]
    drive.approve("bob")
    assert drive.state.state == "approved"
    assert [dict(each.values) for each in drive.effects_of(type(drive.last.effects[0]))] == [
        {"state": "'done'"}
    ]


REFUSED = {
    "somebody else": ("bob", {}, "task.not_yours", "denied"),
    "a stale version": ("ann", {"version": 1}, "task.stale", "stale"),
    "no comment where one is required": ("ann", {}, "comment.required", "invalid"),
    "no signature": ("ann", {"comment": "fine"}, "signature.required", "invalid"),
}


@pytest.mark.parametrize(("who", "more", "code", "kind"), REFUSED.values(), ids=REFUSED.keys())
def test_a_decision_is_refused(who, more, code, kind) -> None:
    company = Company()
    drive = Drive(
        workflow(approve("look", "ann", comment_required=frozenset({"approve"}), signature=True)), company
    )
    with pytest.raises(FieldstoneError) as refused:
        drive.give(c.Decide(**drive._who(who), task=drive.task("ann").id, verdict="approve", **more))
    assert (refused.value.code, refused.value.kind) == (code, kind)
    assert drive.open() == ["ann"]


def test_a_second_answer_learns_who_was_first() -> None:
    drive = Drive(workflow(approve("look", *ABC, mode="any"), approve("then", "dan")))
    drive.approve("ann")
    for who in ("ann", "bob"):  # the one who decided, and one who is not needed any more
        with pytest.raises(FieldstoneError) as refused:
            drive.give(c.Decide(**drive._who(who), task=drive.task(who).id, verdict="approve"))
        assert refused.value.code == "task.decided" and refused.value.kind == "conflict"
        assert (
            refused.value.data["decided_by"] == str(user("ann")) and refused.value.data["state"] == "approved"
        )


def test_authority_is_what_it_is_at_decision_time() -> None:
    company = Company(roles={"checkers": ("ann", "bob")})
    drive = Drive(workflow(approve("look", assign=role("checkers"))), company)
    company.inactive.add("ann")
    company.roles["checkers"] = ("ann",)
    for who, reason in (("ann", "inactive"), ("bob", "role")):
        with pytest.raises(FieldstoneError) as refused:
            drive.approve(who)
        assert refused.value.code == "task.not_yours" and refused.value.data["reason"] == reason


def test_the_same_command_again_changes_nothing() -> None:
    drive = Drive(workflow(approve("look", *ABC)))
    command = c.Decide(**drive._who("ann"), task=drive.task("ann").id, verdict="approve")
    first = drive.give(command)
    again = decide(drive.definition, drive.run, command, drive.company)
    assert first.events and again.events == () and again.effects == () and again.run == drive.run


def test_an_end_step_ends_with_its_outcome() -> None:
    drive = Drive(workflow(step("stop", "end", outcome="rejected"), approve("never", "ann")))
    assert drive.state.state == "rejected" and drive.outcome() == "rejected"
