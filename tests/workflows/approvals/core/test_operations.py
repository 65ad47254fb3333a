"""What people do besides voting: hand over, add people, send back, take back, talk; and what they may not."""

import pytest
from approval_company import Company, Drive, approve, branch, name_of, parallel, step, user, way, workflow

from fieldstone.problems import FieldstoneError
from fieldstone.workflows.approvals.core import allowed, targets
from fieldstone.workflows.approvals.core import commands as c
from fieldstone.workflows.approvals.core.effects import SetFields

EVERYTHING = frozenset(
    [
        "approve",
        "reject",
        "return",
        "transfer",
        "delegate",
        "add_before",
        "add_after",
        "add_parallel",
        "remove",
        "cc",
        "urge",
        "comment",
    ]
)


def ask(name: str, *who: str, **attributes):
    return approve(name, *who, **{"operations": EVERYTHING, **attributes})


def test_a_transferred_task_is_another_persons_for_good() -> None:
    drive = Drive(workflow(ask("look", "ann", "bob")))
    drive.on_task(c.Transfer, "ann", to=user("eve"), comment="yours")
    assert drive.states("look") == {"ann": "transferred", "bob": "open", "eve": "open"}
    with pytest.raises(FieldstoneError) as refused:
        drive.approve("ann")
    assert refused.value.code == "task.decided"
    drive.approve("eve"), drive.approve("bob")
    assert drive.state.state == "approved" and drive.visit("look").approvals == 2


def test_a_delegate_decides_on_behalf_and_the_task_can_be_taken_back() -> None:
    drive = Drive(workflow(ask("look", "ann")))
    drive.on_task(c.Delegate, "ann", to=user("dan"))
    assert drive.open() == ["dan"] and name_of(drive.task("dan").assignee) == "ann"
    drive.on_task(c.Delegate, "ann", to=user("ann"))
    assert drive.open() == ["ann"]


PEOPLE = {
    "oneself": ("ann", "same"),
    "a colleague who is asked": ("bob", "asked"),
    "somebody who left": ("off", "inactive"),
    "the submitter": ("sub", "submitter"),
}


@pytest.mark.parametrize(("to", "reason"), PEOPLE.values(), ids=PEOPLE.keys())
@pytest.mark.parametrize("command", [c.Transfer, c.Delegate, c.AddSign], ids=lambda kind: kind.__name__)
def test_a_task_is_not_given_to(command, to, reason) -> None:
    drive = Drive(workflow(ask("look", "ann", "bob", on_self="skip")), Company(inactive={"off"}))
    more = {"where": "before", "users": (user(to),)} if command is c.AddSign else {"to": user(to)}
    with pytest.raises(FieldstoneError) as refused:
        drive.on_task(command, "ann", **more)
    assert refused.value.code == "task.person" and refused.value.data["reason"] == reason


ADDED = {
    # id: where, mode, [(who answers, yes?, who is open after, state)]
    "before, then oneself": ("before", "all", "x+ ann/running a+ -/approved", ["xav"]),
    "before says no": ("before", "all", "x- -/rejected", ["xav"]),
    "after, once oneself approved": ("after", "all", "a+ xav/running x+ -/approved", ["ann"]),
    "after says no": ("after", "all", "a+ xav/running x- -/rejected", ["ann"]),
    "after is not asked when oneself says no": ("after", "all", "a- -/rejected", ["ann"]),
    "parallel counts as one more": ("parallel", "all", "x+ ann/running a+ -/approved", ["ann", "xav"]),
    "parallel in any-mode": ("parallel", "any", "x+ -/approved", ["ann", "xav"]),
    "any-mode waits for whom the approver added after": (
        "after",
        "any",
        "a+ xav/running x+ -/approved",
        ["ann"],
    ),
}


