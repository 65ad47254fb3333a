"""Create a record."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from fieldstone.engine.duplicates import refuse_duplicates
from fieldstone.engine.duplicates.refusal import blocked
from fieldstone.engine.pending import apart, request_held
from fieldstone.engine.query.joins import as_told
from fieldstone.engine.records.answer import answer
from fieldstone.engine.records.copying import NewRecords
from fieldstone.engine.records.effects import (
    after_change,
    after_changes,
    ask_guards,
    before_change,
    lock_parents,
    may_wait,
)
from fieldstone.engine.records.errors import NotAllowed
from fieldstone.engine.records.following import follow
from fieldstone.engine.records.prepare import Prepared, prepare, prepare_many
from fieldstone.engine.records.program import Program
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.records.unique import Taken
from fieldstone.engine.records.update import followed
from fieldstone.engine.records.write import insert_record
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError


def create(
    tx: Transaction, entity: str, body: Mapping[str, Any], *, record_id: UUID | None = None
) -> dict[str, Any]:
    """Store a new record and return it in wire form.

    Raises NotFound for an entity that the actor may not know of, NotAllowed, and InvalidContent with every problem
    of the body. What clashes in the database (unique values) is raised when the transaction commits.
    """
    program, access = readable_entity(tx, entity)
    if access.reach("create") == "none":
        raise NotAllowed(f"You may not create {program.entity.plural}.", verb="create", entity=entity)
    values = prepare(tx, program, access, body, record_id=record_id)
    refuse_duplicates(tx, program.entity, values)
    before_change(tx, program, "create", None, values, frozenset(values))
    insert_record(tx, program, values, creation(program, values))
    after_change(tx, program, None, values, frozenset(values))
    request_held(tx, program.entity, values["id"])
    values = followed(tx, program, values)
    return answer(tx, program, values, access)


def create_many(
    tx: Transaction, entity: str, bodies: Sequence[Mapping[str, Any]]
) -> list[UUID | FieldstoneError]:
    """`create` for many bodies: the id of each new record, or why there is none. What is refused costs no other.

    What clashes in the database is raised when the connection is flushed, as with `create`, and is then everybody's.
    """
    program, access = readable_entity(tx, entity)
    if access.reach("create") == "none":
        raise NotAllowed(f"You may not create {program.entity.plural}.", verb="create", entity=entity)
    if program.bound and any(field.name in body for body in bodies for field in program.bound):
        return [apart(tx, partial(_alone, tx, entity, body)) for body in bodies]
    if not may_wait(tx, program):
        return [_alone(tx, entity, body) for body in bodies]
    prepared = prepare_many(tx, program, access, bodies)
    _refuse_blocked(tx, program, prepared)
    lock_parents(tx, program, [(None, values) for values in prepared if isinstance(values, dict)])
    new, stored = NewRecords(tx, program), []
    found: list[UUID | FieldstoneError] = []
    taken = Taken(tx, program, [values for values in prepared if isinstance(values, dict)])
    for values in prepared:
        if isinstance(values, FieldstoneError):
            found.append(values)
            continue
        try:
            ask_guards(tx, program, "create", None, values, frozenset(values))
            if (conflict := taken.accept(values)) is not None:
                raise conflict
        except FieldstoneError as error:
            found.append(error)
            continue
        new.add(values, creation(program, values))
        stored.append(values)
        found.append(values["id"])
    after_changes(tx, program, [(None, values) for values in stored], frozenset())
    follow(tx)
    return found


def _refuse_blocked(tx: Transaction, program: Program, prepared: list[Prepared]) -> None:
    """Put refusals in place of records that a rule about duplicates does not let in."""
    if program.entity.duplicates:
        rows = [(place, values) for place, values in enumerate(prepared) if isinstance(values, dict)]
        refused = blocked(tx, program.entity, [values for _, values in rows])
        for (place, _), error in zip(rows, refused, strict=True):
            if error is not None:
                prepared[place] = error


def _alone(tx: Transaction, entity: str, body: Mapping[str, Any]) -> UUID | FieldstoneError:
    try:
        return UUID(str(create(tx, entity, body)["id"]))
    except FieldstoneError as error:
        return error


def creation(program: Program, values: Mapping[str, Any]) -> dict[str, Any]:
    """The history of a creation: what is not null, as new."""
    found = values.get
    told: dict[str, Any] = {
        name: {"old": None, "new": value}
        for name in program.entity.fields
        if (value := found(name)) is not None and (value.__class__ is not list or value)
    }
    for field in program.lines:
        if field.type == "multi_link" and field.name in told:
            told[field.name]["new"] = as_told(field, told[field.name]["new"])
    return told
