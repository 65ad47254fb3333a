"""What people typed, as JSON values. Nothing fails here: what cannot be read stays text for the engine to
refuse.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.duration import iso_of, seconds_in
from fieldstone.ui.formats import Formats


def text(field: Field, sent: Sequence[str], formats: Formats) -> str | None:
    """The text with the browser's line ends made plain; an empty control clears the field."""
    value = sent[0].replace("\r\n", "\n") if sent else ""
    return value if value.strip() else None


def number(field: Field, sent: Sequence[str], formats: Formats) -> object:
    """A number written as the visitor's language does: `1.234,5` is 1234.5 in German."""
    typed = sent[0].strip() if sent else ""
    if not typed:
        return None
    value = as_decimal(typed, formats)
    if value is None:
        return typed
    if field.type in ("integer", "rating") and value == value.to_integral_value():
        return int(value)
    return float(value) if field.type == "number" else format(value, "f")


def percent(field: Field, sent: Sequence[str], formats: Formats) -> object:
    """`15.5` or `15.5 %` is 0.155."""
    typed = sent[0].replace("%", "").replace("％", "").strip() if sent else ""
    if not typed:
        return None
    value = as_decimal(typed, formats)
    return typed if value is None else format(value / 100, "f")


def duration(field: Field, sent: Sequence[str], formats: Formats) -> str | None:
    """`1h 30m`, `1:30` or `PT90M` as ISO 8601."""
    typed = sent[0].strip() if sent else ""
    seconds = seconds_in(typed) if typed else None
    return (typed or None) if seconds is None else iso_of(seconds)


def boolean(field: Field, sent: Sequence[str], formats: Formats) -> bool | None:
    """The last value counts: a checkbox sends a hidden `false` before itself."""
    return {"true": True, "false": False}.get(sent[-1] if sent else "")


def moment(field: Field, sent: Sequence[str], formats: Formats) -> str | None:
    """A local date and time in the company's time zone, as UTC."""
    typed = sent[0].strip() if sent else ""
    if not typed:
        return None
    try:
        local = datetime.fromisoformat(typed).replace(tzinfo=formats.zone)
    except ValueError:
        return typed
    return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def several(field: Field, sent: Sequence[str], formats: Formats) -> list[str]:
    return [value for value in sent if value]


def structure(field: Field, sent: Sequence[str], formats: Formats) -> object:
    """JSON, or the text that is none."""
    typed = sent[0].strip() if sent else ""
    try:
        return json.loads(typed, parse_float=Decimal) if typed else None
    except ValueError:
        return typed


def as_decimal(typed: str, formats: Formats) -> Decimal | None:
    """A number in the language's way of writing, or None."""
    point, group = formats.symbols
    plain = "".join(char for char in typed if not char.isspace() and char not in (group, "'", "’"))
    try:
        value = Decimal(plain.replace(point, "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
