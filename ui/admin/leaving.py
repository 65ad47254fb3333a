"""Disabling somebody: first what hangs on the person is shown, then it goes to others in the same step."""

from typing import Any, Final
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.transaction import Transaction
from fieldstone.ui import flash
from fieldstone.ui.admin.people import member_of
from fieldstone.ui.admin.saying import attempt_write
from fieldstone.ui.admin.sections import admin_page, require
from fieldstone.ui.approvals import words
from fieldstone.ui.visit import Visit
from fieldstone.workflows import approvals

LISTED: Final = 20
"""Tasks that are named; of more only the number is told."""


def ask(visit: Visit, user_id: UUID) -> Response:
    """What the person still has, and the question who takes over."""
    require(visit, "people")
    return _ask(visit, user_id)


def leave(visit: Visit, user_id: UUID) -> Response:
    """Switch the account off and hand everything over."""
    require(visit, "people")
    form = visit.request.form
    to, comment = form.get("to", type=UUID), form.get("comment", "").strip()
    done: dict[str, Any] = {}

    def work(tx: Transaction) -> None:
        done.update(approvals.leave(tx, user_id, to, comment=comment))

    problem = attempt_write(visit, work)
    if problem is not None:
        return _ask(visit, user_id, problem)
    moved, kept = sum(done["records"].values()), sum(done["kept"].values())
    text = visit.texts("person.disabled")
    if to is not None:
        text += " " + visit.texts("person.handed_over", tasks=len(done["runs"]), records=moved)
    if kept:
        text += " " + visit.texts.count("person.kept", kept)
    return flash.put(redirect(visit.urls.page(f"admin/people/{user_id}"), 303), visit.urls, text)


def _ask(visit: Visit, user_id: UUID, problem: str | None = None) -> Response:
    member = member_of(visit, user_id)
    plan = visit.read(lambda tx: approvals.leaving_plan(tx, user_id))
    for task in plan["tasks"]:
        task["workflow_title"] = words.workflow(visit, task["workflow"], task["workflow_title"])
    owned = [
        (visit.labels.plural(visit.model.entities[name]), count) for name, count in plan["records"].items()
    ]
    return admin_page(
        visit, "leaving", "people", status=422 if problem else 200, member=member, problem=problem,
        tasks=plan["tasks"][:LISTED], more_tasks=max(0, len(plan["tasks"]) - LISTED), runs=len(plan["runs"]),
        delegations=len(plan["delegations"]), owned=owned, comment=visit.request.form.get("comment", ""),
        users=visit.urls.people, now_=visit.context.now,
    )  # fmt: skip
