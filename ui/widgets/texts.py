"""Texts: plain, long, and those that are addresses of something."""

from urllib.parse import quote

from markupsafe import Markup, escape

from fieldstone.ui.widgets.cell import Cell


def text(cell: Cell) -> Markup:
    return escape(cell.value)


def multiline(cell: Cell) -> Markup:
    """A list shows the beginning on one line, a page all lines."""
    if cell.compact:
        return escape(" ".join(str(cell.value)[:160].split()))
    return Markup('<div class="fs-value-prose">{}</div>').format(cell.value)


def code(cell: Cell) -> Markup:
    return Markup('<span class="fs-value-number">{}</span>').format(cell.value)


def email(cell: Cell) -> Markup:
    return _anchor(f"mailto:{quote(str(cell.value), safe='@+')}", cell.value)


def phone(cell: Cell) -> Markup:
    digits = "".join(char for char in str(cell.value) if char.isdigit() or char == "+")
    return _anchor(f"tel:{digits}", cell.value)


def url(cell: Cell) -> Markup:
    """A link to http or https; anything else (`javascript:`) stays text."""
    address = str(cell.value)
    if not address.startswith(("https://", "http://")):
        return escape(address)
    shown = address.split("://", 1)[1].rstrip("/")
    return Markup(
        '<a class="fs-value-link" href="{}" target="_blank" rel="noopener noreferrer">{}</a>'
    ).format(address, shown)


def _anchor(address: str, shown: object) -> Markup:
    return Markup('<a class="fs-value-link" href="{}">{}</a>').format(address, shown)
