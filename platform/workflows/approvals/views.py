"""Runs and tasks as JSON, for the API and the screens: what it is about, who is asked, and why.

Ids of people come with their names (`{"id", "name"}`). Values of the record are those that the reader may see anyway,
and for who is asked those that the step shows; what the step hides is left out for them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.permissions import NotFound
from fieldstone.engine.permissions import access as access_of
from fieldstone.engine.storage.base_tables import USER
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.approval_flows import Step, Workflow
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.workflows.approvals import carry
from fieldstone.workflows.approvals.core.allowed import allowed, targets
from fieldstone.workflows.approvals.core.facts import Broken
from fieldstone.workflows.approvals.core.path import PathStep
from fieldstone.workflows.approvals.core.state import Run, StepRow, TaskRow
from fieldstone.workflows.approvals.facts import DatabaseFacts
from fieldstone.workflows.approvals.store import Stored
from fieldstone.workflows.approvals.values import fetch_linked
from fieldstone.workflows.approvals.wire import field_value, plain

Json = dict[str, Any]
_NAMES: Final = compile_plan(
    sa.select(USER.c.id, USER.c.name).where(USER.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid()))))
)


class Names:
    """Names of people, asked for together."""

    def __init__(self, tx: Transaction, ids: Iterable[UUID | None]) -> None:
        wanted = sorted({each for each in ids if each is not None})
        self._names: dict[UUID, str] = (
            {row[0]: row[1] for row in tx.fetch(_NAMES, {"ids": wanted})} if wanted else {}
        )

    def __call__(self, user: UUID | None) -> Json | None:
        return None if user is None else {"id": user, "name": self._names.get(user)}


def people_of(run: Run) -> list[UUID | None]:
    """Everybody who is named in a run."""
    found: list[UUID | None] = [run.submitter, *(cc.user for cc in run.ccs)]
    for task in run.tasks.values():
        found += [task.assignee, task.holder, task.decided_by]
    return found


def titles(tx: Transaction, wanted: Mapping[str, Iterable[UUID]]) -> dict[UUID, str | None]:
    """What records are called, by id; past the gate, since who is asked about a record must know which one."""
    found: dict[UUID, str | None] = {}
    for name, ids in wanted.items():
        entity = tx.model.entities.get(name)
        if entity is None or entity.title_field is None:
            continue
        records = fetch_linked(tx.as_system(), entity, sorted(set(ids)), [(entity.title_field,)])
        for record_id, values in records.items():
            value = values.get(entity.title_field)
            found[record_id] = None if value is None else str(plain(value))
    return found


def run_view(tx: Transaction, stored: Stored) -> Json:
    """A run without its steps."""
    run = stored.run
    definition = carry.definition_of(tx, run)
    return run_json(stored, definition, Names(tx, [run.submitter]), titles(tx, {run.entity: [run.record]}))


def run_json(stored: Stored, definition: Workflow, names: Names, called: Mapping[UUID, str | None]) -> Json:
    run = stored.run
    return {
        "id": run.id, "workflow": run.workflow, "workflow_title": definition.title, "revision": run.revision,
        "entity": run.entity, "record": run.record, "title": called.get(run.record), "field": stored.field,
        "submitter": names(run.submitter), "submitted_at": run.submitted_at, "state": run.state, "round": run.round,
        "returned_to": run.returned_to, "ended_at": run.ended_at, "version": run.version,
        "parent": run.parent[0] if run.parent else None,
    }  # fmt: skip


def task_view(tx: Transaction, stored: Stored, task: TaskRow, facts: DatabaseFacts | None = None) -> Json:
    """A task with everything that somebody sees before deciding."""
    run = stored.run
    definition = carry.definition_of(tx, run)
    names = Names(tx, people_of(run))
    found = task_json(tx, stored, definition, task, names, titles(tx, {run.entity: [run.record]}))
    step = definition.step(run.steps[task.step].name)
    found["why"] = plain(task.why)
    found["round"] = run.round
    found["fields"] = [{"name": each.name, "access": each.access} for each in step.fields] if step else []
    found["password"] = step.password if step is not None else False
    found["signature_required"] = step.signature if step is not None else False
    found["comment_required"] = sorted(step.comment_required) if step is not None else []
    found["return_to"] = list(targets(definition, run, task)) if "return" in found["operations"] else []
    return found


def task_json(
    tx: Transaction,
    stored: Stored,
    definition: Workflow,
    task: TaskRow,
    names: Names,
    called: Mapping[UUID, str | None],
) -> Json:
    """A task as lists show it."""
    run, who = stored.run, tx.context.actor.id
    row = run.steps[task.step]
    step = definition.step(row.name)
    operations = sorted(allowed(definition, run, task, who)) if who is not None else []
    return {
        "id": task.id, "run": run.id, "entity": run.entity, "record": run.record, "title": called.get(run.record),
        "workflow": run.workflow, "workflow_title": definition.title, "field": stored.field, "step": row.name,
        "step_title": step.title if step is not None else row.name, "submitter": names(run.submitter),
        "submitted_at": run.submitted_at, "run_state": run.state, "state": task.state,
        "assignee": names(task.assignee), "holder": names(task.holder), "added": task.added,
        "origin": task.origin, "opened_at": task.opened_at, "due_at": task.due_at,
        "decided_at": task.decided_at, "decided_by": names(task.decided_by), "comment": task.comment,
        "signature": task.signature, "operations": operations, "version": task.version,
    }  # fmt: skip


def step_json(definition: Workflow, row: StepRow, tasks: Sequence[TaskRow], names: Names) -> Json:
    """A step that was visited, with the people in it."""
    step = definition.step(row.name)
    return {
        "id": row.id, "name": row.name, "title": step.title if step is not None else row.name,
        "kind": step.kind if step is not None else None, "mode": step.mode if step is not None else None,
        "state": row.state, "round": row.round, "parent": row.parent, "way": row.way, "opened_at": row.opened_at,
        "closed_at": row.closed_at, "approvals": row.approvals, "rejections": row.rejections,
        "needed": row.needed, "child": row.child, "incident": row.incident,
        "tasks": [
            {
                "id": task.id, "assignee": names(task.assignee), "holder": names(task.holder), "state": task.state,
                "origin": task.origin, "why": plain(task.why), "added": task.added, "opened_at": task.opened_at,
                "due_at": task.due_at, "decided_at": task.decided_at, "decided_by": names(task.decided_by),
                "comment": task.comment, "signature": task.signature, "version": task.version,
            }
            for task in tasks
        ],
    }  # fmt: skip


def path_view(tx: Transaction, definition: Workflow, steps: Sequence[PathStep], possible: bool) -> Json:
    """Who would be asked, step by step, and why."""
    names = Names(tx, [person.user for step in steps for person in step.people])
    return {
        "workflow": definition.name,
        "title": definition.title,
        "possible": possible,
        "steps": [path_step(each, names) for each in steps],
    }


def path_step(step: PathStep, names: Names) -> Json:
    return {
        "name": step.name, "title": step.title, "kind": step.kind, "mode": step.mode, "needed": step.needed,
        "within": [{"step": name, "way": way} for name, way in step.within], "passed": step.passed,
        "problem": step.problem, "workflow": step.workflow, "outcome": step.outcome,
        "people": [
            {
                **(names(person.user) or {}), "on_behalf_of": None if person.assignee == person.user else person.assignee,
                "origin": person.origin, "why": plain(person.why), "part": person.part,
            }
            for person in step.people
        ],
    }  # fmt: skip


def figures(facts: DatabaseFacts, definition: Workflow, step: Step | None) -> list[Json]:
    """The values of the record and of what it links to that the definition shows to who is asked."""
    paths = dict.fromkeys((*definition.figures, *(step.figures if step is not None else ())))
    hidden = {each.name for each in step.fields if each.access == "hidden"} if step is not None else set()
    found = []
    for path in paths:
        if path.split(".")[0] in hidden:
            continue
        try:
            value = facts.record.at(path)
        except Broken:
            continue
        field = field_at(facts.tx, facts.record.entity, path)
        entry = {"path": path, "title": field.title if field is not None else path, "value": plain(value)}
        if field is not None and field.type == "money":
            entry["currency"] = facts.record.at(f"{path}_currency")
        found.append(entry)
    return found


def field_at(tx: Transaction, entity: Entity, path: str) -> Field | None:
    """The field at the end of a path; that of the whole where it leads into a value (the city of an address)."""
    at: Entity | None = entity
    found: Field | None = None
    for name in path.split("."):
        field = at.fields.get(name) if at is not None else None
        if field is None:
            return found
        found = field
        at = tx.model.entities.get(field.target or field.lines or "")
    return found


def shown_fields(tx: Transaction, entity: Entity, step: Step | None) -> frozenset[str]:
    """The fields of the record that somebody sees: by right, or because the step shows them; less what it hides."""
    try:
        readable = access_of(tx, entity.name).readable
    except NotFound:
        readable = frozenset()
    by_step = {each.name: each.access for each in step.fields} if step is not None else {}
    shown = {name for name, access in by_step.items() if access != "hidden"}
    hidden = {name for name, access in by_step.items() if access == "hidden"}
    return frozenset((readable | shown) - hidden) & frozenset(entity.fields)


def values_for(facts: DatabaseFacts, step: Step | None) -> list[Json]:
    """The fields that the step chose, with their values."""
    entity, found = facts.record.entity, []
    for access in step.fields if step is not None else ():
        field = entity.fields.get(access.name)
        if field is None or access.access == "hidden" or field.lines is not None:
            continue
        entry = {
            "field": field.name, "title": field.title, "access": access.access,
            "value": field_value(field, facts.record.values),
        }  # fmt: skip
        if field.type == "money":
            entry["currency"] = facts.record.values.get(f"{field.name}_currency")
        found.append(entry)
    return found
