"""The list page, and its next rows for "load more"."""

from dataclasses import dataclass
from typing import Any

from flask import redirect
from werkzeug.wrappers import Response

from fieldstone.engine.permissions import access
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest, Page
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.ui.lists.conditions import Condition, family_of
from fieldstone.ui.lists.row_html import rows_html
from fieldstone.ui.lists.rows import Rows
from fieldstone.ui.lists.state import ListState, columns_cookie, list_state, sort_key
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


def show(visit: Visit, entity: str) -> Response:
    """A list of records; for htmx with a cursor, only the next rows."""
    definition = visit.entity(entity)
    state = list_state(visit, definition)
    added = _added_condition(visit)
    if added is not None:
        return redirect(state.url_with(added), 303)
    try:
        page = visit.read(lambda tx: fetch(tx, visit, state))
    except FieldstoneError as error:
        if error.kind != "malformed" or not (state.expression or state.cursor or state.conditions):
            raise
        return _page(visit, state, Page([], None, 0), problem=error)
    if visit.is_partial and state.cursor:
        return visit.partial("list/more.html", **_content(visit, state, page))
    return _page(visit, state, page)


def fetch(tx: Transaction, visit: Visit, state: ListState) -> Page:
    """The records of one page of the list, with the links that its columns show."""
    return list_records(tx, state.entity.name, list_request(visit, state))


def list_request(visit: Visit, state: ListState) -> ListRequest:
    """The list as the engine (and the API) takes it."""
    return ListRequest(
        filter=state.filter_text(visit) or None,
        sort=state.sort,
        fields=fields_of(state),
        expand=state.expand,
        limit=state.page_size,
        cursor=state.cursor,
        count="no" if state.cursor else "capped",
        q=state.q or None,
        to_repair=state.to_repair,
    )


def fields_of(state: ListState) -> tuple[str, ...]:
    """The fields that the columns and the row's title need."""
    title = state.entity.title_field
    names = [*(column.path[0] for column in state.columns), *([title] if title else [])]
    return tuple(dict.fromkeys(names))


def _page(visit: Visit, state: ListState, page: Page, problem: FieldstoneError | None = None) -> Response:
    rights = access(visit, state.entity.name)
    return visit.page(
        "list/page.html",
        status=422 if problem else 200,
        page_entity=state.entity.name,
        page_view=state.view.name if state.view else None,
        problem=problem,
        entity=state.entity,
        may_create=rights.allows("create"),
        may_delete=rights.allows("delete"),
        searchable=any(field.search for field in state.entity.fields.values()),
        columns_cookie=columns_cookie(state.view),
        chips=_chips(visit, state),
        filterable=[column for column in state.available if family_of(column)],
        filter_text=state.filter_text(visit),
        count=page.count,
        count_is_exact=page.count_is_exact,
        **_content(visit, state, page),
    )


def _content(visit: Visit, state: ListState, page: Page) -> dict[str, Any]:
    rows = Rows(visit, state)
    made = [rows.row(record) for record in page.data]
    return {
        "state": state,
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


def _added_condition(visit: Visit) -> Condition | None:
    args = visit.request.args
    field, operator = args.get("add_field"), args.get("add_operator")
    return Condition(field, operator, args.get("add_value", "").strip()) if field and operator else None


@dataclass(frozen=True, slots=True)
class Chip:
    field: str
    operator: str
    value: str
    remove: str


def _chips(visit: Visit, state: ListState) -> list[Chip]:
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
