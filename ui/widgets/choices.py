"""Values out of a set: yes or no, options with their colour, tags."""

from typing import Final

from markupsafe import Markup, escape

from fieldstone.ui.widgets.cell import BLANK, Cell

COLORS: Final = (
    "blue", "azure", "indigo", "purple", "pink", "red", "orange", "yellow", "lime", "green", "teal", "cyan",
    "gray", )  # fmt: skip
TAG: Final = Markup('<span class="fs-badge" data-plain>{}</span>')


def boolean(cell: Cell) -> Markup:
    key = "value.yes" if cell.value else "value.no"
    kind = "fs-value-yes" if cell.value else "fs-blank"
    return Markup('<span class="{}">{}</span>').format(kind, cell.texts(key))


def select(cell: Cell) -> Markup:
    return _badge(cell, str(cell.value))


def several(cell: Cell) -> Markup:
    return BLANK.join(_badge(cell, str(value)) for value in cell.value)


def tags(cell: Cell) -> Markup:
    return BLANK.join(TAG.format(cell.labels.option(cell.entity, cell.field, str(tag))) for tag in cell.value)


def _badge(cell: Cell, const: str) -> Markup:
    color = next((option.color for option in cell.field.options if option.const == const), None)
    title = escape(cell.labels.option(cell.entity, cell.field, const))
    shown = color if color in COLORS else "gray"
    return Markup(f'<span class="fs-badge" data-color="{shown}">{title}</span>')
