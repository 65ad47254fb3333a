"""The controls of single values: native inputs, with the keyboard and the help that a phone offers for
them.
"""

from collections.abc import Mapping
from datetime import date as Date
from datetime import datetime
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from fieldstone.metadata.fields.duration import seconds_of, words_of
from fieldstone.ui.widgets.cell import BLANK, Cell


def attributes(values: Mapping[str, Any]) -> Markup:
    """HTML attributes; True stands alone, False and None are left out."""
    parts = []
    for name, value in values.items():
        if value is True:
            parts.append(escape(name))
        elif value not in (None, False):
            parts.append(Markup('{}="{}"').format(name, value))
    return Markup(" ").join(parts)


def _input(cell: Cell, kind: str, value: Any, extra: Mapping[str, Any], **more: Any) -> Markup:
    given = {"class": "form-control", "type": kind, "name": cell.field.name, "value": value, **more, **extra}
    return Markup("<input {}>").format(attributes(given))


def _typed(cell: Cell) -> str:
    return "" if cell.value is None else str(cell.value)


def text(cell: Cell, extra: Mapping[str, Any]) -> Markup:
    return _input(
        cell, "text", _typed(cell), extra, maxlength=cell.field.schema.get("maxLength"), autocomplete="off"
    )


def multiline(cell: Cell, extra: Mapping[str, Any]) -> Markup:
    given = {"class": "form-control", "name": cell.field.name, "rows": 3 if cell.compact else 5, **extra}
    return Markup("<textarea {}>\n{}</textarea>").format(attributes(given), _typed(cell))


def email(cell: Cell, extra: Mapping[str, Any]) -> Markup:
    return _input(
        cell, "text", _typed(cell), extra, inputmode="email", autocapitalize="none", autocomplete="off"
    )


def phone(cell: Cell, extra: Mapping[str, Any]) -> Markup:
    return _input(cell, "tel", _typed(cell), extra, autocomplete="off")


def url(cell: Cell, extra: Mapping[str, Any]) -> Markup:
    return _input(
        cell, "text", _typed(cell), extra, inputmode="url", autocapitalize="none", autocomplete="off"
    )


def integer(cell: Cell, extra: Mapping[str, Any]) -> Markup:
    return _input(cell, "text", _typed(cell), extra, inputmode="numeric", autocomplete="off")


def decimal(cell: Cell, extra: Mapping[str, Any]) -> Markup:
    return _input(
        cell, "text", local_number(cell, cell.value), extra, inputmode="decimal", autocomplete="off"
    )


def percent(cell: Cell, extra: Mapping[str, Any]) -> Markup:
    value = cell.value * 100 if isinstance(cell.value, Decimal) else cell.value
    return _input(cell, "text", local_number(cell, value), extra, inputmode="decimal", autocomplete="off")


def local_number(cell: Cell, value: Any) -> str:
    """A number without grouping, with the language's decimal symbol; typed text stays what it was."""
    if isinstance(value, Decimal):
        plain = format(value, "f")
        trimmed = plain.rstrip("0").rstrip(".") if "." in plain and cell.field.type != "money" else plain
        return trimmed.replace(".", cell.formats.symbols[0])
    return "" if value is None else str(value)


def boolean(cell: Cell, extra: Mapping[str, Any]) -> Markup:
    """Yes or no, and neither where the field may be empty."""
    options = [("", "")] if not cell.field.required else []
    options += [("true", cell.texts("value.yes")), ("false", cell.texts("value.no"))]
    current = {True: "true", False: "false"}.get(cell.value, "")
    return _select(cell, options, current, extra)


def select(cell: Cell, extra: Mapping[str, Any]) -> Markup:
    options = [
        (option.const, cell.labels.option(cell.entity, cell.field, option.const))
        for option in cell.field.options
    ]
    current = _typed(cell)
    if not cell.field.required or current not in dict(options):
        options.insert(0, ("", ""))
    return _select(cell, options, current, extra)


def _select(cell: Cell, options: list[tuple[str, str]], current: str, extra: Mapping[str, Any]) -> Markup:
    items = BLANK.join(
        Markup('<option value="{}"{}>{}</option>').format(
            value, Markup(" selected") if value == current else "", label
        )
        for value, label in options
    )
    return Markup("<select {}>{}</select>").format(
        attributes({"class": "form-select", "name": cell.field.name, **extra}), items
    )


def date(cell: Cell, extra: Mapping[str, Any]) -> Markup:
    value = cell.value.isoformat() if isinstance(cell.value, Date) else _typed(cell)
    return _input(cell, "date", value, extra)


def moment(cell: Cell, extra: Mapping[str, Any]) -> Markup:
    value = cell.value
    shown = (
        value.astimezone(cell.formats.zone).strftime("%Y-%m-%dT%H:%M")
        if isinstance(value, datetime)
        else _typed(cell)
    )
    return _input(cell, "datetime-local", shown, extra)


def time(cell: Cell, extra: Mapping[str, Any]) -> Markup:
    return _input(cell, "time", _typed(cell), extra, step="any")


def duration(cell: Cell, extra: Mapping[str, Any]) -> Markup:
    typed = _typed(cell)
    shown = words_of(seconds_of(typed)) if typed.startswith("P") else typed
    return _input(cell, "text", shown, extra, autocomplete="off")


def rating(cell: Cell, extra: Mapping[str, Any]) -> Markup:
    most = int(cell.field.schema["maximum"])
    options = [(str(n), "★" * n or "0") for n in range(most + 1)]
    if not cell.field.required or cell.value is None:
        options.insert(0, ("", ""))
    return _select(cell, options, _typed(cell), extra)
