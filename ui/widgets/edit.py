"""Editing widgets: the control for a value, and the reading of what was sent.

A control is named after its field. `read` gives the JSON value that the engine's verbs take (None clears the
field); what it cannot understand it passes on as text, so that the engine says what is wrong with it and the
visitor finds it again in the control.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from fieldstone.metadata.definitions import Field
from fieldstone.ui.formats import Formats
from fieldstone.ui.widgets import controls, entered
from fieldstone.ui.widgets.cell import Cell

Sent = Sequence[str]
"""The values that a form sent under one name."""


@dataclass(frozen=True, slots=True)
class EditWidget:
    """How values of a field type are edited.

    `control(cell, attributes)` is the HTML of the control; `attributes` carries id, aria-describedby,
    required. `read(field, sent, formats)` is the JSON value. `in_cell` tells whether it fits into a cell of
    a list.
    """

    control: Callable[[Cell, Mapping[str, Any]], Markup]
    read: Callable[[Field, Sent, Formats], Any]
    in_cell: bool = True


EDIT_WIDGETS: Final[Mapping[str, EditWidget]] = {
    "text": EditWidget(controls.text, entered.text),
    "multiline": EditWidget(controls.multiline, entered.text),
    "email": EditWidget(controls.email, entered.text),
    "phone": EditWidget(controls.phone, entered.text),
    "url": EditWidget(controls.url, entered.text),
    "integer": EditWidget(controls.integer, entered.number),
    "number": EditWidget(controls.decimal, entered.number),
    "decimal": EditWidget(controls.decimal, entered.number),
    "percent": EditWidget(controls.percent, entered.percent),
    "money": EditWidget(controls.decimal, entered.number),
    "boolean": EditWidget(controls.boolean, entered.boolean),
    "date": EditWidget(controls.date, entered.text),
    "datetime": EditWidget(controls.moment, entered.moment),
    "select": EditWidget(controls.select, entered.text),
    "radio": EditWidget(controls.select, entered.text),
    "rating": EditWidget(controls.rating, entered.number),
    "time": EditWidget(controls.time, entered.text),
    "duration": EditWidget(controls.duration, entered.duration),
    "colour": EditWidget(controls.text, entered.text),
    "barcode": EditWidget(controls.text, entered.text),
}
