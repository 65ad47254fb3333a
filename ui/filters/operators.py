"""The operators of the builder: those of `lists.conditions`, with days that move along, people and picked records."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from fieldstone.metadata.fields import expression_kind
from fieldstone.ui.fields import Column
from fieldstone.ui.formats import Formats
from fieldstone.ui.lists import conditions
from fieldstone.ui.lists.conditions import OPERATORS, Condition, family_of, quoted_name

Day = Callable[[str, str], str]
"""(day expression, value) to a condition."""


def _between(first: str, last: str) -> Day:
    return lambda day, value: f"{day} >= {first} && {day} <= {last}"


DAYS: Final[Mapping[str, Day]] = {
    "yesterday": lambda day, value: f"{day} == addDays(today(), -1)",
    "tomorrow": lambda day, value: f"{day} == addDays(today(), 1)",
    "this_week": _between("addDays(today(), 1 - weekday(today()))", "addDays(today(), 7 - weekday(today()))"),
    "last_week": _between(
        "addDays(today(), -6 - weekday(today()))", "addDays(today(), 0 - weekday(today()))"
    ),
    "next_week": _between(
        "addDays(today(), 8 - weekday(today()))", "addDays(today(), 14 - weekday(today()))"
    ),
    "last_month": lambda day, value: f"startOfMonth({day}) == addMonths(startOfMonth(today()), -1)",
    "next_month": lambda day, value: f"startOfMonth({day}) == addMonths(startOfMonth(today()), 1)",
    "this_year": lambda day, value: f"year({day}) == year(today())",
    "last_year": lambda day, value: f"year({day}) == year(today()) - 1",
    "last_n": lambda day, value: f"{day} >= addDays(today(), -{value}) && {day} <= today()",
    "next_n": lambda day, value: f"{day} >= today() && {day} <= addDays(today(), {value})",
}
COUNTED: Final = ("last_n", "next_n")
PICKED: Final = ("is", "is_not")
FURTHEST: Final = 36_500
BETWEEN: Final = "between"
TO: Final = ".."
"""Between the two values of `between`: `3..5`."""


def operators_of(column: Column) -> tuple[str, ...]:
    """The operators that a column offers; none when it cannot be filtered by."""
    family = family_of(column)
    if family is None:
        return ()
    known = OPERATORS[family]
    if family == "day":
        return (*known[:3], BETWEEN, known[3], *DAYS, *known[4:])
    if family == "number":
        return (*known[:5], BETWEEN, *known[5:])
    if family == "user":
        return ("me", "my_team", *PICKED, *(each for each in known if each != "me"))
    if family == "link":
        mine = ("my_team",) if column.field.type == "team" else ()
        return (*PICKED, *mine, *known)
    return known


def control_of(column: Column, operator: str) -> str:
    """What kind of control the value has: none, count, pick, options, dates, decimals, or an input's type."""
    if operator == BETWEEN:
        return "dates" if family_of(column) == "day" else "decimals"
    if operator in conditions.WITHOUT_VALUE or operator == "my_team" or operator in DAYS:
        return "count" if operator in COUNTED else "none"
    family = family_of(column)
    if family in ("user", "link") and operator in PICKED:
        return "pick"
    if column.field.options:
        return "options"
    return {"day": "date", "range": "date", "time": "time", "number": "decimal"}.get(family or "", "text")


def written(condition: Condition, column: Column, formats: Formats, target_title: str | None) -> str | None:
    """The condition as an expression; None when its operator does not fit or its value says nothing."""
    operator, value = condition.operator, condition.value.strip()
    if operator not in operators_of(column):
        return None
    path = ".".join(quoted_name(name) for name in column.path)
    if operator == BETWEEN:
        return _within(condition, column, formats)
    if operator in DAYS:
        if operator in COUNTED and not (value.isascii() and value.isdecimal() and int(value) <= FURTHEST):
            return None
        if operator not in COUNTED and value:
            return None
        day = f"date({path})" if expression_kind(column.field)["kind"] == "datetime" else path
        return DAYS[operator](day, str(int(value)) if value else "")
    family = family_of(column)
    if operator == "my_team":
        return f"{path} in user.teams" if column.field.type == "team" else f"{path}.team in user.teams"
    if family in ("user", "link") and operator in PICKED:
        plain = value.replace("-", "")
        if not plain.isalnum() or not plain.isascii():
            return None
        return f'{path} {"==" if operator == "is" else "!="} "{value}"'
    return conditions.written(condition, column, formats, target_title)


def _within(condition: Condition, column: Column, formats: Formats) -> str | None:
    """From the one value to the other, both included; None unless there are two."""
    bounds = [each.strip() for each in condition.value.split(TO)]
    if len(bounds) != 2 or not all(bounds):
        return None
    path = ".".join(quoted_name(name) for name in column.path)
    if family_of(column) == "day":
        day = f"date({path})" if expression_kind(column.field)["kind"] == "datetime" else path
        try:
            first, last = (date.fromisoformat(each).isoformat() for each in bounds)
        except ValueError:
            return None
        return f'{day} >= date("{first}") && {day} <= date("{last}")'
    parts = [
        conditions.written(Condition(condition.field, operator, bound), column, formats, None)
        for operator, bound in zip(("at_least", "at_most"), bounds, strict=True)
    ]
    return " && ".join(part for part in parts if part) if all(parts) else None
