"""From step to step: what opening each kind of step does, and what comes after one that is through."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from fieldstone.metadata.approval_flows import Step, StepKind, Way
from fieldstone.workflows.approvals.core.asking import ask
from fieldstone.workflows.approvals.core.closing import close, finish, stick
from fieldstone.workflows.approvals.core.effects import RingAt, SetFields, StartRun
from fieldstone.workflows.approvals.core.facts import Broken
from fieldstone.workflows.approvals.core.people import decided
from fieldstone.workflows.approvals.core.state import StepRow
from fieldstone.workflows.approvals.core.tree import LEAVES, way_of
from fieldstone.workflows.approvals.core.turn import Follow, Open, Turn

WAIT = "wait"
"""The name of the timer of a waiting step."""


def enter(turn: Turn, work: Open) -> None:
    """Visit a step; what need not be done again after a return is passed."""
    step, visit = work.step, turn.facts.new_id()
    turn.emit("step_opened", step=visit, name=step.name, parent=work.parent, way=work.way)
    if step.name in turn.run.keep and step.kind in LEAVES:
        close(turn, visit, "skipped", reason="kept", kept=step.name)
    else:
        begin(turn, visit, step)


def begin(turn: Turn, visit: UUID, step: Step) -> None:
    """Do what the step does; also once more, for a stuck one that an administrator tries again."""
    try:
        OPENERS[step.kind](turn, visit, step)
    except Broken as broken:
        stick(turn, visit, f"broken: {broken}")


def follow(turn: Turn, work: Follow) -> None:
    """Open what comes after a step, or join the container around it, or end the run."""
    row = turn.visit(work.visit)
    if not row.through:
        return
    place = turn.place(row)
    parent = turn.visit(row.parent) if row.parent else None
    if parent is not None and not parent.live and parent.state != "done":
        return
    if place.rest:
        turn.agenda.append(Open(place.rest[0], row.parent, row.way))
    elif parent is None:
        finish(turn, "approved")
    elif parent.live:
        join(turn, parent.id)


def join(turn: Turn, visit: UUID) -> None:
    """Close a container when enough of its ways are through."""
    row = turn.visit(visit)
    step = turn.place(row).step
    if row.needed is not None and ways_through(turn, row, step) >= row.needed:
        close(turn, visit, "done", keep=step.kind == "parallel" and step.rest == "keep")


def ways_through(turn: Turn, row: StepRow, step: Step) -> int:
    """How many ways of a visit have nothing left to do."""
    closed = {
        (each.way, each.name) for each in turn.run.steps.values() if each.parent == row.id and each.through
    }
    ways = [way_of(step, name) for name in row.ways]
    return sum(not way.steps or (way.name, way.steps[-1].name) in closed for way in ways)


def _branch(turn: Turn, visit: UUID, step: Step) -> None:
    taken = []
    for way in step.ways:
        if turn.true(way.when):
            taken.append(way)
            if not step.every:
                break
    if taken:
        _take(turn, visit, step, tuple(taken), len(taken))
    else:
        stick(turn, visit, "no_way")


def _parallel(turn: Turn, visit: UUID, step: Step) -> None:
    _take(turn, visit, step, step.ways, min(step.join or len(step.ways), len(step.ways)))


def _take(turn: Turn, visit: UUID, step: Step, ways: tuple[Way, ...], needed: int) -> None:
    turn.emit("ways_taken", step=visit, name=step.name, ways=[way.name for way in ways], needed=needed)
    turn.agenda.extend(Open(way.steps[0], visit, way.name) for way in ways if way.steps)
    join(turn, visit)


def _cc(turn: Turn, visit: UUID, step: Step) -> None:
    people = turn.facts.people(step.assign, decided(turn.run))
    users = [person.user for person in people if turn.facts.active(person.user)]
    if users:
        turn.emit("copied", step=visit, users=users)
        turn.tell("cc", users, step=visit)
    close(turn, visit, "done")


def _do(turn: Turn, visit: UUID, step: Step) -> None:
    if step.set:
        turn.effects.append(SetFields(step.set, visit))
    else:
        close(turn, visit, "done")


def _wait(turn: Turn, visit: UUID, step: Step) -> None:
    if step.until is not None:
        until = turn.facts.value(step.until)
        if not isinstance(until, datetime):
            stick(turn, visit, "no_time")
            return
    else:
        until = turn.facts.due(turn.at, step.seconds or 0, step.working)
    if until <= turn.at:
        close(turn, visit, "done")
    else:
        turn.emit("waiting", step=visit, until=until)
        turn.effects.append(RingAt(until, visit, None, WAIT))


def _call(turn: Turn, visit: UUID, step: Step) -> None:
    if turn.run.depth + 1 > turn.definition.max_depth:
        stick(turn, visit, "depth")
    elif step.workflow is None or turn.facts.workflow(step.workflow) is None:
        stick(turn, visit, f"workflow: {step.workflow}")
    else:
        child = turn.facts.new_id()
        turn.emit("called", step=visit, child=child, workflow=step.workflow)
        turn.effects.append(StartRun(step.workflow, step.record, visit, child))


def _end(turn: Turn, visit: UUID, step: Step) -> None:
    late = turn.run.late(visit)
    close(turn, visit, "done")
    if not late:
        finish(turn, step.outcome)


OPENERS: Final[Mapping[StepKind, Callable[[Turn, UUID, Step], None]]] = MappingProxyType(
    {
        "approve": ask,
        "branch": _branch,
        "parallel": _parallel,
        "cc": _cc,
        "do": _do,
        "wait": _wait,
        "call": _call,
        "end": _end,
    }
)
