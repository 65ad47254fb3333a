"""Links to records: the linked record's title, leading to its page."""

from collections.abc import Mapping

from markupsafe import Markup

from fieldstone.ui.fields import target_of, title_of
from fieldstone.ui.widgets.cell import BLANK, Cell


def link(cell: Cell) -> Markup:
    """An expanded link as its title. What the visitor may not read was not expanded, and has no name here."""
    target = target_of(cell.model, cell.field)
    if target is None:
        return BLANK
    if not isinstance(cell.value, Mapping):
        return _unseen(cell)
    record = cell.value
    return Markup('<a class="fs-value-link" href="{}">{}</a>').format(
        cell.urls.record(target.name, record["id"]), title_of(target, record)
    )


def person(cell: Cell) -> Markup:
    """A user: only named, since their page is for administrators."""
    target = target_of(cell.model, cell.field)
    if target is None:
        return BLANK
    if not isinstance(cell.value, Mapping):
        return _unseen(cell)
    return Markup("<span>{}</span>").format(title_of(target, cell.value))


def _unseen(cell: Cell) -> Markup:
    return Markup('<span class="fs-blank">{}</span>').format(cell.texts("value.unseen"))
