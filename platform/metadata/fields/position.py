"""The place of a record in an order that people make by hand.

The value is a text that sorts where the record stands (fractional indexing): between two of them there is
always room for a third, so moving one record writes one row. Who moves a record says beside which other one;
the engine finds the text (`engine/records/placing.py`).
"""

import re
import time
from dataclasses import dataclass
from typing import Any, ClassVar, Final
from uuid import UUID

from fractional_indexing import FIError, generate_key_between

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, NATIVE, Check, FieldType, JsonSchema, Source, without
from fieldstone.metadata.fields.link import uuid_check
from fieldstone.metadata.fields.wording import problem, quoted, wrong_type
from fieldstone.problems import Problem

FORM: Final = r"^[A-Za-z][0-9A-Za-z]{1,198}$(?!\n)"
LONGEST: Final = 199
DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
HEAD: Final = "i"
WIDTH: Final = 9
"""A key that begins with `i` has nine digits before its fraction: enough for microseconds until the year 2400."""
SIDES: Final = ("before", "after")
ID: Final = {"type": "string", "format": "uuid", "maxLength": 36}


@dataclass(frozen=True, slots=True)
class Beside:
    """A wish to stand next to another record: `side` of it (`before` or `after`)."""

    side: str
    id: UUID


class Position(FieldType):
    id = "position"
    title = "Position"
    description = (
        "The place of a record in an order made by hand, as a text that sorts. A new record comes last. "
        'A record is moved by writing `{"after": "<id>"}` or `{"before": "<id>"}`; lists that are sorted by the field '
        "let people drag their rows."
    )
    json_types: ClassVar[tuple[str, ...]] = ("string", "object")
    native: ClassVar[frozenset[str]] = NATIVE | {"anyOf"}
    operators = ("==", "!=", "<", "<=", ">", ">=", "isEmpty")

    def wire_schema(self, source: Source) -> dict[str, Any]:
        if "__" in source.entity:
            source.refuse("field", "position.in_lines", "lines have an order of their own")
        beside = [
            {"type": "object", "required": [side], "properties": {side: ID}, "additionalProperties": False}
            for side in SIDES
        ]
        rest = without(super().wire_schema(source), "anyOf")
        return {**rest, "anyOf": [{"type": "string", "pattern": FORM}, *beside]}

    def read_schema(self, definition: Field) -> JsonSchema:
        return {"type": "string"}

    def checker(self, definition: Field) -> Check:
        form = re.compile(FORM)

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if isinstance(value, dict) and len(value) == 1 and (side := next(iter(value))) in SIDES:
                found = uuid_check(value[side], f"{path}/{side}", problems)
                return found if found is INVALID else Beside(side, found)
            if type(value) is not str:
                problems.append(wrong_type(path, value, 'a position, or an object like {"after": id}'))
                return INVALID
            if len(value) > LONGEST or form.search(value) is None:
                problems.append(problem("pattern", path, quoted(value), FORM))
                return INVALID
            return value

        return check

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "text", "max_length": LONGEST}


def last(now: float | None = None) -> str:
    """A key behind all that were made before."""
    count = int((time.time() if now is None else now) * 1_000_000)
    digits = ""
    for _ in range(WIDTH):
        count, digit = divmod(count, len(DIGITS))
        digits = DIGITS[digit] + digits
    return HEAD + digits


def between(before: str | None, after: str | None) -> str | None:
    """A key between two (None: the beginning, the end); None where there is no room or a key is none of ours."""
    try:
        return str(generate_key_between(before, after))
    except (FIError, ValueError, AssertionError, IndexError):
        return None
