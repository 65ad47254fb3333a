"""What a run does to its record, its tasks and its trail, from submission to end."""

from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from approval_world import CHECKERS, ApprovalWorld

from fieldstone.engine.jobs import jobs_of
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, compile_plan
from fieldstone.problems import FieldstoneError
from fieldstone.workflows import approvals
from fieldstone.workflows.approvals.core.evolve import replay
from fieldstone.workflows.approvals.store import events_of, load_run


def refused(work: Any) -> FieldstoneError:
    with pytest.raises(FieldstoneError) as error:
        work()
    return error.value


def payload_of(connection: Connection, job: UUID) -> dict[str, Any]:
    table = control.job
    found: dict[str, Any] = connection.fetch(
        compile_plan(sa.select(table.c.payload).where(table.c.id == job))
    )[0][0]
    return found


def test_a_submission_asks_who_the_definition_says_and_sets_what_it_says(company: ApprovalWorld) -> None:
    asset = company.asset(price="5000")
    run = company.submit(asset, "buying", comment="Please")
    assert run["state"] == "running" and run["submitter"]["name"] == "Ann"
    assert company.read("asset", asset)["status"] == "asked"
    task = company.task_of("cora", asset)
    assert {who for who in CHECKERS if company.waiting(who)} >= set(CHECKERS)
    seen = company.look(lambda tx: approvals.task(tx, task), "cora")
    assert seen["title"] == "Press" and "approve" in seen["operations"]
    assert [each["field"] for each in seen["values"]] == ["price", "secretive"]
    assert seen["values"][0]["value"] == "5000.00" and seen["why"]["role"] == "checker"
    assert [each["comment"] for each in seen["comments"]] == ["Please"]
    company.act(task, "approve", "cora", {"comment": "Fine"})
    head = company.task_of("ben", asset)
    company.act(head, "approve", "ben")
    assert company.read("asset", asset)["status"] == "yes"
    trail = company.trail(asset)[0]
    assert trail["state"] == "approved" and trail["next"] == []
    kinds = [event["kind"] for event in trail["events"]]
    assert kinds[0] == "submitted"
    latest = company.history("asset", asset)[0]
    assert latest["actor"] == company.users["ben"] and latest["on_behalf_of"] == company.users["ann"]


def test_a_small_sum_needs_no_head_and_the_preview_says_so(company: ApprovalWorld) -> None:
    def names(**values: Any) -> list[list[Any]]:
        body = {"label": "Press", "pieces": 1, "price": "500", "price_currency": "EUR", **values}
        found = company.look(lambda tx: approvals.preview(tx, "asset", body, "buying"), "ann")
        return [[person["name"] for person in step["people"]] for step in found["steps"] if step["people"]]

    assert names() == [["Cora", "Cyril", "Cleo"]]
    assert names(price="5000") == [["Cora", "Cyril", "Cleo"], ["Ben"]]


def test_the_preview_goes_by_the_link_that_is_entered(company: ApprovalWorld) -> None:
    old = company.create("place", {"name": "Hall", "keeper": str(company.users["abe"])})
    new = company.create("place", {"name": "Barn", "keeper": str(company.users["bea"])})
    asset = company.asset()
    company.update("asset", asset, {"place": str(old["id"])})

    def asked(values: dict[str, Any], record_id: UUID | None) -> list[str]:
        found = company.look(
            lambda tx: approvals.preview(tx, "asset", values, "keeper", record_id=record_id), "ann"
        )
        return [person["name"] for step in found["steps"] for person in step["people"]]

    assert asked({}, asset) == ["Abe"]
    assert asked({"place": str(new["id"])}, asset) == asked({"place": str(new["id"])}, None) == ["Bea"]


@pytest.mark.parametrize(
    ("who", "code", "kind"),
    [
        ("sid", "task.unknown", "not_found"),
        ("abe", "task.unknown", "not_found"),
        ("ann", "task.not_yours", "denied"),
        ("ada", "task.not_yours", "denied"),
    ],
    ids=["stranger", "colleague", "submitter", "administrator"],
)
def test_who_is_not_asked_cannot_decide(company: ApprovalWorld, who: str, code: str, kind: str) -> None:
    asset = company.asset()
    company.submit(asset, "any_sign")
    task = company.task_of("cora", asset)
    error = refused(lambda: company.act(task, "approve", who))
    assert (error.code, error.kind) == (code, kind)


