"""A transition with an approval submits the record; the approval sets the state, on every way to it."""

from typing import Any
from uuid import UUID

import pytest
from automation_world import Works

from fieldstone.engine.records.errors import InvalidContent
from fieldstone.engine.records.transition import offers, transition
from fieldstone.workflows import approvals
from fieldstone.workflows.automations import press


@pytest.fixture
def used(works: Works) -> UUID:
    record = works.create("asset", {"label": "Bike"}, "anna")
    works.update("asset", record["id"], {"status": "used"}, "anna")
    return UUID(str(record["id"]))


def take(works: Works, record: UUID, **more: Any) -> Any:
    return works.write(lambda tx: transition(tx, "asset", record, "sell", **more), "anna")


def decide(works: Works, record: UUID, action: str) -> None:
    (task,) = [
        each
        for each in works.look(lambda tx: approvals.tasks(tx, "waiting", 200), "hal").data
        if each["record"] == record
    ]
    works.write(lambda tx: approvals.act(tx, task["id"], action, {"comment": "So be it"}), "hal")


def test_it_submits_with_the_values_and_the_approval_sets_the_state(works: Works, used: UUID) -> None:
    with pytest.raises(InvalidContent) as caught:
        take(works, used)
    assert caught.value.problems[0].data["why"] == "condition"
    with pytest.raises(InvalidContent) as caught:
        works.update("asset", used, {"status": "sold", "price": "90"}, "anna")
    assert caught.value.problems[0].data["why"] == "approval"
    assert works.read("asset", used)["price"] is None
    record = take(works, used, body={"price": "90"}, comment="Somebody wants it")
    assert (record["status"], str(record["price"])) == ("used", "90.00")
    decide(works, used, "approve")
    assert works.read("asset", used)["status"] == "sold"


def test_a_rejection_leaves_it_where_it_was(works: Works, used: UUID) -> None:
    take(works, used, body={"price": "90"})
    decide(works, used, "reject")
    after = works.read("asset", used)
    assert (after["status"], after["note"]) == ("used", "not sold")


def test_it_is_offered_and_a_button_submits_in_the_name_of_who_pressed(works: Works, used: UUID) -> None:
    works.update("asset", used, {"price": "5"}, "anna")
    offered = works.look(lambda tx: offers(tx, "asset", used), "anna")
    assert [each.transition.name for each in offered if each.why is None] == ["sell"]
    done = works.write(lambda tx: press(tx, "asset", used, "sell_it"), "anna")
    assert done.state == "done", done.error
    (run,) = works.look(lambda tx: approvals.runs_of(tx, "asset", used), "anna")
    assert str(works.users["anna"]) in str(run["submitter"])
    assert works.read("asset", used)["status"] == "used"
