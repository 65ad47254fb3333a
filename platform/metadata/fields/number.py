"""A number that is measured, not counted in money: a binary double, as JavaScript and JSON Schema's
`number`."""

import sys
from decimal import Decimal
from typing import Any, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, Check, Source
from fieldstone.metadata.fields.numbers import NumberType, bound_checks, exact, step_check
from fieldstone.metadata.fields.wording import problem, wrong_type
from fieldstone.problems import Problem

LARGEST: Final = sys.float_info.max


class Number(NumberType):
    id = "number"
    title = "Number"
    description = (
        "A measured number (binary double, about 15 digits). For amounts that must be exact take `decimal`."
    )
    python_type = float

    def wire_schema(self, source: Source) -> dict[str, Any]:
        schema = super().wire_schema(source)
        schema.setdefault("minimum", -LARGEST)
        schema.setdefault("maximum", LARGEST)
        return schema

    def checker(self, definition: Field) -> Check:
        schema = definition.schema
        bounds = bound_checks(schema, as_double)
        steps = (step_check(exact(schema["multipleOf"])),) if "multipleOf" in schema else ()
        more = bounds + steps

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if type(value) not in (int, float, Decimal):
                problems.append(wrong_type(path, value, "a number"))
                return INVALID
            double = as_double(value)
            if not -LARGEST <= double <= LARGEST:
                code, limit = ("minimum", -LARGEST) if double < 0 else ("maximum", LARGEST)
                problems.append(problem(code, path, value, limit))
                return INVALID
            for test in more:
                if wrong := test(double, path):
                    problems.append(wrong)
                    return INVALID
            return double

        return check

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "number"}

    def same(self, definition: Field, raw: Any, value: Any) -> bool:
        return type(raw) in (int, float, Decimal) and as_double(raw) == value

    def to_wire(self, definition: Field, value: Any) -> Any:
        return int(value) if value == int(value) and abs(value) < 2**53 else value

    def format_text(self, definition: Field, value: Any) -> str:
        return format(Decimal(repr(value)), "f") if 1e-5 < abs(value) < 1e15 else repr(value)

    def parse_text(self, definition: Field, text: str) -> Any:
        number = super().parse_text(definition, text)
        if number is text and "e" in text.lower():
            try:
                return float(text)
            except ValueError:
                return text
        return number


def as_double(value: Any) -> float:
    """The nearest double; an int that is too large for one becomes infinite instead of raising."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
