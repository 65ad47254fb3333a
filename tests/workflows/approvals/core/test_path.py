"""The path: who will be asked, and why, before there is a run and while it runs."""

from approval_company import (
    START,
    Company,
    Drive,
    approve,
    branch,
    name_of,
    parallel,
    people,
    role,
    step,
    user,
    way,
    workflow,
)

from fieldstone.workflows.approvals.core import commands as c
from fieldstone.workflows.approvals.core import path, submittable, upcoming
from fieldstone.workflows.approvals.core.facts import Broken
from fieldstone.workflows.approvals.core.path import PathStep

FLOW = workflow(
    approve("one", "ann", "bob", mode="any"),
    branch("size", way("big", approve("boss", assign=role("bosses")), when="big"), way("small")),
    parallel(
        "both",
        way("l", approve("left", "ann", dedupe="any")),
        way("r", approve("right", "sub", "eve", on_self="skip")),
    ),
    step("tell", "cc", assign=people("fay")),
)


def company(**values) -> Company:
    return Company(roles={"bosses": ("max",)}, values=values)


def shown(steps: tuple[PathStep, ...]) -> list[str]:
    return [
        f"{each.name}: "
        + ",".join(
            f"{name_of(one.user)}{'' if one.part == 'asked' else '=' + one.part}" for one in each.people
        )
        for each in steps
    ]


def test_the_path_before_there_is_a_run() -> None:
    steps = path(FLOW, company(big=True), user("sub"), START)
    assert shown(steps) == [
        "one: ann,bob",
        "boss: max",
        "left: ann=repeated",
        "right: sub=self,eve",
        "tell: fay",
    ]
    boss = steps[1]
    assert boss.within == (("size", "big"),) and boss.needed == 1 and boss.people[0].why == {"kind": "role"}
    assert steps[3].within == (("both", "r"),)


def test_the_path_follows_the_record() -> None:
    assert "boss: max" not in shown(path(FLOW, company(big=None), user("sub"), START))


def test_the_path_shows_where_a_run_would_be_stuck_and_goes_on() -> None:
    steps = path(FLOW, company(big=Broken("no rate")), user("sub"), START)
    assert [(each.name, each.problem) for each in steps if each.problem] == [("size", "broken: no rate")]
    assert shown(steps)[-1] == "tell: fay"
    empty = path(workflow(approve("look", assign=role("no"))), Company(), user("sub"), START)
    assert [(each.name, each.problem, each.people) for each in empty] == [("look", "nobody", ())]


def test_the_path_waits_for_nothing() -> None:
    flow = workflow(
        step("rest", "wait", seconds=60),
        step("sub", "call", workflow="child"),
        step("store", "do", set={"x": "1"}),
        approve("look", "ann", comment_required=frozenset({"approve"}), signature=True, mode="in_turn"),
        step("stop", "end", outcome="rejected"),
    )
    steps = path(flow, Company(workflows={"child": workflow(approve("x", "ann"))}), user("sub"), START)
    assert [each.kind for each in steps] == ["wait", "call", "do", "approve", "end"]
    assert (steps[1].workflow, steps[4].outcome) == ("child", "rejected")


def test_what_comes_next_in_a_run() -> None:
    drive = Drive(FLOW, company(big=True))
    assert shown(upcoming(FLOW, drive.state, drive.company))[:2] == ["boss: max", "left: ann=repeated"]
    drive.approve("bob")
    assert shown(upcoming(FLOW, drive.state, drive.company)) == [
        "left: ann",
        "right: sub=self,eve",
        "tell: fay",
    ]
    before = drive.state
    drive.on_task(c.Return, "max")
    assert drive.state != before and shown(upcoming(FLOW, drive.state, drive.company))[0] == "one: ann,bob"
    drive.on_run(c.Withdraw, "sub")
    assert upcoming(FLOW, drive.state, drive.company) == ()


def test_the_path_is_what_a_run_then_does() -> None:
    drive = Drive(FLOW, company(big=True))
    expected = [
        (each.name, [one.user for one in each.people])
        for each in path(FLOW, drive.company, user("sub"), START)
    ]
    for who in ("ann", "max", "eve"):
        drive.approve(who)
    assert drive.state.state == "approved"
    rows = [row for row in drive.state.steps.values() if not row.ways]
    asked = [[t.holder for t in drive.state.tasks.values() if t.step == row.id] for row in rows]
    told = [[cc.user for cc in drive.state.ccs if cc.step == row.id] for row in rows]
    assert [(row.name, one or two) for row, one, two in zip(rows, asked, told, strict=True)] == expected


def test_whether_it_may_be_submitted_is_another_question() -> None:
    flow = workflow(approve("look", "ann"), when="ok")
    for worth, may in ((True, True), (False, False), (None, False)):
        assert submittable(flow, Company(values={"ok": worth})) is may
        assert shown(path(flow, Company(values={"ok": worth}), user("sub"), START)) == ["look: ann"]
