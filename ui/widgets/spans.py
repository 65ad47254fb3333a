"""Times of day, lengths of time, ranges of days, places; and secrets, which show only that they are there."""

from datetime import date as Date
from datetime import time as Time

from markupsafe import Markup, escape

from fieldstone.metadata.fields.duration import UNITS, seconds_of
from fieldstone.ui.widgets.cell import BLANK, Cell
from fieldstone.ui.widgets.marks import shapes


def time(cell: Cell) -> Markup:
    value = Time.fromisoformat(str(cell.value))
    return escape(cell.formats.clock(value))


def duration(cell: Cell) -> Markup:
    """`1d 2h 30m` in the visitor's language; a computed one comes as its seconds."""
    seconds = cell.value if isinstance(cell.value, int) else seconds_of(str(cell.value))
    days, rest = divmod(seconds, UNITS["D"])
    counts = (("day", days), ("hour", rest // 3600), ("minute", rest // 60 % 60), ("second", rest % 60))
    parts = [cell.texts(f"duration.{unit}", n=cell.formats.integer(count)) for unit, count in counts if count]
    return escape(" ".join(parts) or cell.texts("duration.minute", n=0))


def date_range(cell: Cell) -> Markup:
    start, end = (_day(cell, cell.value.get(name)) for name in ("start", "end"))
    if start and end:
        return escape(f"{start} – {end}")
    return escape(cell.texts("value.from", day=start) if start else cell.texts("value.until", day=end))


def _day(cell: Cell, value: str | None) -> str:
    return cell.formats.date(Date.fromisoformat(value)) if value else ""


def geo_point(cell: Cell) -> Markup:
    """The degrees, leading to a map of OpenStreetMap."""
    lat, lon = (f"{cell.value[name]:.6f}".rstrip("0").rstrip(".") for name in ("lat", "lon"))
    address = f"https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=16/{lat}/{lon}"
    return Markup(
        '<a class="fs-value-link" href="{}" target="_blank" rel="noopener noreferrer">{}, {}</a>'
    ).format(address, lat, lon)


def secret(cell: Cell) -> Markup:
    return Markup('<span class="fs-blank">{}</span>').format(cell.texts("value.secret"))


def position(cell: Cell) -> Markup:
    """In a list the handle that moves the row (shown where the list is in this order); elsewhere nothing."""
    if not cell.compact:
        return BLANK
    return Markup(
        '<button type="button" class="fs-grip" draggable="true" data-move="{0}" hidden aria-label="{1}" title="{1}">{2}</button>'
    ).format(cell.field.name, cell.texts("list.move"), shapes().icon("grip-vertical"))
