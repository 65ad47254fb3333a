"""What a change of one record brings with it: guards before it, and other records brought up to date after it.

Rollups are columns of the parent: parents are locked in id order before a child is touched, and recomputed from the
children afterwards, so two writers of one parent cannot both miss the other's row. Stored formulas that read a changed
record through a link are recomputed in SQL.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.columns import column_kind
from fieldstone.engine.permissions import check_after
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.gate import bindings, bound_values, read_by_expression
from fieldstone.engine.query.rollup_sql import rollup_value
from fieldstone.engine.records.errors import Refused
from fieldstone.engine.records.following import note
from fieldstone.engine.records.program import Path, Program, own_sources, program_for
from fieldstone.engine.records.stages import note_stages
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions.sql import to_sql
from fieldstone.metadata.definitions import Entity, Model

IDS = sa.bindparam("ids", type_=ARRAY(sa.Uuid()))
MAX_DEPTH = 8


Move = tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]
"""A record before and after a change: None where it is not there."""


def before_change(
    tx: Transaction,
    program: Program,
    verb: str,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    changed: frozenset[str],
) -> None:
    """Ask the guards, then lock every parent whose rollups this change will move."""
    ask_guards(tx, program, verb, old, new, changed)
    lock_parents(tx, program, [(old, new)])


def ask_guards(
    tx: Transaction,
    program: Program,
    verb: str,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    changed: frozenset[str],
) -> None:
    """Raise Refused with what the engine's guards have against a change."""
    from fieldstone.engine.service import Change

    if tx.engine.guards:
        record = new or old or {}
        change = Change(
            verb,
            program.entity.name,
            record.get("id"),
            dict(old or {}) or None,
            dict(new or {}) or None,
            changed,
        )
        problems = [problem for guard in tx.engine.guards for problem in guard.before(tx, change)]
        if problems:
            raise Refused(problems[0].message, problems=problems)


def lock_parents(tx: Transaction, program: Program, changes: Sequence[Move]) -> None:
    """Lock every parent whose rollups these changes will move."""
    for entity, ids in sorted(_parents(program, changes).items()):
        table = program_for(tx.model, tx.model.entities[entity]).built.table
        tx.defer(tx.plan(("lock", table.name), partial(_lock, table)), {"ids": sorted(ids)})


def _lock(table: sa.Table) -> sa.Select[Any]:
    """Lock rows in id order, so that two writers of the same parents never wait for each other in a circle.

    Not against links to them (KEY SHARE), which a child's second update takes: two writers would each wait for the other.
    """
    found = sa.select(table.c.id).where(table.c.id == sa.any_(IDS))
    return found.order_by(table.c.id).with_for_update(key_share=True)


def _parents(program: Program, changes: Sequence[Move]) -> dict[str, set[UUID]]:
    found: dict[str, set[UUID]] = {}
    for link, entities in program.counted_in.items():
        ids = {values[link] for change in changes for values in change if values and values.get(link)}
        for entity in entities if ids else ():
            found.setdefault(entity, set()).update(ids)
    return found


def after_change(
    tx: Transaction,
    program: Program,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    changed: frozenset[str],
) -> None:
    """Recompute what depends on the record, and note which checks must run before the commit."""
    after_changes(tx, program, [(old, new)], changed)


def after_changes(
    tx: Transaction, program: Program, changes: Sequence[Move], changed: frozenset[str]
) -> None:
    """Recompute what depends on some records, and note what is to be told; `changed` names what changed in any of them."""
    name = program.entity.name
    if name in ("user", "role_grant", "team") and changes:
        tx.before_commit[f"check:{name}"] = lambda tx: check_after(tx, name)
    for entity, ids in sorted(_parents(program, changes).items()):
        fields = [rollup.field for rollup in program.parents if rollup.entity == entity]
        recompute(tx, entity, fields, sorted(ids))
    note(tx, program, changes, tx.steps)
    if program.machines:
        note_stages(tx, program, changes)
    updated = [new["id"] for old, new in changes if old is not None and new is not None]
    if updated and program.dependents:
        propagate(tx, program, updated, changed)


def may_wait(tx: Transaction, program: Program) -> bool:
    """Whether the rollups that records of an entity count into may be recomputed after many of them.

    Not where writing one of them reads such a rollup through a link: it must see what the one before did.
    """
    moved = {(rollup.entity, rollup.field) for rollup in program.parents}
    for link, paths in program.hops.items():
        field = program.entity.fields.get(link)
        if any(len(path) > 1 for path in paths):
            return False
        if field is not None and any((field.target, path[0]) in moved for path in paths):
            return False
    return True


