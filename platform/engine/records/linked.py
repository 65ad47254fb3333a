"""Linked records of a record being written: whether they may be linked to, and the values that formulas read there.

Both come from one statement per link field, all sent together. A record that the actor may not see cannot be
linked to, and the message is that of a record that does not exist.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.permissions import actor_values
from fieldstone.engine.query.columns import OPEN_TARGETS, EntityColumns, link_target
from fieldstone.engine.query.gate import gate_for, read_predicate
from fieldstone.engine.records.compute import NOTHING_LINKED, LineLinked
from fieldstone.engine.records.program import Path, Program, program_for
from fieldstone.engine.storage.connection import Plan, Row
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import Problem

Links = dict[str, dict[str, Any]]
"""Linked records by link field, with what the program reads of them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The link fields of one record with their ids; those in `checked` were set by the actor."""

    links: Mapping[str, UUID | None]
    checked: frozenset[str]


def linked_records(
    tx: Transaction, program: Program, wanted: Mapping[str, UUID | None], checked: Iterable[str]
) -> tuple[Links, list[Problem]]:
    """The linked records by link field, with what the program reads of them, and a problem per unknown link.

    `wanted` maps link fields to ids; those named in `checked` were changed by the actor, so the actor must be
    able to see their targets (an unchanged link may lead to a record that has been hidden or deleted since). Where a
    stored formula reads a target, it is locked against changes, which would not find this record yet.
    """
    return linked_of_many(tx, program, [Wanted(wanted, frozenset(checked))])[0]


def linked_of_many(
    tx: Transaction, program: Program, wanted: Sequence[Wanted]
) -> list[tuple[Links, list[Problem]]]:
    """`linked_records` of several records, by one statement per link field."""
    asked: dict[tuple[str, bool], set[UUID]] = {}
    for each in wanted:
        for name, value in each.links.items():
            gated = name in each.checked
            if value is not None and (gated or name in program.hops):
                asked.setdefault((name, gated), set()).add(value)
    plans: list[tuple[Plan, Mapping[str, Any]]] = []
    shapes: dict[tuple[str, bool], tuple[Path, ...]] = {}
    for (name, gated), ids in asked.items():
        plan, shapes[name, gated] = _plan(tx, program, name, gated=gated)
        plans.append((plan, {"ids": sorted(ids), **actor_values(tx.context.actor)}))
    found: dict[tuple[str, bool], dict[UUID, Row]] = {}
    if plans:
        for key, rows in zip(shapes, tx.fetch_all(plans), strict=True):
            found[key] = {row[0]: row for row in rows}
    return [_of_one(program, each, shapes, found) for each in wanted]


def _of_one(
    program: Program,
    wanted: Wanted,
    shapes: Mapping[tuple[str, bool], tuple[Path, ...]],
    found: Mapping[tuple[str, bool], Mapping[UUID, Row]],
) -> tuple[Links, list[Problem]]:
    linked: Links = {}
    problems: list[Problem] = []
    for name, value in wanted.links.items():
        gated = name in wanted.checked
        if value is None or (not gated and name not in program.hops):
            continue
        shape = shapes[name, gated]
        row = found[name, gated].get(value)
        if row is not None:
            linked[name] = _nested(shape, row)
            continue
        if name in program.hops:
            linked[name] = _nested(shape, (value, *[None] * len(shape)))
        if gated:
            field = program.entity.fields.get(name)
            title = field.title if field else name
            message = f"{title}: there is no such record."
            problems.append(Problem(f"/{name}", "link.unknown", message, {"title": title}))
    return linked, problems


def line_linked_records(
    tx: Transaction, program: Program, values: Mapping[str, Any], *, gated: bool = False
) -> LineLinked:
    """What expressions read of the records that a record's lines link to; gated: as the actor sees them."""
    return line_linked_of_many(tx, program, [values], gated=gated)


def line_linked_of_many(
    tx: Transaction, program: Program, records: Sequence[Mapping[str, Any]], *, gated: bool = False
) -> LineLinked:
    """`line_linked_records` of several records in one, by one statement per link field of their lines."""
    keys: list[tuple[str, str]] = []
    plans: list[tuple[Plan, Mapping[str, Any]]] = []
    shapes: list[tuple[Path, ...]] = []
    for field in program.lines:
        child = program_for(tx.model, tx.model.entities[field.lines or ""])
        for link in child.hops:
            ids = {line.get(link) for values in records for line in values.get(field.name) or ()} - {None}
            if ids:
                plan, shape = _plan(tx, child, link, gated=gated)
                keys.append((child.entity.name, link))
                plans.append((plan, {"ids": list(ids), **actor_values(tx.context.actor)}))
                shapes.append(shape)
    if not plans:
        return NOTHING_LINKED
    found = {}
    for key, shape, (_, asked), rows in zip(keys, shapes, plans, tx.fetch_all(plans), strict=True):
        gone = {id_: _nested(shape, (id_, *[None] * len(shape))) for id_ in asked["ids"]}
        found[key] = gone | {row[0]: _nested(shape, row) for row in rows}
    return found


def _plan(tx: Transaction, program: Program, name: str, *, gated: bool) -> tuple[Plan, tuple[Path, ...]]:
    hold = program.held.get(name) if gated else None
    shape = tuple(sorted(program.hops.get(name, frozenset())))
    target = tx.model.entities[link_target(program.entity, name)]
    open_target = not gated or target.name in OPEN_TARGETS

    def build() -> sa.Select[Any]:
        columns = EntityColumns(tx.model, target, gate=None if open_target else gate_for(tx))
        selected = [columns.own("id").label("id")]
        selected += [columns.column(path).label(f"v{i}") for i, path in enumerate(shape)]
        where = [
            columns.own("id") == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid()))),
            columns.own("deleted_at").is_(None),
        ]
        predicate = None if open_target else read_predicate(tx, columns)
        if predicate is not None:
            where.append(predicate)
        statement = sa.select(*selected).select_from(columns.source).where(*where)
        if hold is not None:
            statement = statement.with_for_update(read=not hold, key_share=hold, of=columns.table)
        return statement

    key = ("linked", tx.model.hash, target.name, shape, hold, open_target or gate_for(tx).key)
    return tx.plan(key, build), shape


def _nested(shape: tuple[Path, ...], row: tuple[Any, ...]) -> dict[str, Any]:
    record: dict[str, Any] = {"id": row[0]}
    for path, value in zip(shape, row[1:], strict=True):
        holder = record
        for part in path[:-1]:
            inner = holder.get(part)
            if not isinstance(inner, dict):
                inner = holder[part] = {"id": inner}
            holder = inner
        holder[path[-1]] = value
    return record
