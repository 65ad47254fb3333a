"""The inbox: what waits for me, what I submitted, what I was told of, what I decided; several decisions at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.transaction import Transaction
from fieldstone.ui import flash
from fieldstone.ui.approvals import words
from fieldstone.ui.visit import Visit
from fieldstone.workflows import approvals

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `people` are those who are asked now, of runs; `state` of a run or of a decision."""

    id: UUID
    url: str
    title: str
    workflow: str
    step: str
    submitter: str
    at: datetime
    due_at: datetime | None
    overdue: bool
    state: str
    color: str
    people: tuple[str, ...]
    decidable: bool


def show(visit: Visit) -> Response:
    """One box."""
    box = visit.request.args.get("box", "waiting")
    if box not in approvals.BOXES:
        box = "waiting"
    cursor = visit.request.args.get("cursor")

    def work(tx: Transaction) -> tuple[list[Entry], str | None, int]:
        page = approvals.tasks(tx, box, PAGE, cursor)  # type: ignore[arg-type]
        entries = [_entry(visit, box, each) for each in page.data]
        return entries, page.next, approvals.waiting_count(tx)

    entries, following, waiting = visit.read(work)
    return visit.page(
        "approvals/inbox.html", page_name="inbox", box=box, boxes=approvals.BOXES, entries=entries, next=following,
        waiting=waiting, now_=visit.context.now,
    )  # fmt: skip


def _entry(visit: Visit, box: str, each: dict[str, Any]) -> Entry:
    is_task = box in ("waiting", "done")
    due = each.get("due_at")
    state = each["state"]
    people = [(waiting["person"] or {}).get("name") or "?" for waiting in each.get("waiting_for", ())]
    entity = visit.model.entities.get(each["entity"])
    kind = visit.labels.entity(entity) if entity is not None else each["entity"]
    return Entry(
        id=each["id"],
        url=visit.urls.page(
            f"inbox/{each['id']}" if is_task else f"approvals/{each['run'] if 'run' in each else each['id']}"
        ),
        title=each["title"] or kind,
        workflow=words.workflow(visit, each["workflow"], each["workflow_title"]),
        step=words.step(visit, each["workflow"], each["step"], each["step_title"]) if is_task else "",
        submitter=words.person(visit, each["submitter"]),
        at=each["opened_at"] if is_task and each["opened_at"] else each["submitted_at"],
        due_at=due,
        overdue=due is not None and state == "open" and due < visit.context.now,
        state=state,
        color=words.COLORS.get(state, "gray"),
        people=tuple(dict.fromkeys(people)),
        decidable=box == "waiting" and "approve" in each["operations"],
    )


def decide(visit: Visit) -> Response:
    """Approve or reject what was ticked; each for itself."""
    form = visit.request.form
    action = form.get("action", "")
    chosen = form.getlist("task", type=UUID)[:PAGE]
    back = redirect(visit.urls.page("inbox"), 303)
    if action not in ("approve", "reject") or not chosen:
        return flash.put(back, visit.urls, visit.texts("approvals.none_chosen"))
    results = visit.write(
        lambda tx: approvals.decide_many(tx, chosen, action, {"comment": form.get("comment", "").strip()})
    )
    done = sum(1 for each in results if each["done"])
    refused = [each for each in results if not each["done"]]
    text = visit.texts.count(f"approvals.done_{action}", done)
    if refused:
        reasons = dict.fromkeys(_reason(visit, each) for each in refused)
        text += " " + visit.texts.count("approvals.not_done", len(refused)) + " " + " ".join(reasons)
    return flash.put(back, visit.urls, text)


def _reason(visit: Visit, result: dict[str, Any]) -> str:
    key = "refusal." + str(result["code"]).replace(".", "_")
    return visit.texts(key) if visit.texts.has(key) else str(result["message"])
