"""Where a record goes that is put beside another one: a key between that one and its neighbour."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.records.errors import InvalidContent, UnknownRecord
from fieldstone.engine.records.read import read
from fieldstone.engine.storage.tables import table_for
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.metadata.fields.position import Beside, between
from fieldstone.problems import Problem


def placed(tx: Transaction, entity: Entity, field: Field, wish: Beside, record_id: UUID) -> str:
    """The key of a record beside another that the actor may read. Raises InvalidContent."""
    try:
        key = read(tx, entity.name, wish.id, fields=(field.name,)).get(field.name)
    except UnknownRecord:
        raise _refused(field, wish.side, "link.unknown", "There is no such record.") from None
    if wish.id == record_id or key is None:
        raise _refused(field, wish.side, "position.none", "That record has no place in this order.")
    table = table_for(entity)
    column, own = table.fields[field.name], table.fields["id"]
    below = wish.side == "before"

    def build() -> sa.Select[Any]:
        beyond = (
            column < sa.bindparam("key", type_=column.type)
            if below
            else column > sa.bindparam("key", type_=column.type)
        )
        nearest = sa.func.max(column) if below else sa.func.min(column)
        others = (table.fields["deleted_at"].is_(None), own != sa.bindparam("own", type_=sa.Uuid()))
        return sa.select(nearest).where(beyond, *others)

    plan = tx.plan(("beside", entity.hash, field.name, below), build)
    neighbour = tx.fetch(plan, {"key": key, "own": record_id})[0][0]
    found = between(neighbour, key) if below else between(key, neighbour)
    if found is None or len(found) > 199:
        raise _refused(field, wish.side, "position.no_room", "There is no room there.")
    return found


def _refused(field: Field, side: str, code: str, message: str) -> InvalidContent:
    return InvalidContent(message, problems=[Problem(f"/{field.name}/{side}", code, message)])
