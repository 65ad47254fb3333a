"""Running approvals of an older definition are looked at and moved; a workflow is tried on records that exist."""

import json
from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa

from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan

from .conftest import Office, Visitor

PASTED = {
    "entity": "asset",
    "title": "Pasted way",
    "steps": [
        {
            "name": "look", "type": "approve", "title": "Look", "mode": "any",
            "assign": [{"name": "one", "type": "role", "value": "boss"}],
        },
    ],
}  # fmt: skip


@pytest.fixture
def older(office: Office) -> tuple[UUID, UUID]:
    """A run of a definition whose only step has another name by now: the record and the run."""
    company = office.company
    asset = company.asset(label="Old <run>")
    run = company.submit(asset, "quorum")["id"]
    model = company.look(lambda tx: tx.model)
    quorum = model.workflows["quorum"]
    step = replace(quorum.steps[0], name="both", title="Both")
    workflows = {**model.workflows, "quorum": replace(quorum, steps=(step,))}
    company.engine.models.put(company.tenant, 0, replace(model, hash=f"{model.hash}-older"))
    company.engine.models.put(
        company.tenant, 1, replace(model, workflows=workflows, hash=f"{model.hash}-newer")
    )
    runs = control.approval_run
    back = sa.update(runs).where(runs.c.id == sa.bindparam("run", type_=sa.Uuid())).values(revision=0)
    company.write(lambda tx: tx.fetch(compile_plan(back.returning(runs.c.id)), {"run": run}))
    return asset, UUID(str(run))


def test_older_approvals_are_shown_and_moved_after_a_dry_run(
    office: Office, ada: Visitor, older: tuple[UUID, UUID]
) -> None:
    asset, run = older
    assert "admin/approvals/older" in ada.get("admin/approvals").text
    page = ada.get("admin/approvals/older", workflow="quorum").text
    for text in ("Old &lt;run&gt;", "0 of 1 can be moved", "is gone.", 'name="step.two"', "stays"):
        assert text in page, text
    assert "Move one approval" not in page
    page = ada.get("admin/approvals/older", **{"workflow": "quorum", "step.two": "both"}).text
    assert "1 of 1 can be moved" in page
    assert "Move one approval" in page
    fields = {"workflow": "quorum", "step.two": "both"}
    assert office.company.trail(asset)[0]["revision"] == 0
    done = ada.post("admin/approvals/older", comment="New names", **fields)
    assert done.status_code == 303, done.text
    after = ada.get("admin/approvals/older").text
    assert "Moved: 1." in after
    assert "Everything goes by the present definitions" in after
    trail = office.company.trail(asset)[0]
    assert (trail["id"], trail["revision"]) == (run, 1)
    assert [step["name"] for step in trail["steps"] if step["state"] == "open"] == ["both"]
    assert ada.get("admin/approvals/older", workflow="nosuch").status_code == 404


def test_a_workflow_is_tried_on_records_without_storing_anything(office: Office, ada: Visitor) -> None:
    company = office.company
    for price in ("100", "200", "9000"):
        company.asset(label=f"Tried {price}", price=price)
    company.asset(label="Tried 0", pieces=0)
    before = len(company.waiting("cora"))
    page = ada.get("admin/approvals/trial").text
    assert "Try a workflow" in page
    chosen = 'label in ["Tried 100", "Tried 200", "Tried 9000", "Tried 0"]'
    fields = {"workflow": "buying", "limit": "200", "filter": chosen}
    answer = ada.post("admin/approvals/trial", **fields)
    assert answer.status_code == 200, answer.text
    for text in ("4 records", "2 records", "One record", "50 %", "25 %", "Cora", "Ben", "Tried 9000"):
        assert text in answer.text, text
    assert len(company.waiting("cora")) == before
    wrong = ada.post("admin/approvals/trial", workflow="buying", filter="nosuch > 1")
    assert wrong.status_code in (400, 422)
    assert "nosuch" in wrong.text


@pytest.mark.parametrize(
    ("document", "told"),
    [("{", "JSON"), ("[]", "object"), (json.dumps({**PASTED, "entity": "nosuch"}), "nosuch")],
    ids=["no JSON", "no object", "no such entity"],
)
def test_what_is_wrong_with_a_pasted_definition_is_told(ada: Visitor, document: str, told: str) -> None:
    answer = ada.post("admin/approvals/trial", workflow="buying", document=document)
    assert answer.status_code == 422
    assert told in answer.text.split('role="alert">')[1].split("</div>")[0]


def test_a_pasted_definition_is_tried_in_place_of_the_published_one(office: Office, ada: Visitor) -> None:
    office.company.asset(label="Pasted")
    answer = ada.post(
        "admin/approvals/trial", workflow="pasted", filter='label == "Pasted"', document=json.dumps(PASTED)
    )
    assert answer.status_code == 200, answer.text
    assert "Look" in answer.text
    assert "100 %" in answer.text


def test_only_administrators_of_definitions_come_here(office: Office) -> None:
    ben = office.signed_in("ben")
    for path in ("admin/approvals/older", "admin/approvals/trial"):
        assert ben.get(path).status_code == 403
        assert ben.post(path, workflow="buying", comment="x").status_code == 403
