"""A calendar day."""

import datetime
import re
from typing import Any, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, NATIVE, Check, FieldType, Source
from fieldstone.metadata.fields.wording import wrong_format, wrong_type
from fieldstone.problems import Problem

WIRE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
HUMAN: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T ]00:00(?::00)?(?:\.0+)?)?", re.ASCII
)


class Date(FieldType):
    id = "date"
    title = "Date"
    description = "A calendar day, YYYY-MM-DD. Tables may also say 2026/1/31, 2026.1.31 or 2026年1月31日."
    native = NATIVE | {"format"}
    python_type = datetime.date
    operators = ("==", "!=", "<", "<=", ">", ">=", "isEmpty")

    def wire_schema(self, source: Source) -> dict[str, Any]:
        schema = super().wire_schema(source)
        if schema.setdefault("format", "date") != "date":
            source.refuse("format", "format", 'a field of type "date" has the format "date"')
            schema["format"] = "date"
        return schema

    def checker(self, definition: Field) -> Check:
        parse, well_formed = datetime.date.fromisoformat, WIRE.fullmatch

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if type(value) is not str:
                problems.append(wrong_type(path, value, "a date as text, like 2026-01-31"))
                return INVALID
            if well_formed(value):
                try:
                    return parse(value)
                except ValueError:
                    pass
            problems.append(wrong_format(path, value, "date"))
            return INVALID

        return check

    def to_wire(self, definition: Field, value: Any) -> Any:
        return value.isoformat()

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "date"}

    def parse_text(self, definition: Field, text: str) -> Any:
        found = HUMAN.fullmatch(text.strip())
        return "{:04}-{:02}-{:02}".format(*map(int, found.groups())) if found else text

    def format_text(self, definition: Field, value: Any) -> str:
        return str(value.isoformat())
