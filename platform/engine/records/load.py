"""Stored records as plain values by API name, with their lines: what verbs start from and answers are made of."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.permissions import actor_values
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.gate import bindings, gate_for, read_predicate
from fieldstone.engine.records.layout import decoders_of
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.storage.connection import Plan
from fieldstone.engine.storage.tables import EXTRAS, PARENT, POSITION
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field


def stored_names(program: Program) -> list[str]:
    """API names of everything stored for an entity, companions included."""
    return [*program.built.fields, *program.built.companions]


def load_for_change(
    tx: Transaction,
    program: Program,
    record_id: UUID,
    verb: str,
    *,
    deleted: bool = False,
    lock: bool = True,
    alone: bool = False,
) -> dict[str, Any] | None:
    """The record with its lines, locked until the transaction ends; None when the actor may not do this to it.

    `alone` also keeps others from linking to it until then. Without `lock` it is only looked at.
    """
    found = load_many(tx, program, [record_id], verb, deleted=deleted, lock=lock, alone=alone)
    return found.get(record_id)


def load_many(
    tx: Transaction,
    program: Program,
    ids: Sequence[UUID],
    verb: str,
    *,
    deleted: bool = False,
    lock: bool = True,
    alone: bool = False,
) -> dict[UUID, dict[str, Any]]:
    """`load_for_change` of several records, by id; locked in the order of their ids."""
    entity = program.entity
    names = stored_names(program)

    def build() -> sa.Select[Any]:
        columns = EntityColumns(tx.model, entity, bindings=bindings(tx), gate=gate_for(tx))
        selected = [columns.own(name).label(f"v{i}") for i, name in enumerate(names)]
        if entity.extras is not False:
            selected.append(columns.raw(EXTRAS).label("extras"))
        state = columns.own("deleted_at")
        where = [
            columns.own("id") == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid()))),
            state.is_not(None) if deleted else state.is_(None),
        ]
        predicate = read_predicate(tx, columns, verb)
        if predicate is not None:
            where.append(predicate)
        statement = sa.select(*selected).select_from(columns.source).where(*where).order_by(columns.own("id"))
        return statement.with_for_update(key_share=not alone, of=columns.table) if lock else statement

    plan = tx.plan(("load", gate_for(tx).key, entity.name, verb, deleted, lock, alone), build)
    wanted = list(ids)
    plans: list[tuple[Plan, Mapping[str, Any]]] = [(plan, {"ids": wanted, **actor_values(tx.context.actor)})]
    plans += [(lines_plan(tx, field), {"parents": wanted}) for field in program.lines]
    rows, *line_rows = tx.fetch_all(plans)
    records = {}
    for row in rows:
        values = decoded(entity, dict(zip(names, row, strict=False)))
        if entity.extras is not False:
            values[EXTRAS] = row[-1] or {}
        for field in program.lines:
            values[field.name] = []
        records[values["id"]] = values
    for field, found in zip(program.lines, line_rows, strict=True):
        for parent, line in line_values(tx, field, found):
            if parent in records:
                records[parent][field.name].append(line)
    return records


def line_names(tx: Transaction, field: Field) -> list[str]:
    child = program_for(tx.model, tx.model.entities[field.lines or ""])
    return stored_names(child)


def lines_plan(tx: Transaction, field: Field) -> Plan:
    """All stored values of the lines of some records (`parents`), in order."""
    child = tx.model.entities[field.lines or ""]
    names = line_names(tx, field)

    def build() -> sa.Select[Any]:
        columns = EntityColumns(tx.model, child)
        parent, position = columns.raw(PARENT), columns.raw(POSITION)
        selected = [columns.own(name).label(f"v{i}") for i, name in enumerate(names)]
        return (
            sa.select(parent, position, *selected)
            .where(parent == sa.any_(sa.bindparam("parents", type_=ARRAY(sa.Uuid()))))
            .order_by(parent, position, columns.own("id"))
        )

    return tx.plan(("lines", child.hash), build)


def line_values(
    tx: Transaction, field: Field, rows: Sequence[tuple[Any, ...]]
) -> list[tuple[UUID, dict[str, Any]]]:
    """(parent id, line) for the rows of `lines_plan`. A line has its values, `id` and `_position`."""
    names = line_names(tx, field)
    child = tx.model.entities[field.lines or ""]
    return [
        (row[0], {**decoded(child, dict(zip(names, row[2:], strict=True))), POSITION: row[1]}) for row in rows
    ]


def decoded(entity: Entity, values: dict[str, Any]) -> dict[str, Any]:
    """Stored values as the values of their fields, in place."""
    for name, decode in decoders_of(entity).items():
        if values.get(name) is not None:
            values[name] = decode(values[name])
    return values


def entity_of(tx: Transaction, name: str) -> Entity:
    return tx.model.entities[name]
