"""How a run begins, begins again after a return to its submitter, and is taken back."""

from fieldstone.workflows.approvals.core.closing import finish
from fieldstone.workflows.approvals.core.commands import Dismiss, Submit, Withdraw
from fieldstone.workflows.approvals.core.effects import SetFields
from fieldstone.workflows.approvals.core.facts import Broken
from fieldstone.workflows.approvals.core.refusals import (
    OperationDenied,
    RunDenied,
    RunOver,
    RunRunning,
    SubmitRefused,
)
from fieldstone.workflows.approvals.core.turn import Open, Turn


def submit(turn: Turn, command: Submit) -> None:
    """Start, or start again."""
    submitter = command.submitter or command.actor
    if submitter is None:
        raise RunDenied("submitter")
    if turn.before is not None:
        _may_again(turn, command)
    try:
        if not turn.true(turn.definition.when):
            raise SubmitRefused("condition")
    except Broken as broken:
        raise SubmitRefused("broken", str(broken)) from None
    if turn.before is None:
        turn.emit(
            "submitted",
            comment=command.comment,
            run=command.run,
            workflow=command.workflow,
            revision=command.revision,
            entity=command.entity,
            record=command.record,
            record_version=command.record_version,
            submitter=submitter,
            parent=command.parent,
            depth=command.depth,
        )
    else:
        turn.emit("resubmitted", comment=command.comment, record_version=command.record_version)
    values = turn.definition.on.get("submitted")
    if values:
        turn.effects.append(SetFields(values))
    turn.agenda.append(Open(turn.definition.steps[0], None, None))


def withdraw(turn: Turn, command: Withdraw) -> None:
    """Take the submission back, when the definition lets the submitter."""
    if command.actor != turn.run.submitter or not turn.facts.active(turn.run.submitter):
        raise RunDenied("submitter")
    if turn.run.over:
        raise RunOver(turn.run.state, turn.run.ended_at)
    if not turn.definition.withdraw:
        raise OperationDenied("withdraw")
    turn.emit("withdrawn", comment=command.comment)
    asked = [task.holder for task in turn.run.tasks.values() if task.state == "open"]
    finish(turn, "withdrawn")
    turn.tell("withdrawn", asked)


def dismiss(turn: Turn, command: Dismiss) -> None:
    """The parent run does not need this one any more."""
    if not turn.run.over:
        finish(turn, "ended")


def _may_again(turn: Turn, command: Submit) -> None:
    if command.actor != turn.run.submitter:
        raise RunDenied("submitter")
    if turn.run.over:
        raise RunOver(turn.run.state, turn.run.ended_at)
    if turn.run.state != "returned":
        raise RunRunning("This approval is running already.")
