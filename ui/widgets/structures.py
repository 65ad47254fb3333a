"""Values made of parts: lines, addresses, names of persons, JSON.

An address is ordered as its country writes it, in the lines that stand on an envelope there; the country itself
is named in the reader's language. A name is ordered by its own script: the family name first in Chinese, Japanese
and Korean characters.
"""

import json

from markupsafe import Markup, escape

from fieldstone.ui.widgets.addresses import address_lines, is_han, one_line
from fieldstone.ui.widgets.cell import BLANK, Cell


def lines(cell: Cell) -> Markup:
    """A list says how many; a page shows the lines in a grid of its own."""
    return escape(cell.texts.count("value.lines", len(cell.value)))


def address(cell: Cell) -> Markup:
    locale = cell.texts.locale
    if cell.compact:
        return escape(one_line(cell.value, locale))
    return Markup("<br>").join(address_lines(cell.value, locale))


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
