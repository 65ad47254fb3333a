"""The dialog of a bulk change: which field gets which value, or whether all of this is to be deleted."""

from typing import Any

from werkzeug.wrappers import Response

from fieldstone.engine.permissions import access
from fieldstone.metadata.definitions import Entity
from fieldstone.ui.bulk.run import run_now_or_later
from fieldstone.ui.bulk.selection import NothingChosen, Selection, selection_of
from fieldstone.ui.fields import LINK_TYPES, Column, column_at
from fieldstone.ui.lists.rows import cell_of
from fieldstone.ui.lists.state import list_state
from fieldstone.ui.visit import PageMissing, Visit
from fieldstone.ui.widgets import EDIT_WIDGETS


def ask(visit: Visit, entity: str) -> Response:
    """The dialog for what is selected; `op` is edit, assign or delete."""
    definition = visit.entity(entity)
    selection = selection_of(visit, list_state(visit, definition))
    op = visit.request.form.get("op", "edit")
    fields = settable(visit, definition)
    if op == "assign":
        fields = [column for column in fields if column.name == "owner_id"]
    if op == "delete":
        if not visit.may(entity, "delete"):
            raise PageMissing("Nothing can be deleted here.", entity=entity)
    elif not fields:
        raise PageMissing("Nothing can be changed here.", entity=entity)
    return visit.partial(
        "bulk/ask.html",
        op=op,
        entity=definition,
        selection=selection,
        count=len(selection.ids) if selection.ids is not None else None,
        fields=fields,
        control=_control(visit, definition, fields[0]) if op == "assign" else None,
        state=selection.state,
    )


def control(visit: Visit, entity: str) -> Response:
    """The control for the value of the chosen field."""
    definition = visit.entity(entity)
    column = _column(visit, definition, visit.request.args.get("field", ""))
    return visit.partial("bulk/control.html", control=_control(visit, definition, column), column=column)


def start(visit: Visit, entity: str) -> Response:
    """Do it."""
    definition = visit.entity(entity)
    selection = selection_of(visit, list_state(visit, definition))
    return run_now_or_later(visit, definition, _request(visit, definition, selection), selection.state)


def _request(visit: Visit, entity: Entity, selection: Selection) -> Any:
    form = visit.request.form
    if form.get("op") == "delete":
        return selection.request("delete")
    if not form.get("field"):
        raise NothingChosen(visit.texts("bulk.no_field"))
    column = _column(visit, entity, form.get("field", ""))
    if column.field.type in LINK_TYPES:
        value: Any = form.get(column.name) or None
    else:
        value = EDIT_WIDGETS[column.field.type].read(column.field, form.getlist(column.name), visit.formats)
    return selection.request("update", **{column.name: value})


def settable(visit: Visit, entity: Entity) -> list[Column]:
    """The fields that may be set in many records: writable, and with a control of one line."""
    rights = access(visit, entity.name)
    if not rights.allows("update"):
        return []
    found = []
    for name in (*entity.fields, "owner_id"):
        column = column_at(visit.model, entity, name)
        if column is None or name not in rights.writable or column.field.computed or column.field.read_only:
            continue
        widget = EDIT_WIDGETS.get(column.field.type)
        if column.field.type in LINK_TYPES or (widget is not None and widget.in_cell):
            title = visit.labels.path(entity.name, (name,))
            found.append(Column(name, (name,), entity, column.field, title))
    return found


def _column(visit: Visit, entity: Entity, name: str) -> Column:
    column = next((column for column in settable(visit, entity) if column.name == name), None)
    if column is None:
        raise PageMissing("There is no such field.", field=name)
    return column


def _control(visit: Visit, entity: Entity, column: Column) -> Any:
    """The control's HTML; None for a link, which is picked."""
    if column.field.type in LINK_TYPES:
        return None
    cell = cell_of(visit, visit.labels, entity, column.field, None, {})
    kind = "form-select" if column.field.options or column.field.type == "boolean" else "form-control"
    return EDIT_WIDGETS[column.field.type].control(cell, {"id": "bulk-value", "class": kind})
