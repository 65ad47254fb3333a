"""Files: the name, to download; pictures made small, leading to the whole one."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from fieldstone.ui.widgets.cell import Cell


def file(cell: Cell) -> Markup:
    return _named(cell, cell.value)


def files(cell: Cell) -> Markup:
    """Several files: side by side in a list, one below the other on a page."""
    links = [_named(cell, one) for one in cell.value]
    if cell.compact:
        return Markup(", ").join(links)
    return Markup('<div class="fs-file-names">{}</div>').format(
        Markup("").join(Markup("<div>{}</div>").format(link) for link in links)
    )


def picture(cell: Cell) -> Markup:
    value = cell.value
    if not isinstance(value, Mapping):
        return _named(cell, value)
    size = "fs-picture fs-picture-small" if cell.compact else "fs-picture"
    return Markup(
        '<a class="fs-picture-link" href="{0}" download><img class="{1}" src="{0}/thumbnail" alt="{2}" loading="lazy"></a>'
    ).format(cell.urls.file(value["id"]), size, value.get("name", ""))


def _named(cell: Cell, value: Any) -> Markup:
    known = isinstance(value, Mapping)
    name = value.get("name", "") if known else cell.texts("value.file")
    return Markup('<a class="fs-value-link" href="{}" download>{}</a>').format(
        cell.urls.file(value["id"] if known else value), name
    )
