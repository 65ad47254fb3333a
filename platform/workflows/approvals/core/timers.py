"""What happens when a task is not decided in time, and when a wait is over. A late or repeated ring does nothing."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from fieldstone.metadata.approval_flows import Step, Timer
from fieldstone.workflows.approvals.core.asking import make
from fieldstone.workflows.approvals.core.closing import close, stick
from fieldstone.workflows.approvals.core.commands import Ring
from fieldstone.workflows.approvals.core.effects import RingAt
from fieldstone.workflows.approvals.core.facts import Broken, Person
from fieldstone.workflows.approvals.core.handing import give
from fieldstone.workflows.approvals.core.people import Seat, decided, others, refused
from fieldstone.workflows.approvals.core.state import TaskRow
from fieldstone.workflows.approvals.core.turn import Settle, Turn
from fieldstone.workflows.approvals.core.voting import vote
from fieldstone.workflows.approvals.core.walking import WAIT


def ring(turn: Turn, command: Ring) -> None:
    """A clock that was started has run out."""
    row = turn.run.steps.get(command.step)
    if turn.run.over or row is None or not row.live:
        return
    step = turn.place(row).step
    if command.task is None:
        if step.kind == "wait" and command.timer == WAIT:
            close(turn, row.id, "done")
        return
    task = turn.run.tasks.get(command.task)
    timer = next((each for each in step.timers if each.name == command.timer), None)
    if task is None or timer is None or not task.undecided:
        return
    try:
        if task.state == "waiting":  # for people who were added before it: the clock starts again
            turn.emit("rang", task=task.id, timer=timer.name, count=command.count)
            _again(turn, task, timer, timer.after, command.count)
        else:
            ACTIONS[timer.action](turn, task, step, timer, command.count)
    except Broken as broken:
        stick(turn, task.step, f"broken: {broken}")


def _again(turn: Turn, task: TaskRow, timer: Timer, after: int, count: int) -> None:
    at = turn.facts.due(turn.at, after, timer.working)
    turn.effects.append(RingAt(at, task.step, task.id, timer.name, count))


def _remind(turn: Turn, task: TaskRow, step: Step, timer: Timer, count: int) -> None:
    turn.emit("reminded", task=task.id, timer=timer.name, count=count)
    turn.tell("reminded", (task.holder,), task=task.id, step=task.step)
    if timer.repeat and count + 1 < timer.times:
        _again(turn, task, timer, timer.repeat, count + 1)


def _transfer(turn: Turn, task: TaskRow, step: Step, timer: Timer, count: int) -> None:
    seats = _instead(turn, task, step, timer, "transfer")
    if seats:
        give(turn, task, step, seats[0])


def _escalate(turn: Turn, task: TaskRow, step: Step, timer: Timer, count: int) -> None:
    if task.added in ("before", "after"):  # one answer is waited for, not two
        _transfer(turn, task, step, timer, count)
        return
    seats = _instead(turn, task, step, timer, "escalated")
    if seats:
        beside = task.added_to if task.added is None and task.added_to else task.id
        made = [make(turn, task.step, seat, task.order, added_to=beside) for seat in seats]
        turn.emit("escalated", task=task.id, timer=timer.name, tasks=made)
        turn.agenda.append(Settle(task.step))


def _approve(turn: Turn, task: TaskRow, step: Step, timer: Timer, count: int) -> None:
    vote(turn, task, "approve", timer=timer.name)


def _reject(turn: Turn, task: TaskRow, step: Step, timer: Timer, count: int) -> None:
    vote(turn, task, "reject", timer=timer.name)


def _instead(turn: Turn, task: TaskRow, step: Step, timer: Timer, how: str) -> tuple[Seat, ...]:
    """Who gets the task; nobody: an administrator has to look, and the task stays where it is. Raises Broken."""
    people = turn.facts.people(timer.to, decided(turn.run))
    why = {"timer": timer.name, "instead_of": str(task.assignee)}
    wanted = tuple(Person(each.user, f"{how}:{task.id}", {**each.why, **why}) for each in people)
    seats = tuple(
        seat for seat in others(turn, wanted, step) if refused(turn, step, task.step, seat.assignee) is None
    )
    if not seats:
        stick(turn, task.step, f"timer: {timer.name}")
    return seats


ACTIONS: Final[Mapping[str, Callable[[Turn, TaskRow, Step, Timer, int], None]]] = MappingProxyType(
    {
        "remind": _remind,
        "transfer": _transfer,
        "escalate": _escalate,
        "approve": _approve,
        "reject": _reject,
    }
)
