"""How visits of steps, and a whole run, come to their end; what gets stuck instead."""

from uuid import UUID

from fieldstone.workflows.approvals.core.effects import EndRun, Finished, SetFields
from fieldstone.workflows.approvals.core.state import StepState
from fieldstone.workflows.approvals.core.turn import Follow, Turn


def close(
    turn: Turn,
    visit: UUID,
    state: StepState,
    *,
    keep: bool = False,
    reason: str | None = None,
    kept: str | None = None,
) -> None:
    """End one visit with what is open in it (`keep`: but its inner steps go on); the run goes on when it is through.

    `reason` is why it was passed without being asked; `kept` the name of a step that a return kept.
    """
    row = turn.visit(visit)
    drop_tasks(turn, visit)
    if row.child and state not in ("done", "rejected"):
        turn.effects.append(EndRun(row.child))
    for inner in list(turn.run.steps.values()):
        if inner.parent == visit and not keep and turn.visit(inner.id).live:
            close(turn, inner.id, "cancelled")
    turn.emit("step_closed", step=visit, name=row.name, state=state, reason=reason, kept=kept)
    if state in ("done", "skipped"):
        turn.agenda.append(Follow(visit))


def stick(turn: Turn, visit: UUID, incident: str) -> None:
    """The step waits for an administrator; what is open elsewhere goes on."""
    row = turn.visit(visit)
    if row.state == "stuck" and row.incident == incident:
        return
    turn.emit("step_stuck", step=visit, name=row.name, incident=incident)
    turn.tell("stuck", turn.facts.administrators(), step=visit)


def finish(turn: Turn, outcome: str) -> None:
    """End the run: approved, rejected, withdrawn or ended."""
    turn.agenda.clear()
    cancel_all(turn)
    turn.emit("finished", outcome=outcome)
    values = turn.definition.on.get(outcome)
    if values:
        turn.effects.append(SetFields(values))
    turn.effects.append(Finished(outcome))  # type: ignore[arg-type]
    turn.tell(outcome, (turn.run.submitter,))  # type: ignore[arg-type]


def reject(turn: Turn, visit: UUID, reason: str | None = None) -> None:
    """A step says no, and with it the run; in a way that is not waited for any more it says so for the trail only."""
    late = turn.run.late(visit)
    close(turn, visit, "rejected", reason=reason)
    if not late:
        finish(turn, "rejected")


def cancel_all(turn: Turn) -> None:
    for row in list(turn.run.steps.values()):
        if row.live and row.parent is None:
            close(turn, row.id, "cancelled")
    for row in list(turn.run.steps.values()):  # ways that were kept after their container was through
        if turn.visit(row.id).live:
            close(turn, row.id, "cancelled")


def drop_tasks(turn: Turn, visit: UUID) -> None:
    """Tasks that nobody has to decide any more."""
    dropped = []
    for task in list(turn.tasks_of(visit)):
        if task.undecided:
            if task.state == "open":
                dropped.append(task.holder)
            turn.emit("task_closed", task=task.id, state="cancelled")
    turn.tell("cancelled", dropped, step=visit)
