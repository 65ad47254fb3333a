"""The columns of a board: which there are, in which order, how many records each has and what these sum up to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from markupsafe import Markup

from fieldstone.engine.permissions import access
from fieldstone.engine.query.aggregate import aggregate
from fieldstone.engine.query.request import AggregateRequest, GroupKey, Measure
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field, View
from fieldstone.ui.fields import LINK_TYPES, field_of, shown_as, target_of
from fieldstone.ui.forms.linked import seen
from fieldstone.ui.lists.conditions import quoted_name
from fieldstone.ui.lists.rows import cell_of
from fieldstone.ui.lists.state import ListState
from fieldstone.ui.visit import Visit
from fieldstone.ui.widgets import read_value

MOST: Final = 50
"""Columns of a board that groups by a link: the fullest ones."""

EMPTY: Final = ""
"""The column of records without a value."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A sum at the head of a column."""

    title: str
    fn: str
    html: Markup


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """`value` is the field's value as text, empty for none; `at` tells the column from others on the page."""

    at: int
    value: str
    title: str
    color: str
    count: int
    figures: tuple[Figure, ...]
    condition: str


@dataclass(frozen=True, slots=True)
class Grouping:
    """The field that a board groups by."""

    entity: Entity
    field: Field
    view: View

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def closed(self) -> bool:
        """Whether the values are known beforehand."""
        return self.field.type == "boolean" or bool(self.field.options)

    def condition(self, value: str) -> str:
        """The filter of one column."""
        name = quoted_name(self.name)
        if value == EMPTY:
            return f"isEmpty({name})"
        return f"{name} == {value}" if self.field.type == "boolean" else f'{name} == "{value}"'

    def sent(self, value: str) -> Any:
        """What the update verb takes for a column."""
        if value == EMPTY:
            return None
        return value == "true" if self.field.type == "boolean" else value


def grouping_of(state: ListState) -> Grouping:
    assert state.view is not None
    assert state.view.group_by is not None
    field = field_of(state.entity, state.view.group_by)
    assert field is not None
    return Grouping(state.entity, field, state.view)


def is_movable(visit: Visit, grouping: Grouping) -> bool:
    """Whether the visitor may move cards at all; whether this card may move there, the verb decides."""
    rights = access(visit, grouping.entity.name)
    field = grouping.field
    return (
        rights.allows("update")
        and field.name in rights.writable
        and not field.read_only
        and not field.computed
    )


def columns_of(tx: Transaction, visit: Visit, state: ListState) -> tuple[list[BoardColumn], bool]:
    """The columns with their figures, and whether there are more than a board shows."""
    grouping = grouping_of(state)
    readable = access(tx, state.entity.name).readable
    sums = [each for each in grouping.view.sums if each.name in readable]
    request = AggregateRequest(
        group=(GroupKey(grouping.name),),
        measures=(Measure("count", None, "records"), *(Measure(s.fn, s.name, f"m{i}") for i, s in enumerate(sums))),
        filter=state.filter_text(visit) or None,
        sort=("-records",),
        limit=MOST + 2,
        q=state.q or None,
    )  # fmt: skip
    found = {_text(row[grouping.name]): row for row in aggregate(tx, state.entity.name, request)}
    special = {group.name: group for group in grouping.view.groups}
    values = [value for value in _values(grouping, found) if not (value in special and special[value].hidden)]
    titles = _titles(tx, visit, grouping, values)
    columns = []
    for at, value in enumerate(values[:MOST]):
        row = found.get(value, {})
        figures = tuple(
            _figure(visit, state.entity, each.name, each.fn, row.get(f"m{i}")) for i, each in enumerate(sums)
        )
        title, color = titles[value]
        count = row.get("records", 0)
        columns.append(BoardColumn(at, value, title, color, count, figures, grouping.condition(value)))
    return columns, len(values) > MOST


def _values(grouping: Grouping, found: Mapping[str, Any]) -> list[str]:
    """The values of the columns in order."""
    if grouping.field.type == "boolean":
        known = ["true", "false"]
    elif grouping.closed:
        known = [option.const for option in grouping.field.options]
    else:
        known = [value for value in found if value != EMPTY]
    if EMPTY in found or not (grouping.field.required or grouping.field.type == "boolean"):
        known.append(EMPTY)
    orders = {group.name: group.order for group in grouping.view.groups if group.order is not None}
    return sorted(known, key=lambda value: orders.get(value, known.index(value) * 10 + 10))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return EMPTY if value is None else str(value)


def _titles(
    tx: Transaction, visit: Visit, grouping: Grouping, values: Sequence[str]
) -> dict[str, tuple[str, str]]:
    """(title, colour) of each column."""
    entity, field, texts = grouping.entity, grouping.field, visit.texts
    found = {EMPTY: (texts("board.without", field=visit.labels.field(entity, field)), "")}
    if field.type in LINK_TYPES:
        target = target_of(visit.model, field)
        ids = [UUID(value) for value in values if value]
        known = seen(tx, target.name, ids, frozenset()) if target else {}
        for value in values:
            if value:
                title = known[value]["$title"] if value in known else texts("value.unseen")
                found[value] = (title, "")
        return found
    if field.type == "boolean":
        title = visit.labels.field(entity, field)
        return found | {
            "true": (f"{title}: {texts('value.yes')}", ""),
            "false": (f"{title}: {texts('value.no')}", ""),
        }
    for option in field.options:
        found[option.const] = (visit.labels.option(entity, field, option.const), option.color or "gray")
    return found


def _figure(visit: Visit, entity: Entity, name: str, fn: str, value: Any) -> Figure:
    owner, field = shown_as(visit.model, entity, entity.fields[name])
    html = (
        read_value(cell_of(visit, visit.labels, owner, field, value, {})) if value is not None else Markup()
    )
    return Figure(visit.labels.field(entity, entity.fields[name]), fn, html)
