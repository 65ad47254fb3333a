"""Which of some records the actor may read: for lists of things that point to records (notices, tasks)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.permissions import NotFound, access, actor_values
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.gate import bindings, gate_for
from fieldstone.engine.query.select import record_where
from fieldstone.engine.transaction import Transaction


def visible_ids(tx: Transaction, entity: str, ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of some records that exist for the actor; none of an entity that does not."""
    wanted = sorted(set(ids))
    if not wanted:
        return frozenset()
    try:
        if access(tx, entity).reach("read") == "none":
            return frozenset()
    except NotFound:
        return frozenset()
    columns = EntityColumns(tx.model, tx.model.entities[entity], bindings=bindings(tx), gate=gate_for(tx))
    where = record_where(tx, columns)
    found: sa.Select[Any] = sa.select(columns.own("id")).select_from(columns.source)
    found = found.where(columns.own("id") == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid()))), *where)
    rows = tx.select(found, {"ids": wanted, **actor_values(tx.context.actor)})
    return frozenset(row[0] for row in rows)
