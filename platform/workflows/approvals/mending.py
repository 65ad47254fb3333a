"""Runs that are stuck, and what an administrator does about them: said in the trail as what it is."""

from collections.abc import Mapping
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.ids import new_id
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.approval_flows import Outcome
from fieldstone.workflows.approvals import carry, views
from fieldstone.workflows.approvals.core import commands
from fieldstone.workflows.approvals.guard import has_approvals
from fieldstone.workflows.approvals.knowing import require_administrator
from fieldstone.workflows.approvals.store import going_runs, load_run, load_runs

Action = Literal["retry", "reassign", "skip", "end"]
_RUN: Final = control.approval_run
_STUCK: Final = compile_plan(
    sa.select(_RUN.c.id)
    .where(_RUN.c.state == "stuck")
    .order_by(_RUN.c.id.desc())
    .limit(sa.bindparam("most", type_=sa.Integer()))
)


def stuck(tx: Transaction, limit: int = 50) -> list[dict[str, Any]]:
    """Runs that wait for an administrator, newest first, with what is wrong. Raises Denied."""
    require_administrator(tx)
    found = load_runs(tx, [row[0] for row in tx.fetch(_STUCK, {"most": limit})])
    names = views.Names(tx, [person for stored in found.values() for person in views.people_of(stored.run)])
    wanted: dict[str, list[UUID]] = {}
    for stored in found.values():
        wanted.setdefault(stored.run.entity, []).append(stored.run.record)
    called = views.titles(tx, wanted)
    entries = []
    for which in sorted(found, reverse=True):
        stored = found[which]
        definition = carry.definition_of(tx, stored.run)
        entry = views.run_json(stored, definition, names, called)
        entry["incidents"] = [
            _incident(definition, row) for row in stored.run.steps.values() if row.state == "stuck"
        ]
        entries.append(entry)
    return entries


def _incident(definition: Any, row: Any) -> Mapping[str, Any]:
    step = definition.step(row.name)
    kind, _, detail = (row.incident or "").partition(": ")
    return {
        "step": row.id, "name": row.name, "title": step.title if step is not None else row.name, "incident": kind,
        "detail": detail, "since": row.opened_at,
    }  # fmt: skip


def intervene(
    tx: Transaction,
    run_id: UUID,
    action: Action,
    comment: str,
    *,
    step: UUID | None = None,
    task: UUID | None = None,
    to: UUID | None = None,
    outcome: Outcome | None = None,
    command_id: UUID | None = None,
) -> dict[str, Any]:
    """Mend a run. Raises Denied, UnknownRun and what the core refuses (a comment is a must)."""
    require_administrator(tx)
    stored = load_run(tx, run_id, lock=True)
    command = commands.Intervene(
        id=command_id or new_id(),
        actor=tx.context.actor.id,
        at=tx.context.now,
        comment=comment,
        run=run_id,
        action=action,
        step=step,
        task=task,
        to=to,
        outcome=outcome,
    )
    return views.run_view(tx, carry.carry_out(tx, stored, command))


def end_runs(tx: Transaction, entity: str, record_id: UUID, comment: str) -> None:
    """End what is being decided about a record that is about to be deleted for good reason. Raises Denied."""
    if not has_approvals(tx, entity):
        return
    for stored in load_runs(tx, going_runs(tx, record_id, lock=True)).values():
        if stored.run.entity == entity and stored.run.parent is None:
            intervene(tx, stored.run.id, "end", comment)
