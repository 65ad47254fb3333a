"""Every function of the language: its parameters, its result, and its sentence in the manual.

This table is the one list of functions; a test demands for each row an implementation in all three back ends,
a vector file and a section of the manual.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Result = Literal["boolean", "integer", "decimal", "text", "date", "datetime", "first", "joined", "rounded"]
"""`first`: the type of the first argument; `joined`: what all arguments can be; `rounded`: see `round`."""

NUMBER = ("integer", "decimal")
TEXT = ("text", "select")
DAY = ("date", "datetime")
ANY = (
    "boolean", "integer", "decimal", "text", "select", "tags", "date", "datetime", "link", "lines", "json",
)  # fmt: skip
PLAIN = ("boolean", "integer", "decimal", "text", "select", "date", "datetime", "link")
ORDERED = (*NUMBER, *TEXT, *DAY)


@dataclass(frozen=True)
class Function:
    """A function: `parameters` are the kinds allowed at each place, `optional` of them may be left out,
    `rest` are the kinds of any further arguments."""

    name: str
    usage: str
    parameters: tuple[tuple[str, ...], ...]
    result: Result
    about: str
    optional: int = 0
    rest: tuple[str, ...] = ()


@dataclass(frozen=True)
class OverLines:
    """A function over lines, `fn(lines, value, where)`; `value` are the kinds its value may have."""

    name: str
    usage: str
    value: tuple[str, ...]
    about: str
    value_optional: bool = False


_FUNCTIONS = (
    Function("contains", "contains(text, part)", (TEXT, TEXT), "boolean", "Whether `part` occurs in `text`."),
    Function("startsWith", "startsWith(text, part)", (TEXT, TEXT), "boolean", "Whether `text` begins so."),
    Function("endsWith", "endsWith(text, part)", (TEXT, TEXT), "boolean", "Whether `text` ends so."),
    Function("lower", "lower(text)", (TEXT,), "text", "The text in small letters."),
    Function("upper", "upper(text)", (TEXT,), "text", "The text in capital letters."),
    Function("trim", "trim(text)", (TEXT,), "text", "The text without white space at both ends."),
    Function("length", "length(text)", ((*TEXT, "tags"),), "integer", "Code points, or items of tags."),
    Function(
        "substring", "substring(text, start, length)", (TEXT, ("integer",), ("integer",)), "text",
        "A part of the text; the first character is number 0.", optional=1,
    ),
    Function("replace", "replace(text, part, by)", (TEXT, TEXT, TEXT), "text", "Every `part` made `by`."),
    Function("concat", "concat(text, ...)", (TEXT,), "text", "Texts joined; null is nothing.", rest=TEXT),
    Function("text", "text(value)", (PLAIN,), "text", "The value as text."),
    Function("number", "number(text)", (TEXT,), "decimal", "The number that the text shows, or null."),
    Function(
        "currencyDigits", "currencyDigits(text)", (TEXT,), "integer",
        "The decimal places of a currency by its ISO 4217 code; 2 for an unknown one.",
    ),
    Function("abs", "abs(number)", (NUMBER,), "first", "The number without its sign."),
    Function(
        "round", "round(number, places)", (NUMBER, ("integer",)), "rounded",
        "Rounded half away from zero.", optional=1,
    ),
    Function("floor", "floor(number)", (NUMBER,), "integer", "The next whole number below."),
    Function("ceil", "ceil(number)", (NUMBER,), "integer", "The next whole number above."),
    Function("min", "min(a, b, ...)", (ORDERED, ORDERED), "joined", "The smallest but null.", rest=ORDERED),
    Function("max", "max(a, b, ...)", (ORDERED, ORDERED), "joined", "The largest but null.", rest=ORDERED),
    Function("today", "today()", (), "date", "The day of this evaluation in the tenant's time zone."),
    Function("now", "now()", (), "datetime", "The moment of this evaluation."),
    Function(
        "date", "date(text) or date(datetime) or date(year, month, day)", ((*TEXT, *DAY, "integer"),), "date",
        "A date from its parts, its text or a moment.", rest=("integer",),
    ),
    Function("datetime", 'datetime("...") or datetime(date)', ((*TEXT, *DAY),), "datetime", "A moment."),
    Function("year", "year(date)", (DAY,), "integer", "The year."),
    Function("month", "month(date)", (DAY,), "integer", "The month, 1 to 12."),
    Function("day", "day(date)", (DAY,), "integer", "The day of the month."),
    Function("weekday", "weekday(date)", (DAY,), "integer", "Monday is 1, Sunday 7."),
    Function("hour", "hour(datetime)", (("datetime",),), "integer", "The hour in UTC, 0 to 23."),
    Function("addDays", "addDays(date, days)", (DAY, ("integer",)), "first", "So many days later."),
    Function("addMonths", "addMonths(date, months)", (DAY, ("integer",)), "first", "Months later, clamped."),
    Function("addHours", "addHours(datetime, hours)", (("datetime",), ("integer",)), "first", "Hours later."),
    Function("daysBetween", "daysBetween(from, to)", (DAY, DAY), "integer", "Days from one to the other."),
    Function("monthsBetween", "monthsBetween(from, to)", (DAY, DAY), "integer", "Whole months in between."),
    Function("startOfMonth", "startOfMonth(date)", (DAY,), "date", "The first day of its month."),
    Function("endOfMonth", "endOfMonth(date)", (DAY,), "date", "The last day of its month."),
    Function("coalesce", "coalesce(a, b, ...)", (PLAIN,), "joined", "The first not null.", rest=PLAIN),
    Function("isEmpty", "isEmpty(value)", (ANY,), "boolean", "Whether it is null or empty."),
    Function("hasRole", "hasRole(role)", (TEXT,), "boolean", "Whether the user has the role."),
    Function("changed", "changed(field)", (ANY,), "boolean", "Whether this change alters it."),
)  # fmt: skip

_OVER = (
    OverLines("sum", "sum(lines, number, where)", NUMBER, "The sum; null is skipped, of nothing it is 0."),
    OverLines("count", "count(lines, value, where)", PLAIN, "The lines, or those of which it is true.",
              value_optional=True),
    OverLines("avg", "avg(lines, number, where)", NUMBER, "The mean; null is skipped, of none null."),
    OverLines("min", "min(lines, value, where)", ORDERED, "The smallest; null is skipped."),
    OverLines("max", "max(lines, value, where)", ORDERED, "The largest; null is skipped."),
    OverLines("any", "any(lines, condition, where)", ("boolean",), "Whether true of at least one line."),
    OverLines("all", "all(lines, condition, where)", ("boolean",), "Whether it is true of every line."),
)  # fmt: skip

FUNCTIONS: Mapping[str, Function] = {f.name: f for f in _FUNCTIONS}
OVER_LINES: Mapping[str, OverLines] = {f.name: f for f in _OVER}
FUNCTION_NAMES: tuple[str, ...] = tuple(sorted({*FUNCTIONS, *OVER_LINES}))
CONTEXT_NAMES: tuple[str, ...] = ("user", "old", "isNew")
USER_FIELDS: tuple[str, ...] = ("id", "teams", "roles", "locale")
