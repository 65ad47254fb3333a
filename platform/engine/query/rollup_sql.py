"""Rollups over linking records, as SQL: the value for one parent row."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.storage.tables import PARENT
from fieldstone.expressions.sql import to_predicate, to_sql
from fieldstone.metadata.definitions import Field, Model


def rollup_value(model: Model, parent: EntityColumns, field: Field) -> ColumnElement[Any]:
    """A scalar subquery over the children of `parent`'s row. `sum` of nothing is 0; avg, min and max of nothing null."""
    rollup = field.rollup
    assert rollup is not None
    child = EntityColumns(model, model.entities[rollup.child], bindings=parent.bindings, alias=True)
    link = child.raw(PARENT) if child.entity.parent else child.own(rollup.link)
    where: list[ColumnElement[bool]] = [link == parent.own("id")]
    if child.entity.parent is None:
        where.append(child.own("deleted_at").is_(None))
    value = to_sql(rollup.value, child, parent.bindings) if rollup.value is not None else None
    if rollup.where is not None:
        where.append(to_predicate(rollup.where, child, parent.bindings))
    return sa.select(_aggregate(rollup.fn, value)).select_from(child.source).where(*where).scalar_subquery()


def _aggregate(fn: str, value: ColumnElement[Any] | None) -> ColumnElement[Any]:
    if value is None:
        return sa.func.count()
    match fn:
        case "count":
            return sa.func.count(value)
        case "sum":
            return sa.func.coalesce(sa.func.sum(value), 0)
        case "avg":
            return average(value)
        case "min":
            return sa.func.min(value)
        case "max":
            return sa.func.max(value)
        case "any":
            return sa.func.coalesce(sa.func.bool_or(value), sa.false())
        case "all":
            return sa.func.coalesce(sa.func.bool_and(value), sa.true())
    raise ValueError(fn)


def average(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """The mean by the language's division: half away from zero to 10 places, exact however large the sum."""
    total = sa.cast(sa.func.sum(value), sa.Numeric())
    count = sa.cast(sa.func.nullif(sa.func.count(value), 0), sa.Numeric())
    halves = sa.func.div(total * sa.literal_column("20000000000"), count)
    return sa.func.round(
        halves * sa.literal_column("0.00000000005"), sa.literal_column("10"), type_=sa.Numeric()
    )
