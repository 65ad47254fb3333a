"""Who is asked by a step, after every policy: separation of duties, who left, the submitter, repeats, delegations.

The order matters: exceptions are taken out first and hold for substitutes too, so that no policy brings back
somebody who must not decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from fieldstone.metadata.approval_flows import Step
from fieldstone.workflows.approvals.core.facts import Broken, Person
from fieldstone.workflows.approvals.core.state import Run, TaskRow
from fieldstone.workflows.approvals.core.turn import Turn


class NobodyIncident(Exception):
    """The policy says that an administrator decides what to do; `args[0]` is one of `INCIDENTS`."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One person's part before it becomes a task. `ready` is the state that it starts with."""

    assignee: UUID
    holder: UUID
    origin: str
    why: Mapping[str, Any]
    ready: Literal["waiting", "approved", "skipped"] = "waiting"
    decided_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Who a step asks. `passed`: nobody needs to be asked, because everybody chosen is the submitter."""

    seats: tuple[Seat, ...]
    passed: bool = False


def decided(run: Run) -> dict[str, tuple[UUID, ...]]:
    """Who approved the steps so far, as far as their answers still count."""
    found: dict[str, tuple[UUID, ...]] = {}
    for visit in run.steps.values():
        if visit.state == "done":
            people = [
                task.decided_by
                for task in run.tasks.values()
                if task.step == visit.id and task.state == "approved" and task.decided_by
            ]
            found[visit.name] = tuple(dict.fromkeys(people))
    return found


def excluded(turn: Turn, step: Step) -> frozenset[UUID]:
    """Who must not decide this step. Raises Broken."""
    if not step.except_:
        return frozenset()
    return frozenset(person.user for person in turn.facts.people(step.except_, decided(turn.run)))


def asked(turn: Turn, step: Step) -> Asked:
    """Who the step asks now. Raises Broken, NobodyIncident."""
    so_far = decided(turn.run)
    barred = excluded(turn, step)
    chosen = [person for person in turn.facts.people(step.assign, so_far) if person.user not in barred]
    there = [each for person in chosen for each in _present(turn, step, person, barred)]
    seats = _seats(turn, step, there, barred)
    if any(seat.ready == "waiting" for seat in seats):
        return Asked(_delegated(turn, step, _repeats(turn, step, seats), barred))
    return Asked(seats, passed=bool(seats))


def others(turn: Turn, people: tuple[Person, ...], step: Step) -> tuple[Seat, ...]:
    """Seats for people whom a policy or a timer brings in: who is there, not barred, each once."""
    barred = excluded(turn, step)
    seats = [
        Seat(person.user, person.user, person.origin, person.why)
        for person in people
        if turn.facts.active(person.user) and person.user not in barred and not _self(turn, step, person.user)
    ]
    return _delegated(turn, step, _once(seats), barred)


def administrators(turn: Turn, origin: str, why: Mapping[str, Any]) -> tuple[Person, ...]:
    return tuple(Person(user, origin, {**why, "administrator": True}) for user in turn.facts.administrators())


def above(turn: Turn, user: UUID, barred: frozenset[UUID]) -> UUID | None:
    """The nearest person above who is there and may decide; None when nobody is, or the chain goes in a circle."""
    seen = {user}
    current = turn.facts.manager(user)
    while current is not None and current not in seen:
        if turn.facts.active(current) and current not in barred and current != turn.run.submitter:
            return current
        seen.add(current)
        current = turn.facts.manager(current)
    return None


def substitutes(
    turn: Turn, step: Step, user: UUID, origin: str, barred: frozenset[UUID]
) -> tuple[Person, ...]:
    """Who comes in for somebody who left, by the policy of the step. Raises NobodyIncident."""
    why = {"instead_of": str(user), "policy": step.on_left}
    if step.on_left == "skip":
        return ()
    if step.on_left == "incident":
        raise NobodyIncident("left")
    if step.on_left == "manager":
        manager = above(turn, user, barred)
        if manager is not None:
            return (Person(manager, origin, why),)
    return tuple(each for each in administrators(turn, origin, why) if each.user not in barred)


def refused(turn: Turn, step: Step, visit: UUID, user: UUID) -> str | None:
    """Why somebody cannot be brought into a step by hand, or None. Raises Broken."""
    if not turn.facts.active(user):
        return "inactive"
    if any(user in (task.holder, task.assignee) for task in turn.tasks_of(visit) if _counts(task)):
        return "asked"
    if user in excluded(turn, step):
        return "excluded"
    return "submitter" if _self(turn, step, user) else None


def entitled(turn: Turn, step: Step, task: TaskRow) -> bool:
    """Whether the assignee still is in the role for which they were asked; other lines assign for good."""
    line = next((each for each in step.assign if each.name == task.origin), None)
    if line is None or line.kind != "role" or "instead_of" in task.why:
        return True
    try:
        now = turn.facts.people((replace(line, where=None),), decided(turn.run))
    except Broken:
        return False
    return any(person.user == task.assignee for person in now)


def _counts(task: TaskRow) -> bool:
    return task.state in ("open", "waiting", "approved", "rejected")


def _self(turn: Turn, step: Step, user: UUID) -> bool:
    """Whether this would be the submitter deciding their own request against the step's policy."""
    return user == turn.run.submitter and step.on_self != "allow"


