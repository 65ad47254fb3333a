"""Rows of a list, ready to be put into the page: what each cell shows, and whether it can be edited there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from markupsafe import Markup

from fieldstone.engine.permissions import access
from fieldstone.metadata.definitions import Entity
from fieldstone.ui.fields import Column, shown_as, title_of, value_at
from fieldstone.ui.lists.state import ListState
from fieldstone.ui.visit import Visit
from fieldstone.ui.widgets import EDIT_WIDGETS, Cell, read_value
from fieldstone.ui.widgets.cell import BLANK

NUMERIC: Final = frozenset({"integer", "number", "decimal", "percent", "money"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A column as a page shows it."""

    name: str
    title: str
    numeric: bool
    is_title: bool
    editable: bool


@dataclass(frozen=True, slots=True)
class RowCell:
    column: Shown
    html: Markup


@dataclass(frozen=True, slots=True)
class Row:
    id: UUID
    title: str
    url: str
    cells: tuple[RowCell, ...]
    depth: int = 0
    handle: Markup = BLANK
    """What stands before the title: how deep the row is in a tree, and what opens it."""


class Rows:
    """Makes rows for one page: what is the same for all of them is found out once."""

    def __init__(self, visit: Visit, state: ListState) -> None:
        self._visit = visit
        self._entity = state.entity
        self._model = visit.model
        self._labels = visit.labels
        title = state.entity.title_field
        names = [column.name for column in state.columns]
        self._title = title if title in names else names[0]
        self._columns = [
            (column, shown_as(self._model, column.entity, column.field), self._shown(column))
            for column in state.columns
        ]

    @property
    def columns(self) -> list[Shown]:
        return [shown for _, _, shown in self._columns]

    def _shown(self, column: Column) -> Shown:
        _, field = shown_as(self._model, column.entity, column.field)
        return Shown(
            name=column.name,
            title=column.title,
            numeric=field.type in NUMERIC,
            is_title=column.name == self._title,
            editable=is_editable(self._visit, self._entity, column),
        )

    def row(self, record: Mapping[str, Any]) -> Row:
        return Row(
            id=record["id"],
            title=title_of(self._entity, record),
            url=self._visit.urls.record(self._entity.name, record["id"]),
            cells=tuple(
                RowCell(shown, self._html(column, as_, record)) for column, as_, shown in self._columns
            ),
        )

    def _html(self, column: Column, as_: tuple[Entity, Any], record: Mapping[str, Any]) -> Markup:
        entity, field = as_
        holder: Any = record
        if len(column.path) > 1:
            holder = value_at(record, column.path[:-1])
            value = value_at(record, column.path)
        else:
            value = record.get(column.path[0])
        if value is None:
            return BLANK
        return read_value(cell_of(self._visit, self._labels, entity, field, value, holder or {}))


def cell_of(
    visit: Visit, labels: Any, entity: Entity, field: Any, value: Any, record: Mapping[str, Any]
) -> Cell:
    """A value with all that its widget needs."""
    company = visit.context.company
    return Cell(
        value,
        entity,
        field,
        record,
        visit.model,
        labels,
        visit.formats,
        visit.texts,
        visit.urls,
        company.currency,
    )


def is_editable(visit: Visit, entity: Entity, column: Column) -> bool:
    """Whether a column can be edited in place: an own, writable field with a control that fits."""
    field = column.field
    if len(column.path) > 1 or field.computed or field.read_only or field.name not in entity.fields:
        return False
    widget = EDIT_WIDGETS.get(field.type)
    rights = access(visit, entity.name)
    return widget is not None and widget.in_cell and field.name in rights.writable and rights.allows("update")
