"""Pieces of SQL that cannot raise, each of which uses its operand once, so that SQL stays as long as its source.

The constants rendered in place here are our own limits; what comes from expressions is always bound.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Numeric,
    Text,
    Uuid,
    Values,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    values,
)
from sqlalchemy.sql.elements import BindParameter, ColumnClause, False_, Null, True_
from sqlalchemy.types import TypeEngine

from fieldstone.expressions.limits import NUMBER_DIGITS, NUMBER_LIMIT, NUMBER_PLACES

Element = ColumnElement[Any]

NUMERIC: TypeEngine[Any] = Numeric()
TEXT: TypeEngine[Any] = Text()
INT: TypeEngine[Any] = Integer()
TIMESTAMP: TypeEngine[Any] = DateTime(timezone=False)

SQL_TYPES: dict[str, TypeEngine[Any]] = {
    "boolean": Boolean(), "integer": NUMERIC, "decimal": NUMERIC, "text": TEXT, "select": TEXT, "date": Date(),
    "datetime": DateTime(timezone=True), "tags": ARRAY(Text()), "link": TEXT, "null": TEXT, "unknown": TEXT,
}  # fmt: skip


def own(value: int | Decimal) -> Element:
    """A number of ours, rendered in place."""
    return literal_column(str(value), NUMERIC)


def bound(value: Any, kind: str) -> Element:
    """A bound value of the language's type `kind`, null included."""
    if isinstance(value, int) and not isinstance(value, bool):
        return literal(value, BigInteger()) if -(2**63) <= value < 2**63 else literal(Decimal(value), NUMERIC)
    if value is None:
        return cast(literal(None, SQL_TYPES[kind]), SQL_TYPES[kind])
    return literal(value, SQL_TYPES[kind])


def within(value: Element, low: int, high: int) -> Element:
    """`value` where low < value < high, otherwise null; null stays null (GREATEST skips it, NULLIF ends it)."""
    clamped = func.least(func.greatest(value, own(low), type_=NUMERIC), own(high), type_=NUMERIC)
    return func.nullif(func.nullif(clamped, own(high), type_=NUMERIC), own(low), type_=NUMERIC)


def in_range(value: Element) -> Element:
    return within(value, -NUMBER_LIMIT, NUMBER_LIMIT)


def guarded(value: Element, bounds: tuple[int, int]) -> Element:
    """`value` with the guards that its bounds leave necessary."""
    digits, places = bounds
    if places > NUMBER_PLACES:
        value = func.round(value, literal_column(str(NUMBER_PLACES), INT), type_=NUMERIC)
    return in_range(value) if digits > NUMBER_DIGITS else value


def index(value: Element, low: int, high: int) -> Element:
    """A whole number within the bounds as `integer`, for functions that take one; otherwise null."""
    return cast(within(value, low, high), INT)


def numeric(value: Element) -> Element:
    """`value` as numeric: integer columns never overflow in arithmetic."""
    if isinstance(value, BindParameter):
        return literal(Decimal(value.value), NUMERIC) if value.value is not None else value
    return value if isinstance(value.type, Numeric) and value.type.asdecimal else cast(value, NUMERIC)


def is_leaf(value: Element) -> bool:
    """Whether repeating `value` costs nothing."""
    return (
        isinstance(value, (ColumnClause, BindParameter, Null, True_, False_))
        or value.__visit_name__ == "column"
    )


def once(operands: list[Element], make: Callable[..., Element]) -> Element:
    """`make(*operands)` where each operand is computed once, however often `make` uses it.

    Leaves are used as they are; anything else becomes a row that a scalar sub-select reads. `make` may use
    nothing but its operands and bound values: a column of its own would bring its table into the sub-select.
    """
    if all(is_leaf(operand) for operand in operands):
        return make(*operands)
    named = [column(f"v{number}", operand.type) for number, operand in enumerate(operands)]
    row: Values = values(*named, name="once").data([tuple(operands)])
    return select(make(*row.c)).select_from(row).scalar_subquery()


def is_uuid(value: Element) -> bool:
    return isinstance(value.type, Uuid)
