"""Read one record."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.pending.granted import hidden, may_hide
from fieldstone.engine.pending.rows import pending_of
from fieldstone.engine.permissions import actor_values
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.expand import check_expand, expand_links
from fieldstone.engine.query.gate import bindings, bound_values, gate_for, read_by_fields
from fieldstone.engine.query.select import Shape, fetch_details, readable_fields, record_where, select_fields
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
    expand = tuple(expand)
    check_expand(tx, program.entity, expand)
    gate = gate_for(tx)
    wanted = None if fields is None else tuple(fields)

    def build() -> tuple[sa.Select[Any], Shape]:
        columns = EntityColumns(tx.model, program.entity, bindings=bindings(tx), gate=gate)
        selection = select_fields(tx, columns, readable_fields(program.entity, access, wanted))
        where = record_where(tx, columns)
        statement = (
            sa.select(*selection.labelled())
            .select_from(columns.source)
            .where(columns.own("id") == sa.bindparam("id", type_=sa.Uuid()), *where)
        )
        return statement, selection.shape

    bound = bound_values(tx, read_by_fields(tx.model, program.entity))
    plan, shape = tx.reading(("read", gate.key, entity, wanted, bound), build)
    pending = bool(program.bound) and fields is None
    hiding = may_hide(tx, entity)
    simple = not shape.lines and not shape.files and not expand and not pending and not hiding
    rows = tx.fetch_all(
        [(plan, {"id": record_id, **actor_values(tx.context.actor)})], last=simple and tx.solo
    )[0]
    if not rows:
        raise UnknownRecord("There is no such record.")
    record = shape.record(rows[0])
    if not simple:
        fetch_details(tx, shape, [record], last=not expand and not pending and not hiding and tx.solo)
    if expand:
        expand_links(tx, program.entity, [record], expand)
    gone = hidden(tx, entity, record_id) if hiding else frozenset()
    if gone:
        record = {
            name: each for name, each in record.items() if program.entity.field_behind(name) not in gone
        }
    if pending:
        record["_pending"] = pending_of(tx, program.entity, record_id, access.readable - gone)
    return record
