"""Values of a record as they come in, made values of the language; out of range is null."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from fieldstone.expressions.limits import NUMBER_DIGITS, NUMBER_LIMIT
from fieldstone.expressions.python.numbers import kept_places
from fieldstone.expressions.types import Type

Read = Callable[[Any], Any]

_DURATION = re.compile(r"(\d{1,12})([WDHMS])", re.ASCII)
_SECONDS: Mapping[str, int] = {"W": 604_800, "D": 86_400, "H": 3_600, "M": 60, "S": 1}


def reader(type_: Type) -> Read | None:
    """How a field's value is read; None when it is used as it is (but for None, which is never passed)."""
    return _READERS.get(type_.kind)


def read_integer(value: Any) -> int | None:
    if type(value) is not int:
        if isinstance(value, (float, Decimal)) and not math.isfinite(value):
            return None
        if value != int(value):
            return None
        value = int(value)
    return value if -NUMBER_LIMIT < value < NUMBER_LIMIT else None


def read_seconds(value: Any) -> int | None:
    """A duration (weeks, or days to seconds) as its seconds; what is a number already stays one."""
    if not isinstance(value, str):
        return read_integer(value)
    return sum(int(number) * _SECONDS[unit] for number, unit in _DURATION.findall(value))


def read_decimal(value: Any) -> Decimal | None:
    if type(value) is not Decimal:
        if isinstance(value, float):
            return read_double(value)
        value = Decimal(value)
    return value if value.is_finite() and (value.adjusted() < NUMBER_DIGITS or not value) else None


def read_double(value: float) -> Decimal | None:
    """The decimal of a double's shortest text, as PostgreSQL writes it.

    From 2^54 on PostgreSQL refuses a text exactly half way between two doubles (1e23), which Python accepts.
    """
    if not math.isfinite(value) or abs(value) >= NUMBER_LIMIT:
        return None
    if abs(value) < 2.0**54:
        return kept_places(Decimal(repr(value)))
    exact = Decimal(value)
    for digits in range(1, 18):
        shown = Decimal(f"{value:.{digits - 1}e}")
        if float(shown) == value and not _half_way(shown, exact, value):
            break
    return shown if shown.adjusted() < NUMBER_DIGITS else None


def _half_way(shown: Decimal, exact: Decimal, value: float) -> bool:
    toward = math.inf if shown > exact else -math.inf
    gap = abs(Decimal(math.nextafter(value, toward)) - exact)
    return abs(shown - exact) * 2 == gap


def read_datetime(value: datetime) -> datetime | None:
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return None


def read_date(value: date | str) -> date | None:
    if isinstance(value, str):  # the end of a range, which is kept as JSON
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value.date() if isinstance(value, datetime) else value


def read_link(value: Any) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("id")
    return None if value is None else str(value)


_READERS: Mapping[str, Read] = {
    "integer": read_integer,
    "decimal": read_decimal,
    "date": read_date,
    "datetime": read_datetime,
    "link": read_link,
}
