"""Exact numbers: int and Decimal under a context of our own, so no caller's context changes an answer."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import Any

from fieldstone.expressions.limits import (
    DIVISION_PLACES,
    NUMBER_DIGITS,
    NUMBER_LIMIT,
    NUMBER_PLACES,
)

Number = int | Decimal

EXACT = Context(prec=200, rounding=ROUND_HALF_UP, Emin=-9999, Emax=9999, traps=[])
"""Products have at most 2 x 48 digits and sums over lines a few more: nothing is rounded in 200."""
SMALLEST = Decimal(1).scaleb(-NUMBER_PLACES)
TWICE_DIVISION = Decimal(2 * 10**DIVISION_PLACES)
HALF_PLACE = Decimal(5).scaleb(-DIVISION_PLACES - 1)
DIVISION_QUANTUM = Decimal(1).scaleb(-DIVISION_PLACES)
ONE = Decimal(1)


def in_range(value: Number) -> Number | None:
    return value if -NUMBER_LIMIT < value < NUMBER_LIMIT else None


def kept_places(value: Decimal) -> Decimal:
    """`value` with at most the fractional digits that are kept."""
    exponent = value.as_tuple().exponent
    return (
        EXACT.quantize(value, SMALLEST) if isinstance(exponent, int) and exponent < -NUMBER_PLACES else value
    )


def add(a: Any, b: Any) -> Decimal | None:
    r = EXACT.add(a, b)
    return r if r.adjusted() < NUMBER_DIGITS or not r else None


def subtract(a: Any, b: Any) -> Decimal | None:
    r = EXACT.subtract(a, b)
    return r if r.adjusted() < NUMBER_DIGITS or not r else None


def multiply(a: Any, b: Any) -> Decimal | None:
    r = EXACT.multiply(a, b)
    return r if r.adjusted() < NUMBER_DIGITS or not r else None


def multiply_rounded(a: Any, b: Any) -> Decimal | None:
    r = kept_places(EXACT.multiply(a, b))
    return r if r.adjusted() < NUMBER_DIGITS or not r else None


def add_integers(a: int, b: int) -> int | None:
    r = a + b
    return r if -NUMBER_LIMIT < r < NUMBER_LIMIT else None


def subtract_integers(a: int, b: int) -> int | None:
    r = a - b
    return r if -NUMBER_LIMIT < r < NUMBER_LIMIT else None


def multiply_integers(a: int, b: int) -> int | None:
    r = a * b
    return r if -NUMBER_LIMIT < r < NUMBER_LIMIT else None


def divide(a: Any, b: Any) -> Decimal | None:
    """a / b, half away from zero at 10 places; exact: the doubled quotient is truncated to an integer."""
    if not b:
        return None
    twice = EXACT.divide_int(EXACT.multiply(a, TWICE_DIVISION), b)
    r = EXACT.quantize(EXACT.multiply(twice, HALF_PLACE), DIVISION_QUANTUM)
    return r if r.adjusted() < NUMBER_DIGITS or not r else None


def negate(value: Any) -> Any:
    # The sign operators of Decimal round under the caller's context.
    return -value if isinstance(value, int) else value.copy_negate()


def absolute(value: Any) -> Any:
    return abs(value) if isinstance(value, int) else value.copy_abs()


def round_whole(value: Number) -> int | None:
    if isinstance(value, int):
        return value
    r = int(value.to_integral_value(ROUND_HALF_UP, EXACT))
    return r if -NUMBER_LIMIT < r < NUMBER_LIMIT else None


def floor(value: Number) -> int | None:
    if isinstance(value, int):
        return value
    r = int(value.to_integral_value(ROUND_FLOOR, EXACT))
    return r if r > -NUMBER_LIMIT else None


def ceil(value: Number) -> int | None:
    if isinstance(value, int):
        return value
    r = int(value.to_integral_value(ROUND_CEILING, EXACT))
    return r if r < NUMBER_LIMIT else None


def round_places(value: Number, places: int) -> Decimal | None:
    if not -NUMBER_DIGITS <= places <= NUMBER_PLACES:
        return None
    # A value as large as its quantum has too few digits for quantize to fail in 200.
    r = EXACT.add(EXACT.quantize(Decimal(value), ONE.scaleb(-places)), 0)
    return r if r.adjusted() < NUMBER_DIGITS or not r else None


def round_integer_places(value: int, places: int) -> int | None:
    r = round_places(value, places)
    return None if r is None else int(r)


def shown(value: Number) -> str:
    """The canonical text: no exponent, no zeros at the end, no minus before zero."""
    if isinstance(value, int):
        return str(value)
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
