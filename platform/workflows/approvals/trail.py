"""The trail of a record's approvals: what happened, who is asked now and why, what comes next, what has changed."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.pending.granted import hidden
from fieldstone.engine.pending.rows import of_run
from fieldstone.engine.records.read import read
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.approval_flows import Step
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.approvals import carry, views
from fieldstone.workflows.approvals.core.decision import Event
from fieldstone.workflows.approvals.core.facts import Broken
from fieldstone.workflows.approvals.core.path import upcoming
from fieldstone.workflows.approvals.facts import DatabaseFacts
from fieldstone.workflows.approvals.knowing import knows
from fieldstone.workflows.approvals.snapshots import base_of, differences
from fieldstone.workflows.approvals.store import Stored, UnknownRun, events_of, load_run, load_runs
from fieldstone.workflows.approvals.wire import plain, record_values

_RUN: Final = control.approval_run
_OF_RECORD: Final = compile_plan(
    sa.select(_RUN.c.id)
    .where(
        _RUN.c.record == sa.bindparam("record_id", type_=sa.Uuid()),
        _RUN.c.entity == sa.bindparam("entity_name", type_=sa.Text()),
    )
    .order_by(_RUN.c.id.desc())
    .limit(100)
)
_APPROVED_BEFORE: Final = compile_plan(
    sa.select(_RUN.c.seen)
    .where(
        _RUN.c.record == sa.bindparam("record_id", type_=sa.Uuid()),
        _RUN.c.workflow == sa.bindparam("name", type_=sa.Text()),
        _RUN.c.state == "approved",
        _RUN.c.id < sa.bindparam("before", type_=sa.Uuid()),
    )
    .order_by(_RUN.c.id.desc())
    .limit(1)
)


def runs_of(tx: Transaction, entity: str, record_id: UUID) -> list[dict[str, Any]]:
    """The trails of a record's runs, newest first; for whoever may read the record. Raises UnknownRecord."""
    read(tx, entity, record_id, fields=())
    ids = [row[0] for row in tx.fetch(_OF_RECORD, {"record_id": record_id, "entity_name": entity})]
    found = load_runs(tx, ids)
    return [_trail(tx, found[each]) for each in ids]


def run_of(tx: Transaction, run_id: UUID) -> dict[str, Any]:
    """The trail of one run: for those who are part of it, and for readers of the record."""
    stored = load_run(tx, run_id)
    require_visible(tx, stored)
    return _trail(tx, stored)


def require_visible(tx: Transaction, stored: Stored) -> None:
    """Raise UnknownRun for whoever may neither know of the run nor read its record."""
    if knows(tx, stored.run):
        return
    try:
        read(tx, stored.run.entity, stored.run.record, fields=())
    except FieldstoneError:
        raise UnknownRun("There is no such approval.") from None


def _trail(tx: Transaction, stored: Stored) -> dict[str, Any]:
    run = stored.run
    facts = carry.facts_of(tx, stored)
    definition = facts.definition
    events = events_of(tx, run.id)
    names = views.Names(tx, [*views.people_of(run), *(event.actor for event in events)])
    found = views.run_json(stored, definition, names, views.titles(tx, {run.entity: [run.record]}))
    found["steps"] = [
        views.step_json(definition, row, [task for task in run.tasks.values() if task.step == row.id], names)
        for row in run.steps.values()
    ]
    found["next"] = [] if run.over else _next(tx, stored, facts)
    found["cc"] = [{"person": names(cc.user), "at": cc.at} for cc in run.ccs]
    found["events"] = [event_json(event, names) for event in events]
    found["changes"] = changes_of(tx, stored, facts, None)
    found["operations"] = _operations(tx, stored, facts)
    return found


def _operations(tx: Transaction, stored: Stored, facts: DatabaseFacts) -> list[str]:
    """What the actor may do with the run as a whole."""
    run, who = stored.run, tx.context.actor.id
    found = []
    if who == run.submitter and not run.over:
        if facts.definition.withdraw:
            found.append("withdraw")
        found += ["submit"] if run.state == "returned" else ["urge"]
    if not run.over and knows(tx, run):
        found.append("comment")
    return found


def _next(tx: Transaction, stored: Stored, facts: DatabaseFacts) -> list[dict[str, Any]]:
    try:
        steps = upcoming(facts.definition, stored.run, facts)
    except Broken:
        return []
    names = views.Names(tx, [person.user for step in steps for person in step.people])
    return [views.path_step(step, names) for step in steps]


def event_json(event: Event, names: views.Names) -> dict[str, Any]:
    return {
        "number": event.number, "kind": event.kind, "at": event.at, "actor": names(event.actor),
        "comment": event.comment, "intervention": event.intervention, "data": plain(event.data),
    }  # fmt: skip


def comments_of(tx: Transaction, run_id: UUID) -> list[dict[str, Any]]:
    """Everything that people said in a run, oldest first."""
    events = [event for event in events_of(tx, run_id) if event.comment]
    names = views.Names(tx, [event.actor for event in events])
    return [
        {
            "at": event.at, "person": names(event.actor), "kind": event.kind, "comment": event.comment,
            "intervention": event.intervention,
        }
        for event in events
    ]  # fmt: skip


def diff_for(tx: Transaction, run_id: UUID) -> list[dict[str, Any]]:
    """Old and new values since the last approval or return."""
    stored = load_run(tx, run_id)
    require_visible(tx, stored)
    return changes_of(tx, stored, carry.facts_of(tx, stored), None)


def changes_of(
    tx: Transaction, stored: Stored, facts: DatabaseFacts, step: Step | None
) -> list[dict[str, Any]]:
    """What is different from what was approved or sent back last, as far as the reader may see it.

    Of a bound field: its value and the one asked for. Before the first approval there is nothing to compare with.
    """
    run = stored.run
    entity = tx.model.entities.get(run.entity)
    if entity is None:
        return []
    shown = views.shown_fields(tx, entity, step) - hidden(tx, run.entity, run.record)
    if stored.field is not None:
        found = []
        for each in of_run(tx, run.id):
            field_shown = shown | ({each.field} if knows(tx, run) else set())
            found += differences(entity, each.old, each.value, field_shown)
        return found
    base = base_of(stored.seen, _approved_before(tx, stored))
    if base is None or not stored.seen:
        return []
    if run.over:
        now = stored.seen[-1]["values"]
    else:
        try:
            now = record_values(tx.model, entity, facts.record.values)
        except Broken:
            return []
    return differences(entity, base, now, shown)


def _approved_before(tx: Transaction, stored: Stored) -> Any:
    if len(stored.seen) > 1:
        return None
    asked = {"record_id": stored.run.record, "name": stored.run.workflow, "before": stored.run.id}
    rows: Sequence[Any] = tx.fetch(_APPROVED_BEFORE, asked)
    return rows[0][0][-1]["values"] if rows and rows[0][0] else None
