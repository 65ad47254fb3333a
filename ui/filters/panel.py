"""The dialog of the builder, its rows, and what becomes of it: the list's address with the filter's text."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.permissions import NotFound, access
from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.system_fields import system_fields
from fieldstone.ui.fields import LINK_TYPES, Column, column_at, shown_as, target_of
from fieldstone.ui.filters.operators import BETWEEN, TO, control_of, operators_of
from fieldstone.ui.filters.tree import Group, Words, group_of, read_back, text_of
from fieldstone.ui.forms.linked import seen
from fieldstone.ui.lists.conditions import Condition, all_of
from fieldstone.ui.lists.state import ListState, list_state
from fieldstone.ui.visit import Visit


@dataclass(frozen=True, slots=True)
class Choice:
    """A part of the list of fields: the entity's own, or those behind one link."""

    title: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A condition as the builder shows it. `shown` is the title of a picked record."""

    condition: Condition
    operators: tuple[str, ...]
    control: str
    options: tuple[tuple[str, str], ...]
    lookup: str
    shown: str


def choices_of(visit: Visit, state: ListState) -> list[Choice]:
    """The fields that one can filter by, those behind links after the entity's own."""
    own = tuple(column for column in state.available if operators_of(column))
    found = [Choice(visit.labels.entity(state.entity), own)]
    for column in state.available:
        if column.field.type not in LINK_TYPES or len(column.path) > 1:
            continue
        target = target_of(visit.model, column.field)
        behind = _behind(visit, state.entity, column, target) if target else ()
        if behind:
            found.append(Choice(column.title, behind))
    return found


def _behind(visit: Visit, entity: Entity, link: Column, target: Entity) -> tuple[Column, ...]:
    try:
        readable = access(visit, target.name).readable
    except NotFound:
        return ()
    found = []
    for name in target.fields:
        column = column_at(visit.model, entity, f"{link.name}.{name}")
        if column is None or name not in readable or name in system_fields() or not operators_of(column):
            continue
        title = f"{link.title} › {visit.labels.field(target, column.field)}"
        found.append(Column(column.name, column.path, column.entity, column.field, title))
    return tuple(found)


def words_of(visit: Visit, choices: Sequence[Choice]) -> Words:
    columns = {column.name: column for choice in choices for column in choice.columns}
    return Words(visit.model, columns, visit.formats)


def show(visit: Visit, entity: str) -> Response:
    """The builder with the filter that the list has now, or the text when the builder does not write such a one."""
    state = list_state(visit, visit.entity(entity))
    choices = choices_of(visit, state)
    words = words_of(visit, choices)
    text = all_of([*(t for t in (state.written(c, visit) for c in state.conditions) if t), state.expression])
    group = read_back(text, words)
    return visit.partial(
        "filter/panel.html",
        state=state,
        choices=choices,
        text=text,
        group=group,
        blank=Group("any", ()),
        rows=Rows(visit, words),
        new_url=f"{state.base}/filter/row",
        whole=state.filter_text(visit),
    )


class Rows:
    """Makes rows for templates; titles of picked records are found when they are asked for."""

    def __init__(self, visit: Visit, words: Words) -> None:
        self._visit = visit
        self._words = words

    def __call__(self, condition: Condition) -> Row:
        column = self._words.columns.get(condition.field)
        if column is None:
            return Row(Condition("", "", ""), (), "none", (), "", "")
        operators = operators_of(column)
        operator = condition.operator if condition.operator in operators else operators[0]
        control = control_of(column, operator)
        labels = self._visit.labels
        options: tuple[tuple[str, str], ...] = ()
        if control == "options":
            owner, field = shown_as(self._visit.model, column.entity, column.field)
            options = tuple((o.const, labels.option(owner, field, o.const)) for o in field.options)
        lookup = ""
        if control == "pick":
            lookup = f"{self._visit.urls.list(column.entity.name)}/lookup?field={column.field.name}"
        shown = self._title(column, condition.value) if control == "pick" else ""
        return Row(
            Condition(condition.field, operator, condition.value), operators, control, options, lookup, shown
        )

    def is_group(self, item: Any) -> bool:
        return isinstance(item, Group)

    def _title(self, column: Column, value: str) -> str:
        target = target_of(self._visit.model, column.field)
        try:
            record_id = UUID(value)
        except ValueError:
            return ""
        if target is None:
            return ""
        found = self._visit.read(lambda tx: seen(tx, target.name, [record_id], frozenset()))
        return (
            found[str(record_id)]["$title"] if str(record_id) in found else self._visit.texts("value.unseen")
        )


def row(visit: Visit, entity: str) -> Response:
    """One row: for a new condition, or after its field or operator was changed."""
    state = list_state(visit, visit.entity(entity))
    choices = choices_of(visit, state)
    args = visit.request.args
    operator, values = args.get("cond_op", ""), args.getlist("cond_value")
    value = TO.join(values) if operator == BETWEEN else next(iter(values), "")
    condition = Condition(args.get("cond_field", ""), operator, value)
    made = Rows(visit, words_of(visit, choices))
    return visit.partial(
        "filter/row.html",
        row=made(condition),
        choices=choices,
        new_url=f"{state.base}/filter/row",
        focus=True,
    )


def apply(visit: Visit, entity: str) -> Response:
    """Go to the list with the filter that the builder sent as JSON (`build`)."""
    state = list_state(visit, visit.entity(entity))
    words = words_of(visit, choices_of(visit, state))
    try:
        sent = json.loads(visit.request.args.get("build", ""))
    except (ValueError, RecursionError):
        sent = None
    text = text_of(group_of(sent), words)
    return redirect(state.url(filter=text or None, f=None), 303)