@pytest.mark.parametrize(("where", "mode", "story", "first"), ADDED.values(), ids=ADDED.keys())
def test_added_people(where, mode, story, first) -> None:
    drive = Drive(workflow(ask("look", "ann", mode=mode)))
    drive.on_task(c.AddSign, "ann", where=where, users=(user("xav"),))
    assert drive.open() == first
    words = story.split()
    for answer, after in zip(words[::2], words[1::2], strict=True):
        who = {"a": "ann", "x": "xav"}[answer[0]]
        (drive.approve if answer[1] == "+" else drive.reject)(who)
        assert f"{','.join(drive.open()) or '-'}/{drive.state.state}" == after


def test_added_before_in_turn_holds_back_everybody_after() -> None:
    drive = Drive(workflow(ask("look", "ann", "bob", mode="in_turn")))
    drive.on_task(c.AddSign, "ann", where="before", users=(user("xav"),))
    assert drive.open() == ["xav"]
    drive.approve("xav")
    assert drive.open() == ["ann"]
    drive.on_task(c.AddSign, "ann", where="after", users=(user("yan"),))
    drive.approve("ann")
    assert drive.open() == ["yan"]
    drive.approve("yan")
    assert drive.open() == ["bob"]


def test_what_was_added_can_be_taken_back_by_who_added_it() -> None:
    drive = Drive(workflow(ask("look", "ann", "bob")))
    drive.on_task(c.AddSign, "ann", where="before", users=(user("xav"),))
    added = drive.task("xav").id
    for who, code in (("bob", "task.not_yours"), ("xav", "task.not_yours")):
        with pytest.raises(FieldstoneError) as refused:
            drive.give(c.RemoveAdded(**drive._who(who), task=added))
        assert refused.value.code == code
    drive.give(c.RemoveAdded(**drive._who("ann"), task=added))
    assert drive.open() == ["ann", "bob"] and drive.state.tasks[added].state == "cancelled"
    with pytest.raises(FieldstoneError) as refused:
        drive.give(c.RemoveAdded(**drive._who("ann"), task=drive.task("bob").id))
    assert refused.value.code == "task.operation"


def test_added_tasks_move_with_a_transferred_one() -> None:
    drive = Drive(workflow(ask("look", "ann")))
    drive.on_task(c.AddSign, "ann", where="after", users=(user("xav"),))
    drive.on_task(c.Transfer, "ann", to=user("eve"))
    drive.approve("eve")
    assert drive.open() == ["xav"]
    drive.approve("xav")
    assert drive.state.state == "approved"


def test_people_added_after_add_people_after_themselves() -> None:
    drive = Drive(workflow(ask("look", "ann", "bob", mode="any")))
    drive.on_task(c.AddSign, "ann", where="after", users=(user("xav"),))
    drive.approve("ann")
    drive.on_task(c.AddSign, "xav", where="after", users=(user("yan"),))
    drive.approve("xav")
    assert drive.open() == ["bob", "yan"] and drive.state.state == "running"
    drive.approve("yan")
    assert drive.state.state == "approved"


def test_somebody_who_left_neither_tells_nor_talks_nor_takes_back() -> None:
    drive = Drive(workflow(ask("look", "ann")))
    drive.company.inactive.add("sub")
    for command, more in (
        (c.Copy, {"task": None, "users": (user("fay"),)}),
        (c.Urge, {}),
        (c.Comment, {"comment": "!"}),
        (c.Withdraw, {}),
    ):
        with pytest.raises(FieldstoneError) as refused:
            drive.on_run(command, "sub", **more)
        assert refused.value.code == "run.not_yours"


FLOW = (
    ask("one", "ann"),
    step("store", "do", set={"x": "1"}),
    ask("two", "bob"),
    ask("three", "cid"),
)


def reached(*names: str, **attributes) -> Drive:
    drive = Drive(workflow(*FLOW, **attributes))
    for name in names:
        drive.approve(name)
    return drive


