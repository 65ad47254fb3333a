"""The filter above a list, condition by condition, each with the address of the list without it."""

from dataclasses import dataclass

from fieldstone.ui.filters.operators import control_of
from fieldstone.ui.filters.panel import Rows, choices_of, words_of
from fieldstone.ui.filters.tree import Group, Words, read_back, text_of
from fieldstone.ui.lists.conditions import Condition
from fieldstone.ui.lists.state import ListState
from fieldstone.ui.visit import Visit


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition above the list, and the address of the list without it."""

    field: str
    operator: str
    value: str
    remove: str


def told_chips(visit: Visit, state: ListState) -> list[Chip]:
    """The conditions of the expression, when all of them must hold and the builder knows them; else none."""
    if not state.expression:
        return []
    words = words_of(visit, choices_of(visit, state))
    group = read_back(state.expression, words)
    if group is None or group.sign != "all" or not all(isinstance(item, Condition) for item in group.items):
        return []
    return [_chip(visit, state, words, group, item) for item in group.items if isinstance(item, Condition)]


def _chip(visit: Visit, state: ListState, words: Words, group: Group, condition: Condition) -> Chip:
    column = words.columns[condition.field]
    row = Rows(visit, words)(condition)
    value = condition.value
    if control_of(column, condition.operator) in ("options", "pick"):
        value = dict(row.options).get(value, row.shown or value)
    rest = Group("all", tuple(item for item in group.items if item is not condition))
    remove = state.url(filter=text_of(rest, words) or None)
    return Chip(column.title, visit.texts(f"filter.op.{condition.operator}"), value, remove)