def _present(turn: Turn, step: Step, person: Person, barred: frozenset[UUID]) -> tuple[Person, ...]:
    if turn.facts.active(person.user):
        return (person,)
    return substitutes(turn, step, person.user, person.origin, barred)


def _seats(turn: Turn, step: Step, people: list[Person], barred: frozenset[UUID]) -> tuple[Seat, ...]:
    seats: list[Seat] = []
    for person in people:
        seat = Seat(person.user, person.user, person.origin, person.why)
        if _self(turn, step, person.user):
            if step.on_self == "skip":
                seat = replace(seat, ready="skipped", why={**seat.why, "self": "skip"})
            else:
                manager = above(turn, person.user, barred)
                if manager is None:
                    continue
                why = {**seat.why, "self": "manager", "instead_of": str(person.user)}
                seat = replace(seat, assignee=manager, holder=manager, why=why)
        seats.append(seat)
    return _once(seats)


def _once(seats: list[Seat]) -> tuple[Seat, ...]:
    first: dict[UUID, Seat] = {}
    for seat in seats:
        first.setdefault(seat.assignee, seat)
    return tuple(first.values())


def _repeats(turn: Turn, step: Step, seats: tuple[Seat, ...]) -> tuple[Seat, ...]:
    """Whoever approved before need not again: their earlier approval is taken over."""
    if step.dedupe == "none":
        return seats
    so_far = decided(turn.run)
    names = turn.tree.preceding(step.name) if step.dedupe == "adjacent" else tuple(so_far)
    before = {user: name for name in names for user in so_far.get(name, ())}
    return tuple(
        replace(
            seat,
            ready="approved",
            decided_by=seat.assignee,
            why={**seat.why, "deduped": before[seat.assignee]},
        )
        if seat.ready == "waiting" and seat.assignee in before
        else seat
        for seat in seats
    )


def _delegated(turn: Turn, step: Step, seats: tuple[Seat, ...], barred: frozenset[UUID]) -> tuple[Seat, ...]:
    """Standing delegations; not to somebody barred, nor to one who is asked by the step already."""
    taken = {seat.assignee for seat in seats}
    result = []
    for seat in seats:
        to = turn.facts.delegate(seat.assignee) if seat.ready == "waiting" else None
        usable = to is not None and to not in taken and to not in barred and turn.facts.active(to)
        if to is not None and usable and not _self(turn, step, to):
            taken.add(to)
            seat = replace(seat, holder=to, why={**seat.why, "delegated_by": str(seat.assignee)})
        result.append(seat)
    return tuple(result)