def test_return_to_a_step_asks_those_between_again() -> None:
    drive = reached("ann", "bob")
    drive.on_task(c.Return, "cid", to="one", comment="look again")
    assert drive.state.round == 2 and drive.open() == ["ann"]
    assert drive.visits() == ["one returned", "store returned", "two returned", "three returned", "one open"]
    drive.approve("ann"), drive.approve("bob")
    assert drive.open() == ["cid"]


def test_return_without_rerun_comes_back_to_who_returned_it() -> None:
    drive = reached("ann", "bob")
    drive.on_task(c.Return, "cid", to="one", rerun=False)
    drive.approve("ann")
    assert drive.open() == ["cid"]
    assert [row for row in drive.visits() if "skipped" in row] == ["store skipped", "two skipped"]
    assert drive.effects_of(SetFields) == []  # what was stored is not stored again
    drive.approve("cid")
    assert drive.state.state == "approved"


@pytest.mark.parametrize(
    ("rerun", "asked"), [(True, ["ann"]), (False, ["bob"])], ids=["rerun", "straight back"]
)
def test_return_to_the_submitter_who_submits_again(rerun, asked) -> None:
    drive = reached("ann", on={"returned": {"s": "1"}})
    drive.on_task(c.Return, "bob", rerun=rerun, comment="no")
    assert drive.state.state == "returned" and drive.open() == [] and drive.told() == {"returned": ["sub"]}
    with pytest.raises(FieldstoneError) as refused:
        drive.approve("bob")
    assert refused.value.code == "task.decided" and refused.value.data["state"] == "returned"
    drive.give(drive.submission(id=user("again"), record_version=7))
    assert (drive.state.state, drive.state.round, drive.state.record_version) == ("running", 2, 7)
    assert drive.open() == asked


def test_only_the_submitter_submits_again_and_only_after_a_return() -> None:
    drive = reached("ann")
    with pytest.raises(FieldstoneError) as refused:
        drive.give(drive.submission(id=user("x")))
    assert refused.value.code == "run.running"
    drive.on_task(c.Return, "bob")
    with pytest.raises(FieldstoneError) as refused:
        drive.give(drive.submission(id=user("x"), actor=user("ann")))
    assert refused.value.code == "run.not_yours"


def test_rounds_are_bounded() -> None:
    drive = reached("ann", max_rounds=2)
    drive.on_task(c.Return, "bob", to="one")
    drive.approve("ann")
    assert "return" not in allowed(drive.definition, drive.state, drive.task("bob"), user("bob"))
    with pytest.raises(FieldstoneError) as refused:
        drive.on_task(c.Return, "bob", to="one")
    assert refused.value.code == "rounds.exhausted" and drive.open() == ["bob"]


def test_a_step_says_where_it_may_be_sent_back_to() -> None:
    drive = Drive(workflow(ask("one", "ann"), ask("two", "bob"), ask("three", "cid", return_to=("one",))))
    drive.approve("ann"), drive.approve("bob")
    assert targets(drive.definition, drive.state, drive.task("cid")) == ("one",)
    for to in ("two", None, "three", "nowhere"):
        with pytest.raises(FieldstoneError) as refused:
            drive.on_task(c.Return, "cid", to=to)
        assert refused.value.code == "return.unknown" and refused.value.data["targets"] == ["one"]


def two_ways(**attributes):
    return parallel(
        "both",
        way("left", ask("l1", "ann"), ask("l2", "bob")),
        way("right", ask("r1", "cid"), ask("r2", "dan")),
        **attributes,
    )


def test_return_inside_a_way_leaves_the_other_ways_alone() -> None:
    drive = Drive(workflow(ask("first", "eve"), two_ways()))
    drive.approve("eve"), drive.approve("ann"), drive.approve("cid")
    assert targets(drive.definition, drive.state, drive.task("bob")) == ("l1", "first", "submitter")
    drive.on_task(c.Return, "bob", to="l1")
    assert drive.open() == ["dan", "ann"] and drive.visit("both").state == "open"
    drive.approve("dan"), drive.approve("ann"), drive.approve("bob")
    assert drive.state.state == "approved"


