"""Aggregates: groups of the records that the actor may read, with figures over each."""

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.columns import column_kind
from fieldstone.engine.permissions import actor_values
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.query.filtering import (
    check_filter,
    context_reads,
    filter_condition,
    search_condition,
    search_params,
)
from fieldstone.engine.query.gate import (
    bindings,
    bound_values,
    gate_for,
    readable,
    readable_names,
    record_type,
)
from fieldstone.engine.query.request import AggregateRequest, GroupKey, Measure
from fieldstone.engine.query.rollup_sql import average
from fieldstone.engine.query.select import record_where
from fieldstone.engine.query.subject import listable
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import FILTER, FILTER_COST, ExpressionError, check
from fieldstone.expressions.sql import to_sql
from fieldstone.metadata.definitions import Entity
from fieldstone.problems import did_you_mean

BUCKETS = ("year", "quarter", "month", "week", "day")
FUNCTIONS = ("count", "sum", "avg", "min", "max", "distinct")
MAX_GROUPS = 10_000
PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
"""A measured field or path; anything else is an expression."""


def aggregate(tx: Transaction, entity: str, request: AggregateRequest) -> list[dict[str, Any]]:
    """Rows of groups, each with its group values and measures under their names.

    A year is an integer, other buckets the date they begin on. Raises NotFound and BadRequest.
    """
    definition, _ = listable(tx, entity)
    if not 1 <= request.limit <= MAX_GROUPS:
        raise BadRequest(f"limit must be between 1 and {MAX_GROUPS:,}.", code="limit.range")
    params = search_params(definition, request.q) if request.q else {}
    named = [*(key.field for key in request.group), *(measure.field for measure in request.measures)]
    reads = context_reads(tx.model, definition, request.filter, *named)
    key = (
        "aggregate", gate_for(tx).key, entity, request.group, request.measures, request.filter, request.sort,
        request.limit, request.q and bool(params), tx.context.company.time_zone, bound_values(tx, reads),
    )  # fmt: skip
    plan, names = tx.reading(key, lambda: _statement(tx, definition, request))
    rows = tx.fetch_all([(plan, {**params, **actor_values(tx.context.actor)})], last=tx.solo)[0]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _statement(
    tx: Transaction, definition: Entity, request: AggregateRequest
) -> tuple[sa.Select[Any], tuple[str, ...]]:
    """The statement, and the names of its columns."""
    columns = EntityColumns(tx.model, definition, bindings=bindings(tx), gate=gate_for(tx))
    groups = [(key.name, _group(tx, columns, key)) for key in request.group]
    measures = [(_measure_name(m), _measure(tx, columns, m)) for m in request.measures]
    named = dict([*groups, *measures])
    if len(named) != len(groups) + len(measures):
        raise BadRequest(
            'Two groups or measures have one name; give them others by "as".', code="aggregate.names"
        )
    if not named:
        raise BadRequest("Ask for at least one group or measure.", code="aggregate.empty")
    where = record_where(tx, columns)
    if request.filter:
        where.append(filter_condition(columns, check_filter(tx, definition, request.filter)))
    if request.q:
        where.append(search_condition(columns, request.q, readable(tx, definition.name).readable)[0])
    statement = (
        sa.select(*(expression.label(f"v{i}") for i, expression in enumerate(named.values())))
        .select_from(columns.source)
        .where(*where)
        .group_by(*(expression for _, expression in groups))
        .order_by(*_order(request, named, [name for name, _ in groups]))
        .limit(sa.literal_column(str(request.limit)))
    )
    return statement, tuple(named)


def _order(request: AggregateRequest, named: dict[str, Any], groups: list[str]) -> list[ColumnElement[Any]]:
    order = []
    for item in request.sort or tuple(groups):
        name = item.removeprefix("-")
        if name not in named:
            raise BadRequest(
                f'There is no group or measure "{name}" to sort by{did_you_mean(name, named) or "."}',
                code="sort.unknown",
            )
        expression = named[name]
        order.append((expression.desc() if item.startswith("-") else expression.asc()).nulls_last())
    return order


