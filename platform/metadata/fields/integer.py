"""A whole number."""

from decimal import Decimal
from typing import Any

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, Check, Source
from fieldstone.metadata.fields.numbers import SAFE_INTEGER, NumberType, bound_checks, exact, step_check
from fieldstone.metadata.fields.wording import problem, wrong_type
from fieldstone.problems import Problem


class Integer(NumberType):
    id = "integer"
    title = "Whole number"
    description = (
        "A whole number within ±9,007,199,254,740,991, so that every reader of JSON gets all its digits."
    )
    json_types = ("integer",)
    python_type = int

    def wire_schema(self, source: Source) -> dict[str, Any]:
        schema = super().wire_schema(source)
        if schema.get("minimum", -SAFE_INTEGER) <= -SAFE_INTEGER:
            schema["minimum"] = -SAFE_INTEGER
        if schema.get("maximum", SAFE_INTEGER) >= SAFE_INTEGER:
            schema["maximum"] = SAFE_INTEGER
        return schema

    def checker(self, definition: Field) -> Check:
        schema = definition.schema
        low, high = schema["minimum"], schema["maximum"]
        others = bound_checks({k: v for k, v in schema.items() if k.startswith("exclusive")}, exact)
        steps = (step_check(exact(schema["multipleOf"])),) if "multipleOf" in schema else ()
        more = others + steps

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            sent = value
            if type(value) is not int:
                number = as_integer(value)
                if number is None:
                    problems.append(wrong_type(path, value, "a whole number"))
                    return INVALID
                value = number
            if not low <= value <= high:
                code, limit = ("minimum", low) if value < low else ("maximum", high)
                problems.append(problem(code, path, sent, limit))
                return INVALID
            for test in more:
                if wrong := test(value, path):
                    problems.append(wrong)
                    return INVALID
            return value

        return check

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "integer"}


def as_integer(value: Any) -> int | None:
    """The integer that a JSON number such as 36.0 is; None for everything else. 1e400 never becomes
    digits."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None
        if value.adjusted() > 30:
            return 10**30 if value > 0 else -(10**30)
        return int(value) if value == value.to_integral_value() else None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None
