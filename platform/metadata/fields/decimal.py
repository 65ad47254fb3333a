"""An exact decimal number, and what percent and money share with it."""

import re
from collections.abc import Mapping
from decimal import Decimal as Exact
from decimal import InvalidOperation
from typing import Any, ClassVar, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, Check, JsonSchema, Source, whole
from fieldstone.metadata.fields.numbers import BOUNDS, NumberType, bound_checks, exact, step_check
from fieldstone.metadata.fields.wording import problem, quoted, wrong_type
from fieldstone.problems import Problem

DIGITS: Final = 28
"""Digits before the point: the range of the expression language."""
PLACES: Final = 10
ZERO: Final = Exact(0)

SCALE: Final[JsonSchema] = {
    "type": "integer", "minimum": 0, "maximum": 20,
    "description": "How many decimal places a value may have; 10 when left out.",
}  # fmt: skip


class Decimal(NumberType):
    id = "decimal"
    title = "Decimal number"
    description = (
        "An exact number, up to 28 digits before the point; answered as text, accepted as number too."
    )
    json_types = ("string", "number")
    native = NumberType.native | {"pattern"}
    vocabulary: ClassVar[Mapping[str, JsonSchema]] = {"scale": SCALE}

    def read(self, source: Source) -> dict[str, Any]:
        scale = whole(source.ours.get("scale", PLACES)) or 0
        return {"schema": self.wire_schema(source), "settings": {"scale": scale, "digits": DIGITS}}

    def wire_schema(self, source: Source) -> dict[str, Any]:
        schema = super().wire_schema(source)
        scale = whole(source.ours.get("scale", PLACES)) or 0
        schema["pattern"] = pattern(scale)
        if not any(name in schema for name in ("maximum", "exclusiveMaximum")):
            schema["exclusiveMaximum"] = 10**DIGITS
        if not any(name in schema for name in ("minimum", "exclusiveMinimum")):
            schema["exclusiveMinimum"] = -(10**DIGITS)
        return schema

    def read_schema(self, definition: Field) -> JsonSchema:
        told = {k: v for k, v in definition.schema.items() if k not in BOUNDS and k != "multipleOf"}
        return {**told, "type": "string"}

    def checker(self, definition: Field) -> Check:
        schema, scale = definition.schema, definition.settings["scale"]
        well_formed = re.compile(pattern(scale)).match
        steps = (step_check(exact(schema["multipleOf"])),) if "multipleOf" in schema else ()
        beyond = {
            "exclusiveMaximum": 10**DIGITS,
            "exclusiveMinimum": -(10**DIGITS),
        }  # more digits than are read
        more = bound_checks({k: v for k, v in schema.items() if beyond.get(k) != v}, exact) + steps

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            kind = type(value)
            if kind is str:
                if not well_formed(value):
                    wanted = (
                        f"a decimal number like -1234.5, at most {DIGITS} digits and {scale} decimal places"
                    )
                    problems.append(Problem(path, "pattern", f"must be {wanted}, but is {quoted(value)}",
                                            {"found": quoted(value), "scale": scale}))  # fmt: skip
                    return INVALID
                number = Exact(value)
            elif kind is int or kind is Exact or kind is float:
                number = exact(value)
                if not number.is_finite():
                    problems.append(wrong_type(path, value, "a decimal number"))
                    return INVALID
                if number.adjusted() >= DIGITS:
                    code = "exclusiveMaximum" if number > 0 else "exclusiveMinimum"
                    problems.append(
                        problem(code, path, value, f"10^{DIGITS}" if number > 0 else f"-10^{DIGITS}")
                    )
                    return INVALID
                kept = in_plain_notation(number, scale)
                if kept is None:
                    problems.append(problem("scale", path, value, scale))
                    return INVALID
                number = kept
            else:
                problems.append(wrong_type(path, value, "a decimal number, as text or number"))
                return INVALID
            for test in more:
                if wrong := test(number, path):
                    problems.append(wrong)
                    return INVALID
            return number if number else ZERO

        return check

    def same(self, definition: Field, raw: Any, value: Any) -> bool:
        if isinstance(raw, bool) or not isinstance(raw, str | int | float | Exact):
            return False
        try:
            return bool(exact(raw) == value)
        except InvalidOperation:
            return False

    def to_wire(self, definition: Field, value: Any) -> Any:
        return format(value, "f")

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "decimal", "digits": DIGITS, "places": definition.settings.get("scale", PLACES)}

    def parse_text(self, definition: Field, text: str) -> Any:
        number = super().parse_text(definition, text)
        return number if number is text else format(Exact(number), "f")

    def format_text(self, definition: Field, value: Any) -> str:
        return format(value, "f")


def pattern(scale: int) -> str:
    fraction = rf"(\.[0-9]{{1,{scale}}})?" if scale else ""
    return f"^-?[0-9]{{1,{DIGITS}}}{fraction}$"


def in_plain_notation(number: Exact, scale: int) -> Exact | None:
    """`number` without exponent and with at most `scale` places, or None when it has more places than
    that."""
    if not number:
        return ZERO
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    if exponent >= 0:
        return Exact(int(number))
    while exponent < -scale and digits[-1] == 0:
        digits, exponent = digits[:-1], exponent + 1
    return None if exponent < -scale else Exact((sign, digits, exponent))
