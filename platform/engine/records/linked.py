"""Linked records of a record being written: whether they may be linked to, and the values that formulas read there.

Both come from one statement per link field, all sent together. A record that the actor may not see cannot be
linked to, and the message is that of a record that does not exist.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.permissions import actor_values
from fieldstone.engine.query.columns import EntityColumns, link_target
from fieldstone.engine.query.gate import gate_for, read_predicate
from fieldstone.engine.records.compute import NOTHING_LINKED, LineLinked
from fieldstone.engine.records.file_links import file_problems
from fieldstone.engine.records.program import Path, Program, program_for
from fieldstone.engine.storage.connection import Plan
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import Problem

OPEN_TARGETS = ("user", "team")
"""Entities that anybody may link to: a record has an owner whom its reader need not be allowed to open."""


def linked_records(
    tx: Transaction, program: Program, wanted: Mapping[str, UUID | None], checked: Iterable[str]
) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """The linked records by link field, with what the program reads of them, and a problem per unknown link.

    `wanted` maps link fields to ids; those named in `checked` were changed by the actor, so the actor must be
    able to see their targets (an unchanged link may lead to a record that has been hidden or deleted since). Where a
    stored formula reads a target, it is locked against changes, which would not find this record yet.
    """
    checked = frozenset(checked)
    names = [
        name
        for name, value in wanted.items()
        if value is not None and (name in checked or name in program.hops) and not _is_file(program, name)
    ]
    files = {
        name: value
        for name, value in wanted.items()
        if value is not None and name in checked and name not in names
    }
    if not names:
        return {}, file_problems(tx, program, files)
    plans: list[tuple[Plan, Mapping[str, Any]]] = []
    shapes: list[tuple[Path, ...]] = []
    for name in names:
        plan, shape = _plan(tx, program, name, gated=name in checked)
        plans.append((plan, {"ids": [wanted[name]], **actor_values(tx.context.actor)}))
        shapes.append(shape)
    found: dict[str, dict[str, Any]] = {}
    problems = file_problems(tx, program, files)
    for name, shape, rows in zip(names, shapes, tx.fetch_all(plans), strict=True):
        if rows:
            found[name] = _nested(shape, rows[0])
            continue
        if name in program.hops:
            found[name] = _nested(shape, (wanted[name], *[None] * len(shape)))
        if name in checked:
            field = program.entity.fields.get(name)
            title = field.title if field else name
            message = f"{title}: there is no such record."
            problems.append(Problem(f"/{name}", "link.unknown", message, {"title": title}))
    return found, problems


def line_linked_records(tx: Transaction, program: Program, values: Mapping[str, Any]) -> LineLinked:
    """What the expressions of a record's lines read of the records that the lines link to."""
    keys: list[tuple[str, str]] = []
    plans: list[tuple[Plan, Mapping[str, Any]]] = []
    shapes: list[tuple[Path, ...]] = []
    for field in program.lines:
        child = program_for(tx.model, tx.model.entities[field.lines or ""])
        for link in child.hops:
            ids = {line.get(link) for line in values.get(field.name) or ()} - {None}
            if ids:
                plan, shape = _plan(tx, child, link, gated=False)
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


def _is_file(program: Program, name: str) -> bool:
    field = program.entity.fields.get(name)
    return field is not None and field.type == "file"


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
