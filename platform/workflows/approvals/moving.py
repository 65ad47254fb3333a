"""Running runs that go over to the present revision of their definition, and what hinders others."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.ids import new_id
from fieldstone.engine.pending import pending_values
from fieldstone.engine.records.errors import InvalidContent
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.approval_flows import Workflow
from fieldstone.problems import Problem, did_you_mean
from fieldstone.workflows.approvals import carry, views
from fieldstone.workflows.approvals.core import commands
from fieldstone.workflows.approvals.core.moving import obstacles
from fieldstone.workflows.approvals.facts import DatabaseFacts
from fieldstone.workflows.approvals.knowing import require_administrator
from fieldstone.workflows.approvals.store import GOING, Stored, load_run, load_runs

_RUN: Final = control.approval_run
_GOING: Final = _RUN.c.state.in_(GOING)
_OF_WORKFLOW: Final = compile_plan(
    sa.select(_RUN.c.id)
    .where(_GOING, _RUN.c.workflow == sa.bindparam("name", type_=sa.Text()))
    .where(_RUN.c.revision < sa.bindparam("present", type_=sa.Integer()))
    .order_by(_RUN.c.id)
    .limit(5000)
)


_COUNTED: Final = compile_plan(
    sa.select(_RUN.c.workflow, sa.func.count())
    .where(_GOING, _RUN.c.revision < sa.bindparam("present", type_=sa.Integer()))
    .group_by(_RUN.c.workflow)
)


def older_runs(tx: Transaction) -> dict[str, int]:
    """By workflow: how many running runs go by an older revision. Raises Denied."""
    require_administrator(tx)
    return {row[0]: row[1] for row in tx.fetch(_COUNTED, {"present": tx.context.revision})}


def moving_plan(tx: Transaction, workflow: str, steps: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A dry run: which running runs of older revisions could go over to the present definition, and what hinders others.

    `steps` maps names of steps to those of the present definition. Raises Denied.
    """
    require_administrator(tx)
    definition = _present(tx, workflow)
    found = _older(tx, workflow)
    called = views.titles(tx, {definition.entity: [stored.run.record for stored in found]})
    runs = [
        {
            "run": stored.run.id, "record": stored.run.record, "title": called.get(stored.run.record),
            "revision": stored.run.revision, "state": stored.run.state,
            "at": sorted({row.name for row in stored.run.steps.values() if row.live and not row.ways}),
            "obstacles": dict(obstacles(definition, stored.run, steps or {})),
        }
        for stored in found
    ]  # fmt: skip
    movable = sum(not each["obstacles"] for each in runs)
    return {
        "workflow": workflow, "revision": tx.context.revision, "steps": [each.name for each in definition.all_steps()],
        "movable": movable, "runs": runs,
    }  # fmt: skip


def move(
    tx: Transaction,
    workflow: str,
    steps: Mapping[str, str],
    comment: str,
    runs: Sequence[UUID] | None = None,
) -> dict[str, Any]:
    """Let running runs go by the present definition; those that cannot stay as they are and are listed."""
    require_administrator(tx)
    definition = _present(tx, workflow)
    moved, kept = [], []
    for stored in _older(tx, workflow):
        if runs is not None and stored.run.id not in runs:
            continue
        found = obstacles(definition, stored.run, steps)
        if found:
            kept.append({"run": stored.run.id, "obstacles": dict(found)})
            continue
        _move(tx, load_run(tx, stored.run.id, lock=True), definition, steps, comment)
        moved.append(stored.run.id)
    return {"moved": moved, "kept": kept}


def _move(
    tx: Transaction, stored: Stored, definition: Workflow, steps: Mapping[str, str], comment: str
) -> None:
    run = stored.run
    pending = pending_values(tx, run.id) if stored.field else None
    facts = DatabaseFacts(tx, tx.model, definition, run.record, run.submitter, pending=pending)
    command = commands.Move(
        id=new_id(),
        actor=tx.context.actor.id,
        at=tx.context.now,
        comment=comment,
        run=run.id,
        revision=tx.context.revision,
        steps=dict(steps),
    )
    carry.carry_out(tx, stored, command, facts)


def _present(tx: Transaction, workflow: str) -> Workflow:
    found = tx.model.workflows.get(workflow)
    if found is None:
        message = f'There is no workflow "{workflow}"{did_you_mean(workflow, tx.model.workflows) or "."}'
        raise InvalidContent(message, problems=[Problem("/workflow", "workflow.unknown", message)])
    return found


def _older(tx: Transaction, workflow: str) -> list[Stored]:
    """Running runs of other revisions, oldest first."""
    ids = [row[0] for row in tx.fetch(_OF_WORKFLOW, {"name": workflow, "present": tx.context.revision})]
    found = load_runs(tx, ids)
    return [found[each] for each in ids if each in found]
