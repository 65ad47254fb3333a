"""The filters of templates: how values are written in the reader's language and time zone. There are no others."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, format_percent
from jinja2 import pass_context
from jinja2.runtime import Context, Undefined

from fieldstone.metadata.text_templates.limits import Budget, TemplateFailed

BUDGET: Final = "_budget"
LOCALE: Final = "_locale"
ZONE: Final = "_zone"
PLACES: Final = 12
LARGEST_EXPONENT: Final = 30


@pass_context
def write_date(context: Context, value: Any, width: str = "medium") -> str:
    """`Mar 4, 2026`; of a moment, the day in the reader's time zone."""
    found = _moment(value)
    if found is None:
        return _text(value)
    day = found.astimezone(_zone(context)).date() if isinstance(found, datetime) else found
    return str(format_date(day, _width(width), locale=_locale(context)))


@pass_context
def write_time(context: Context, value: Any) -> str:
    """`14:05`, in the reader's time zone."""
    found = _moment(value)
    if not isinstance(found, datetime):
        return _text(value)
    local = found.astimezone(_zone(context))
    return str(format_time(local.timetz(), "short", tzinfo=local.tzinfo, locale=_locale(context)))


@pass_context
def write_datetime(context: Context, value: Any, width: str = "medium") -> str:
    """Day and time, in the reader's time zone."""
    if not isinstance(_moment(value), datetime):
        return str(write_date(context, value, width))
    return f"{write_date(context, value, width)} {write_time(context, value)}"


@pass_context
def write_number(context: Context, value: Any, places: Any = None) -> str:
    """`1,234.5`; with so many places, where they are given."""
    found = _number(value)
    if found is None:
        return _text(value)
    if places is None:
        return str(format_decimal(found, "#,##0.####################", locale=_locale(context)))
    zeros = "0" * max(0, min(int(places), PLACES))
    return str(format_decimal(found, f"#,##0.{zeros}" if zeros else "#,##0", locale=_locale(context)))


@pass_context
def write_money(context: Context, value: Any, currency: Any) -> str:
    """The amount with the sign and the digits of its currency."""
    found = _number(value)
    if found is None:
        return _text(value)
    code = _text(currency)
    if not (len(code) == 3 and code.isascii() and code.isupper()):
        return str(write_number(context, found))
    return str(format_currency(found, code, locale=_locale(context)))


@pass_context
def write_percent(context: Context, value: Any) -> str:
    """0.155 is `15.5%`."""
    found = _number(value)
    return _text(value) if found is None else str(format_percent(found, "#,##0.##%", locale=_locale(context)))


@pass_context
def join(context: Context, values: Any, between: Any = ", ", of: Any = None) -> str:
    """The entries of a list in one line; of objects, one of their properties."""
    if not isinstance(values, list):
        return _text(values)
    found = [_text(each.get(of) if of and isinstance(each, Mapping) else each) for each in values]
    separator = _text(between)
    _budget(context).hold(sum(map(len, found)) + len(separator) * len(found))
    return separator.join(found)


@pass_context
def lines(context: Context, values: Any) -> str:
    """The texts of a list below each other; empty ones are left out."""
    found = [text for each in values if (text := _text(each))] if isinstance(values, list) else []
    _budget(context).hold(sum(map(len, found)) + len(found))
    return "\n".join(found)


def default(value: Any, other: Any = "") -> Any:
    """The value, or something else where it is missing or empty."""
    return other if value is None or isinstance(value, Undefined) or value == "" else value


def length(value: Any) -> int:
    return len(value) if isinstance(value, (str, list, Mapping)) else 0


def first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None


def last(value: Any) -> Any:
    return value[-1] if isinstance(value, list) and value else None


def items(value: Any) -> list[Any]:
    """The properties of an object as pairs, for a loop."""
    return [[key, each] for key, each in value.items()] if isinstance(value, Mapping) else []


def truncate(value: Any, characters: Any = 100) -> str:
    """The beginning of a long text, with an ellipsis."""
    text, most = _text(value), max(1, int(characters))
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def as_json(value: Any) -> str:
    """The value as JSON, for bodies that are JSON."""
    try:
        return json.dumps(None if isinstance(value, Undefined) else value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError) as error:
        raise TemplateFailed("This value cannot be written as JSON.") from error


@pass_context
def counted(context: Context, values: Any) -> Any:
    """What a loop goes over, step by step on the budget. The grammar puts it around every loop; nobody writes it."""
    budget = _budget(context)
    for value in values if isinstance(values, (list, tuple, Mapping)) else ():
        budget.step()
        yield value


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "date": write_date, "time": write_time, "datetime": write_datetime, "number": write_number, "money": write_money,
    "percent": write_percent, "join": join, "lines": lines, "default": default, "length": length, "first": first, "last": last,
    "items": items, "truncate": truncate, "json": as_json,
    "upper": lambda value: _text(value).upper(), "lower": lambda value: _text(value).lower(),
    "trim": lambda value: _text(value).strip(),
}  # fmt: skip


def _budget(context: Context) -> Budget:
    found: Budget = context[BUDGET]
    return found


def _locale(context: Context) -> Locale:
    try:
        return Locale.parse(context[LOCALE], sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale("en")


def _zone(context: Context) -> ZoneInfo:
    try:
        return ZoneInfo(context[ZONE])
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _width(width: Any) -> Any:
    return width if width in ("short", "medium", "long", "full") else "medium"


def _moment(value: Any) -> date | None:
    """A date or an aware datetime of what may be a text in ISO 8601."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=ZoneInfo("UTC"))
    return value if isinstance(value, date) else None


def _number(value: Any) -> Decimal | None:
    if isinstance(value, (bool, Undefined)) or value is None:
        return None
    try:
        found = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= LARGEST_EXPONENT else None


def _text(value: Any) -> str:
    if value is None or isinstance(value, Undefined):
        return ""
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value)
