"""Reading widgets: a value as HTML. An absent value is empty, and the page decides what stands there
instead.
"""

from collections.abc import Callable, Mapping
from typing import Final

from markupsafe import Markup, escape

from fieldstone.ui.widgets import (
    choices,
    files,
    links,
    marks,
    numbers,
    prose,
    regions,
    spans,
    structures,
    texts,
    times,
)
from fieldstone.ui.widgets.cell import BLANK, Cell

Read = Callable[[Cell], Markup]

READ_WIDGETS: Final[Mapping[str, Read]] = {
    "text": texts.text, "multiline": texts.multiline, "email": texts.email, "phone": texts.phone,
    "url": texts.url, "sequence": texts.code, "integer": numbers.integer, "number": numbers.number,
    "decimal": numbers.number, "percent": numbers.percent, "money": numbers.money,
    "boolean": choices.boolean, "select": choices.select, "multi_select": choices.several,
    "tags": choices.tags, "date": times.date, "datetime": times.moment, "link": links.link,
    "parent": links.link, "user": links.person, "team": links.link, "file": files.file,
    "lines": structures.lines, "address": structures.address, "person_name": structures.person_name,
    "json": structures.json_value, "time": spans.time, "duration": spans.duration,
    "date_range": spans.date_range, "geo_point": spans.geo_point, "secret": spans.secret,
    "position": spans.position, "rating": marks.rating, "radio": choices.select, "colour": marks.colour,
    "icon": marks.icon, "barcode": marks.barcode, "rich_text": prose.rich_text,
    "markdown": prose.markdown, "code": prose.code, "image": files.picture, "signature": files.picture,
    "files": files.files, "region": regions.region, "any_link": regions.any_link,
    "multi_link": regions.several_links, "snapshot": regions.snapshot, "dependent_select": choices.select,
}  # fmt: skip
"""By field type. Computed fields are shown like the type of their result (`fields.shown_as`)."""


def read_value(cell: Cell) -> Markup:
    """The HTML of a value; empty when there is none."""
    if cell.value is None or cell.value == "" or cell.value == [] or cell.value == {}:
        return BLANK
    widget = READ_WIDGETS.get(cell.field.type)
    return widget(cell) if widget else escape(str(cell.value))
