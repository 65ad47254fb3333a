"""A bound field keeps its value, on whatever path a change comes, until it is approved."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from approval_world import ApprovalWorld

from fieldstone.engine import records
from fieldstone.engine.bulk import BulkRequest, add_bulk, continue_bulk
from fieldstone.engine.context import Actor
from fieldstone.engine.pending.taking import take_values
from fieldstone.engine.records.many import Write, write_many
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.workflows import approvals
from fieldstone.workflows.approvals.carry import as_platform

OLD, NEW = "1000000", "3000000"


@pytest.fixture
def asset(company: ApprovalWorld) -> UUID:
    """Its limit was set by the platform, which needs no approval."""
    made = company.asset()
    company.update("asset", made, {"limit": OLD})
    return made


def by_patch(company: ApprovalWorld, asset: UUID, value: str) -> Any:
    return company.update("asset", asset, {"limit": value}, "ann")


def by_batch(company: ApprovalWorld, asset: UUID, value: str) -> Any:
    operation = records.Operation("update", record_id=asset, body={"limit": value})
    return company.write(lambda tx: records.batch(tx, "asset", [operation]), "ann")


def by_many(company: ApprovalWorld, asset: UUID, value: str) -> Any:
    """As an import does it."""
    found = company.write(lambda tx: write_many(tx, "asset", [Write({"limit": value}, asset)]), "ann")
    if found[0].error is not None:
        raise found[0].error


def by_bulk(company: ApprovalWorld, asset: UUID, value: str) -> Any:
    request = BulkRequest("update", (asset,), None, None, {"limit": value})
    run, _ = company.write(lambda tx: add_bulk(tx, "asset", request), "ann")
    result = continue_bulk(company.engine, company.context("ann"), run).to_json()
    if result["failed"]:
        raise FieldstoneError("refused", code=result["errors"][0]["code"], kind="conflict")


PATHS: list[Callable[[ApprovalWorld, UUID, str], Any]] = [by_patch, by_batch, by_many, by_bulk]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_a_change_waits_everybody_reads_the_old_value_and_approval_sets_it_once(
    company: ApprovalWorld, asset: UUID, path: Callable[[ApprovalWorld, UUID, str], Any]
) -> None:
    before = company.read("asset", asset)
    path(company, asset, NEW)
    seen = company.read("asset", asset, "ben")
    assert (str(seen["limit"]), str(seen["double"]), seen["version"]) == (OLD, "2000000", before["version"])
    assert company.rows("asset", "ben", filter=f'id == "{asset}"')[0]["limit"] == before["limit"]
    waiting = seen["_pending"]["limit"]
    assert (waiting["value"], waiting["requested_by"]) == (NEW, company.users["ann"])
    again = next(each for each in PATHS if each is not path)
    with pytest.raises(FieldstoneError) as error:
        again(company, asset, "2000000")
    assert error.value.code == "pending.exists"
    task = company.task_of("ben", asset)
    shown = company.look(lambda tx: approvals.task(tx, task), "ben")
    assert [(each["field"], each["old"], each["new"]) for each in shown["changes"]] == [("limit", OLD, NEW)]
    company.act(task, "approve", "ben")
    after = company.read("asset", asset)
    assert (str(after["limit"]), str(after["double"]), after["_pending"]) == (NEW, "6000000", None)
    assert after["version"] == before["version"] + 1
    entry = company.history("asset", asset)[0]
    assert (entry["actor"], entry["on_behalf_of"]) == (company.users["ben"], company.users["ann"])


def test_a_refusal_names_who_asked_first_for_what_and_when(company: ApprovalWorld, asset: UUID) -> None:
    by_patch(company, asset, NEW)
    with pytest.raises(FieldstoneError) as error:
        company.update("asset", asset, {"limit": "5", "label": "Not stored"}, "abe")
    told = error.value.data
    assert (told["value"], told["requested_by"]) == (NEW, company.users["ann"])
    assert error.value.kind == "conflict" and told["requested_at"] and told["run"]
    assert company.read("asset", asset)["label"] == "Press"


@pytest.mark.parametrize("end", ["reject", "withdraw"])
def test_without_an_approval_value_and_version_stay(company: ApprovalWorld, asset: UUID, end: str) -> None:
    before = company.read("asset", asset)
    by_patch(company, asset, NEW)
    run = company.read("asset", asset)["_pending"]["limit"]["run"]
    if end == "reject":
        company.act(company.task_of("bea", asset), "reject", "bea", {"comment": "No"})
    else:
        company.write(lambda tx: approvals.withdraw(tx, run), "ann")
    assert company.read("asset", asset) == before
    assert len(company.history("asset", asset)) == 2
    by_patch(company, asset, NEW)
    assert company.read("asset", asset)["_pending"]["limit"]["value"] == NEW


def test_other_values_of_the_same_patch_are_stored(company: ApprovalWorld, asset: UUID) -> None:
    company.update("asset", asset, {"limit": NEW, "label": "Lathe"}, "ann")
    seen = company.read("asset", asset)
    assert (seen["label"], str(seen["limit"])) == ("Lathe", OLD)
    assert "limit" not in company.history("asset", asset)[0]["changes"]


def test_a_new_record_begins_without_the_value(company: ApprovalWorld) -> None:
    made = company.create("asset", {"label": "New", "limit": NEW}, "ann")
    assert made["limit"] is None and made["_pending"]["limit"]["value"] == NEW
    company.act(company.task_of("ben", made["id"]), "approve", "ben")
    assert str(company.read("asset", made["id"])["limit"]) == NEW


def test_what_an_automation_changes_for_somebody_waits_too(company: ApprovalWorld, asset: UUID) -> None:
    """It acts as the platform on behalf of a person; what a timer approves is set all the same."""
    actor = Actor(id=None, name="system", kind="system", on_behalf_of=company.users["ann"])

    def work(tx: Transaction) -> Any:
        acting = replace(tx, context=replace(tx.context, actor=actor))
        return records.update(acting, "asset", asset, {"limit": NEW})

    company.write(work, "ann")
    seen = company.read("asset", asset)
    waiting = seen["_pending"]["limit"]
    assert str(seen["limit"]) == OLD and waiting["requested_by"] == company.users["ann"]

    def take(tx: Transaction) -> None:
        take_values(as_platform(tx, None, company.users["ann"]), waiting["run"], tx.context.now)

    company.write(take)
    after = company.read("asset", asset)
    assert (str(after["limit"]), after["_pending"]) == (NEW, None)


def test_what_is_wrong_is_refused_before_anything_waits(company: ApprovalWorld, asset: UUID) -> None:
    with pytest.raises(FieldstoneError):
        company.update("asset", asset, {"limit": "much"}, "ann")
    assert company.read("asset", asset)["_pending"] is None