def _path(tx: Transaction, columns: EntityColumns, dotted: str) -> ColumnElement[Any]:
    """The column of a readable path."""
    path = tuple(dotted.split("."))
    holder = columns
    for index, name in enumerate(path):
        names = readable_names(tx, holder.entity.name)
        base = name.rpartition("_")[0] if name in holder.built.companions else name
        if base not in names:
            raise BadRequest(
                f'There is no field "{name}"{did_you_mean(name, names) or "."}', code="field.unknown"
            )
        field = holder.entity.fields.get(name)
        if index == len(path) - 1:
            kind = column_kind(field) if field is not None else None
            if field is not None and (field.lines is not None or (kind is not None and not kind.groupable)):
                raise BadRequest(
                    f'"{dotted}" ({field.type}) cannot be grouped or measured.', code="field.unsupported"
                )
            return holder.column((name,))
        if not (
            name in ("owner_id", "created_by", "updated_by")
            or (field and field.lines is None and field.target in tx.model.entities)
        ):
            raise BadRequest(f'"{name}" is no link.', code="field.unknown")
        holder = holder.hop(name)
    raise AssertionError(dotted)


def _group(tx: Transaction, columns: EntityColumns, key: GroupKey) -> ColumnElement[Any]:
    value = _path(tx, columns, key.field)
    if key.by is None:
        return value
    if key.by not in BUCKETS:
        raise BadRequest(
            f'"by" is one of {", ".join(BUCKETS)}{did_you_mean(key.by, BUCKETS)}', code="aggregate.by"
        )
    if isinstance(value.type, sa.DateTime):
        value = sa.func.timezone(tx.context.company.time_zone, value)
    elif not isinstance(value.type, sa.Date):
        raise BadRequest(f'"{key.field}" is no date, so it has no {key.by}.', code="aggregate.by")
    if key.by == "year":
        return sa.cast(sa.func.extract("year", value), sa.Integer())
    unit: sa.ColumnClause[Any] = sa.literal_column(f"'{key.by}'")
    return sa.cast(sa.func.date_trunc(unit, sa.cast(value, sa.DateTime())), sa.Date())


def _measure_name(measure: Measure) -> str:
    if measure.name:
        return measure.name
    return f"{measure.fn}_{measure.field}" if measure.field else measure.fn


def _measure(tx: Transaction, columns: EntityColumns, measure: Measure) -> ColumnElement[Any]:
    if measure.fn not in FUNCTIONS:
        raise BadRequest(
            f'"fn" is one of {", ".join(FUNCTIONS)}{did_you_mean(measure.fn, FUNCTIONS)}', code="aggregate.fn"
        )
    if measure.field is None:
        if measure.fn != "count":
            raise BadRequest(f'"{measure.fn}" needs a field.', code="aggregate.field")
        return sa.func.count()
    value = _value(tx, columns, measure.field)
    if measure.fn in ("sum", "avg") and not isinstance(value.type, (sa.Numeric, sa.Integer, sa.Float)):
        raise BadRequest(
            f'"{measure.field}" is no number, so it has no {measure.fn}.', code="aggregate.field"
        )
    match measure.fn:
        case "count":
            return sa.func.count(value)
        case "distinct":
            return sa.func.count(value.distinct())
        case "avg":
            return average(value)
        case "sum":
            return sa.func.coalesce(sa.func.sum(value), 0)
        case fn if isinstance(value.type, (sa.Uuid, sa.Boolean, sa.ARRAY)):
            raise BadRequest(f'"{measure.field}" has no order, so it has no {fn}.', code="aggregate.field")
        case fn:
            return getattr(sa.func, fn)(value)  # type: ignore[no-any-return]


def _value(tx: Transaction, columns: EntityColumns, source: str) -> ColumnElement[Any]:
    """A measured value: a field, a path, or an expression over the entity."""
    if PATH.fullmatch(source):
        return _path(tx, columns, source)
    try:
        checked = check(source, record_type(tx, columns.entity).allowing(FILTER), max_cost=FILTER_COST)
    except ExpressionError as error:
        raise BadRequest(
            f"measure: {error.message}", code="field.unknown", problems=error.problems
        ) from error
    return to_sql(checked, columns, columns.bindings)
