"""Links as texts: what import finds the record by again."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.columns.kinds import TEXT
from fieldstone.engine.exports.columns import Column
from fieldstone.engine.imports.links import link_columns, visible_fields
from fieldstone.engine.permissions import actor_values
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity

IDS = sa.bindparam("ids", type_=ARRAY(sa.Uuid()))


def put_link_texts(
    tx: Transaction, entity: Entity, columns: Sequence[Column], records: Sequence[dict[str, Any]]
) -> None:
    """Replace ids by texts, in place. A record that the actor may not see, or that shares its text, stays
    an id.
    """
    wanted: dict[str, set[Any]] = {}
    for column in columns:
        if column.target in tx.model.entities:
            ids = {record[column.name] for record in records if record.get(column.name) is not None}
            wanted.setdefault(column.target or "", set()).update(ids)
    texts = {target: link_texts(tx, target, ids) for target, ids in wanted.items() if ids}
    for column in columns:
        known = texts.get(column.target or "")
        if known:
            for record in records:
                value = record.get(column.name)
                record[column.name] = known.get(value, value)


def link_texts(tx: Transaction, target: str, ids: set[Any]) -> dict[Any, str]:
    """The text of each record that has one for itself alone."""
    entity = tx.model.entities[target]
    fields = visible_fields(tx, entity)
    if not fields:
        return {}
    title = fields[0].name
    columns, where = link_columns(tx, entity)
    own = columns.own(title)
    of_ids = (
        sa.select(columns.own("id"), own)
        .select_from(columns.source)
        .where(*where, columns.own("id") == sa.any_(IDS))
    )
    values: dict[str, Any] = {"ids": list(ids), **actor_values(tx.context.actor)}
    found = {row[0]: row[1] for row in tx.select(of_ids, values) if row[1]}
    bound = sa.bindparam("texts", type_=ARRAY(TEXT))
    shared = (
        sa.select(own)
        .select_from(columns.source)
        .where(*where, own == sa.any_(bound))
        .group_by(own)
        .having(sa.func.count() > 1)
    )
    values = {"texts": list(set(found.values())), **actor_values(tx.context.actor)}
    twice = {row[0] for row in tx.select(shared, values)}
    return {record_id: text for record_id, text in found.items() if text not in twice}