def test_return_out_of_a_way_takes_the_other_ways_along() -> None:
    drive = Drive(workflow(ask("first", "eve"), two_ways()))
    drive.approve("eve"), drive.approve("ann")
    drive.on_task(c.Return, "bob", to="first")
    assert drive.open() == ["eve"] and drive.states("r1") == {"cid": "cancelled"}
    drive.approve("eve")
    assert drive.open() == ["ann", "cid"]


def test_return_into_a_way_asks_this_way_again_and_not_the_other() -> None:
    drive = Drive(workflow(two_ways(), ask("last", "eve")))
    for who in ("ann", "bob", "cid", "dan"):
        drive.approve(who)
    drive.on_task(c.Return, "eve", to="r1")
    assert drive.open() == ["cid"]
    drive.approve("cid"), drive.approve("dan")
    assert drive.open() == ["eve"] and drive.state.round == 2


def test_return_into_a_way_of_a_branch() -> None:
    flow = workflow(
        branch(
            "size", way("big", ask("b1", "ann"), ask("b2", "bob"), when="big"), way("small", ask("s", "cid"))
        ),
        ask("last", "eve"),
    )
    drive = Drive(flow, Company(values={"big": True}))
    drive.approve("ann"), drive.approve("bob")
    drive.on_task(c.Return, "eve", to="b2", rerun=False)
    assert drive.open() == ["bob"]
    drive.approve("bob")
    assert drive.open() == ["eve"]


ON_REJECT = {
    "ends the run": ("end", [], "rejected", 1),
    "goes back to who was before": ("return_previous", ["ann"], "running", 2),
    "goes back to the submitter": ("return_start", [], "returned", 2),
}


@pytest.mark.parametrize(("policy", "asked", "state", "rounds"), ON_REJECT.values(), ids=ON_REJECT.keys())
def test_a_rejection(policy, asked, state, rounds) -> None:
    drive = Drive(workflow(ask("one", "ann"), ask("two", "bob", on_reject=policy)))
    drive.approve("ann")
    drive.reject("bob")
    assert (drive.open(), drive.state.state, drive.state.round) == (asked, state, rounds)


def test_a_rejection_goes_back_to_all_of_a_container_or_to_the_submitter() -> None:
    drive = Drive(workflow(two_ways(), ask("two", "eve", on_reject="return_previous")))
    for who in ("ann", "bob", "cid", "dan"):
        drive.approve(who)
    drive.reject("eve")
    assert drive.open() == ["ann", "cid"]
    drive = Drive(workflow(ask("one", "ann", on_reject="return_previous")))
    drive.reject("ann")
    assert drive.state.state == "returned"


def test_a_rejection_that_may_not_go_back_any_more_ends_the_run() -> None:
    drive = Drive(workflow(ask("one", "ann"), ask("two", "bob", on_reject="return_previous"), max_rounds=2))
    drive.approve("ann"), drive.reject("bob"), drive.approve("ann"), drive.reject("bob")
    assert drive.state.state == "rejected" and drive.state.round == 2


def test_withdraw() -> None:
    drive = reached("ann")
    with pytest.raises(FieldstoneError) as refused:
        drive.on_run(c.Withdraw, "bob")
    assert refused.value.code == "run.not_yours"
    drive.on_run(c.Withdraw, "sub")
    assert drive.state.state == drive.outcome() == "withdrawn" and drive.told()["withdrawn"] == ["sub", "bob"]
    for who, code in (("ann", "task.decided"), ("bob", "run.over")):
        with pytest.raises(FieldstoneError) as refused:
            drive.approve(who)
        assert refused.value.code == code
    with pytest.raises(FieldstoneError) as refused:
        reached("ann", withdraw=False).on_run(c.Withdraw, "sub")
    assert refused.value.code == "task.operation"


