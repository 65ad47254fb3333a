"""Who may know of a run: who is or was part of it, and administrators. For everybody else there is none."""

from typing import Final

from fieldstone.engine.permissions import may_manage, require_manage
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows.approvals.core.state import Run

AREA: Final = "metadata"
"""Whoever may change the definitions may mend what goes by them."""


def require_known(tx: Transaction, run: Run, otherwise: Exception) -> None:
    """Raise `otherwise` when the actor may not know of the run."""
    if not knows(tx, run):
        raise otherwise


def knows(tx: Transaction, run: Run) -> bool:
    """Whether somebody is part of a run, or administers them all."""
    who = tx.context.actor.id
    if tx.context.actor.kind == "system":
        return True
    if who == run.submitter or any(cc.user == who for cc in run.ccs):
        return True
    if any(who in (task.assignee, task.holder, task.decided_by) for task in run.tasks.values()):
        return True
    return may_manage(tx, AREA)


def require_administrator(tx: Transaction) -> None:
    """Raise Denied unless the actor may mend runs."""
    require_manage(tx, AREA)
