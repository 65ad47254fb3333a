"""`delete` for many records at once: those that nothing links to together, the others after them one by one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.records.delete import delete, incoming, mark_deleted
from fieldstone.engine.records.effects import Move, after_changes, ask_guards, lock_parents
from fieldstone.engine.records.errors import NotAllowed
from fieldstone.engine.records.following import follow
from fieldstone.engine.records.load import load_many
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.problems import FieldstoneError

IDS = sa.bindparam("ids", type_=ARRAY(sa.Uuid()))


def delete_many(
    tx: Transaction, entity: str, wanted: Sequence[tuple[UUID, int | None]]
) -> list[UUID | FieldstoneError]:
    """The ids of the records (each is given once, with the version that it must have or None), or why one stays."""
    program, access = readable_entity(tx, entity)
    if access.reach("delete") == "none":
        raise NotAllowed(f"You may not delete {program.entity.plural}.", verb="delete", entity=entity)
    ids = [record_id for record_id, _ in wanted]
    found: list[UUID | FieldstoneError] = list(ids)
    there = load_many(tx, program, ids, "delete")
    held = _linked_to(tx, program, ids)
    free = [
        (place, there[record_id])
        for place, (record_id, version) in enumerate(wanted)
        if record_id in there and record_id not in held and version in (None, there[record_id]["version"])
    ]
    lock_parents(tx, program, [(old, None) for _, old in free])
    moved: list[Move] = []
    for place, old in free:
        try:
            ask_guards(tx, program, "delete", old, None, frozenset())
        except FieldstoneError as error:
            found[place] = error
            continue
        moved.append((old, mark_deleted(tx, program, old)))
    after_changes(tx, program, moved, frozenset(["deleted_at"]))
    follow(tx)
    together = {place for place, _ in free}
    for place, (record_id, version) in enumerate(wanted):
        if place not in together:
            try:
                delete(tx, entity, record_id, if_match=version)
            except FieldstoneError as error:
                found[place] = error
    return found


def _linked_to(tx: Transaction, program: Program, ids: Sequence[UUID]) -> set[UUID]:
    """Those of some records that anything links to, in one round trip; deleted records count, too."""
    plans = [(tx.plan(("linked to", tx.model.hash, entity.name, field.name), _asking(tx, entity, field)), {"ids": list(ids)})
             for entity, field in incoming(tx, program.entity.name)]  # fmt: skip
    if not plans:
        return set()
    return {row[0] for rows in tx.fetch_all(plans) for row in rows}


def _asking(tx: Transaction, entity: Entity, field: Field) -> Any:
    built = program_for(tx.model, entity).built

    def build() -> sa.Select[Any]:
        column: sa.ColumnElement[Any] = built.fields[field.name]
        if field.type == "any_link":
            column = sa.cast(built.parts[field.name, "id"], sa.Uuid())
        return sa.select(column).where(column == sa.any_(IDS)).distinct()

    return build
