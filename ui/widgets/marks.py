"""Values that are seen more than read: stars, colours, icons, barcodes.

Everything is drawn by attributes of SVG, since the content security policy allows no style of its own.
"""

from functools import cache
from typing import Final

import segno
from barcode import get_barcode_class
from barcode.errors import BarcodeError
from markupsafe import Markup, escape

from fieldstone.ui.assets import Assets, load_assets
from fieldstone.ui.widgets.cell import BLANK, Cell

LINEAR: Final = {"code128": "code128", "ean13": "ean13", "ean8": "ean8", "upca": "upca", "isbn": "ean13"}
QUIET: Final = 10
HEIGHT: Final = 50


@cache
def shapes() -> Assets:
    """The built front end, for the icons in it."""
    return load_assets()


def rating(cell: Cell) -> Markup:
    most, value = int(cell.field.schema.get("maximum", 5)), int(cell.value)
    star = shapes().icon("star")
    stars = BLANK.join(
        Markup("<span{}>{}</span>").format(Markup(" data-on") if at < value else BLANK, star)
        for at in range(most)
    )
    named = cell.texts("value.stars", value=value, most=most)
    return Markup('<span class="fs-stars" role="img" aria-label="{0}" title="{0}">{1}</span>').format(
        named, stars
    )


def colour(cell: Cell) -> Markup:
    return Markup(
        '<span class="fs-colour-shown"><svg width="14" height="14" aria-hidden="true">'
        '<rect width="14" height="14" rx="3" fill="{0}"/></svg><span>{0}</span></span>'
    ).format(cell.value)


def icon(cell: Cell) -> Markup:
    shape = shapes().icon(str(cell.value))
    return Markup('<span class="fs-icon-shown" title="{0}">{1}<span>{0}</span></span>').format(
        cell.value, shape
    )


def barcode(cell: Cell) -> Markup:
    """A list shows the text, a page also the picture of it."""
    text = str(cell.value)
    if cell.compact:
        return Markup('<span class="fs-value-number">{}</span>').format(text)
    return Markup('<figure class="fs-barcode">{}<figcaption>{}</figcaption></figure>').format(
        picture(cell.field.settings.get("symbology", "code128"), text), text
    )


def picture(symbology: str, text: str) -> Markup:
    """The SVG of a barcode; nothing for what cannot be drawn (an old value under a newer symbology)."""
    if symbology == "qr":
        return _squares(text)
    kind = LINEAR[symbology]
    try:
        made = get_barcode_class(kind)(text)
        bars = made.build()[0].replace("G", "1")
    except (BarcodeError, ValueError, IndexError, KeyError):
        return BLANK
    runs, at = [], 0
    while at < len(bars):
        end = at
        while end < len(bars) and bars[end] == bars[at]:
            end += 1
        if bars[at] == "1":
            runs.append(f"M{QUIET + at} 0h{end - at}v{HEIGHT}h-{end - at}z")
        at = end
    return _svg(len(bars) + 2 * QUIET, HEIGHT, "".join(runs), text)


def _squares(text: str) -> Markup:
    try:
        matrix = segno.make(text, micro=False, error="m").matrix
    except (segno.DataOverflowError, ValueError):
        return BLANK
    border = 4
    path = "".join(
        f"M{x + border} {y + border}h1v1h-1z"
        for y, row in enumerate(matrix)
        for x, dark in enumerate(row)
        if dark
    )
    size = len(matrix) + 2 * border
    return _svg(size, size, path, text)


def _svg(width: int, height: int, path: str, text: str) -> Markup:
    return Markup(
        '<svg viewBox="0 0 {0} {1}" role="img" aria-label="{3}" shape-rendering="crispEdges">'
        '<rect width="{0}" height="{1}" fill="#fff"/><path d="{2}" fill="#000"/></svg>'
    ).format(width, height, path, escape(text))
