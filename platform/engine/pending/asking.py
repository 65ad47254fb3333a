"""Asking for the change of an approval-bound field: the value is held back, and one run is started for it.

Held back is before anything is computed from it, so that formulas, rollups, rules about other fields and reports go on
with the old value. A second request while one waits is refused, and names the first.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.ids import new_id
from fieldstone.engine.pending.rows import Pending, add, new_pending, open_values
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field, Missing
from fieldstone.metadata.fields import FIELD_TYPES
from fieldstone.metadata.fields.base import INVALID
from fieldstone.problems import FieldstoneError, Problem

COMPANIONS: Final = ("_currency", "_base")
SAVEPOINT: Final = "bound_field"


class PendingExists(FieldstoneError):
    """Another change of the field waits for approval; `data` says who asked for what, and when."""

    code = "pending.exists"
    kind = "conflict"


@dataclass(frozen=True, slots=True)
class Held:
    """What was asked for of one field: wire values by name, the field and its currency."""

    field: str
    old: Mapping[str, Any]
    value: Mapping[str, Any]


def hold_back(
    tx: Transaction, entity: Entity, fields: tuple[Field, ...], old: Mapping[str, Any], new: dict[str, Any]
) -> bool:
    """Put the old values of bound fields back into `new`, and remember on the transaction what was asked for.

    Whether anything was held back. What the platform does by itself needs no approval, and what an approval stores has
    it; what an automation does on behalf of somebody is asked for like that person's own change.
    """
    tx.held.pop(new["id"], None)
    actor = tx.context.actor
    if tx.approved or (actor.kind == "system" and (actor.on_behalf_of is None or actor.id is not None)):
        return False
    held = []
    for field in fields:
        names = [field.name, *(field.name + suffix for suffix in COMPANIONS if field.type == "money")]
        asked = [name for name in names[:2] if new.get(name) != old.get(name)]
        if not asked or (new.get(field.name) is None and old.get(field.name) is None):
            continue
        held.append(Held(field.name, _wire(field, old), _wire(field, new)))
        for name in names:
            new[name] = copy.copy(old.get(name))
    if held:
        tx.held[new["id"]] = tuple(held)
    return bool(held)


def _wire(field: Field, values: Mapping[str, Any]) -> dict[str, Any]:
    value = values.get(field.name)
    found = {field.name: None if value is None else FIELD_TYPES[field.type].to_wire(field, value)}
    if field.type == "money":
        found[f"{field.name}_currency"] = values.get(f"{field.name}_currency")
    return found


def initial(program: Any) -> dict[str, Any]:
    """What bound fields of a new record have before anything was asked for: their plain defaults."""
    found = {}
    for field in program.bound:
        if not isinstance(field.default, Missing) and field.default is not None:
            value = FIELD_TYPES[field.type].checker(field)(field.default, "", [])
            if value is not INVALID:
                found[field.name] = value
    return found


def held_fields(tx: Transaction, record_id: UUID) -> frozenset[str]:
    """The fields whose values are held back."""
    return frozenset(each.field for each in tx.held.get(record_id, ()))


def refuse_waiting(tx: Transaction, entity: Entity, record_id: UUID) -> None:
    """Raise PendingExists when another change of a held field waits.

    The record's row is locked by the verb that calls this, so that two requests take turns.
    """
    held = held_fields(tx, record_id)
    for waiting in open_values(tx, [record_id]) if held else ():
        if waiting.field in held:
            raise exists(tx, entity, waiting)


def request_held(tx: Transaction, entity: Entity, record_id: UUID) -> None:
    """Store what was held back of a record, and start the run of each field."""
    held: tuple[Held, ...] = tx.held.pop(record_id, ())
    approvals = tx.engine.approvals
    for each in held:
        run = new_id() if approvals is not None else None
        by = tx.context.actor.id or tx.context.actor.on_behalf_of
        pending = new_pending(
            entity.name, record_id, each.field, each.old, each.value, by, tx.context.now, run
        )
        add(tx, pending)
        if approvals is not None and run is not None:
            workflow = entity.fields[each.field].approval or ""
            approvals.asked(tx, entity.name, record_id, each.field, workflow, run)


def apart(tx: Transaction, work: Callable[[], UUID | FieldstoneError]) -> UUID | FieldstoneError:
    """Do one of many writes so that a refusal leaves nothing of it: the run that it starts may be what is refused."""
    told = len(tx.happened)
    tx.connection.savepoint(SAVEPOINT)
    found = work()
    if isinstance(found, FieldstoneError):
        tx.connection.rollback_to(SAVEPOINT)
        del tx.happened[told:]
        tx.held.clear()
    tx.connection.release(SAVEPOINT)
    return found


def exists(tx: Transaction, entity: Entity, first: Pending) -> PendingExists:
    title = entity.fields[first.field].title
    value = first.value.get(first.field)
    message = f"{title}: a change to {value} waits for approval already."
    data: dict[str, Any] = {
        "field": first.field, "title": title, "value": value, "requested_by": first.requested_by,
        "requested_at": first.requested_at, "run": first.run,
    }  # fmt: skip
    problem = Problem(f"/{first.field}", "pending.exists", message, data)
    return PendingExists(message, problems=[problem], **data)
