"""Votes: an answer to a task, and what it makes of its step."""

from uuid import UUID

from fieldstone.workflows.approvals.core.asking import nobody, open_task
from fieldstone.workflows.approvals.core.closing import close, reject, stick
from fieldstone.workflows.approvals.core.commands import Decide
from fieldstone.workflows.approvals.core.counting import count, turns
from fieldstone.workflows.approvals.core.facts import Broken
from fieldstone.workflows.approvals.core.guarding import check, commented
from fieldstone.workflows.approvals.core.refusals import Missing
from fieldstone.workflows.approvals.core.returning import send_back
from fieldstone.workflows.approvals.core.state import TaskRow
from fieldstone.workflows.approvals.core.turn import Settle, Turn


def decide_task(turn: Turn, command: Decide) -> None:
    """Approve or reject."""
    task, step = check(turn, command.task, command.verdict, command.version)
    commented(step, command.verdict, command.comment)
    if step.signature and command.verdict == "approve" and command.signature is None:
        raise Missing("signature.required", "/signature", "This step needs a signature.")
    vote(turn, task, command.verdict, comment=command.comment, signature=command.signature)


def vote(
    turn: Turn,
    task: TaskRow,
    verdict: str,
    *,
    comment: str = "",
    signature: UUID | None = None,
    **why: object,
) -> None:
    """Record an answer and see what follows. The other one of an escalated pair is settled with it."""
    kind = "approved" if verdict == "approve" else "rejected"
    turn.emit(kind, task=task.id, step=task.step, comment=comment, signature=signature, **why)
    for other in list(turn.tasks_of(task.step)):
        pair = (other.added_to == task.id and other.added is None) or (
            task.added is None and task.added_to == other.id
        )
        beside = (
            task.added is None and task.added_to and other.added is None and other.added_to == task.added_to
        )
        if other.id != task.id and other.undecided and (pair or beside):
            turn.emit("task_closed", task=other.id, state="cancelled")
            turn.tell("cancelled", (other.holder,), task=other.id, step=task.step)
    drop_orphans(turn, task.step)
    turn.agenda.append(Settle(task.step))


def drop_orphans(turn: Turn, visit: UUID) -> None:
    """Close added tasks whose base is gone: after a rejection, or with a base that nobody has to decide any more."""
    while True:
        tasks = {task.id: task for task in turn.tasks_of(visit)}
        orphans = [
            task
            for task in tasks.values()
            if task.undecided
            and task.added in ("before", "after")
            and task.added_to in tasks
            and _gone(task, tasks[task.added_to])
        ]
        if not orphans:
            return
        for task in orphans:
            turn.emit("task_closed", task=task.id, state="cancelled")
            if task.state == "open":
                turn.tell("cancelled", (task.holder,), task=task.id, step=visit)


def settle(turn: Turn, visit: UUID) -> None:
    """See what the votes of a step amount to; otherwise let those work whose turn it is."""
    row = turn.run.steps.get(visit)
    if row is None or not row.live:
        return
    step = turn.place(row).step
    tasks = tuple(turn.tasks_of(visit))
    if not tasks:
        return
    counted = count(step, tasks)
    if counted.result != "empty" and counted.needed != row.needed:
        turn.emit("step_counted", step=visit, needed=counted.needed)
    if counted.result in ("approved", "rejected") and turn.run.late(visit):
        close(turn, visit, "done" if counted.result == "approved" else "rejected")
    elif counted.result == "approved":
        close(turn, visit, "done")
    elif counted.result == "rejected":
        _rejected(turn, visit)
    else:
        try:
            if counted.result == "empty":
                nobody(turn, visit, step)
            elif counted.result == "too_few":
                stick(turn, visit, "too_few")
            for task in turns(step, tasks):
                open_task(turn, step, task)
        except Broken as broken:  # no rule for nobody, no calendar for a clock
            stick(turn, visit, f"broken: {broken}")


def _rejected(turn: Turn, visit: UUID) -> None:
    row = turn.visit(visit)
    step = turn.place(row).step
    if step.on_reject in ("return_previous", "return_start") and turn.run.round < turn.definition.max_rounds:
        close(turn, visit, "rejected")
        send_back(turn, visit, to_start=step.on_reject == "return_start")
        return
    reject(turn, visit)


def _gone(task: TaskRow, base: TaskRow) -> bool:
    if task.added == "before":
        return not base.undecided
    return not base.undecided and base.state != "approved"
