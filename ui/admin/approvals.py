"""Approvals that are stuck: what is wrong with each, and mending it, with a comment that stays in the trail."""

from collections.abc import Mapping
from typing import Any, Final, Literal
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.approval_flows import Outcome
from fieldstone.ui import flash
from fieldstone.ui.admin.saying import attempt_write
from fieldstone.ui.admin.sections import admin_page, require
from fieldstone.ui.approvals import words
from fieldstone.ui.visit import Visit
from fieldstone.workflows import approvals

MENDING: Final[Mapping[str, tuple[Literal["retry", "reassign", "skip", "end"], Outcome | None]]] = {
    "retry": ("retry", None),
    "reassign": ("reassign", None),
    "skip": ("skip", None),
    "end_approved": ("end", "approved"),
    "end_rejected": ("end", "rejected"),
    "end": ("end", None),
}
"""What the page offers, and what it means."""


def show(visit: Visit, problem: str | None = None) -> Response:
    """The list."""
    require(visit, "approvals")

    def work(tx: Transaction) -> list[dict[str, Any]]:
        return [_entry(visit, each) for each in approvals.stuck(tx, 100)]

    return admin_page(
        visit, "approvals", "approvals", status=200 if problem is None else 409, runs=visit.read(work), problem=problem,
        now_=visit.context.now, users=visit.urls.people,
    )  # fmt: skip


def _entry(visit: Visit, run: dict[str, Any]) -> dict[str, Any]:
    for each in run["incidents"]:
        each["text"] = words.incident(visit, each["incident"])
        each["title"] = words.step(visit, run["workflow"], each["name"], each["title"])
    run["workflow_title"] = words.workflow(visit, run["workflow"], run["workflow_title"])
    return run


def mend(visit: Visit, run_id: UUID) -> Response:
    """Do what was chosen."""
    require(visit, "approvals")
    form = visit.request.form
    chosen = form.get("action", "")
    if chosen not in MENDING:
        return redirect(visit.urls.page("admin/approvals"), 303)
    action, outcome = MENDING[chosen]
    step, to = form.get("step", type=UUID), form.get("to", type=UUID)
    comment = form.get("comment", "").strip()

    def work(tx: Transaction) -> None:
        approvals.intervene(
            tx, run_id, action, comment, step=None if action == "end" else step,
            to=to if action == "reassign" else None, outcome=outcome,
        )  # fmt: skip

    problem = attempt_write(visit, work)
    if problem is not None:
        return show(visit, problem)
    text = visit.texts("approvals.mended")
    return flash.put(redirect(visit.urls.page("admin/approvals"), 303), visit.urls, text)
