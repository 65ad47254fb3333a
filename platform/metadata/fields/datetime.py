"""A moment: kept in UTC, to the microsecond."""

import datetime
import re
from typing import Any, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID, NATIVE, Check, FieldType, Source
from fieldstone.metadata.fields.jsonschema_bridge import conforms_to
from fieldstone.metadata.fields.wording import wrong_format, wrong_type
from fieldstone.problems import Problem

HUMAN: Final = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?"
    r"\s*(Z|UTC|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
COMMON: Final = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z", re.ASCII)


class DateTime(FieldType):
    id = "datetime"
    title = "Date and time"
    description = (
        "A moment as RFC 3339 has it, with a zone: 2026-01-31T09:30:00+08:00. Kept and answered in UTC. "
        "Tables may leave the zone out: then it is UTC."
    )
    native = NATIVE | {"format"}
    python_type = datetime.datetime
    operators = ("==", "!=", "<", "<=", ">", ">=", "isEmpty")

    def wire_schema(self, source: Source) -> dict[str, Any]:
        schema = super().wire_schema(source)
        if schema.setdefault("format", "date-time") != "date-time":
            source.refuse("format", "format", 'a field of type "datetime" has the format "date-time"')
            schema["format"] = "date-time"
        return schema

    def checker(self, definition: Field) -> Check:
        parse, common, utc = datetime.datetime.fromisoformat, COMMON.fullmatch, datetime.UTC

        def check(value: Any, path: str, problems: list[Problem]) -> Any:
            if type(value) is not str:
                problems.append(wrong_type(path, value, "a date and time as text, like 2026-01-31T09:30:00Z"))
                return INVALID
            if common(value) or conforms_to("date-time", value):
                try:
                    return parse(value.strip().upper()).astimezone(utc)
                except (ValueError, OverflowError):
                    pass
            problems.append(wrong_format(path, value, "date-time"))
            return INVALID

        return check

    def same(self, definition: Field, raw: Any, value: Any) -> bool:
        return bool(self.checker(definition)(raw, "", []) == value)

    def to_wire(self, definition: Field, value: Any) -> Any:
        return value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "datetime"}

    def parse_text(self, definition: Field, text: str) -> Any:
        found = HUMAN.fullmatch(text.strip())
        if not found:
            return text
        year, month, day, hour, minute, second, zone = found.groups()
        if zone in (None, "UTC"):
            zone = "Z"
        elif zone != "Z" and ":" not in zone:
            zone = f"{zone[:3]}:{zone[3:]}"
        second = second or "00"
        return f"{int(year):04}-{int(month):02}-{int(day):02}T{int(hour):02}:{minute}:{second}{zone}"

    def format_text(self, definition: Field, value: Any) -> str:
        return str(self.to_wire(definition, value))
