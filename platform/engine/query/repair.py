"""Records to repair: those that break a rule which was published after they were written."""

import operator
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.columns import column_kind
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.expressions.sql import to_predicate
from fieldstone.metadata.definitions import Entity, Field, Rule


def violating(columns: EntityColumns) -> ColumnElement[bool]:
    """The condition of a record that breaks any rule of its entity as it is defined now."""
    entity = columns.entity
    parts = [
        rule_violated(columns, rule)
        for rule in entity.rules
        if not rule.when.reads_context & {"isNew", "old", "changed"}
    ]
    for field in entity.fields.values():
        parts += field_violations(columns, field)
    return sa.or_(*parts) if parts else sa.false()


def expressions_to_repair(entity: Entity) -> Iterator[str]:
    """The expressions that `violating` reads."""
    yield from (rule.when.source for rule in entity.rules)
    yield from (field.required_when.source for field in entity.fields.values() if field.required_when)


def rule_violated(columns: EntityColumns, rule: Rule) -> ColumnElement[bool]:
    return to_predicate(rule.when, columns, columns.bindings)


def field_violations(columns: EntityColumns, field: Field) -> list[ColumnElement[bool]]:
    """What can be wrong with a stored value by the field's own definition: one condition per keyword."""
    if column_kind(field) is None or field.computed:
        return []
    value = columns.own(field.name)
    schema = field.schema
    found: list[ColumnElement[bool]] = []
    if field.required:
        found.append(value.is_(None))
    if field.required_when is not None:
        found.append(sa.and_(value.is_(None), to_predicate(field.required_when, columns, columns.bindings)))
    if field.type in ("select", "radio") and field.options:
        found.append(value.not_in([option.const for option in field.options]))
    if isinstance(value.type, sa.Text):
        if "maxLength" in schema:
            found.append(sa.func.length(value) > schema["maxLength"])
        if "minLength" in schema:
            found.append(sa.func.length(value) < schema["minLength"])
    if isinstance(value.type, (sa.BigInteger, sa.Numeric, sa.Float)):
        found += _bounds(value, {**field.schema, **field.settings})
    return found


def _bounds(value: ColumnElement[Any], schema: dict[str, Any]) -> list[ColumnElement[bool]]:
    broken = {
        "minimum": operator.lt, "maximum": operator.gt, "exclusiveMinimum": operator.le, "exclusiveMaximum": operator.ge,
    }  # fmt: skip
    number = sa.cast(value, sa.Numeric())
    return [
        compare(number, sa.literal(Decimal(str(schema[keyword])), sa.Numeric()))
        for keyword, compare in broken.items()
        if isinstance(schema.get(keyword), (int, float, Decimal))
    ]
