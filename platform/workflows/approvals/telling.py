"""Telling people what happened in a run, by the notices of the platform."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.approval_flows import Workflow
from fieldstone.workflows.approvals.core.commands import AnyCommand
from fieldstone.workflows.approvals.core.effects import Tell
from fieldstone.workflows.approvals.store import Stored
from fieldstone.workflows.notifications import Notice, notify

ASKED: Final = ("asked", "urged", "reminded", "transferred")
"""Occasions on which somebody has a task to see to."""


def tell(
    tx: Transaction, stored: Stored, definition: Workflow, told: Sequence[Tell], command: AnyCommand
) -> None:
    """Write the notices. Who gave the command is not told of it."""
    run = stored.run
    for each in told:
        receivers = tuple(user for user in each.users if user != command.actor or each.occasion in ASKED)
        if not receivers or f"approval_{each.occasion}" not in tx.model.templates:
            continue
        step = run.steps.get(each.step) if each.step is not None else None
        task = run.tasks.get(each.task) if each.task is not None else None
        if step is None and task is not None:
            step = run.steps.get(task.step)
        defined = definition.step(step.name) if step is not None else None
        data = {
            "workflow": definition.title,
            "step": defined.title if defined is not None else None,
            "comment": command.comment,
            "actor": str(command.actor) if command.actor else None,
            "submitter": str(run.submitter),
            "run": str(run.id),
            "task": str(each.task) if each.task else None,
            "due_at": task.due_at.isoformat() if task is not None and task.due_at else None,
        }
        notify(
            tx,
            Notice(
                kind=f"approval.{each.occasion}",
                receivers=receivers,
                template=f"approval_{each.occasion}",
                data=data,
                entity=run.entity,
                record=run.record,
                link=f"inbox/{each.task}" if each.task is not None else None,
                key=_key(run.id, run.version, each),
            ),
        )


def _key(run: UUID, version: int, told: Tell) -> str:
    return f"{run}:{version}:{told.occasion}:{told.task or told.step or ''}"
