"""Checked expressions as SQLAlchemy Core for PostgreSQL: the only part of the layer that knows SQLAlchemy.

Public names: `to_sql`, `to_predicate`, `from_sql`, `Columns`, `LinesSource`.
"""

from datetime import UTC
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement

from fieldstone.expressions.python import Bindings
from fieldstone.expressions.sql.columns import Columns, LinesSource
from fieldstone.expressions.sql.compile import Compiler
from fieldstone.expressions.typed import Checked
from fieldstone.expressions.types import Type

__all__ = ["Columns", "LinesSource", "from_sql", "to_predicate", "to_sql"]


def to_sql(checked: Checked, columns: Columns, bindings: Bindings) -> ColumnElement[Any]:
    """The value of `checked`, exact in three-valued logic: for select lists, sorting, grouping, updates."""
    return Compiler(columns, bindings).value(checked.node)


def to_predicate(checked: Checked, columns: Columns, bindings: Bindings) -> ColumnElement[bool]:
    """`checked` as a condition for WHERE, where null counts as false; written so that indexes serve."""
    return Compiler(columns, bindings).predicate(checked.node)


def from_sql(type_: Type, value: Any) -> Any:
    """A value that PostgreSQL gave for an expression of `type_`, as `evaluate` would give it."""
    if value is None:
        return None
    if type_.kind == "integer":
        return int(value)
    if type_.kind == "decimal":
        return Decimal(value)
    if type_.kind == "datetime":
        return value.astimezone(UTC)
    return value
