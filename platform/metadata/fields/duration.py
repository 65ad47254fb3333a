"""A length of time, kept as its seconds, so that it sorts and adds up.

Years and months have no fixed length and are refused; a day is 24 hours, a week seven days.
"""

import re
from decimal import Decimal
from typing import Any, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import Source
from fieldstone.metadata.fields.numbers import FULL_WIDTH
from fieldstone.metadata.fields.patterned import PatternedType

WIRE: Final = r"^P(?!$)([0-9]{1,7}W|([0-9]{1,7}D)?(T(?=[0-9])([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}S)?)?)$"
PARTS: Final = re.compile(r"(\d+)([WDHMS])", re.ASCII)
UNITS: Final = {"W": 604_800, "D": 86_400, "H": 3_600, "M": 60, "S": 1}
WORD: Final = re.compile(
    r"(\d+(?:\.\d+)?)\s*"
    r"(weeks?|wk|w|週間?|周|星期|days?|d|日間?|天|hours?|hrs?|h|小時|小时|時間?|时|minutes?|mins?|m|分[鐘钟間]?|"
    r"seconds?|secs?|s|秒[鐘钟間]?)(?![a-z])[\s,、]*(?:and\s+)?"
)
FIRST: Final = {
    "w": "W", "週": "W", "周": "W", "星": "W", "d": "D", "日": "D", "天": "D", "h": "H", "小": "H", "時": "H", "时": "H",
    "m": "M", "分": "M", "s": "S", "秒": "S",
}  # fmt: skip
CLOCK: Final = re.compile(r"(\d{1,6}):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


def seconds_of(text: str) -> int:
    """The seconds of a duration as it travels."""
    return sum(int(number) * UNITS[unit] for number, unit in PARTS.findall(text))


def iso_of(seconds: int) -> str:
    """A number of seconds as it travels: `P1DT2H`; nothing is `PT0S`."""
    days, rest = divmod(seconds, UNITS["D"])
    clock = "".join(f"{count}{unit}" for count, unit in clock_of(rest) if count)
    if not days and not clock:
        return "PT0S"
    return f"P{f'{days}D' if days else ''}{'T' + clock if clock else ''}"


def clock_of(seconds: int) -> list[tuple[int, str]]:
    return [(seconds // 3600, "H"), (seconds // 60 % 60, "M"), (seconds % 60, "S")]


def words_of(seconds: int) -> str:
    """A number of seconds as people write it: `1d 2h 30m`."""
    days, rest = divmod(seconds, UNITS["D"])
    parts = [(days, "D"), *clock_of(rest)]
    return " ".join(f"{count}{unit.lower()}" for count, unit in parts if count) or "0m"


def seconds_in(text: str) -> int | None:
    """The seconds that people mean by `1h 30m`, `1:30`, `90 min`, `1.5h`, `2小時`; None when it is no duration."""
    short = text.strip().translate(FULL_WIDTH).lower()
    if clock := CLOCK.fullmatch(short):
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3] or 0)
    total, at = Decimal(0), 0
    while at < len(short):
        found = WORD.match(short, at)
        if not found or len(found[1]) > 12:
            return None
        total += Decimal(found[1]) * UNITS[FIRST[found[2][0]]]
        at = found.end()
    return int(total) if at and total == int(total) else None


class Duration(PatternedType):
    id = "duration"
    title = "Duration"
    description = (
        "A length of time as ISO 8601 writes it, in weeks or in days, hours, minutes and seconds: PT1H30M. A day is "
        "24 hours. In expressions it is its number of seconds. Tables and people write `1h 30m`, `1:30`, `90 min`."
    )
    form = WIRE
    longest = 60
    operators = ("==", "!=", "<", "<=", ">", ">=", "in", "isEmpty")
    native = PatternedType.native | {"format"}

    def wire_schema(self, source: Source) -> dict[str, Any]:
        schema = super().wire_schema(source)
        if schema.setdefault("format", "duration") != "duration":
            source.refuse("format", "format", 'a field of type "duration" has the format "duration"')
            schema["format"] = "duration"
        return schema

    def canonical(self, definition: Field, text: str) -> str:
        return iso_of(seconds_of(text))

    def kind(self, definition: Field) -> dict[str, Any]:
        return {"kind": "integer", "seconds": True}

    def parse_text(self, definition: Field, text: str) -> Any:
        seconds = seconds_in(text)
        return text.strip() if seconds is None else iso_of(seconds)

    def format_text(self, definition: Field, value: Any) -> str:
        return words_of(seconds_of(value))
