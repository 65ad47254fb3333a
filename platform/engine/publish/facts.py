"""Facts for a plan: how many stored records a change touches, breaks or empties, with samples.

`entered` counts those of the lost values that are not the field's default.

Counted against the tables as they are now (the old model), so expressions of the new model are only evaluated where all
that they read is stored already; where it is not, every record counts as it would look: with nulls.
"""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.columns import column_kind
from fieldstone.engine.publish.changes import Change, renames
from fieldstone.engine.publish.conversions import converted
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.gate import bindings
from fieldstone.engine.query.repair import field_violations, rule_violated
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import Checked
from fieldstone.metadata.definitions import Entity, Field, Model

SAMPLES = 5
ROWS_PER_SECOND = 25_000


def with_facts(tx: Transaction, new: Model, change: Change) -> Change:
    """The change with its facts; a conversion that loses values becomes destructive."""
    old_entity, new_entity = tx.model.entities.get(change.entity), new.entities.get(change.entity)
    if old_entity is None or change.op.startswith("document"):
        return change
    columns = EntityColumns(tx.model, old_entity, bindings=bindings(tx))
    alive = _alive(columns)
    if change.op in ("drop_entity", "recompute", "search", "add_search", "match"):
        rows = _count(tx, columns, alive)
        return replace(change, facts=_rows(rows))
    if change.op == "add_field" and new_entity is not None:
        return replace(change, facts=_rows(_count(tx, columns, alive)) if change.cls == "backfill" else {})
    if change.op == "drop_field":
        return _dropped(tx, columns, change, old_entity.fields[change.field])
    if change.op == "convert" and new_entity is not None:
        old_field = old_entity.fields[renames(old_entity, new_entity).get(change.field, change.field)]
        return _converted(tx, columns, change, old_field, new_entity.fields[change.field])
    if new_entity is None:
        return change
    if change.op == "rule":
        rule = next(rule for rule in new_entity.rules if rule.name == change.field)
        if rule.when.reads_context & {"isNew", "old", "changed"} or not _stored(
            tx.model, old_entity, rule.when
        ):
            return change
        return _violating(tx, columns, change, rule_violated(columns, rule))
    if change.op == "tighten":
        field = new_entity.fields[change.field]
        if change.field not in old_entity.fields or column_kind(old_entity.fields[change.field]) is None:
            return (
                _violating(tx, columns, change, sa.true())
                if field.required and not _filled(field)
                else change
            )
        if field.required_when is not None and not _stored(tx.model, old_entity, field.required_when):
            return change
        conditions = field_violations(columns, field)
        return _violating(tx, columns, change, sa.or_(*conditions)) if conditions else change
    if change.op == "add_unique" and change.field in old_entity.fields:
        return _duplicates(tx, columns, change, old_entity.fields[change.field])
    return change


def _filled(field: Field) -> bool:
    return bool(field.default)


def _stored(model: Model, entity: Entity, expression: Checked) -> bool:
    """Whether everything that an expression reads exists in the old model."""
    for path in expression.deps:
        holder: Entity | None = entity
        for index, name in enumerate(path):
            if holder is None:
                return False
            field = holder.fields.get(holder.field_behind(name))
            if field is None and name not in (
                "id",
                "owner_id",
                "created_by",
                "updated_by",
                "created_at",
                "updated_at",
                "version",
            ):
                return False
            if index < len(path) - 1:
                holder = model.entities.get((field.lines or field.target or "") if field else "user")
    return True


def _alive(columns: EntityColumns) -> list[ColumnElement[bool]]:
    return [] if columns.entity.parent else [columns.own("deleted_at").is_(None)]


def _count(tx: Transaction, columns: EntityColumns, where: list[ColumnElement[bool]]) -> int:
    statement = sa.select(sa.func.count()).select_from(columns.source).where(*where)
    return int(tx.fetch(compile_plan(statement))[0][0])


def _rows(rows: int) -> dict[str, Any]:
    return {"rows": rows, "seconds": round(rows / ROWS_PER_SECOND, 1)}


def _sampled(tx: Transaction, columns: EntityColumns, where: list[ColumnElement[bool]]) -> list[str]:
    statement = (
        sa.select(columns.own("id"))
        .select_from(columns.source)
        .where(*where)
        .order_by(columns.own("id"))
        .limit(SAMPLES)
    )
    return [str(row[0]) for row in tx.fetch(compile_plan(statement))]


def _violating(
    tx: Transaction, columns: EntityColumns, change: Change, condition: ColumnElement[bool]
) -> Change:
    where = [*_alive(columns), condition]
    count = _count(tx, columns, where)
    facts: dict[str, Any] = {"violating": count}
    if count:
        facts["samples"] = _sampled(tx, columns, where)
    return replace(change, facts=facts)


def _dropped(tx: Transaction, columns: EntityColumns, change: Change, field: Field) -> Change:
    if column_kind(field) is None:
        return change
    where = [*_alive(columns), columns.own(field.name).is_not(None)]
    count = _count(tx, columns, where)
    facts: dict[str, Any] = {"lost": count}
    if count:
        facts["samples"] = _sampled(tx, columns, where)
    if count and isinstance(field.default, bool | int | str):
        other = columns.own(field.name) != sa.literal(field.default, columns.own(field.name).type)
        facts["entered"] = _count(tx, columns, [*where, other])
    return replace(change, facts=facts)


def _converted(tx: Transaction, columns: EntityColumns, change: Change, old: Field, new: Field) -> Change:
    value = columns.own(old.name)
    filled = [*_alive(columns), value.is_not(None)]
    rows = _count(tx, columns, filled)
    lost_where = [*filled, converted(value, old, new).is_(None)]
    lost = _count(tx, columns, lost_where)
    facts = {**_rows(rows), "lost": lost}
    if lost:
        facts["samples"] = _sampled(tx, columns, lost_where)
    return replace(change, facts=facts, cls="destructive" if lost else "rewrite")


def _duplicates(tx: Transaction, columns: EntityColumns, change: Change, field: Field) -> Change:
    value = columns.own(field.name)
    groups = (
        sa.select(value)
        .where(*_alive(columns), value.is_not(None))
        .group_by(value)
        .having(sa.func.count() > 1)
        .subquery()
    )
    count = int(tx.fetch(compile_plan(sa.select(sa.func.count()).select_from(groups)))[0][0])
    facts: dict[str, Any] = {"duplicates": count}
    if count:
        first = tx.fetch(compile_plan(sa.select(groups).limit(SAMPLES)))
        facts["samples"] = [str(row[0]) for row in first]
    return replace(change, facts=facts)
