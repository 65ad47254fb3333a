"""Editing one cell of a list in place: the editor, and saving through the engine's update verb.

The editor carries the version that the visitor saw. When somebody changed the record meanwhile, nothing is
overwritten silently: the editor comes back with what was typed and says what stands there now.
"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from werkzeug.wrappers import Response

from fieldstone.engine.records import read, update
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.problems import FieldstoneError
from fieldstone.ui.fields import Column
from fieldstone.ui.lists.request import fields_of
from fieldstone.ui.lists.row_html import rows_html
from fieldstone.ui.lists.rows import Rows, cell_of, is_editable
from fieldstone.ui.lists.state import ListState, list_state
from fieldstone.ui.visit import PageMissing, Visit
from fieldstone.ui.widgets import EDIT_WIDGETS, read_value


def edit(visit: Visit, entity: str, record_id: UUID, field: str) -> Response:
    """The control for one cell."""
    definition = visit.entity(entity)
    column = _column(visit, definition, field)
    record = visit.read(lambda tx: read(tx, entity, record_id))
    return _editor(visit, definition, column, record, record.get(field))


def save(visit: Visit, entity: str, record_id: UUID, field: str) -> Response:
    """Write the cell and answer with its whole row; or the editor again, with what is wrong."""
    definition = visit.entity(entity)
    column = _column(visit, definition, field)
    form = visit.request.form
    value = EDIT_WIDGETS[column.field.type].read(column.field, form.getlist(field), visit.formats)
    version = form.get("version", type=int)
    state = list_state(visit, definition)
    try:
        visit.write(lambda tx: update(tx, entity, record_id, {field: value}, if_match=version))
    except FieldstoneError as error:
        if error.kind not in ("stale", "invalid", "conflict", "refused"):
            raise
        typed = form.get(field, "")
        return _again(visit, definition, column, record_id, typed, error)
    record = visit.read(lambda tx: _listed(tx, state, record_id))
    rows = Rows(visit, state)
    return visit.partial("list/saved.html", rows=rows_html([rows.row(record)], visit.texts, saved=True))


def _column(visit: Visit, entity: Entity, name: str) -> Column:
    field = entity.fields.get(name)
    column = Column(name, (name,), entity, field) if field else None
    if column is None or not is_editable(visit, entity, column):
        raise PageMissing(f"{name} cannot be edited here.", entity=entity.name, field=name)
    return column


def _listed(tx: Transaction, state: ListState, record_id: UUID) -> dict[str, Any]:
    """The record as its row shows it; also when it no longer meets the list's filter."""
    return read(tx, state.entity.name, record_id, fields=fields_of(state), expand=state.expand)


def _editor(
    visit: Visit,
    entity: Entity,
    column: Column,
    record: dict[str, Any],
    value: Any,
    problem: str | None = None,
) -> Response:
    cell = cell_of(visit, visit.labels, entity, column.field, value, record)
    control_id = f"cell-{record['id']}-{column.name}"
    title = visit.labels.field(entity, column.field)
    attributes = {"id": control_id, "aria-label": title, "class": _class(column, problem)}
    if problem:
        attributes |= {"aria-invalid": "true", "aria-describedby": f"{control_id}-problem"}
    return visit.partial(
        "list/editor.html",
        control=EDIT_WIDGETS[column.field.type].control(cell, attributes),
        url=f"{visit.urls.record(entity.name, record['id'])}/cell/{quote(column.name)}",
        version=record["version"],
        problem=problem,
        problem_id=f"{control_id}-problem",
    )


def _class(column: Column, problem: str | None) -> str:
    base = (
        "form-select"
        if column.field.options or column.field.type in ("boolean", "rating")
        else "form-control"
    )
    return f"{base} is-invalid" if problem else base


def _again(
    visit: Visit, entity: Entity, column: Column, record_id: UUID, typed: str, error: FieldstoneError
) -> Response:
    record = visit.read(lambda tx: read(tx, entity.name, record_id))
    if error.kind == "stale":
        cell = cell_of(visit, visit.labels, entity, column.field, record.get(column.name), record)
        now = read_value(cell).striptags() or visit.texts("value.empty")
        problem = visit.texts("cell.stale", value=now)
    else:
        problem = "; ".join(each.message for each in error.problems) or error.message
    response = _editor(visit, entity, column, record, typed, problem)
    response.status_code = 422
    response.headers["HX-Retarget"] = "closest td"
    response.headers["HX-Reswap"] = "innerHTML"
    return response
