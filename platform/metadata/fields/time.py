"""A time of day, without a day and without a zone."""

import re
from typing import Any, Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import Source
from fieldstone.metadata.fields.numbers import FULL_WIDTH
from fieldstone.metadata.fields.patterned import PatternedType

CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"
HUMAN: Final = re.compile(
    r"(?P<before>上午|下午|午前|午後|[AaPp]\.?[Mm]\.?)?\s*(\d{1,2})\s*[:.時时点點h]\s*(?:(\d{1,2})\s*分?)?(?::(\d{2})|(\d{1,2})\s*秒)?"
    r"\s*(?P<after>[AaPp]\.?[Mm]\.?)?",
    re.ASCII,
)
LATE: Final = ("下午", "午後")


class Time(PatternedType):
    id = "time"
    title = "Time"
    description = (
        "A time of day, HH:MM or HH:MM:SS, in no time zone; seconds that are zero are left out. Tables may also "
        "say 9:30, 9:30 pm, 下午3:05 or 9時30分."
    )
    form = CLOCK
    longest = 8
    operators = ("==", "!=", "<", "<=", ">", ">=", "in", "isEmpty")

    def wire_schema(self, source: Source) -> dict[str, Any]:
        if "format" in source.plain:
            message = 'a field of type "time" is a time of day; the format "time" of JSON Schema has a zone'
            source.refuse("format", "format", message)
        return super().wire_schema(source)

    def canonical(self, definition: Field, text: str) -> str:
        return text.removesuffix(":00") if len(text) == 8 else text

    def parse_text(self, definition: Field, text: str) -> Any:
        found = HUMAN.fullmatch(text.strip().translate(FULL_WIDTH))
        if not found:
            return text
        hour, minute, second = int(found[2]), int(found[3] or 0), int(found[4] or found[5] or 0)
        half = found["before"] or found["after"]
        if half:
            late = half in LATE or half[0] in "Pp"
            if not 1 <= hour <= 12:
                return text
            hour = hour % 12 + (12 if late else 0)
        return f"{hour:02}:{minute:02}" + (f":{second:02}" if second else "")
