"""Restore a deleted record."""

from typing import Any
from uuid import UUID

from fieldstone.engine.duplicates import refuse_duplicates
from fieldstone.engine.permissions import access
from fieldstone.engine.records.answer import answer
from fieldstone.engine.records.compute import compute
from fieldstone.engine.records.effects import after_change, before_change
from fieldstone.engine.records.errors import NotAllowed, UnknownRecord
from fieldstone.engine.records.linked import linked_records
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.records.update import followed
from fieldstone.engine.records.write import update_record
from fieldstone.engine.transaction import Transaction


def restore(tx: Transaction, entity: str, record_id: UUID) -> dict[str, Any]:
    """Bring a deleted record back. A unique value that was taken meanwhile is a Conflict when it commits."""
    program, rights = readable_entity(tx, entity)
    if rights.reach("delete") == "none":
        raise NotAllowed(f"You may not restore {program.entity.plural}.", verb="delete", entity=entity)
    old = load_for_change(tx, program, record_id, "delete", deleted=True)
    if old is None:
        raise UnknownRecord("There is no such deleted record.")
    refuse_duplicates(tx, program.entity, old)
    before_change(tx, program, "restore", None, old, frozenset(["deleted_at"]))
    new = {
        **old,
        "version": old["version"] + 1,
        "deleted_at": None,
        "updated_at": tx.context.now,
        "updated_by": tx.context.actor.id,
    }
    columns = {name: new[name] for name in ("version", "deleted_at", "updated_at", "updated_by")}
    update_record(tx, program, record_id, columns, verb="restore", version=new["version"], changes={})
    after_change(tx, program, None, new, frozenset(["deleted_at"]))
    new = followed(tx, program, new)
    links = {field.name: new.get(field.name) for field in program.links}
    linked, _ = linked_records(tx, program, links, ())
    compute(tx, program, new, linked)
    return answer(tx, program, new, access(tx, entity))