def propagate(
    tx: Transaction, program: Program, ids: list[UUID], changed: frozenset[str], depth: int = 0
) -> None:
    """Recompute stored formulas elsewhere that read changed fields of these records."""
    if depth > MAX_DEPTH:
        return
    for dependent in program.dependents:
        if not dependent.reads & changed:
            continue
        key = ("dependent", tx.model.hash, dependent.entity, dependent.via)
        rows = tx.fetch(tx.plan(key, partial(_leading, tx, dependent.entity, dependent.via)), {"ids": ids})
        if rows:
            recompute(tx, dependent.entity, [dependent.field], sorted(row[0] for row in rows), depth + 1)


def _leading(tx: Transaction, entity: str, via: Path) -> sa.Select[Any]:
    """The records of an entity that a chain of links leads from to some records."""
    columns = EntityColumns(tx.model, tx.model.entities[entity])
    chain = columns.column(via)
    return sa.select(columns.own("id")).select_from(columns.source).where(chain == sa.any_(IDS))


def recompute(tx: Transaction, entity: str, fields: list[str], ids: list[UUID], depth: int = 0) -> None:
    """Set stored computed fields of some records from what is stored, and what follows from them in turn."""
    if depth > MAX_DEPTH or not ids:
        return
    program = program_for(tx.model, tx.model.entities[entity])
    changed = set(fields)
    if depth:  # the first parents were locked before their children were touched
        table = program.built.table
        tx.defer(tx.plan(("lock", table.name), partial(_lock, table)), {"ids": ids})
    _store(tx, program, fields, ids)
    following = [
        field.name
        for field in program.computed
        if field.name not in changed
        and column_kind(field) is not None
        and own_sources(tx.model, program.entity, field) & changed
    ]
    for name in following:
        _store(tx, program, [name], ids)
        changed.add(name)
    for rollup in program.parents:
        link = ("rollup parents", program.entity.hash, rollup.link)
        parents = tx.fetch(tx.plan(link, partial(_linked_by, program, rollup.link)), {"ids": ids})
        recompute(tx, rollup.entity, [rollup.field], sorted({row[0] for row in parents}), depth + 1)
    propagate(tx, program, ids, frozenset(changed), depth + 1)


def _linked_by(program: Program, link: str) -> sa.Select[Any]:
    """What some records link to through a field."""
    column = program.built.fields[link]
    return sa.select(column).where(program.built.fields["id"] == sa.any_(IDS), column.is_not(None))


def _store(tx: Transaction, program: Program, fields: list[str], ids: list[UUID]) -> None:
    """UPDATE the columns of stored computed fields; the statement is kept while what it reads of clock and user holds."""
    reads = _context_reads(tx.model, program.entity, fields)
    build = partial(_storing, tx, program, fields)
    if "now" in reads:
        tx.defer_statement(build(), {"ids": ids})
        return
    key = ("store", tx.model.hash, program.entity.name, tuple(fields), bound_values(tx, reads))
    tx.defer(tx.plan(key, build), {"ids": ids})


def _context_reads(model: Model, entity: Entity, fields: list[str]) -> frozenset[str]:
    """What stored computed fields read of the clock and the user, by way of other computed fields too."""
    found: frozenset[str] = frozenset()
    for field in (entity.fields[name] for name in fields):
        rollup = field.rollup
        if rollup is None:
            found |= read_by_expression(model, entity, field.formula)
        else:
            child = model.entities[rollup.child]
            found |= read_by_expression(model, child, rollup.value)
            found |= read_by_expression(model, child, rollup.where)
    return found


def _storing(tx: Transaction, program: Program, fields: list[str]) -> sa.Update:
    """The UPDATE of stored computed fields, joined to what they read."""
    inner = EntityColumns(tx.model, program.entity, bindings=bindings(tx), alias=True)
    labelled: list[tuple[str, ColumnElement[Any]]] = []
    for name in fields:
        field = program.entity.fields[name]
        if field.rollup is not None:
            value: ColumnElement[Any] = rollup_value(tx.model, inner, field)
        else:
            assert field.formula is not None
            value = to_sql(field.formula, inner, inner.bindings)
        labelled.append((name, value))
    new = (
        sa.select(
            inner.own("id").label("row_id"), *(value.label(f"v{i}") for i, (_, value) in enumerate(labelled))
        )
        .select_from(inner.source)
        .where(inner.own("id") == sa.any_(IDS))
        .subquery("new")
    )
    table = program.built.table
    return (
        sa.update(table)
        .values(
            {
                program.built.fields[name]: sa.cast(new.c[f"v{i}"], program.built.fields[name].type)
                for i, (name, _) in enumerate(labelled)
            }
        )
        .where(table.c.id == new.c.row_id)
    )