def test_a_task_is_decided_once_and_the_second_is_told_by_whom(company: ApprovalWorld) -> None:
    asset = company.asset()
    company.submit(asset, "any_sign")
    mine, other = company.task_of("cora", asset), company.task_of("cleo", asset)
    company.act(mine, "approve", "cora")
    for task, who in ((mine, "cora"), (other, "cleo")):
        error = refused(lambda task=task, who=who: company.act(task, "approve", who))  # type: ignore[misc]
        assert error.code == "task.decided" and error.kind == "conflict"
        assert error.data["decided_by"] == str(company.users["cora"]) and error.data["decided_at"]


def test_a_stale_version_is_refused_and_the_same_command_counts_once(company: ApprovalWorld) -> None:
    asset = company.asset()
    company.submit(asset, "all_sign")
    task = company.task_of("cora", asset)
    assert refused(lambda: company.act(task, "approve", "cora", if_match=9)).kind == "stale"
    command = uuid4()
    first = company.act(task, "approve", "cora", command_id=command)
    assert company.act(task, "approve", "cora", command_id=command) == first
    assert company.trail(asset)[0]["steps"][0]["approvals"] == 1


def test_after_a_withdrawal_nothing_can_be_decided(company: ApprovalWorld) -> None:
    asset = company.asset()
    run = company.submit(asset, "buying")
    task = company.task_of("cora", asset)
    company.write(lambda tx: approvals.withdraw(tx, run["id"], "Not needed"), "ann")
    assert refused(lambda: company.act(task, "approve", "cora")).kind == "conflict"
    assert company.read("asset", asset)["status"] == "draft"
    assert not [each for each in company.waiting("cora") if each["record"] == asset]


def test_who_was_disabled_or_lost_the_role_does_not_decide(company: ApprovalWorld) -> None:
    company.add_user("dora", "checker")
    asset = company.asset()
    company.submit(asset, "all_sign")
    task = company.task_of("dora", asset)
    context = company.context("dora")
    company.update("user", company.users["dora"], {"active": False})
    error = refused(lambda: company.engine.write(context, lambda tx: approvals.act(tx, task, "approve")))
    assert error.code == "task.not_yours"


def test_a_return_leaves_the_record_to_its_submitter_and_shows_what_changed(company: ApprovalWorld) -> None:
    asset = company.asset()
    run = company.submit(asset, "buying")
    task = company.task_of("cora", asset)
    company.act(task, "return", "cora", {"comment": "Too dear"})
    assert company.read("asset", asset)["status"] == "draft"
    assert company.box("ann", "submitted")[0]["state"] == "returned"
    company.update("asset", asset, {"price": "400"}, "ann")
    again = company.submit(asset, "buying")
    assert again["id"] == run["id"] and again["round"] == 2
    seen = company.look(lambda tx: approvals.task(tx, company.task_of("cora", asset)), "cora")
    changed = {each["field"]: (each["old"], each["new"]) for each in seen["changes"]}
    assert changed["price"] == ("500.00", "400.00")


def test_material_fields_are_locked_while_it_goes_and_the_record_stays(company: ApprovalWorld) -> None:
    asset = company.asset()
    company.submit(asset, "buying")
    error = refused(lambda: company.update("asset", asset, {"price": "1"}, "ann"))
    assert [(p.path, p.code) for p in error.problems] == [("/price", "approval.locked")]
    company.update("asset", asset, {"label": "Other"}, "ann")
    error = refused(lambda: company.delete("asset", asset, "ann"))
    assert error.problems[0].code == "approval.running"


def test_a_change_voids_the_votes_where_the_definition_says_so(company: ApprovalWorld) -> None:
    asset = company.asset()
    company.submit(asset, "voiding")
    company.act(company.task_of("cora", asset), "approve", "cora")
    company.update("asset", asset, {"price": "1"}, "ann")
    assert company.task_of("cora", asset)
    assert company.trail(asset)[0]["steps"][-1]["approvals"] == 0


def test_the_stored_rows_are_what_their_events_made_of_them(company: ApprovalWorld) -> None:
    asset = company.asset(price="5000")
    run = company.submit(asset, "buying")
    cora = company.task_of("cora", asset)
    company.act(cora, "add-sign", "cora", {"users": [str(company.users["bea"])], "where": "before"})
    company.act(company.task_of("bea", asset), "approve", "bea")
    company.act(cora, "return", "cora", {"comment": "Why?"})
    company.submit(asset, "buying")
    company.act(company.task_of("cleo", asset), "transfer", "cleo", {"to": str(company.users["bea"])})
    company.act(company.task_of("bea", asset), "approve", "bea", {"comment": "Yes"})
    company.act(company.task_of("ben", asset), "cc", "ben", {"users": [str(company.users["abe"])]})
    company.act(company.task_of("ben", asset), "approve", "ben")
    stored = company.look(lambda tx: load_run(tx, run["id"])).run
    events = company.look(lambda tx: events_of(tx, run["id"]))
    assert replace(replay(events), commands=frozenset()) == replace(stored, commands=frozenset())
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert company.box("abe", "cc")[0]["id"] == run["id"]


