"""How stored values become values of another type: an SQL expression that gives null for what does not fit.

Nothing raises: text is tested with `pg_input_is_valid` before it is cast. What has no row here loses its values.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.columns import column_kind
from fieldstone.metadata.definitions import Field

Value = ColumnElement[Any]
MAX_INTEGER = 2**53 - 1


def _valid(value: Value, name: str, type_: Any) -> Value:
    return sa.case((sa.func.pg_input_is_valid(value, name), sa.cast(value, type_)), else_=None)


def _whole(value: Value) -> Value:
    fits = sa.and_(value == sa.func.trunc(value), sa.func.abs(value) <= MAX_INTEGER)
    return sa.case((fits, sa.cast(value, sa.BigInteger())), else_=None)


def _text(value: Value) -> Value:
    return sa.cast(value, sa.Text())


def _truth(value: Value) -> Value:
    lowered = sa.func.lower(value)
    return sa.case(
        (lowered.in_(["true", "yes", "1"]), sa.true()),
        (lowered.in_(["false", "no", "0"]), sa.false()),
        else_=None,
    )


FAMILY = {
    "BIGINTEGER": "integer", "INTEGER": "integer", "NUMERIC": "decimal", "FLOAT": "double", "BOOLEAN": "boolean",
    "DATE": "date", "DATETIME": "datetime", "TEXT": "text", "ARRAY": "list", "UUID": "id", "JSONB": "json",
}  # fmt: skip

CONVERT: dict[tuple[str, str], Callable[[Value], Value]] = {
    ("text", "integer"): lambda v: _whole(_valid(v, "numeric", sa.Numeric())),
    ("text", "decimal"): lambda v: _valid(v, "numeric", sa.Numeric()),
    ("text", "double"): lambda v: _valid(v, "double precision", sa.Float(53)),
    ("text", "boolean"): _truth,
    ("text", "date"): lambda v: _valid(v, "date", sa.Date()),
    ("text", "datetime"): lambda v: _valid(v, "timestamptz", sa.DateTime(timezone=True)),
    ("integer", "decimal"): lambda v: sa.cast(v, sa.Numeric()),
    ("integer", "double"): lambda v: sa.cast(v, sa.Float(53)),
    ("decimal", "integer"): _whole,
    ("decimal", "double"): lambda v: sa.cast(v, sa.Float(53)),
    ("double", "decimal"): lambda v: sa.cast(v, sa.Numeric()),
    ("double", "integer"): lambda v: _whole(sa.cast(v, sa.Numeric())),
    ("date", "datetime"): lambda v: sa.func.timezone("UTC", sa.cast(v, sa.DateTime())),
    ("datetime", "date"): lambda v: sa.cast(sa.func.timezone("UTC", v), sa.Date()),
    ("integer", "text"): _text,
    ("decimal", "text"): _text,
    ("double", "text"): _text,
    ("boolean", "text"): _text,
    ("date", "text"): _text,
    ("text", "text"): lambda v: v,
    ("decimal", "decimal"): lambda v: v,
    ("integer", "integer"): lambda v: v,
    ("list", "list"): lambda v: v,
    ("list", "text"): lambda v: sa.func.array_to_string(v, ", "),
}


def family(field: Field) -> str:
    kind = column_kind(field)
    return FAMILY.get(type(kind.type).__name__.upper(), "other") if kind else "none"


def converted(value: Value, old: Field, new: Field) -> Value:
    """The value as the new type, null where it does not fit."""
    rule = CONVERT.get((family(old), family(new)))
    if rule is None:
        return sa.null()
    result = rule(value)
    if new.type in ("select", "radio") and new.options:
        result = sa.case((result.in_([o.const for o in new.options]), result), else_=None)
    return result
