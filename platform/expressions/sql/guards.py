"""Pieces of SQL that cannot raise, each using its operand once, so that SQL stays as long as its source."""

from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, Date, DateTime, Integer, Numeric, Text, Uuid, literal
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.types import TypeEngine

from fieldstone.expressions.limits import NUMBER_DIGITS, NUMBER_LIMIT, NUMBER_PLACES
from fieldstone.expressions.sql.pieces import Element, piece

NUMERIC: TypeEngine[Any] = Numeric()
TEXT: TypeEngine[Any] = Text()
INT: TypeEngine[Any] = Integer()
BOOLEAN: TypeEngine[Any] = Boolean()

SQL_TYPES: dict[str, TypeEngine[Any]] = {
    "boolean": BOOLEAN, "integer": NUMERIC, "decimal": NUMERIC, "text": TEXT, "select": TEXT, "link": TEXT,
    "date": Date(), "datetime": DateTime(timezone=True), "tags": ARRAY(Text()), "null": TEXT, "unknown": TEXT,
}  # fmt: skip
CASTS = {
    "boolean": "BOOLEAN", "integer": "NUMERIC", "decimal": "NUMERIC", "date": "DATE",
    "datetime": "TIMESTAMPTZ", "tags": "TEXT[]",
}  # fmt: skip


def bound(value: Any, kind: str) -> Element:
    """A bound value of the language's type `kind`; null and truth are written out, with their type."""
    if value is None:
        return piece(f"CAST(NULL AS {CASTS.get(kind, 'TEXT')})", SQL_TYPES[kind])
    if isinstance(value, bool):
        return piece("true" if value else "false", BOOLEAN)
    if isinstance(value, int):
        fits = -(2**63) <= value < 2**63
        return literal(value, BigInteger()) if fits else literal(Decimal(value), NUMERIC)
    return literal(value, SQL_TYPES[kind])


def false() -> Element:
    return bound(False, "boolean")


def within(value: Element, low: int, high: int) -> Element:
    """`value` where low < value < high, otherwise null. Null stays null: GREATEST skips, NULLIF ends it."""
    return piece(f"nullif(nullif(least(greatest({{0}}, {low}), {high}), {high}), {low})", NUMERIC, value)


def in_range(value: Element) -> Element:
    return within(value, -NUMBER_LIMIT, NUMBER_LIMIT)


def guarded(value: Element, bounds: tuple[int, int]) -> Element:
    """`value` with the guards that its bounds leave necessary."""
    digits, places = bounds
    if places > NUMBER_PLACES:
        value = piece(f"round({{0}}, {NUMBER_PLACES})", NUMERIC, value)
    return in_range(value) if digits > NUMBER_DIGITS else value


def index(value: Element, low: int, high: int) -> Element:
    """A whole number within the bounds as `integer`, for functions that take one; otherwise null."""
    return piece("CAST({0} AS INTEGER)", INT, within(value, low, high))


def numeric(value: Element) -> Element:
    """`value` as numeric: integer columns never overflow in arithmetic."""
    if isinstance(value, BindParameter):
        return literal(Decimal(value.value or 0), NUMERIC)  # null is never a bound value, see `bound`
    if isinstance(value.type, Numeric) and value.type.asdecimal:
        return value
    return piece("CAST({0} AS NUMERIC)", NUMERIC, value)


def is_uuid(value: Element) -> bool:
    return isinstance(value.type, Uuid)
