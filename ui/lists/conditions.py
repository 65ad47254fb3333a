"""Conditions of the filter builder: a field, an operator, a value; as text of the expression language.

In an address a condition is `field~operator~value` (parameter `f`, repeated). Operators are offered by the
kind of value that the field has in expressions. Nobody has to know the language to filter, and everybody can
see what their filter says in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields import expression_kind
from fieldstone.metadata.fields.duration import seconds_in
from fieldstone.metadata.fields.multi_link import LINK
from fieldstone.metadata.fields.region_names import code_of
from fieldstone.ui.fields import Column
from fieldstone.ui.formats import Formats
from fieldstone.ui.widgets import entered

OPERATORS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("contains", "is", "is_not", "starts", "empty", "filled"),
    "select": ("is", "is_not", "empty", "filled"),
    "tags": ("has", "empty", "filled"),
    "number": ("is", "above", "below", "at_least", "at_most", "empty", "filled"),
    "day": ("on", "before", "after", "today", "last_7", "last_30", "this_month", "empty", "filled"),
    "boolean": ("yes", "no"),
    "user": ("me", "empty", "filled"),
    "link": ("title", "empty", "filled"),
    "lines": ("empty", "filled"),
    "exact": ("is", "is_not", "empty", "filled"),
    "prose": ("contains", "empty", "filled"),
    "time": ("is", "before", "after", "empty", "filled"),
    "duration": ("is", "above", "below", "at_least", "at_most", "empty", "filled"),
    "range": ("current", "covers", "range_before", "range_after", "empty", "filled"),
    "presence": ("empty", "filled"),
    "region": ("within", "empty", "filled"),
    "links": ("title", "empty", "filled"),
}
"""By family. A test writes every operator of every family as an expression and has it checked."""

WITHOUT_VALUE: Final = frozenset(
    {"empty", "filled", "today", "last_7", "last_30", "this_month", "yes", "no", "me", "current"}
)

_FAMILIES: Final[Mapping[str, str]] = {
    "boolean": "boolean", "integer": "number", "decimal": "number", "number": "number", "text": "text",
    "select": "select", "tags": "tags", "date": "day", "datetime": "day", "link": "link", "lines": "lines",
}  # fmt: skip


_BY_TYPE: Final[Mapping[str, str]] = {
    "user": "user", "colour": "exact", "icon": "exact", "barcode": "exact", "time": "time", "duration": "duration",
    "date_range": "range", "geo_point": "presence", "secret": "presence", "rich_text": "prose", "markdown": "prose",
    "code": "prose", "position": "presence", "file": "presence", "files": "presence", "image": "presence",
    "signature": "presence", "any_link": "presence", "snapshot": "presence", "region": "region", "multi_link": "links",
}  # fmt: skip
"""Types that offer other operators than their kind in expressions says."""


@dataclass(frozen=True, slots=True)
class Condition:
    field: str
    operator: str
    value: str = ""

    def parameter(self) -> str:
        """How it stands in an address."""
        return "~".join((self.field, self.operator, self.value))


def condition_of(parameter: str) -> Condition | None:
    """The condition of an address, or None when it is none."""
    parts = parameter.split("~", 2)
    return Condition(*parts, *[""] * (3 - len(parts))) if len(parts) >= 2 else None


def family_of(column: Column) -> str | None:
    """Which operators a column can be filtered by; None when it cannot."""
    field = column.field
    if field.type in _BY_TYPE:
        return _BY_TYPE[field.type]
    return None if field.name == "id" else _FAMILIES.get(_kind(field))


def _kind(field: Field) -> str:
    return str(expression_kind(field)["kind"])


def written(condition: Condition, column: Column, formats: Formats, target_title: str | None) -> str | None:
    """The condition as an expression, or None when its operator does not fit or its value says nothing.

    `target_title` is the title field of the record that a link leads to.
    """
    family = family_of(column)
    if family is None or condition.operator not in OPERATORS[family]:
        return None
    path = ".".join(quoted_name(name) for name in column.path)
    if condition.operator in WITHOUT_VALUE:
        return _without_value(condition.operator, path, column)
    if not condition.value.strip():
        return None
    if family == "link":
        return (
            f"contains(lower({path}.{quoted_name(target_title)}), {_text(condition.value.lower())})"
            if target_title
            else None
        )
    if family == "links":
        title = f"{LINK}.{quoted_name(target_title)}" if target_title else ""
        return f"any({path}, contains(lower({title}), {_text(condition.value.lower())}))" if title else None
    if family == "region":
        code = code_of(condition.value)
        return f"startsWith({path}, {_text(code)})" if code else None
    return _with_value(condition, path, family, column, formats)


def _without_value(operator: str, path: str, column: Column) -> str:
    day = f"date({path})" if _kind(column.field) == "datetime" else path
    return {
        "empty": f"isEmpty({path})",
        "filled": f"!isEmpty({path})",
        "yes": f"{path} == true",
        "no": f"{path} == false",
        "me": f"{path} == user.id",
        "today": f"{day} == today()",
        "last_7": f"{day} >= addDays(today(), -7) && {day} <= today()",
        "last_30": f"{day} >= addDays(today(), -30) && {day} <= today()",
        "current": _covering(path, "today()"),
        "this_month": f"startOfMonth({day}) == startOfMonth(today())",
    }[operator]


def _with_value(condition: Condition, path: str, family: str, column: Column, formats: Formats) -> str | None:
    value = condition.value.strip()
    if family == "number":
        read = entered.percent if column.field.type == "percent" else entered.number
        number = entered.as_decimal(str(read(column.field, [value], formats)), Formats("en", "UTC"))
        literal = format(number, "f") if number is not None else None
    elif family == "duration":
        seconds = seconds_in(value)
        literal = None if seconds is None else str(seconds)
    elif family == "range":
        literal = f"date({_text(value)})"
    elif family == "day":
        literal = f"date({_text(value)})"
        path = f"date({path})" if _kind(column.field) == "datetime" else path
    else:
        literal = _text(value)
    if literal is None:
        return None
    lowered = _text(value.lower())
    return {
        "contains": f"contains(lower({path}), {lowered})",
        "starts": f"startsWith(lower({path}), {lowered})",
        "has": f"{literal} in {path}",
        "is": f"{path} == {literal}",
        "is_not": f"{path} != {literal}",
        "above": f"{path} > {literal}",
        "below": f"{path} < {literal}",
        "at_least": f"{path} >= {literal}",
        "at_most": f"{path} <= {literal}",
        "on": f"{path} == {literal}",
        "before": f"{path} < {literal}",
        "after": f"{path} > {literal}",
        "covers": _covering(path, literal),
        "range_before": f"{path}.end < {literal}",
        "range_after": f"{path}.start > {literal}",
    }[condition.operator]


def _covering(path: str, day: str) -> str:
    """That a day lies in a range; an open end holds every day."""
    start, end = f"{path}.start", f"{path}.end"
    return f"!isEmpty({path}) && ({start} == null || {start} <= {day}) && ({end} == null || {end} >= {day})"


def all_of(expressions: Sequence[str]) -> str:
    """One expression that holds when all of them do; empty when there is none."""
    given = [expression for expression in expressions if expression.strip()]
    return given[0] if len(given) == 1 else " && ".join(f"({expression})" for expression in given)


def quoted_name(name: str) -> str:
    """A field name in an expression: in backticks where it is not a plain word."""
    return (
        name if name.isascii() and name.replace("_", "a").isalnum() and not name[0].isdigit() else f"`{name}`"
    )


def _text(value: str) -> str:
    escaped = (
        value.replace("\\", "\\\\")
        .replace('"', '\\"')
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t")
    )
    return f'"{escaped}"'
