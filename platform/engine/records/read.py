"""Read one record."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.permissions import actor_values
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.expand import expand_links
from fieldstone.engine.query.gate import bindings, gate_for
from fieldstone.engine.query.select import fetch_details, readable_fields, record_where, select_fields
from fieldstone.engine.records.errors import UnknownRecord
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.transaction import Transaction


def read(
    tx: Transaction,
    entity: str,
    record_id: UUID,
    *,
    fields: Iterable[str] | None = None,
    expand: Iterable[str] = (),
) -> dict[str, Any]:
    """A record in wire form. Raises UnknownRecord when there is none that the actor may read."""
    program, access = readable_entity(tx, entity)
    if access.reach("read") == "none":
        raise UnknownRecord("There is no such record.")
    gate = gate_for(tx)
    columns = EntityColumns(tx.model, program.entity, bindings=bindings(tx), gate=gate)
    names = readable_fields(program.entity, access, fields)
    selection = select_fields(tx, columns, names)

    def build() -> sa.Select[Any]:
        where = record_where(tx, columns)
        selected = selection.labelled()
        return (
            sa.select(*selected)
            .select_from(columns.source)
            .where(columns.own("id") == sa.bindparam("id", type_=sa.Uuid()), *where)
        )

    plan = tx.plan(("read", gate.key, entity, tuple(names), _clock(tx, program.entity)), build)
    simple = not selection.lines and not selection.files and not expand
    rows = tx.fetch_all(
        [(plan, {"id": record_id, **actor_values(tx.context.actor)})], last=simple and tx.solo
    )[0]
    if not rows:
        raise UnknownRecord("There is no such record.")
    record = selection.record(rows[0])
    if not simple:
        fetch_details(tx, selection, [record], last=not expand and tx.solo)
    if expand:
        expand_links(tx, program.entity, [record], expand)
    return record


def _clock(tx: Transaction, entity: Any) -> Any:
    """What a formula that reads the clock depends on: such a plan is this request's own."""
    for field in entity.fields.values():
        if field.formula is not None and field.formula.reads_context:
            return tx.context.now
    return None
