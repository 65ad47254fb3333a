"""Whether a step is decided: what its votes amount to by its mode.

A *voter* is a task whose answer is a vote. Before and after added tasks are no votes: they hold back or qualify the
vote of the task that they were added to. An escalated task stands beside another one: the two are one vote.
"""

from dataclasses import dataclass
from typing import Literal

from fieldstone.metadata.approval_flows import Step
from fieldstone.workflows.approvals.core.state import TaskRow

COUNTED = ("waiting", "open", "approved", "rejected")


@dataclass(frozen=True, slots=True)
class Count:
    """`result`: approved, rejected, too_few (people), empty (nobody is left), or None while it is undecided."""

    result: Literal["approved", "rejected", "too_few", "empty"] | None
    needed: int


def needed(step: Step, voters: int) -> int:
    """How many approvals the step needs of so many voters."""
    if step.mode in ("all", "in_turn"):
        return voters
    if step.mode == "any":
        return 1
    if step.mode == "count":
        return step.count or 1
    return max(1, -(-voters * (step.percent or 100) // 100))


def count(step: Step, tasks: tuple[TaskRow, ...]) -> Count:
    """What the tasks of one visit amount to."""
    voters = [task for task in tasks if task.votes and task.state in COUNTED]
    places = {_place(task) for task in voters}
    need = needed(step, len(places))
    undecided = any(task.undecided for task in tasks)
    approvals = sum(task.state == "approved" and approved_for_good(task, tasks) for task in voters)
    rejections = sum(refused(task, tasks) for task in voters)
    against = any(task.state == "rejected" for task in tasks)
    if not places:
        return Count("empty", need)
    if against and step.on_reject != "count" and not (step.full_count and undecided):
        return Count("rejected", need)
    if step.full_count and undecided:
        return Count(None, need)
    if approvals >= need:
        return Count("approved", need)
    if len(places) < need:
        return Count("too_few", need)
    if len(places) - rejections < need:
        return Count("rejected", need)
    return Count(None, need)


def turns(step: Step, tasks: tuple[TaskRow, ...]) -> tuple[TaskRow, ...]:
    """The waiting tasks whose turn it is."""
    return tuple(task for task in tasks if task.state == "waiting" and _turn(step, task, tasks))


def held_back(task: TaskRow, tasks: tuple[TaskRow, ...]) -> bool:
    """Whether it waits for tasks that were added before it."""
    return any(each.added == "before" and each.added_to == task.id and pending(each, tasks) for each in tasks)


def pending(task: TaskRow, tasks: tuple[TaskRow, ...]) -> bool:
    """Whether it, or something added after it, is undecided."""
    return task.undecided or any(
        each.added == "after" and each.added_to == task.id and pending(each, tasks) for each in tasks
    )


def approved_for_good(task: TaskRow, tasks: tuple[TaskRow, ...]) -> bool:
    """Whether an approved task has nothing added after it that is undecided or rejected."""
    return all(
        each.state not in ("rejected", "open", "waiting")
        and (each.state != "approved" or approved_for_good(each, tasks))
        for each in tasks
        if each.added == "after" and each.added_to == task.id
    )


def refused(task: TaskRow, tasks: tuple[TaskRow, ...]) -> bool:
    """Whether a vote is a no: by itself, or by somebody who was added after it."""
    return task.state == "rejected" or any(
        each.added == "after" and each.added_to == task.id and refused(each, tasks) for each in tasks
    )


def _place(task: TaskRow) -> object:
    return task.added_to if task.added is None and task.added_to else task.id


def _turn(step: Step, task: TaskRow, tasks: tuple[TaskRow, ...]) -> bool:
    if held_back(task, tasks):
        return False
    if task.added == "after":
        return any(base.id == task.added_to and base.state == "approved" for base in tasks)
    if step.mode != "in_turn" or task.added is not None or task.added_to:
        return True
    return not any(
        pending(each, tasks) and (each.order, str(each.id)) < (task.order, str(task.id))
        for each in tasks
        if each.votes and each.id != task.id
    )
