"""What all types share whose value is a number: bounds, steps, and the numbers that people write in
tables."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, ClassVar, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import NATIVE, FieldType
from fieldstone.metadata.fields.wording import problem
from fieldstone.problems import Problem

SAFE_INTEGER: Final = 2**53 - 1
"""Beyond this, browsers and most JSON readers lose digits."""

BOUNDS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "minimum": ge, "maximum": le, "exclusiveMinimum": gt, "exclusiveMaximum": lt,
}  # fmt: skip

GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:[,' \u00a0\u202f_]\d{3})+(?:\.\d+)?", re.ASCII)
NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x2212: "-", 0x3000: " "}

Bound = Callable[[Any, str], Problem | None]


def bound_checks(schema: Mapping[str, Any], convert: Callable[[Any], Any]) -> tuple[Bound, ...]:
    """One check per bound that the schema sets; `convert` makes the bounds comparable to the values."""
    return tuple(bound_check(name, convert(schema[name])) for name in BOUNDS if name in schema)


def bound_check(name: str, limit: Any) -> Bound:
    holds = BOUNDS[name]

    def check(value: Any, path: str) -> Problem | None:
        return None if holds(value, limit) else problem(name, path, value, limit)

    return check


def step_check(step: Decimal) -> Bound:
    """A check for `multipleOf`, exact for decimal fractions (0.3 is a multiple of 0.1)."""

    def check(value: Any, path: str) -> Problem | None:
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        numerator, denominator = exact.as_integer_ratio()
        below, above = step.as_integer_ratio()
        return (
            None
            if (numerator * above) % (denominator * below) == 0
            else problem("multipleOf", path, value, step)
        )

    return check


def exact(value: Any) -> Decimal:
    """A number of a schema as the decimal that was written."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


class NumberType(FieldType):
    """Base of the types whose value is a number."""

    json_types: ClassVar[tuple[str, ...]] = ("number",)
    native: ClassVar[frozenset[str]] = NATIVE | set(BOUNDS) | {"multipleOf"}
    operators: ClassVar[tuple[str, ...]] = ("==", "!=", "<", "<=", ">", ">=", "in", "isEmpty")
    python_type: ClassVar[type] = Decimal

    def parse_text(self, definition: Field, text: str) -> Any:
        return number_in(text, text)


def number_in(text: str, otherwise: Any) -> Any:
    """The number that a person wrote, with or without thousands separators, as int or Decimal."""
    short = text.strip().translate(FULL_WIDTH)
    if GROUPED.fullmatch(short):
        short = re.sub(r"[,' \u00a0\u202f_]", "", short)
    if not NUMBER.fullmatch(short) or len(short) > 400:
        return otherwise
    number = Decimal(short)
    return int(number) if "." not in short else number
