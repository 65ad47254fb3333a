"""Delete a record: softly, so that it can be restored, after settling the links that lead to it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.records.effects import after_change, before_change
from fieldstone.engine.records.errors import Conflict, NotAllowed, Stale
from fieldstone.engine.records.following import follow
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.records.update import recomputed, refuse_invisible, write_update
from fieldstone.engine.records.write import update_record
from fieldstone.engine.storage.ddl import LINK_TYPES
from fieldstone.engine.storage.tables import PARENT
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.problems import Problem

ID = sa.bindparam("id", type_=sa.Uuid())


def delete(tx: Transaction, entity: str, record_id: UUID, *, if_match: int | None = None) -> int:
    """Delete a record and return its new version.

    `onDelete` of the links that lead here decides: `restrict` refuses (Conflict), `clear` empties the link, `cascade`
    deletes the linking record by this same verb.
    """
    program, access = readable_entity(tx, entity)
    if access.reach("delete") == "none":
        raise NotAllowed(f"You may not delete {program.entity.plural}.", verb="delete", entity=entity)
    old = load_for_change(tx, program, record_id, "delete")
    if old is None:
        refuse_invisible(tx, program, record_id, "delete")
    if if_match is not None and old["version"] != if_match:
        raise Stale("Somebody changed this record since you read it.", version=old["version"])
    version = remove(tx, program, old)
    follow(tx)
    return version


def remove(
    tx: Transaction, program: Program, old: dict[str, Any], within: frozenset[UUID] = frozenset()
) -> int:
    """Mark a loaded record as deleted, with everything that follows from it.

    `within` are the records whose deletion brought this one about: a circle of cascades ends at them.
    """
    settle_links(tx, program, old["id"], within | {old["id"]})
    before_change(tx, program, "delete", old, None, frozenset())
    new = mark_deleted(tx, program, old)
    after_change(tx, program, old, new, frozenset(["deleted_at"]))
    version: int = new["version"]
    return version


def mark_deleted(tx: Transaction, program: Program, old: Mapping[str, Any]) -> dict[str, Any]:
    """Store that a record is deleted, and nothing that follows from it; the record as it is then."""
    version: int = old["version"] + 1
    new = {**old, "version": version, "deleted_at": tx.context.now}
    columns = {
        "version": version,
        "deleted_at": tx.context.now,
        "updated_at": tx.context.now,
        "updated_by": tx.context.actor.id,
    }
    update_record(tx, program, old["id"], columns, verb="delete", version=version, changes={})
    return new


def settle_links(tx: Transaction, program: Program, record_id: UUID, going: frozenset[UUID]) -> None:
    """Apply `onDelete` of every link that leads to the record from one that is not `going` itself."""
    for entity, field in incoming(tx, program.entity.name):
        rows = [
            row
            for row in _linking(tx, entity, field, record_id)
            if (row[0] if entity.parent is None else row[1]) not in going
        ]
        if not rows:
            continue
        if field.on_delete == "restrict":
            owner = tx.model.entities[entity.parent[0]] if entity.parent else entity
            count = "more than 100" if len(rows) > 100 else str(len(rows))
            message = f"{count} {owner.plural} still link here through {field.title}."
            raise Conflict(
                message,
                code="restrict",
                problems=[Problem("", "restrict", message)],
                entity=owner.name,
                count=len(rows),
            )
        for linking_id, parent_id in rows:
            if entity.parent is not None:
                _clear_line(tx, entity, field, linking_id, parent_id, cascade=field.on_delete == "cascade")
            else:
                _settle(tx, entity, field, linking_id, going)


def incoming(tx: Transaction, name: str) -> list[tuple[Entity, Field]]:
    """Every link field of the model that leads to an entity."""
    return [
        (entity, field)
        for entity in tx.model.entities.values()
        for field in entity.fields.values()
        if (field.type in LINK_TYPES and field.target == name)
        or (field.type == "any_link" and name in field.settings["targets"])
    ]


def _linking(
    tx: Transaction, entity: Entity, field: Field, record_id: UUID
) -> list[tuple[UUID, UUID | None]]:
    built = program_for(tx.model, entity).built
    limit = 101 if field.on_delete == "restrict" else 100_000

    def build() -> sa.Select[Any]:
        parent = built.table.c[PARENT] if entity.parent else sa.null()
        holds: ColumnElement[bool] = (
            built.parts[field.name, "id"] == sa.cast(ID, sa.Text())
            if field.type == "any_link"
            else built.fields[field.name] == ID
        )
        statement = sa.select(built.fields["id"], parent).where(holds)
        if entity.parent is None:
            return statement.where(built.fields["deleted_at"].is_(None)).limit(limit)
        owner = program_for(tx.model, tx.model.entities[entity.parent[0]]).built
        alive = sa.select(owner.fields["id"]).where(owner.fields["deleted_at"].is_(None))
        return statement.where(built.table.c[PARENT].in_(alive)).limit(limit)

    rows = tx.fetch(tx.plan(("linking", tx.model.hash, entity.name, field.name), build), {"id": record_id})
    return [(row[0], row[1]) for row in rows]


def _settle(tx: Transaction, entity: Entity, field: Field, linking_id: UUID, going: frozenset[UUID]) -> None:
    """Clear a link, or delete what links: as the platform, whatever the actor's own rights there."""
    program = program_for(tx.model, entity)
    old = load_for_change(tx.as_system(), program, linking_id, "update")
    if old is None:
        return
    if field.on_delete == "cascade":
        remove(tx, program, old, going)
    else:
        new, changed = recomputed(tx, program, old, {field.name: None})
        write_update(tx, program, old, new, changed, "update")


def _clear_line(
    tx: Transaction, entity: Entity, field: Field, line_id: UUID, parent_id: UUID | None, *, cascade: bool
) -> None:
    assert entity.parent is not None and parent_id is not None
    owner, lines_field = entity.parent
    program = program_for(tx.model, tx.model.entities[owner])
    old = load_for_change(tx.as_system(), program, parent_id, "update")
    if old is None:
        return
    lines = old[lines_field]
    if cascade:
        kept: list[dict[str, Any]] = [line for line in lines if line["id"] != line_id]
    else:
        kept = [{**line, field.name: None} if line["id"] == line_id else line for line in lines]
    new, changed = recomputed(tx, program, old, {lines_field: kept})
    write_update(tx, program, old, new, changed, "update")
