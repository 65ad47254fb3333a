"""Take a record from one state to the next by a named transition of its state field.

The transition's own roles decide who may, besides the right to change the record: the field may be locked for everybody
in forms and roles, so that it changes by transitions only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fieldstone.engine.duplicates import refuse_duplicates
from fieldstone.engine.permissions import access as access_of
from fieldstone.engine.records.answer import answer
from fieldstone.engine.records.compute import Values, rule_bindings, seen_lines, visible_values
from fieldstone.engine.records.errors import InvalidContent, NotAllowed, Refused, Stale
from fieldstone.engine.records.linked import line_linked_records, linked_records
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.program import Program
from fieldstone.engine.records.read import read
from fieldstone.engine.records.states import Wish, choose, judge_for, refusal
from fieldstone.engine.records.subject import readable_entity, reraise
from fieldstone.engine.records.update import (
    complete,
    followed,
    prepare_update,
    refuse_invisible,
    update,
    write_update,
)
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field
from fieldstone.metadata.state_machines import StateMachine, Transition
from fieldstone.problems import Problem, did_you_mean


@dataclass(frozen=True, slots=True)
class Offer:
    """A transition that starts at a record's state; `why` is None when the actor may take it now."""

    field: str
    transition: Transition
    why: str | None


def transition(
    tx: Transaction,
    entity: str,
    record_id: UUID,
    action: str,
    body: Mapping[str, Any] | None = None,
    *,
    if_match: int | None = None,
    field: str | None = None,
    comment: str = "",
) -> dict[str, Any]:
    """Take the transition `action`, with the values of `body` (a merge patch), and return the record in wire form.

    `field` says which state field is meant where two have a transition of this name. One with a workflow submits the
    record for that approval, which sets the state. Raises UnknownRecord, NotAllowed, Stale and InvalidContent
    (`transition.unknown` at `/action`, `transition.refused` at the field).
    """
    program, access = readable_entity(tx, entity)
    if access.reach("update") == "none":
        read(tx, entity, record_id, fields=())
        raise NotAllowed(f"You may not change {program.entity.plural}.", verb="update", entity=entity)
    machine_field, step = find_transition(tx, program, action, field)
    old = load_for_change(tx, program, record_id, "update")
    if old is None:
        refuse_invisible(tx, program, record_id, "update")
    if if_match is not None and old["version"] != if_match:
        raise Stale("Somebody changed this record since you read it.", version=old["version"])
    if step.workflow is not None and tx.context.actor.kind != "system":
        return _submit(tx, program, old, machine_field, step, body or {}, comment)
    wish = Wish(machine_field.name, step, comment)
    new, changed = prepare_update(tx, program, access, old, body or {}, wish=wish)
    refuse_duplicates(tx, program.entity, new, changed)
    write_update(tx, program, old, new, changed, "transition")
    return answer(tx, program, followed(tx, program, new), access)


def find_transition(
    tx: Transaction, program: Program, name: str, field: str | None = None
) -> tuple[Field, Transition]:
    """A transition of the entity by its name. Raises InvalidContent."""
    readable = access_of(tx, program.entity.name).readable
    machines = [
        each
        for each in program.machines
        if each.name in readable and field in (None, each.name) and each.machine
    ]
    for each in machines:
        found = each.machine.transition(name) if each.machine is not None else None
        if found is not None:
            return each, found
    known = [step.name for each in machines if each.machine is not None for step in each.machine.transitions]
    message = f'There is no transition "{name}" here{did_you_mean(name, known) or "."}'
    problem = Problem("/action", "transition.unknown", message, {"name": name})
    raise InvalidContent(message, problems=[problem])


def _submit(
    tx: Transaction,
    program: Program,
    old: dict[str, Any],
    field: Field,
    step: Transition,
    body: Mapping[str, Any],
    comment: str,
) -> dict[str, Any]:
    """Store the values, then let the approval begin; the record as it is then."""
    entity = program.entity.name
    if body:
        update(tx, entity, old["id"], body)
        found = load_for_change(tx, program, old["id"], "update")
        old = found if found is not None else old
    why = _why(tx, program, old, field, step, comment)
    if why not in (None, "approval"):
        raise_refused(tx, program, old, field, step, why or "none")
    if tx.engine.submit is None or step.workflow is None:
        raise Refused("Approvals are not running here.", code="approval.unavailable")
    tx.engine.submit(tx, entity, old["id"], step.workflow, comment=comment)
    tx.settle()
    access = access_of(tx, entity)
    found = load_for_change(tx.as_system(), program, old["id"], "read", lock=False)
    if found is not None:
        complete(tx, program, found)
    return answer(tx, program, found or old, access)


def raise_refused(
    tx: Transaction, program: Program, old: dict[str, Any], field: Field, step: Transition, why: Any
) -> None:
    """Refuse a transition, with what is possible instead. Raises InvalidContent."""
    allowed = [
        each.transition.name
        for each in _offers(tx, program, old)
        if each.field == field.name and each.why is None
    ]
    problem = refusal(field, old.get(field.name), step.to, why, allowed)
    reraise(tx, access_of(tx, program.entity.name), [problem])


def offers(tx: Transaction, entity: str, record_id: UUID) -> list[Offer]:
    """The transitions that start where a record is, in order; none when the actor may not change it."""
    program, _ = readable_entity(tx, entity)
    if not program.machines:
        return []
    old = load_for_change(tx, program, record_id, "update", lock=False)
    if old is None:
        return []
    complete(tx, program, old)
    return _offers(tx, program, old)


def _offers(tx: Transaction, program: Program, old: dict[str, Any]) -> list[Offer]:
    readable = access_of(tx, program.entity.name).readable
    found = []
    for field in program.machines:
        if field.machine is None or field.name not in readable:
            continue
        for step in field.machine.leaving(old.get(field.name)):
            found.append(Offer(field.name, step, _why(tx, program, old, field, step, "given")))
    return found


def _why(
    tx: Transaction, program: Program, old: dict[str, Any], field: Field, step: Transition, comment: str
) -> str | None:
    """What stands against a transition of a record as it is; "approval" is no obstacle to asking for it."""
    assert field.machine is not None
    seen = _seen(tx, program, old)
    judge = judge_for(tx, seen, rule_bindings(tx, old, frozenset()), wish=Wish(field.name, step, comment))
    only = StateMachine((step,), field.machine.initial)
    found, why = choose(only, old.get(field.name), step.to, judge)
    return None if found is not None or why == "approval" else why


def _seen(tx: Transaction, program: Program, old: dict[str, Any]) -> Values:
    """A stored record as its expressions see it."""
    linked, _ = linked_records(tx, program, {name: old.get(name) for name in program.hops}, ())
    lines = seen_lines(tx, program, old, line_linked_records(tx, program, old))
    return visible_values(old, {**linked, **lines})


__all__ = ["Offer", "find_transition", "offers", "raise_refused", "transition"]