def test_copies_urging_and_comments() -> None:
    drive = reached()
    drive.on_task(c.Copy, "ann", run=drive.state.id, users=(user("fay"), user("fay")))
    assert drive.told() == {"cc": ["fay"]} and [name_of(each.user) for each in drive.state.ccs] == ["fay"]
    drive.on_run(c.Urge, "sub")
    assert drive.told() == {"urged": ["ann"]}
    drive.on_run(c.Comment, "fay", comment="fine by me")
    assert drive.told() == {"commented": ["sub", "ann"]} and drive.events[-1].comment == "fine by me"
    for command, who, code in ((c.Urge, "fay", "run.not_yours"), (c.Comment, "eve", "run.not_yours")):
        with pytest.raises(FieldstoneError) as refused:
            drive.on_run(command, who, comment="!")
        assert refused.value.code == code
    with pytest.raises(FieldstoneError) as refused:
        drive.on_run(c.Comment, "sub", comment="  ")
    assert refused.value.code == "comment.required" and refused.value.problems[0].path == "/comment"


OPERATIONS = {
    "approve": lambda drive: drive.approve("ann"),
    "reject": lambda drive: drive.reject("ann"),
    "return": lambda drive: drive.on_task(c.Return, "ann"),
    "transfer": lambda drive: drive.on_task(c.Transfer, "ann", to=user("eve")),
    "delegate": lambda drive: drive.on_task(c.Delegate, "ann", to=user("eve")),
    "add_before": lambda drive: drive.on_task(c.AddSign, "ann", where="before", users=(user("eve"),)),
    "add_after": lambda drive: drive.on_task(c.AddSign, "ann", where="after", users=(user("eve"),)),
    "add_parallel": lambda drive: drive.on_task(c.AddSign, "ann", where="parallel", users=(user("eve"),)),
    "cc": lambda drive: drive.on_task(c.Copy, "ann", run=drive.state.id, users=(user("eve"),)),
    "urge": lambda drive: drive.on_run(c.Urge, "sub"),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_step_allows_what_it_lists_and_says_what_it_offers(operation) -> None:
    drive = Drive(workflow(ask("look", "ann", operations=EVERYTHING - {operation})))
    assert operation not in allowed(drive.definition, drive.state, drive.task("ann"), user("ann"))
    with pytest.raises(FieldstoneError) as refused:
        OPERATIONS[operation](drive)
    assert refused.value.code == "task.operation" and refused.value.data["operation"] == operation
    drive = Drive(workflow(ask("look", "ann")))
    assert operation in allowed(drive.definition, drive.state, drive.task("ann"), user("ann"))
    assert allowed(drive.definition, drive.state, drive.task("ann"), user("bob")) == frozenset()
    OPERATIONS[operation](drive)


@pytest.mark.parametrize("operation", ["approve", "reject", "return", "transfer", "delegate"])
def test_a_comment_can_be_required(operation) -> None:
    drive = Drive(workflow(ask("look", "ann", comment_required=frozenset({operation}))))
    with pytest.raises(FieldstoneError) as refused:
        OPERATIONS[operation](drive)
    assert refused.value.code == "comment.required" and refused.value.problems[0].path == "/comment"


def test_changed_material_fields_void_the_votes() -> None:
    drive = reached("ann", material=frozenset({"amount"}), on_material_change="void")
    drive.on_run(c.RecordChanged, "sub", fields=("title",))
    assert drive.open() == ["bob"] and drive.state.round == 1
    drive.on_run(c.RecordChanged, "sub", fields=("amount", "title"))
    assert drive.open() == ["ann"] and drive.state.round == 2
    assert "one returned" in drive.visits() and drive.told()["returned"] == ["ann", "bob"]


def test_the_task_of_another_run_is_unknown() -> None:
    drive = reached()
    with pytest.raises(FieldstoneError) as refused:
        drive.give(c.Decide(**drive._who("ann"), task=user("elsewhere"), verdict="approve"))
    assert (refused.value.code, refused.value.kind) == ("task.unknown", "not_found")
