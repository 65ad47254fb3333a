"""Dates and moments in the visitor's language; moments in the company's time zone, in full in the tooltip."""

from datetime import date as Date
from datetime import datetime

from markupsafe import Markup, escape

from fieldstone.ui.widgets.cell import Cell


def date(cell: Cell) -> Markup:
    value = cell.value if isinstance(cell.value, Date) else Date.fromisoformat(str(cell.value))
    return escape(cell.formats.date(value))


def moment(cell: Cell) -> Markup:
    value = cell.value if isinstance(cell.value, datetime) else datetime.fromisoformat(str(cell.value))
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        value.isoformat(), cell.formats.moment(value), cell.formats.stamp(value)
    )
