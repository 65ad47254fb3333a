"""What changes nothing but what people know: copies, urging, comments."""

from uuid import UUID

from fieldstone.workflows.approvals.core.commands import Comment, Copy, Urge
from fieldstone.workflows.approvals.core.guarding import check, going, has_comment
from fieldstone.workflows.approvals.core.refusals import (
    Missing,
    OperationDenied,
    PersonRefused,
    RunDenied,
    RunOver,
)
from fieldstone.workflows.approvals.core.state import Run
from fieldstone.workflows.approvals.core.turn import Turn


def copy(turn: Turn, command: Copy) -> None:
    """Tell more people: by somebody with a task, or by the submitter."""
    if command.task is not None:
        task, _ = check(turn, command.task, "cc")
        step: UUID | None = task.step
    else:
        _submitter(turn)
        going(turn)
        step = None
    if not command.users:
        raise Missing("users.required", "/users", "Name at least one person.")
    for index, user in enumerate(command.users):
        if not turn.facts.active(user):
            raise PersonRefused(user, "inactive", f"/users/{index}")
    known = {each.user for each in turn.run.ccs}
    new = [user for user in dict.fromkeys(command.users) if user not in known]
    turn.emit("copied", step=step, users=new, comment=command.comment)
    turn.tell("cc", new, step=step)


def urge(turn: Turn, command: Urge) -> None:
    """Ask those whose turn it is to hurry."""
    going(turn)
    opened = [task for task in turn.run.tasks.values() if task.state == "open"]
    mine = command.actor == turn.run.submitter or any(command.actor == task.holder for task in opened)
    if not mine or command.actor is None or not turn.facts.active(command.actor):
        raise RunDenied("submitter")
    urged = [
        task for task in opened if "urge" in turn.step_of(task).operations and task.holder != command.actor
    ]
    if not urged:
        raise OperationDenied("urge")
    turn.emit("urged", tasks=[task.id for task in urged], comment=command.comment)
    for task in urged:
        turn.tell("urged", (task.holder,), task=task.id, step=task.step)


def comment(turn: Turn, command: Comment) -> None:
    """Say something in the trail; a finished run is closed to it."""
    has_comment(command.comment)
    if turn.run.over:
        raise RunOver(turn.run.state, turn.run.ended_at)
    people = involved(turn.run)
    if command.actor not in people or not turn.facts.active(command.actor):
        raise RunDenied("people involved")
    turn.emit("commented", comment=command.comment)
    waiting = [task.holder for task in turn.run.tasks.values() if task.state == "open"]
    turn.tell("commented", [user for user in (turn.run.submitter, *waiting) if user != command.actor])


def involved(run: Run) -> frozenset[UUID]:
    """Who submitted, was ever asked or told, or decided."""
    asked = {
        user for task in run.tasks.values() for user in (task.assignee, task.holder, task.decided_by) if user
    }
    return frozenset({run.submitter, *asked, *(each.user for each in run.ccs)})


def _submitter(turn: Turn) -> None:
    if turn.command.actor != turn.run.submitter or not turn.facts.active(turn.run.submitter):
        raise RunDenied("submitter")
