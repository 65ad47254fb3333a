"""Numbers, written as the visitor's language writes them."""

from decimal import Decimal

from markupsafe import Markup, escape

from fieldstone.ui.widgets.cell import Cell


def integer(cell: Cell) -> Markup:
    return escape(cell.formats.integer(int(cell.value)))


def number(cell: Cell) -> Markup:
    return escape(
        cell.formats.number(cell.value if isinstance(cell.value, float) else Decimal(str(cell.value)))
    )


def percent(cell: Cell) -> Markup:
    return escape(cell.formats.percent(Decimal(str(cell.value))))


def money(cell: Cell) -> Markup:
    """The amount with the currency that stands beside it, else the field's, else the company's."""
    beside = cell.record.get(f"{cell.field.name}_currency")
    currency = beside or cell.field.settings.get("currency") or cell.currency
    return escape(cell.formats.money(Decimal(str(cell.value)), currency))
