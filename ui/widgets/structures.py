"""Values made of parts: lines, addresses, names of persons, JSON.

Parts are put in the order that the language uses: `Taiwan 台北市...` from large to small in Chinese and
Japanese, from small to large elsewhere; the family name first in Chinese and Japanese.
"""

import json
from typing import Final

from markupsafe import Markup, escape

from fieldstone.metadata.fields.region_names import country_names
from fieldstone.ui.widgets.cell import BLANK, Cell

LARGE_TO_SMALL: Final = ("postal_code", "country", "region", "city", "district", "street", "street2")
SMALL_TO_LARGE: Final = ("street", "street2", "district", "city", "region", "postal_code", "country")

ROWS_OF_HAN: Final = (("postal_code", "country", "region", "city", "district"), ("street", "street2"))
ROWS_OF_OTHERS: Final = (
    ("street",),
    ("street2",),
    ("district",),
    ("city", "region", "postal_code"),
    ("country",),
)


def is_han(text: str) -> bool:
    """Whether a text is written in Han characters or kana, where words stand without spaces."""
    return any("\u3040" <= char <= "\u9fff" for char in text)


def lines(cell: Cell) -> Markup:
    """A list says how many; a page shows the lines in a grid of its own."""
    return escape(cell.texts.count("value.lines", len(cell.value)))


def address(cell: Cell) -> Markup:
    """In a list all on one line; on a page as one writes it on a letter, the country by its name."""
    value = {name: str(part) for name, part in cell.value.items() if part}
    han = is_han("".join(value.values()))
    if "country" in value:
        value["country"] = country_names(cell.labels.locale).get(value["country"], value["country"])
    rows = ROWS_OF_HAN if han else ROWS_OF_OTHERS
    if cell.compact:
        order = LARGE_TO_SMALL if han else SMALL_TO_LARGE
        return escape((" " if han else ", ").join(value[name] for name in order if name in value))
    written = (" ".join(value[name] for name in row if name in value) for row in rows)
    return Markup("<br>").join(row for row in written if row)


def person_name(cell: Cell) -> Markup:
    value = {name: str(part) for name, part in cell.value.items() if part}
    given, family = value.get("given", ""), value.get("family", "")
    if is_han(given + family):
        core = [family + given]
    else:
        core = [given, value.get("middle", ""), family]
    words = [value.get("prefix", ""), *core, value.get("suffix", "")]
    return escape(" ".join(word for word in words if word))


def json_value(cell: Cell) -> Markup:
    if cell.compact:
        return escape(json.dumps(cell.value, ensure_ascii=False, default=str)[:120])
    text = json.dumps(cell.value, ensure_ascii=False, indent=2, default=str)
    return Markup('<pre class="fs-json" tabindex="0">{}</pre>').format(text) if text else BLANK
