"""What the head of every view shows, whatever its kind: the switcher of views, search, filters, actions."""

from typing import Any

from fieldstone.engine.permissions import access
from fieldstone.ui.filters.chips import Chip, told_chips
from fieldstone.ui.lists.state import ListState, columns_cookie
from fieldstone.ui.lists.views import ICONS, title_of_view
from fieldstone.ui.visit import Visit


def frame_of(visit: Visit, state: ListState) -> dict[str, Any]:
    """The values of `list/head.html`."""
    rights = access(visit, state.entity.name)
    told = told_chips(visit, state)
    return {
        "page_entity": state.entity.name,
        "page_view": state.view.name if state.view else None,
        "entity": state.entity,
        "state": state,
        "view_icons": ICONS,
        "view_titles": {view.name: title_of_view(visit, view) for view in state.views},
        "may_create": rights.allows("create"),
        "may_delete": rights.allows("delete"),
        "may_edit": rights.allows("update") and bool(rights.writable),
        "may_assign": rights.allows("update") and "owner_id" in rights.writable,
        "searchable": any(field.search for field in state.entity.fields.values()),
        "columns_cookie": columns_cookie(state.view),
        "chips": [*chips_of(visit, state), *told],
        "told": bool(told),
        "filter_text": state.filter_text(visit),
    }


def chips_of(visit: Visit, state: ListState) -> list[Chip]:
    by_name = {column.name: column for column in state.available}
    chips = []
    for condition in state.conditions:
        column = by_name[condition.field]
        value = condition.value
        if column.field.options:
            value = visit.labels.option(column.entity, column.field, value)
        operator = (
            visit.texts(f"filter.op.{condition.operator}")
            if visit.texts.has(f"filter.op.{condition.operator}")
            else "?"
        )
        chips.append(Chip(column.title, operator, value, state.url_without(condition)))
    return chips
