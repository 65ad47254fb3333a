"""What an administrator does to mend a run. It says so in the trail, with a reason, and is nobody's decision."""

from uuid import UUID

from fieldstone.workflows.approvals.core.asking import make
from fieldstone.workflows.approvals.core.closing import close, finish
from fieldstone.workflows.approvals.core.commands import Intervene
from fieldstone.workflows.approvals.core.facts import Broken
from fieldstone.workflows.approvals.core.guarding import has_comment, undecided
from fieldstone.workflows.approvals.core.handing import give
from fieldstone.workflows.approvals.core.people import Seat, refused
from fieldstone.workflows.approvals.core.refusals import (
    Missing,
    PersonRefused,
    RunDenied,
    RunOver,
    StepUnknown,
    TaskNotOpen,
)
from fieldstone.workflows.approvals.core.state import StepRow
from fieldstone.workflows.approvals.core.turn import Settle, Turn
from fieldstone.workflows.approvals.core.walking import begin


def intervene(turn: Turn, command: Intervene) -> None:
    """Retry, reassign, skip or end. The platform itself may do so too (it takes demo data away)."""
    actor = command.actor
    if actor is not None and (actor not in turn.facts.administrators() or not turn.facts.active(actor)):
        raise RunDenied("administrator")
    if turn.run.over:
        raise RunOver(turn.run.state, turn.run.ended_at)
    has_comment(command.comment)
    if command.action == "end":
        _note(turn, command)
        finish(turn, command.outcome or "ended")
    elif command.action == "reassign":
        _reassign(turn, command)
    else:
        row = _live(turn, command.step)
        if command.action == "retry" and row.state != "stuck":
            raise TaskNotOpen(row.state)
        _note(turn, command)
        if command.action == "skip":
            close(turn, row.id, "skipped", reason="intervention")
        else:
            _retry(turn, row)


def _retry(turn: Turn, row: StepRow) -> None:
    """Once more from the beginning; a step that has tasks goes on with them."""
    turn.emit("step_resumed", step=row.id)
    step = turn.place(row).step
    if any(turn.tasks_of(row.id)):
        turn.agenda.append(Settle(row.id))
    else:
        begin(turn, row.id, step)


def _reassign(turn: Turn, command: Intervene) -> None:
    """A task for somebody else; for a step that found nobody, its first task. Separation of duties holds here too."""
    if command.to is None:
        raise Missing("users.required", "/to", "Say who gets it.")
    task = turn.task(command.task) if command.task else None
    row = _live(turn, task.step if task else command.step)
    step = turn.place(row).step
    if step.kind != "approve":
        raise StepUnknown("Only a step that asks people can be reassigned.", step=row.name)
    if task is not None:
        undecided(turn, task, waiting=True)
    try:
        reason = refused(turn, step, row.id, command.to)
    except Broken as broken:
        raise StepUnknown(
            f"Who must not decide is unknown ({broken}).", code="step.broken", kind="conflict"
        ) from None
    if reason:
        raise PersonRefused(command.to, reason)
    _note(turn, command)
    if row.state == "stuck":
        turn.emit("step_resumed", step=row.id)
    if task is not None:
        give(turn, task, step, Seat(command.to, command.to, f"transfer:{task.id}", _why(command)))
        return
    order = sum(1 for _ in turn.tasks_of(row.id)) + 1
    make(turn, row.id, Seat(command.to, command.to, "intervention", _why(command)), order)
    turn.agenda.append(Settle(row.id))


def _why(command: Intervene) -> dict[str, str]:
    return {"intervention": str(command.actor)}


def _live(turn: Turn, step: UUID | None) -> StepRow:
    row = turn.visit(step)
    if not row.live:
        raise TaskNotOpen(row.state)
    return row


def _note(turn: Turn, command: Intervene) -> None:
    turn.emit(
        "intervened",
        comment=command.comment,
        action=command.action,
        step=command.step,
        task=command.task,
        user=command.to,
        outcome=command.outcome,
    )
