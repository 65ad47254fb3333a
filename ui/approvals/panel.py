"""The approvals of one record: the trail of each run, what comes next and why, what waits for a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from markupsafe import Markup

from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.ui.approvals import words
from fieldstone.ui.approvals.values import Changed, Shower
from fieldstone.ui.forms.linked import titles
from fieldstone.ui.visit import Visit
from fieldstone.workflows import approvals


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody in a step. `behalf` is for whom he decides; `at` when he decided."""

    name: str
    why: str
    state: str = "waiting"
    icon: str = "hourglass"
    behalf: str = ""
    comment: str = ""
    at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StepLine:
    title: str
    state: str
    color: str
    mode: str
    people: tuple[PersonLine, ...]
    incident: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Saying:
    """One line of the trail in words."""

    at: datetime
    who: str
    text: str
    comment: str
    intervention: bool


@dataclass(frozen=True, slots=True)
class RunPanel:
    id: UUID
    title: str
    state: str
    color: str
    submitter: str
    at: datetime
    round: int
    steps: tuple[StepLine, ...]
    next: tuple[StepLine, ...]
    says: tuple[Saying, ...]
    changes: tuple[Changed, ...]
    cc: tuple[str, ...]
    operations: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class PendingValue:
    """A value that was asked for and is not in force."""

    title: str
    html: Markup
    who: str
    at: datetime
    url: str | None


TOLD = frozenset(
    {
        "submitted", "resubmitted", "approved", "rejected", "transferred", "delegated", "returned", "voided", "added",
        "removed", "copied", "urged", "commented", "escalated", "left", "intervened", "moved", "withdrawn",
        "reminded", "step_stuck",
    }
)  # fmt: skip
"""Kinds of events that people read; the others are bookkeeping."""


def has_approvals(visit: Visit, entity: Entity) -> bool:
    """Whether records of the entity can have approvals at all."""
    return any(each.entity == entity.name for each in visit.model.workflows.values())


def panels(tx: Transaction, visit: Visit, entity: Entity, record_id: UUID) -> list[RunPanel]:
    """Every run of a record, newest first."""
    shower = Shower(tx, visit, entity)
    return [panel(visit, shower, each) for each in approvals.runs_of(tx, entity.name, record_id)]


def panel(visit: Visit, shower: Shower, run: Mapping[str, Any]) -> RunPanel:
    """One run as its trail shows it."""
    people = _people(run)
    return RunPanel(
        id=run["id"],
        title=words.workflow(visit, run["workflow"], run["workflow_title"]),
        state=run["state"],
        color=words.COLORS.get(run["state"], "gray"),
        submitter=words.person(visit, run["submitter"]),
        at=run["submitted_at"],
        round=run["round"],
        steps=tuple(
            _step(visit, run["workflow"], each, people)
            for each in run["steps"]
            if each["kind"] not in ("branch", "parallel", "do")
        ),
        next=tuple(planned(visit, run["workflow"], each) for each in run["next"] if each["people"]),
        says=tuple(
            _saying(visit, run["workflow"], each, people) for each in run["events"] if each["kind"] in TOLD
        ),
        changes=tuple(shower.changes(run["changes"])),
        cc=tuple(dict.fromkeys(words.person(visit, each["person"]) for each in run["cc"])),
        operations=tuple(run["operations"]),
        url=visit.urls.page(f"approvals/{run['id']}"),
    )


def _people(run: Mapping[str, Any]) -> dict[str, str]:
    """Names by id of everybody in the run."""
    found: dict[str, str] = {}
    for each in [
        run["submitter"],
        *(cc["person"] for cc in run["cc"]),
        *(event["actor"] for event in run["events"]),
    ]:
        if each:
            found[str(each["id"])] = each["name"]
    for step in run["steps"]:
        for task in step["tasks"]:
            for who in (task["assignee"], task["holder"], task["decided_by"]):
                if who:
                    found[str(who["id"])] = who["name"]
    return found


def _step(visit: Visit, workflow: str, step: Mapping[str, Any], people: Mapping[str, str]) -> StepLine:
    tasks = tuple(
        PersonLine(
            name=words.person(visit, task["decided_by"] or task["holder"]),
            why=words.why(visit, task["why"], people),
            state=task["state"],
            icon=words.ICONS.get(task["state"], "circle"),
            behalf=_behalf(visit, task),
            comment=task["comment"],
            at=task["decided_at"],
            due_at=task["due_at"] if task["state"] == "open" else None,
        )
        for task in step["tasks"]
    )
    return StepLine(
        title=words.step(visit, workflow, step["name"], step["title"]),
        state=step["state"],
        color=words.COLORS.get(step["state"], "gray"),
        mode=_mode(visit, step["mode"], len(tasks), step["needed"]),
        people=tasks,
        incident=words.incident(visit, step["incident"]),
    )


def _behalf(visit: Visit, task: Mapping[str, Any]) -> str:
    who = task["decided_by"] or task["holder"]
    if task["assignee"] and who and task["assignee"]["id"] != who["id"]:
        return words.person(visit, task["assignee"])
    return ""


def _mode(visit: Visit, mode: str | None, count: int, needed: int | None) -> str:
    if mode is None or count < 2:
        return ""
    return visit.texts(f"approvals.mode.{mode}", n=needed or 1)


def planned(visit: Visit, workflow: str, step: Mapping[str, Any]) -> StepLine:
    """A step that was not reached, with who would be asked."""
    people = tuple(
        PersonLine(
            name=each.get("name") or "?",
            why=words.why(visit, each["why"]),
            state="skipped" if each["part"] != "asked" else "waiting",
            icon="circle-minus" if each["part"] != "asked" else "circle-dashed",
        )
        for each in step["people"]
    )
    note = step["problem"] or step["passed"] or ""
    key = f"approvals.passed.{note}"
    return StepLine(
        title=words.step(visit, workflow, step["name"], step["title"]),
        state="waiting",
        color="gray",
        mode=_mode(visit, step["mode"], len(people), step["needed"]),
        people=people,
        incident=(visit.texts("approvals.incident") if step["problem"] else ""),
        note=visit.texts(key) if visit.texts.has(key) else "",
    )


def _saying(visit: Visit, workflow: str, event: Mapping[str, Any], people: Mapping[str, str]) -> Saying:
    data = event["data"]
    to = data.get("to")
    name = people.get(str(to), "") if to else ""
    users = ", ".join(people.get(str(each), "?") for each in data.get("users") or ())
    key = f"approvals.event.{event['kind']}"
    if event["kind"] == "intervened":
        detail = f"{key}.{data.get('action', '')}"
        key = detail if visit.texts.has(detail) else key
    text = visit.texts(key, name=name or users) if visit.texts.has(key) else event["kind"]
    return Saying(
        event["at"], words.person(visit, event["actor"]), text, event["comment"], event["intervention"]
    )


def pending_values(
    tx: Transaction, visit: Visit, entity: Entity, record: Mapping[str, Any]
) -> list[PendingValue]:
    """Values of the record that wait for an approval."""
    pending = record.get("_pending") or {}
    if not pending:
        return []
    shower = Shower(tx, visit, entity)
    found = titles(tx, entity, [{"created_by": each["requested_by"]} for each in pending.values()], {})
    return [
        PendingValue(
            shower.title(name),
            shower.html(name, each["value"], each.get("currency")),
            str(found.get(str(each["requested_by"]), {}).get("$title") or visit.texts("history.unseen")),
            each["requested_at"],
            visit.urls.page(f"approvals/{each['run']}") if each["run"] else None,
        )
        for name, each in pending.items()
    ]
