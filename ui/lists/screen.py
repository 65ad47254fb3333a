"""The list page, and its next rows for "load more"."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from werkzeug.wrappers import Response

from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import Page
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.ui.boards import screen as board
from fieldstone.ui.calendars import screen as calendar
from fieldstone.ui.lists.frame import frame_of
from fieldstone.ui.lists.request import list_request
from fieldstone.ui.lists.row_html import rows_html
from fieldstone.ui.lists.rows import Rows
from fieldstone.ui.lists.state import ListState, list_state, sort_key
from fieldstone.ui.trees.rows import count_below, is_tree, roots_only, tree_rows
from fieldstone.ui.visit import Visit


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column: where a click leads, and how the list is sorted by it now."""

    name: str
    title: str
    numeric: bool
    is_title: bool
    url: str | None
    sorted: str | None


KINDS: Final[Mapping[str, Callable[[Visit, ListState], Response]]] = {
    "kanban": board.show,
    "calendar": calendar.show,
}
"""The pages of views that are no tables."""


def show(visit: Visit, entity: str) -> Response:
    """The view of an entity that is asked for; of a list and for htmx with a cursor, only the next rows."""
    definition = visit.entity(entity)
    state = list_state(visit, definition)
    other = KINDS.get(state.view.kind) if state.view else None
    if other is not None:
        return other(visit, state)
    try:
        listed = visit.read(lambda tx: fetch(tx, visit, state))
    except FieldstoneError as error:
        if error.kind != "malformed" or not (state.expression or state.cursor or state.conditions):
            raise
        return _page(visit, state, Listed(Page([], None, 0)), problem=error)
    if visit.is_partial and state.cursor:
        return visit.partial("list/more.html", state=state, **_content(visit, state, listed))
    return _page(visit, state, listed)


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of records; `below` counts the records below each of them when the view is a tree."""

    page: Page
    below: Mapping[UUID, int] = field(default_factory=dict)


def fetch(tx: Transaction, visit: Visit, state: ListState) -> Listed:
    """The records of one page of the list, with the links that its columns show."""
    if not is_tree(state):
        return Listed(list_records(tx, state.entity.name, list_request(visit, state)))
    page = list_records(tx, state.entity.name, list_request(visit, state, roots_only(state)))
    return Listed(page, count_below(tx, visit, state, page.data))


def _page(visit: Visit, state: ListState, listed: Listed, problem: FieldstoneError | None = None) -> Response:
    return visit.page(
        "list/page.html",
        status=422 if problem else 200,
        problem=problem,
        count=listed.page.count,
        count_is_exact=listed.page.count_is_exact,
        **frame_of(visit, state),
        **_content(visit, state, listed),
    )


def _content(visit: Visit, state: ListState, listed: Listed) -> dict[str, Any]:
    rows, page = Rows(visit, state), listed.page
    made = [rows.row(record) for record in page.data]
    if is_tree(state):
        made = tree_rows(visit, state, made, listed.below, 0)
    return {
        "headings": _headings(visit, state, rows),
        "rows": rows_html(made, visit.texts),
        "next_url": state.url(cursor=page.next) if page.next else None,
    }


def _headings(visit: Visit, state: ListState, rows: Rows) -> list[Heading]:
    headings = []
    for column, shown in zip(state.columns, rows.columns, strict=True):
        key = sort_key(visit.model, column)
        first = state.sort[0] if state.sort else ""
        way = None
        if key and first.removeprefix("-") in (key, column.name):
            way = "descending" if first.startswith("-") else "ascending"
        url = state.url(sort=("-" if way == "ascending" else "") + key) if key else None
        headings.append(Heading(shown.name, shown.title, shown.numeric, shown.is_title, url, way))
    return headings
