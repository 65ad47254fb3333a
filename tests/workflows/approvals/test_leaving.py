"""A publish that takes something from running approvals says so, and needs consent."""

from collections.abc import Iterator

import pytest
from approval_world import ApprovalWorld

from fieldstone.engine.publish import PublishPlan, discard_drafts, make_plan, put_draft
from fieldstone.workflows.approvals import RunningApprovals


@pytest.fixture
def told(company: ApprovalWorld) -> Iterator[ApprovalWorld]:
    company.engine.running = RunningApprovals()
    yield company
    company.engine.running = None
    company.write(discard_drafts, "ada")


def planned(world: ApprovalWorld, entity: str, patch: object) -> PublishPlan:
    world.write(lambda tx: put_draft(tx, "entities", entity, patch), "ada")  # type: ignore[arg-type]
    return world.look(make_plan, "ada")


def test_a_field_that_running_approvals_read_does_not_go_unnoticed(told: ApprovalWorld) -> None:
    told.submit(told.asset(), "buying")
    plan = planned(told, "place", {"properties": {"cap": None}})
    change = {each.id: each for each in plan.changes}["leave_runs:buying@1"]
    assert (change.cls, change.entity, change.field) == ("destructive", "asset", "asset.place.cap")
    assert change.facts["rows"] >= 1
    assert change in plan.needing_consent


def test_nothing_is_said_where_nothing_goes(told: ApprovalWorld) -> None:
    told.submit(told.asset(), "any_sign")
    plan = planned(told, "place", {"properties": {"floor": {"type": "integer"}}})
    assert plan.problems == ()
    assert not [change for change in plan.changes if change.op == "leave_runs"]
