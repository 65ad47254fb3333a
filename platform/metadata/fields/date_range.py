"""From one day to another; either end may be open."""

import datetime
import re
from typing import Any, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import INVALID
from fieldstone.metadata.fields.date import HUMAN, WIRE
from fieldstone.metadata.fields.pairs import PairType
from fieldstone.metadata.fields.wording import problem, wrong_format, wrong_type
from fieldstone.problems import Problem

BETWEEN: Final = re.compile(r"\s*(?:/(?!\d{1,2}\b(?!\d))|–|—|～|~|至|から|\bto\b|\s-\s|\.\.)\s*")


class DateRange(PairType):
    id = "date_range"
    title = "Date range"
    description = (
        "From `start` to `end`, two days that both belong to it; one of them may be null, for an open end. Expressions "
        "read `rent.start` and `rent.end`; lists sort by the start. Tables write 2026-01-01/2026-03-31, an open end as "
        "2026-01-01/."
    )
    sortable = True
    operators = ("start", "end", "isEmpty")
    parts = {"start": "date", "end": "date"}

    def shape(self) -> dict[str, Any]:
        day = {"type": ["string", "null"], "format": "date"}
        one_of_them = [{"required": [name], "properties": {name: {"type": "string"}}} for name in self.parts]
        return {
            "properties": {"start": {"title": "Start", **day}, "end": {"title": "End", **day}},
            "additionalProperties": False,
            "anyOf": one_of_them,
        }

    def part(self, name: str, value: Any, path: str, problems: list[Problem]) -> Any:
        if type(value) is not str:
            problems.append(wrong_type(path, value, "a date as text, like 2026-01-31"))
        elif is_day(value):
            return value
        else:
            problems.append(wrong_format(path, value, "date"))
        return INVALID

    def whole(self, value: dict[str, Any], path: str, problems: list[Problem]) -> Any:
        start, end = value["start"], value["end"]
        if start is None and end is None:
            problems.append(problem("required", f"{path}/start"))
        elif start is not None and end is not None and end < start:
            data = {"found": end, "limit": start}
            problems.append(
                Problem(f"{path}/end", "range.order", f"must not be before {start}, but is {end}", data)
            )
        else:
            return value
        return INVALID

    def words(self, text: str) -> dict[str, Any] | None:
        ends = BETWEEN.split(text)
        if len(ends) != 2 or not any(ends):
            return None
        found = [day_in(end) if end else None for end in ends]
        return (
            None
            if any(end and day is None for end, day in zip(ends, found, strict=True))
            else dict(zip(self.parts, found, strict=True))
        )

    def format_text(self, definition: Field, value: Any) -> str:
        return f"{value['start'] or ''}/{value['end'] or ''}"


def is_day(text: str) -> bool:
    if not WIRE.fullmatch(text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def day_in(text: str) -> str | None:
    found = HUMAN.fullmatch(text.strip())
    return "{:04}-{:02}-{:02}".format(*map(int, found.groups())) if found else None
