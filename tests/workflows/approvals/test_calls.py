"""A run that starts another one: it waits for it, ends it with itself, and is stuck when it cannot begin."""

from approval_world import ApprovalWorld

from fieldstone.workflows import approvals


def test_a_run_goes_on_when_its_child_is_approved(company: ApprovalWorld) -> None:
    asset = company.asset()
    run = company.submit(asset, "calling")
    assert company.box("ben", "waiting") == [] or all(
        task["record"] != asset for task in company.waiting("ben")
    )
    company.act(company.task_of("cora", asset), "approve", "cora")
    company.act(company.task_of("ben", asset), "approve", "ben")
    states = {each["id"]: each["state"] for each in company.trail(asset)}
    assert states.pop(run["id"]) == "approved" and list(states.values()) == ["approved"]


def test_a_child_ends_with_its_parent(company: ApprovalWorld) -> None:
    asset = company.asset()
    run = company.submit(asset, "calling")
    assert company.task_of("cora", asset)
    company.write(lambda tx: approvals.withdraw(tx, run["id"], "not now"), "ann")
    assert {each["state"] for each in company.trail(asset)} == {"withdrawn", "ended"}
    assert all(task["record"] != asset for task in company.waiting("cora"))


def test_a_child_that_cannot_begin_leaves_nothing_and_its_parent_is_stuck(company: ApprovalWorld) -> None:
    asset = company.asset()
    run = company.submit(asset, "calling_in_vain")
    assert run["state"] == "stuck"
    assert [each["id"] for each in company.trail(asset)] == [run["id"]]
    assert all(task["record"] != asset for task in company.waiting("cora"))
    assert company.read("asset", asset)["status"] == "draft"
