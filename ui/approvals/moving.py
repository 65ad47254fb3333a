"""Running approvals that go by an older definition: a dry run of moving them to the present one, and moving them.

Where a step got another name, the page asks which one takes its place; the report follows what was chosen, and nothing
moves before its button is pressed.
"""

from collections.abc import Mapping
from typing import Any, Final

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.transaction import Transaction
from fieldstone.ui import flash
from fieldstone.ui.admin.saying import attempt_write
from fieldstone.ui.admin.sections import admin_page, require
from fieldstone.ui.approvals import words
from fieldstone.ui.visit import PageMissing, Visit
from fieldstone.workflows import approvals

LISTED: Final = 200
"""Runs that are shown; the counts are of all."""
STEP: Final = "step."
"""What form fields that name a step of the older definition begin with."""


def show(visit: Visit) -> Response:
    """The workflows with such approvals, and the report of the one that was chosen."""
    require(visit, "approvals")
    return visit.read(lambda tx: _page(tx, visit, visit.request.args))


def move(visit: Visit) -> Response:
    """Move what can be moved."""
    require(visit, "approvals")
    form = visit.request.form
    name, comment = form.get("workflow", ""), form.get("comment", "").strip()
    done: dict[str, Any] = {}

    def work(tx: Transaction) -> None:
        done.update(approvals.move(tx, name, _steps(form), comment))

    problem = attempt_write(visit, work)
    if problem is not None:
        return visit.read(lambda tx: _page(tx, visit, form, problem))
    text = visit.texts("approvals.moved", moved=len(done["moved"]), kept=len(done["kept"]))
    return flash.put(redirect(visit.urls.page("admin/approvals/older"), 303), visit.urls, text)


def _steps(sent: Mapping[str, str]) -> dict[str, str]:
    return {key.removeprefix(STEP): value for key, value in sent.items() if key.startswith(STEP) and value}


def _page(tx: Transaction, visit: Visit, sent: Mapping[str, str], problem: str | None = None) -> Response:
    counts = approvals.older_runs(tx)
    name = sent.get("workflow") or next(iter(counts), None)
    workflows = [
        (each, words.workflow(visit, each, visit.model.workflows[each].title), count)
        for each, count in sorted(counts.items())
        if each in visit.model.workflows
    ]
    gone = sum(count for each, count in counts.items() if each not in visit.model.workflows)
    report = None
    if name is not None:
        if name not in visit.model.workflows and sent.get("workflow"):
            raise PageMissing("There is no such workflow.")
        if name in visit.model.workflows:
            report = _report(tx, visit, name, _steps(sent))
    return admin_page(
        visit, "approvals_older", "approvals", status=200 if problem is None else 422, problem=problem,
        workflows=workflows, gone=gone, chosen=name, report=report, comment=sent.get("comment", ""),
    )  # fmt: skip


def _report(tx: Transaction, visit: Visit, name: str, steps: Mapping[str, str]) -> dict[str, Any]:
    definition = visit.model.workflows[name]
    plan = approvals.moving_plan(tx, name, steps)
    bare = approvals.moving_plan(tx, name) if steps else plan
    absent = {
        step for run in bare["runs"] for step, why in run["obstacles"].items() if why == "absent"
    } | set(steps)

    def title(step: str) -> str:
        found = definition.step(step)
        return words.step(visit, name, step, found.title if found is not None else None)

    return {
        "movable": plan["movable"],
        "count": len(plan["runs"]),
        "absent": [(step, title(step), steps.get(step, "")) for step in sorted(absent)],
        "steps": [(step, title(step)) for step in plan["steps"]],
        "chosen": steps,
        "runs": [
            {
                **run,
                "at": ", ".join(title(step) for step in run["at"]),
                "hinders": [
                    visit.texts(f"approvals.obstacle.{why}", step=title(step))
                    for step, why in run["obstacles"].items()
                ],
                "color": words.COLORS.get(run["state"], "gray"),
            }
            for run in plan["runs"][:LISTED]
        ],
        "more": max(0, len(plan["runs"]) - LISTED),
    }
