"""What every operation on a task is checked for, in the order in which the reasons are told.

Whose task it is comes first, so that nobody else learns how it stands; authority is what it is now, not what it was
when the task was made.
"""

from uuid import UUID

from fieldstone.metadata.approval_flows import Step
from fieldstone.workflows.approvals.core.people import entitled
from fieldstone.workflows.approvals.core.refusals import (
    Missing,
    OperationDenied,
    RunOver,
    RunReturned,
    TaskDecided,
    TaskNotOpen,
    TaskNotYours,
    TaskStale,
)
from fieldstone.workflows.approvals.core.state import TaskRow
from fieldstone.workflows.approvals.core.turn import Turn


def check(turn: Turn, key: UUID, operation: str, version: int | None = None) -> tuple[TaskRow, Step]:
    """The task and its step, when the actor may do this operation on it now."""
    task = turn.task(key)
    actor = turn.command.actor
    if actor not in (task.holder, task.assignee):
        raise TaskNotYours("holder")
    if not turn.facts.active(actor):
        raise TaskNotYours("inactive")
    undecided(turn, task)
    step = turn.step_of(task)
    if not entitled(turn, step, task):
        raise TaskNotYours("role")
    if version is not None and version != task.version:
        raise TaskStale(task.version)
    if operation not in step.operations:
        raise OperationDenied(operation)
    return task, step


def undecided(turn: Turn, task: TaskRow, *, waiting: bool = False) -> None:
    """Refuse unless the task is open (or `waiting` for its turn, where that is enough)."""
    if task.state in ("approved", "rejected", "returned", "transferred"):
        raise TaskDecided(task.decided_by, task.decided_at, task.state)
    if task.state == "cancelled" and (last := _answer(turn, task)) is not None:
        raise TaskDecided(last.decided_by, last.decided_at, last.state)
    going(turn)
    if task.state == "open" or (waiting and task.state == "waiting"):
        return
    raise TaskNotOpen(task.state)


def _answer(turn: Turn, task: TaskRow) -> TaskRow | None:
    """The answer that made a task of the same step needless: also when the run was over with it."""
    if turn.visit(task.step).state not in ("done", "rejected"):
        return None
    answers = [each for each in turn.tasks_of(task.step) if each.decided_at is not None]
    return max(answers, key=lambda each: each.decided_at, default=None)  # type: ignore[arg-type, return-value]


def going(turn: Turn) -> None:
    """Refuse when the run is over, or lies with its submitter."""
    if turn.run.over:
        raise RunOver(turn.run.state, turn.run.ended_at)
    if turn.run.state == "returned":
        raise RunReturned("This approval lies with its submitter.")


def commented(step: Step, operation: str, comment: str) -> None:
    if operation in step.comment_required:
        has_comment(comment)


def has_comment(comment: str) -> None:
    if not comment.strip():
        raise Missing("comment.required", "/comment", "Say why: a comment is required.")
