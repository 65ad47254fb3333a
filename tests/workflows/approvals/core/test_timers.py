"""Clocks: what happens when nobody decides in time, and that a ring counts once."""

import pytest
from approval_company import Company, Drive, approve, guard, name_of, people, step, user, workflow

from fieldstone.metadata.approval_flows import Timer
from fieldstone.workflows.approvals.core import commands as c

EVERYTHING = frozenset(
    ["approve", "reject", "transfer", "delegate", "add_before", "add_after", "add_parallel", "comment"]
)


def timed(*timers: Timer, **attributes) -> Drive:
    company = attributes.pop("company", Company())
    names = attributes.pop("names", ("ann",))
    return Drive(
        workflow(approve("look", *names, timers=timers, operations=EVERYTHING, **attributes)), company
    )


def timer(action, **more) -> Timer:
    return Timer("late", action, 3600, **{"to": people("max"), **more})


ACTIONS = {
    # id: timer -> who is open, state of the run, state of ann's task
    "remind": (timer("remind"), ["ann"], "running", "open"),
    "transfer": (timer("transfer"), ["max"], "running", "transferred"),
    "escalate": (timer("escalate"), ["ann", "max"], "running", "open"),
    "approve": (timer("approve"), [], "approved", "approved"),
    "reject": (timer("reject"), [], "rejected", "rejected"),
    "transfer to nobody": (timer("transfer", to=()), ["ann"], "stuck", "open"),
    "escalate to somebody asked already": (timer("escalate", to=people("ann")), ["ann"], "stuck", "open"),
}


@pytest.mark.parametrize(("late", "asked", "state", "own"), ACTIONS.values(), ids=ACTIONS.keys())
def test_a_task_that_is_not_decided_in_time(late, asked, state, own) -> None:
    drive = timed(late)
    (ring,) = drive.rings()
    assert drive.task("ann").due_at == ring.at
    drive.ring(ring)
    assert (drive.open(), drive.state.state, drive.states("look")["ann"]) == (asked, state, own)
    if state in ("approved", "rejected"):
        assert drive.task("ann").decided_by is None  # the clock decided, nobody else
    assert drive.ring(ring).events == ()


def test_a_clock_without_a_calendar_is_an_incident() -> None:
    company = Company(values={"no calendar": True})
    drive = timed(timer("remind", repeat=600, times=3), company=company)
    assert drive.state.state == "stuck" and drive.visit("look").incident == "broken: no calendar"
    del company.values["no calendar"]
    drive.fix("retry", step=drive.visit("look").id)
    assert drive.open() == ["ann"] and drive.state.state == "running"
    (ring,) = drive.rings()
    company.values["no calendar"] = True
    drive.ring(ring)
    assert drive.visit("look").incident == "broken: no calendar" and drive.open() == ["ann"]


def test_reminders_are_repeated_as_often_as_said() -> None:
    drive = timed(timer("remind", repeat=600, times=3))
    (ring,) = drive.rings()
    heard = 0
    while True:
        drive.ring(ring)
        heard += 1
        assert drive.told() == {"reminded": ["ann"]}
        if not drive.rings():
            break
        (ring,) = drive.rings()
    assert heard == 3


def test_whoever_answers_first_of_an_escalated_pair_answers_for_both() -> None:
    for first, other in (("ann", "max"), ("max", "ann")):
        drive = timed(timer("escalate"), names=("ann", "bob"))
        drive.ring(drive.rings()[0])
        assert drive.open() == ["ann", "bob", "max"] and drive.visit("look").needed == 2
        drive.approve(first)
        assert drive.states("look")[other] == "cancelled" and drive.state.state == "running"
        drive.approve("bob")
        assert drive.state.state == "approved"


def test_what_a_clock_made_is_not_made_again_by_the_same_clock() -> None:
    drive = timed(timer("transfer"), timer("remind", times=1).__class__("other", "remind", 60))
    rings = {ring.timer: ring for ring in drive.rings()}
    drive.ring(rings["late"])
    assert drive.open() == ["max"] and [ring.timer for ring in drive.rings()] == ["other"]


def test_a_ring_after_the_decision_does_nothing() -> None:
    drive = timed(timer("reject"), names=("ann", "bob"))
    rings = {name_of(drive.state.tasks[ring.task].holder): ring for ring in drive.rings()}
    drive.approve("ann")
    assert drive.ring(rings["ann"]).events == () and drive.state.state == "running"
    drive.approve("bob")
    assert drive.ring(rings["bob"]).events == () and drive.state.state == "approved"


def test_the_clock_starts_again_while_others_were_added_before() -> None:
    drive = timed(timer("approve"))
    (ring,) = drive.rings()
    drive.on_task(c.AddSign, "ann", where="before", users=(user("eve"),))
    drive.ring(ring)
    (again,) = drive.rings()
    assert again.at > ring.at and drive.states("look")["ann"] == "waiting"
    drive.approve("eve")
    drive.ring(again)
    assert drive.state.state == "approved"


WAITS = {
    "some seconds": ({"seconds": 60}, {}, 60, "running", None),
    "until a time": ({"until": guard("then")}, {"then": "at"}, 3600, "running", None),
    "until a time that is past": ({"until": guard("then")}, {"then": "past"}, None, "approved", None),
    "until nothing": ({"until": guard("then")}, {"then": None}, None, "stuck", "no_time"),
}


@pytest.mark.parametrize(
    ("attributes", "values", "seconds", "state", "incident"), WAITS.values(), ids=WAITS.keys()
)
def test_a_step_that_waits(attributes, values, seconds, state, incident) -> None:
    from datetime import timedelta

    from approval_company import START

    times = {"at": START + timedelta(hours=1), "past": START - timedelta(days=1), None: None}
    company = Company(values={key: times[value] for key, value in values.items()})
    drive = Drive(workflow(step("rest", "wait", **attributes)), company)
    assert (drive.state.state, drive.visit("rest").incident) == (state, incident)
    if seconds:
        drive.ring(drive.rings()[0])
        assert drive.state.state == "approved"
