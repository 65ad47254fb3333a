"""What somebody fills in while deciding: fields that the step lets him write, whatever his roles say of the record."""

from collections.abc import Mapping
from typing import Any

from fieldstone.engine.pending.granted import writable_by
from fieldstone.engine.records.errors import InvalidContent
from fieldstone.engine.records.update import update
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.approval_flows import Step
from fieldstone.problems import Problem, did_you_mean
from fieldstone.workflows.approvals.carry import as_platform
from fieldstone.workflows.approvals.core.state import Run


def fill(tx: Transaction, run: Run, step: Step, values: Mapping[str, Any]) -> None:
    """Store values by the update verb; the history names who decides. Raises InvalidContent for any other field."""
    entity = tx.model.entities[run.entity]
    names = sorted(writable_by(entity, {each.name: each.access for each in step.fields}))
    problems = []
    for name in values:
        if entity.field_behind(name) not in names:
            message = f'This step does not let "{name}" be written{did_you_mean(name, names) or "."}'
            problems.append(Problem(f"/values/{name}", "task.field", message))
    if problems:
        raise InvalidContent(problems[0].message, code="task.field", problems=problems)
    update(as_platform(tx, tx.context.actor.id, None), run.entity, run.record, values)
    tx.settle()
