"""The whole trail of one run, for reading and for printing; what the submitter can do with it."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.ui import flash
from fieldstone.ui.admin.saying import TOLD, said
from fieldstone.ui.approvals import words
from fieldstone.ui.approvals.panel import panel
from fieldstone.ui.approvals.task import may_read
from fieldstone.ui.approvals.values import Shower
from fieldstone.ui.visit import PageMissing, Visit
from fieldstone.workflows import approvals

VERBS: Final[Mapping[str, Callable[[Transaction, UUID, str], Any]]] = {
    "withdraw": approvals.withdraw,
    "urge": approvals.urge,
    "comment": approvals.comment,
}


def show(visit: Visit, run_id: UUID) -> Response:
    """The trail."""
    return visit.read(lambda tx: _page(tx, visit, run_id))


def _page(tx: Transaction, visit: Visit, run_id: UUID, problem: str | None = None) -> Response:
    found = approvals.run_of(tx, run_id)
    entity = visit.model.entities.get(found["entity"])
    if entity is None:
        raise PageMissing("The record's kind is gone.")
    reads = may_read(tx, found)
    return visit.page(
        "approvals/trail.html",
        status=200 if problem is None else 409,
        page_name="inbox",
        entity=entity,
        kind=visit.labels.entity(entity),
        title=found["title"] or visit.labels.entity(entity),
        workflow=words.workflow(visit, found["workflow"], found["workflow_title"]),
        run=panel(visit, Shower(tx, visit, entity), found),
        record_url=visit.urls.record(entity.name, found["record"]) if reads else None,
        problem=problem,
        now_=visit.context.now,
    )


def withdraw(visit: Visit, run_id: UUID) -> Response:
    """Take a submission back."""
    return _do(visit, run_id, "withdraw")


def urge(visit: Visit, run_id: UUID) -> Response:
    """Ask those who are asked to hurry."""
    return _do(visit, run_id, "urge")


def comment(visit: Visit, run_id: UUID) -> Response:
    """Say something."""
    return _do(visit, run_id, "comment")


def _do(visit: Visit, run_id: UUID, what: str) -> Response:
    text = visit.request.form.get("comment", "").strip()
    try:
        visit.write(lambda tx: VERBS[what](tx, run_id, text))
    except FieldstoneError as error:
        if error.kind not in TOLD:
            raise
        told = said(visit, error)
        return visit.read(lambda tx: _page(tx, visit, run_id, told))
    return flash.put(
        redirect(visit.urls.page(f"approvals/{run_id}"), 303),
        visit.urls,
        visit.texts(f"approvals.did.{what}", title=""),
    )
