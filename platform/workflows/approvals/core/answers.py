"""What the shell answers to what a step asked it to do: values stored, a child run that ended, a failure."""

from fieldstone.workflows.approvals.core.closing import close, reject, stick
from fieldstone.workflows.approvals.core.commands import ChildEnded, Failed, StepDone
from fieldstone.workflows.approvals.core.turn import Turn


def step_done(turn: Turn, command: StepDone) -> None:
    """A `do` step is through, or failed."""
    if _open(turn, command.step):
        if command.incident:
            stick(turn, command.step, f"failed: {command.incident}")
        else:
            close(turn, command.step, "done")


def failed(turn: Turn, command: Failed) -> None:
    if _open(turn, command.step):
        stick(turn, command.step, f"failed: {command.incident}")


def child_ended(turn: Turn, command: ChildEnded) -> None:
    """Only an approved child lets its parent go on."""
    if not _open(turn, command.step):
        return
    if command.outcome == "approved":
        close(turn, command.step, "done")
    else:
        reject(turn, command.step, reason=command.outcome)


def _open(turn: Turn, step: object) -> bool:
    row = turn.run.steps.get(step)  # type: ignore[call-overload]
    return row is not None and row.live and not turn.run.over