def test_what_finds_nobody_waits_in_the_list_of_the_administrator(company: ApprovalWorld) -> None:
    asset = company.asset()
    run = company.submit(asset, "keeper")
    assert run["state"] == "stuck"
    entry = company.look(lambda tx: approvals.stuck(tx), "ada")[0]
    assert entry["id"] == run["id"] and entry["incidents"][0]["incident"] == "nobody"
    assert refused(lambda: company.look(lambda tx: approvals.stuck(tx), "ben")).kind == "denied"
    place = company.create("place", {"name": "Hall", "keeper": str(company.users["abe"])})
    company.update("asset", asset, {"place": str(place["id"])})
    step = entry["incidents"][0]["step"]

    def mend(comment: str) -> Any:
        return company.write(
            lambda tx: approvals.intervene(tx, run["id"], "retry", comment, step=step), "ada"
        )

    assert refused(lambda: mend("")).kind == "invalid"
    assert mend("The keeper was missing")["state"] == "running"
    company.act(company.task_of("abe", asset), "approve", "abe")
    mended = next(e for e in company.trail(asset)[0]["events"] if e["intervention"])
    assert mended["actor"]["name"] == "Ada"


def test_several_are_decided_at_once_and_one_refusal_costs_no_other(company: ApprovalWorld) -> None:
    assets = [company.asset() for _ in range(3)]
    for asset in assets:
        company.submit(asset, "any_sign")
    tasks = [company.task_of("cora", asset) for asset in assets]
    company.act(company.task_of("cleo", assets[1]), "approve", "cleo")
    results = company.write(lambda tx: approvals.decide_many(tx, tasks, "approve", {}), "cora")
    assert [each["done"] for each in results] == [True, False, True]
    assert results[1]["code"] == "task.decided"
    assert [company.trail(asset)[0]["state"] for asset in assets] == ["approved"] * 3


def test_a_password_and_filled_fields_may_be_asked_for(company: ApprovalWorld) -> None:
    asset = company.asset()
    company.submit(asset, "guarded")
    task = company.task_of("ben", asset)
    assert refused(lambda: company.act(task, "approve", "ben")).code == "task.password"
    assert refused(lambda: company.act(task, "approve", "ben", {"password": "no"})).code == "password.wrong"


def test_a_decision_fills_in_no_field_that_needs_an_approval_of_its_own(company: ApprovalWorld) -> None:
    asset = company.asset()
    company.submit(asset, "guarded")
    task = company.task_of("ben", asset)

    def approve(values: dict[str, Any]) -> Any:
        body = {"values": values}
        return company.write(lambda tx: approvals.act(tx, task, "approve", body, confirmed=True), "ben")

    error = refused(lambda: approve({"secretive": "s", "limit": "5"}))
    assert (error.code, [each.path for each in error.problems]) == ("task.field", ["/values/limit"])
    approve({"secretive": "s"})
    stored = company.read("asset", asset)
    assert (stored["secretive"], stored["limit"]) == ("s", None)


def test_the_trail_shows_no_change_of_what_a_step_hides(company: ApprovalWorld) -> None:
    asset = company.asset()
    run = company.submit(asset, "guarded")
    company.act(company.task_of("ben", asset), "return", "ben", {"comment": "Look again"})
    company.update("asset", asset, {"pieces": 7, "price": "70"}, "ann")
    company.submit(asset, "guarded")

    def changed(who: str) -> set[str]:
        found = company.look(lambda tx: approvals.run_of(tx, run["id"]), who)
        return {each["field"] for each in found["changes"]}

    assert changed("ann") == {"pieces", "price"}
    assert changed("ben") == {"price"}


def test_a_step_says_what_its_people_may_write_and_see_while_it_asks_them(company: ApprovalWorld) -> None:
    asset = company.asset()
    assert "pieces" in company.read("asset", asset, "ben")
    assert refused(lambda: company.update("asset", asset, {"secretive": "s"}, "ben")).kind == "denied"
    company.submit(asset, "guarded")
    seen = company.read("asset", asset, "ben")
    assert "pieces" not in seen and "price" in seen
    assert "pieces" in company.read("asset", asset, "ann")
    assert company.update("asset", asset, {"secretive": "s"}, "ben")["secretive"] == "s"
    assert company.history("asset", asset)[0]["actor"] == company.users["ben"]
    for patch in ({"price": "1"}, {"secretive": "t", "pieces": 5}, {"limit": "5"}):
        assert refused(lambda patch=patch: company.update("asset", asset, patch, "ben")).kind == "denied"  # type: ignore[misc]


