"""Rows of several links: which of them a reader meets, and how they travel.

A row whose record the reader may not see is as absent as the record, in answers, filters and counts alike. Users and
teams, whom anybody may link to, are always met.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.permissions import actor_values
from fieldstone.engine.query.columns import OPEN_TARGETS, EntityColumns
from fieldstone.engine.query.gate import bindings, gate_for
from fieldstone.engine.query.select import record_where
from fieldstone.engine.storage.connection import Plan
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.multi_link import LINK

IDS: Final = sa.bindparam("ids", type_=ARRAY(sa.Uuid()))


def visible_plan(tx: Transaction, target: str) -> Plan:
    """Which of some ids (`ids`) are records that the actor can see."""
    entity = tx.model.entities[target]
    gate = None if target in OPEN_TARGETS else gate_for(tx)

    def build() -> sa.Select[Any]:
        columns = EntityColumns(tx.model, entity, bindings=bindings(tx), gate=gate)
        where: list[ColumnElement[bool]] = [columns.own("id") == sa.any_(IDS)]
        where += [columns.own("deleted_at").is_(None)] if gate is None else record_where(tx, columns)
        return sa.select(columns.own("id")).select_from(columns.source).where(*where)

    return tx.plan(("visible", entity.hash, gate and gate.key), build)


def visible_ids(tx: Transaction, wanted: Mapping[str, Iterable[UUID]]) -> dict[str, frozenset[UUID]]:
    """By target entity: those of the ids that the actor can see. One round trip."""
    asked = {target: list(ids) for target, ids in wanted.items() if target in tx.model.entities}
    asked = {target: ids for target, ids in asked.items() if ids}
    if not asked:
        return {}
    plans = [
        (visible_plan(tx, target), {"ids": ids, **actor_values(tx.context.actor)})
        for target, ids in asked.items()
    ]
    found = tx.fetch_all(plans)
    return {target: frozenset(row[0] for row in rows) for target, rows in zip(asked, found, strict=True)}


def visible_rows(
    tx: Transaction, fields: Iterable[Field], values: Mapping[str, Any]
) -> dict[str, list[Mapping[str, Any]]]:
    """By field of several links: the rows of a record that the actor meets."""
    fields = list(fields)
    wanted: dict[str, set[UUID]] = {}
    for field in fields:
        wanted.setdefault(field.target or "", set()).update(row[LINK] for row in values.get(field.name) or ())
    seen = visible_ids(tx, wanted)
    return {
        field.name: [
            row for row in values.get(field.name) or () if row[LINK] in seen.get(field.target or "", ())
        ]
        for field in fields
    }


def as_told(field: Field | None, value: Any) -> Any:
    """A value as history tells it: of several links, the linked record under `id`, and the attributes."""
    if field is None or field.type != "multi_link" or value is None:
        return value
    return [
        {"id": row[LINK], **{k: v for k, v in row.items() if k not in ("id", LINK) and k[:1] != "_"}}
        for row in value
    ]
