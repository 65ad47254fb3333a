"""Handing work to others: transfer, delegation of one task, added people, an approver who left."""

from uuid import UUID

from fieldstone.metadata.approval_flows import Step
from fieldstone.workflows.approvals.core.asking import make
from fieldstone.workflows.approvals.core.closing import stick
from fieldstone.workflows.approvals.core.commands import (
    AddSign,
    ApproverLeft,
    Delegate,
    RemoveAdded,
    Transfer,
)
from fieldstone.workflows.approvals.core.facts import Broken, Person
from fieldstone.workflows.approvals.core.guarding import check, commented, undecided
from fieldstone.workflows.approvals.core.people import (
    NobodyIncident,
    Seat,
    excluded,
    others,
    refused,
    substitutes,
)
from fieldstone.workflows.approvals.core.refusals import (
    Missing,
    OperationDenied,
    PersonRefused,
    TaskNotOpen,
    TaskNotYours,
)
from fieldstone.workflows.approvals.core.state import TaskRow
from fieldstone.workflows.approvals.core.turn import Settle, Turn
from fieldstone.workflows.approvals.core.voting import drop_orphans


def transfer(turn: Turn, command: Transfer) -> None:
    """Hand a task over for good."""
    task, step = check(turn, command.task, "transfer", command.version)
    commented(step, "transfer", command.comment)
    give(turn, task, step, _welcome(turn, step, task, command.to), comment=command.comment)


def give(turn: Turn, task: TaskRow, step: Step, seat: Seat, *, comment: str = "") -> None:
    """Close a task as transferred and make another one in its place."""
    new = make(turn, task.step, seat, task.order, added=task.added, added_to=task.added_to)
    turn.emit("transferred", task=task.id, to_task=new, to=seat.assignee, comment=comment)
    if turn.command.actor != task.holder:
        turn.tell("transferred", (task.holder,), task=task.id, step=task.step)
    turn.agenda.append(Settle(task.step))


def delegate(turn: Turn, command: Delegate) -> None:
    """Let somebody decide on behalf of the assignee; giving it to the assignee takes it back."""
    task, step = check(turn, command.task, "delegate", command.version)
    commented(step, "delegate", command.comment)
    back = command.to == task.assignee and task.holder != task.assignee
    if not back:
        seat = _welcome(turn, step, task, command.to)
        if seat.holder != command.to:
            raise PersonRefused(command.to, "away")
    turn.emit("delegated", task=task.id, to=command.to, comment=command.comment)
    turn.tell("asked", (command.to,), task=task.id, step=task.step)


def add_sign(turn: Turn, command: AddSign) -> None:
    """Ask more people about a task."""
    operation = f"add_{command.where}"
    task, step = check(turn, command.task, operation, command.version)
    commented(step, operation, command.comment)
    users = tuple(dict.fromkeys(command.users))
    if not users:
        raise Missing("users.required", "/users", "Name at least one person.")
    for index, user in enumerate(users):
        _refuse(turn, step, task, user, f"/users/{index}")
    turn.emit("added", task=task.id, where=command.where, users=list(users), comment=command.comment)
    people = tuple(Person(user, f"added:{task.id}", {"added_by": str(command.actor)}) for user in users)
    for seat in others(turn, people, step):
        make(turn, task.step, seat, task.order, added=command.where, added_to=task.id)
    if command.where == "before":
        turn.emit("task_waits", task=task.id)
    turn.agenda.append(Settle(task.step))


def remove_added(turn: Turn, command: RemoveAdded) -> None:
    """Take back an added task; only whoever has the task that it was added to may."""
    task = turn.task(command.task)
    base = turn.run.tasks.get(task.added_to) if task.added and task.added_to else None
    if base is None:
        raise OperationDenied("remove")
    if command.actor not in (base.holder, base.assignee):
        raise TaskNotYours("holder")
    if not turn.facts.active(command.actor):
        raise TaskNotYours("inactive")
    undecided(turn, task, waiting=True)
    if "remove" not in turn.step_of(task).operations:
        raise OperationDenied("remove")
    turn.emit("removed", task=task.id, comment=command.comment)
    turn.emit("task_closed", task=task.id, state="cancelled")
    if task.state == "open":
        turn.tell("cancelled", (task.holder,), task=task.id, step=task.step)
    drop_orphans(turn, task.step)
    turn.agenda.append(Settle(task.step))


def leave(turn: Turn, command: ApproverLeft) -> None:
    """Every undecided task of somebody who left goes on by the policy of its step, or to `to`."""
    if turn.run.over:
        return
    tasks = [
        task
        for task in turn.run.tasks.values()
        if task.undecided and command.user in (task.holder, task.assignee)
    ]
    if tasks:
        turn.emit("left", user=command.user, comment=command.comment)
    for task in tasks:
        if turn.task(task.id).undecided:
            _left(turn, command, turn.task(task.id))


def _left(turn: Turn, command: ApproverLeft, task: TaskRow) -> None:
    step = turn.step_of(task)
    if task.assignee != command.user and turn.facts.active(task.assignee):  # only the delegate left
        turn.emit("delegated", task=task.id, to=task.assignee)
        if task.state == "open":
            turn.tell("asked", (task.assignee,), task=task.id, step=task.step)
        return
    try:
        barred = excluded(turn, step)
        given = (
            Person(command.to, f"transfer:{task.id}", {"instead_of": str(command.user)})
            if command.to
            else None
        )
        wanted = (given,) if given else substitutes(turn, step, command.user, f"transfer:{task.id}", barred)
        seats = [
            seat
            for seat in others(turn, wanted, step)
            if refused(turn, step, task.step, seat.assignee) is None
        ]
    except Broken as broken:
        stick(turn, task.step, f"broken: {broken}")
        return
    except NobodyIncident as incident:
        stick(turn, task.step, str(incident))
        return
    if seats:
        give(turn, task, step, seats[0])
    else:
        turn.emit("task_closed", task=task.id, state="skipped")
        drop_orphans(turn, task.step)
        turn.agenda.append(Settle(task.step))


def _welcome(turn: Turn, step: Step, task: TaskRow, user: UUID) -> Seat:
    """The seat of somebody to whom a task is given by hand. Raises PersonRefused."""
    _refuse(turn, step, task, user, "/to")
    why = {"given_by": str(turn.command.actor)}
    return others(turn, (Person(user, f"transfer:{task.id}", why),), step)[0]


def _refuse(turn: Turn, step: Step, task: TaskRow, user: UUID, pointer: str) -> None:
    if user in (task.holder, task.assignee):
        raise PersonRefused(user, "same", pointer)
    try:
        reason = refused(turn, step, task.step, user)
    except Broken as broken:
        raise TaskNotOpen(f"stuck ({broken})") from None
    if reason:
        raise PersonRefused(user, reason, pointer)
