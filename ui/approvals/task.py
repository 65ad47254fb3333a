"""One task: who asks for what, everything that one must know to decide, and what can be done with it."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine import records
from fieldstone.engine.permissions import access
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.ui import flash
from fieldstone.ui.admin.saying import TOLD, said
from fieldstone.ui.approvals import words
from fieldstone.ui.approvals.about import told
from fieldstone.ui.approvals.filling import PREFIX, controls, sent
from fieldstone.ui.approvals.panel import panel
from fieldstone.ui.approvals.values import Shower, Shown
from fieldstone.ui.errors import STATUS
from fieldstone.ui.visit import PageMissing, Visit
from fieldstone.workflows import approvals

FILES: Final = ("file", "files", "image", "signature")
MORE: Final = ("return", "transfer", "delegate", "add-sign", "cc", "urge")
NEEDS: Final = {"add-sign": ("add_before", "add_after", "add_parallel")}


def show(visit: Visit, task_id: UUID) -> Response:
    """The page of a task."""
    return visit.read(lambda tx: _page(tx, visit, task_id))


def _page(
    tx: Transaction, visit: Visit, task_id: UUID, problem: str | None = None, status: int = 200
) -> Response:
    task = approvals.task(tx, task_id)
    entity = visit.model.entities.get(task["entity"])
    if entity is None:
        raise PageMissing("The record's kind is gone.")
    shower = Shower(tx, visit, entity)
    operations = set(task["operations"])
    run = panel(visit, shower, approvals.run_of(tx, task["run"]))
    reads = may_read(tx, task)
    return visit.page(
        "approvals/task.html",
        status=status,
        page_name="inbox",
        entity=entity,
        help=_help(visit, task),
        record_url=visit.urls.record(entity.name, task["record"]) if reads else None,
        controls=controls(tx, visit, entity, task) if "approve" in operations else [],
        files=_files(tx, shower, task) if reads else [],
        run=run,
        operations=operations,
        more=[name for name in MORE if operations & set(NEEDS.get(name, (name,)))],
        wheres=[each for each in ("before", "after", "parallel") if f"add_{each}" in operations],
        returns=[
            (name, words.step(visit, task["workflow"], name, _title(visit, task, name)))
            for name in task["return_to"]
        ],
        problem=problem,
        users=visit.urls.people,
        **told(visit, shower, task),
    )


def _files(tx: Transaction, shower: Shower, task: Mapping[str, Any]) -> list[Shown]:
    """Files and pictures of the record, so that nobody has to leave the page to look at them."""
    rights = access(tx, task["entity"]).readable
    names = [name for name, field in shower.entity.fields.items() if field.type in FILES and name in rights]
    if not names:
        return []
    record = records.read(tx, task["entity"], task["record"], fields=names)
    return [shower.shown(name, record[name]) for name in names if record.get(name)]


def _title(visit: Visit, task: dict[str, Any], name: str) -> str:
    definition = visit.model.workflows.get(task["workflow"])
    step = definition.step(name) if definition is not None else None
    return step.title if step is not None else name


def _help(visit: Visit, task: dict[str, Any]) -> str:
    definition = visit.model.workflows.get(task["workflow"])
    step = definition.step(task["step"]) if definition is not None else None
    default = step.description if step is not None else ""
    return visit.labels.text(f"help.workflow.{task['workflow']}.step.{task['step']}", default)


def may_read(tx: Transaction, about: Mapping[str, Any]) -> bool:
    """Whether the visitor may open the record of a task or a run."""
    try:
        records.read(tx, about["entity"], about["record"], fields=())
    except FieldstoneError:
        return False
    return True


def _sent(tx: Transaction, visit: Visit, task_id: UUID) -> dict[str, Any]:
    entity = visit.model.entities.get(approvals.task(tx, task_id)["entity"])
    return sent(visit, entity) if entity is not None else {}


def act(visit: Visit, task_id: UUID, action: str) -> Response:
    """Do something with a task, then go back to what waits; what is refused is said on the page, nothing typed is lost."""
    form = visit.request.form
    body: dict[str, Any] = {"comment": form.get("comment", "").strip()}
    if form.get("password"):
        body["password"] = form["password"]
    if form.get("signature"):
        body["signature"] = form["signature"]
    if action == "return":
        body |= {"to": form.get("to") or None, "rerun": form.get("rerun") != "false"}
    elif action in ("transfer", "delegate"):
        body["to"] = form.get("to") or None
    elif action in ("add-sign", "cc"):
        body |= {
            "users": [each for each in form.getlist("users") if each],
            "where": form.get("where") or "parallel",
        }
    elif action == "approve" and any(name.startswith(PREFIX) for name in form):
        body["values"] = visit.read(lambda tx: _sent(tx, visit, task_id))
    version = form.get("version", type=int)
    try:
        done = visit.write(lambda tx: approvals.act(tx, task_id, action, body, if_match=version))
    except FieldstoneError as error:
        if error.kind not in TOLD:
            raise
        text = said(visit, error)
        status = STATUS[error.kind]
        return visit.read(lambda tx: _page(tx, visit, task_id, text, status))
    stays = action in ("comment", "cc", "urge", "add-sign")
    path = f"inbox/{task_id}" if stays else "inbox"
    text = visit.texts(f"approvals.did.{action}", title=done["title"] or "")
    return flash.put(redirect(visit.urls.page(path), 303), visit.urls, text)
