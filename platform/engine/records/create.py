"""Create a record."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fieldstone.engine.duplicates import refuse_duplicates
from fieldstone.engine.query.joins import as_told
from fieldstone.engine.records.answer import answer
from fieldstone.engine.records.effects import after_change, before_change
from fieldstone.engine.records.errors import NotAllowed
from fieldstone.engine.records.prepare import prepare
from fieldstone.engine.records.program import Program
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.records.write import insert_record
from fieldstone.engine.transaction import Transaction


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
    return answer(tx, program, values, access)


def creation(program: Program, values: Mapping[str, Any]) -> dict[str, Any]:
    """The history of a creation: what is not null, as new."""
    changes = {}
    for name, field in program.entity.fields.items():
        value = values.get(name)
        if value is not None and value != []:
            changes[name] = {"old": None, "new": as_told(field, value)}
    return changes
