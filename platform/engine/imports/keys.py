"""Which stored record a row means, by its key fields. Records that the actor may not see are never met."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.permissions import actor_values
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.gate import gate_for
from fieldstone.engine.query.select import record_where
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.fields import INVALID, compile_check

Key = tuple[Any, ...]


def key_value(entity: Entity, name: str, raw: Any) -> Any:
    """A cell's value as it is stored, to be compared; None when it is blank or cannot be one."""
    if raw is None or raw == "":
        return None
    field = entity.fields.get(name)
    if name in ("id", "owner_id"):
        try:
            return UUID(str(raw))
        except ValueError:
            return None
    if field is None:
        return None
    if field.type == "sequence":
        return str(raw).strip()
    value = compile_check(field)(raw, "", [])
    return None if value is INVALID else value


def find_by_key(
    tx: Transaction, entity: Entity, names: Sequence[str], keys: Sequence[Key]
) -> Mapping[Key, list[UUID]]:
    """The visible records of each key."""
    if not keys:
        return {}
    columns = EntityColumns(tx.model, entity, gate=gate_for(tx))
    compared = [columns.own(name) for name in names]
    where = record_where(tx, columns)
    values: dict[str, Any] = dict(actor_values(tx.context.actor))
    for index, column in enumerate(compared):
        where.append(column == sa.any_(sa.bindparam(f"key{index}", type_=ARRAY(column.type))))
        values[f"key{index}"] = list({key[index] for key in keys})
    statement = sa.select(columns.own("id"), *compared).select_from(columns.source).where(*where)
    wanted = set(keys)
    found: dict[Key, list[UUID]] = {}
    for record_id, *parts in tx.select(statement, values):
        key = tuple(parts)
        if key in wanted:
            found.setdefault(key, []).append(record_id)
    return found