def test_a_hidden_amount_goes_with_its_currency_and_its_worth(
    company: ApprovalWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = company.asset()
    assert {"price", "price_currency", "price_base"} <= company.read("asset", asset, "ann").keys()
    reading = import_module("fieldstone.engine.records.read")
    monkeypatch.setattr(reading, "hidden", lambda tx, entity, record: frozenset({"price"}))
    assert not [name for name in company.read("asset", asset, "ann") if name.startswith("price")]


def test_a_step_stores_values_and_another_one_waits_for_a_run_of_its_own(company: ApprovalWorld) -> None:
    asset = company.asset()
    company.submit(asset, "calling")
    stored = company.read("asset", asset)
    assert (stored["status"], stored["pieces"]) == ("asked", 2)
    child, parent = company.trail(asset)
    assert child["parent"] == parent["id"] and child["workflow"] == "any_sign"
    assert [step["child"] for step in parent["steps"] if step["name"] == "other"] == [child["id"]]
    company.act(company.task_of("cora", asset), "approve", "cora")
    company.act(company.task_of("ben", asset), "approve", "ben")
    assert company.read("asset", asset)["status"] == "yes"
    assert [each["state"] for each in company.trail(asset)] == ["approved", "approved"]


def test_a_rejected_child_rejects_its_parent_and_a_withdrawn_parent_ends_its_child(
    company: ApprovalWorld,
) -> None:
    asset = company.asset()
    company.submit(asset, "calling")
    company.act(company.task_of("cora", asset), "reject", "cora", {"comment": "No"})
    assert [each["state"] for each in company.trail(asset)] == ["rejected", "rejected"]
    other = company.asset()
    run = company.submit(other, "calling")
    company.write(lambda tx: approvals.withdraw(tx, run["id"]), "ann")
    assert [each["state"] for each in company.trail(other)] == ["ended", "withdrawn"]


def test_values_that_a_rule_refuses_are_an_incident_and_nothing_of_them_is_stored(
    company: ApprovalWorld,
) -> None:
    asset = company.asset()
    run = company.submit(asset, "failing")
    assert run["state"] == "stuck"
    entry = next(e for e in company.look(lambda tx: approvals.stuck(tx), "ada") if e["id"] == run["id"])
    assert entry["incidents"][0]["incident"] == "failed" and entry["incidents"][0]["detail"]
    assert company.read("asset", asset)["label"] == "Press"
    company.update("asset", asset, {"secretive": "Lathe"})
    company.write(
        lambda tx: approvals.intervene(
            tx, run["id"], "retry", "It was empty", step=entry["incidents"][0]["step"]
        ),
        "ada",
    )
    assert company.read("asset", asset)["label"] == "Lathe"


def test_a_timer_is_a_job_of_the_decision_and_rings_once(company: ApprovalWorld) -> None:
    asset = company.asset()
    company.update("asset", asset, {"limit": "7"}, "ann")
    run = company.read("asset", asset)["_pending"]["limit"]["run"]
    with company.engine.database.connection() as connection:
        jobs = [job for job in jobs_of(connection, company.tenant, 500) if job.kind == approvals.RING]
        payloads = [payload_of(connection, job.id) for job in jobs]
    mine = [payload for payload in payloads if payload["run"] == str(run)]
    assert {payload["timer"] for payload in mine} == {"late"} and len(mine) == 2
    later = datetime.fromisoformat(mine[0]["at"]) + timedelta(minutes=1)
    for _ in range(2):
        company.write(lambda tx: approvals.ring(tx, mine[0]), now=later)
    events = [event for event in company.trail(asset)[0]["events"] if event["data"].get("timer") == "late"]
    assert len(events) == 1
    company.act(company.task_of("ben", asset), "reject", "ben")
    company.write(lambda tx: approvals.ring(tx, mine[1]), now=later)
    assert company.trail(asset)[0]["state"] == "rejected"


def test_figures_that_are_amounts_say_their_currency(company: ApprovalWorld) -> None:
    place = company.create("place", {"name": "Hall", "cap": "9000", "cap_currency": "JPY"})
    asset = company.asset(place=str(place["id"]))
    company.submit(asset, "buying")
    seen = company.look(lambda tx: approvals.task(tx, company.task_of("cora", asset)), "cora")
    figures = {each["path"]: (each["value"], each.get("currency")) for each in seen["figures"]}
    assert figures["place.cap"] == ("9000", "JPY")
    assert figures["place.name"] == ("Hall", None)
