"""Opening an `approve` step: its people become tasks, or the policy for nobody applies."""

from uuid import UUID

from fieldstone.metadata.approval_flows import Step
from fieldstone.workflows.approvals.core.closing import close, reject, stick
from fieldstone.workflows.approvals.core.effects import RingAt
from fieldstone.workflows.approvals.core.facts import Broken, Person
from fieldstone.workflows.approvals.core.people import (
    NobodyIncident,
    Seat,
    administrators,
    asked,
    decided,
    others,
)
from fieldstone.workflows.approvals.core.state import TaskRow
from fieldstone.workflows.approvals.core.turn import Settle, Turn


def ask(turn: Turn, visit: UUID, step: Step) -> None:
    """Make the tasks of a visit that has none."""
    try:
        found = asked(turn, step)
        if found.seats:
            seat_all(turn, visit, found.seats)
            if found.passed:
                close(turn, visit, "skipped", reason="self")
        else:
            nobody(turn, visit, step)
    except Broken as broken:
        stick(turn, visit, f"broken: {broken}")
    except NobodyIncident as incident:
        stick(turn, visit, str(incident))


def nobody(turn: Turn, visit: UUID, step: Step) -> None:
    """What becomes of a step that has nobody to ask. Raises Broken."""
    if step.on_empty == "approve":
        close(turn, visit, "skipped", reason="nobody")
    elif step.on_empty == "reject":
        reject(turn, visit, reason="nobody")
    else:
        people: tuple[Person, ...] = ()
        if step.on_empty == "administrator":
            people = administrators(turn, "nobody", {"policy": "administrator"})
        elif step.on_empty == "assign":
            people = turn.facts.people(step.empty_assign, decided(turn.run))
        seats = others(turn, people, step)
        if seats:
            seat_all(turn, visit, seats)
        else:
            stick(turn, visit, "nobody")


def seat_all(turn: Turn, visit: UUID, seats: tuple[Seat, ...]) -> None:
    """Tasks for seats, in order."""
    for order, seat in enumerate(seats, 1):
        make(turn, visit, seat, order)
    turn.agenda.append(Settle(visit))


def make(
    turn: Turn,
    visit: UUID,
    seat: Seat,
    order: int,
    *,
    added: str | None = None,
    added_to: UUID | None = None,
) -> UUID:
    task = turn.facts.new_id()
    turn.emit(
        "task_made",
        task=task,
        step=visit,
        assignee=seat.assignee,
        holder=seat.holder,
        state=seat.ready,
        order=order,
        origin=seat.origin,
        why=dict(seat.why),
        added=added,
        added_to=added_to,
        decided_by=seat.decided_by,
    )
    return task


def open_task(turn: Turn, step: Step, task: TaskRow) -> None:
    """It is their turn: tell them and start the clocks. A task that had its turn before keeps its clocks."""
    if task.opened_at is not None:
        turn.emit("task_resumed", task=task.id)
    else:
        rings = [
            RingAt(turn.facts.due(turn.at, timer.after, timer.working), task.step, task.id, timer.name)
            for timer in step.timers
            if timer.name != task.why.get("timer")  # what this clock made is not made again by it
        ]
        due = min((ring.at for ring in rings), default=None)
        turn.emit("task_opened", task=task.id, due_at=due)
        turn.effects.extend(rings)
    turn.tell("asked", (task.holder,), task=task.id, step=task.step)
