"""The page of a board, and what fills it afterwards: the cards of one column, and more of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from werkzeug.wrappers import Response

from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.ui.boards.columns import BoardColumn, columns_of, grouping_of, is_movable
from fieldstone.ui.lists.conditions import all_of
from fieldstone.ui.lists.frame import frame_of
from fieldstone.ui.lists.request import fields_of
from fieldstone.ui.lists.rows import Row, Rows
from fieldstone.ui.lists.state import ListState, list_state
from fieldstone.ui.visit import PageMissing, Visit

AT_ONCE: Final = 8
"""Columns whose cards come with the page; those further right come when they are scrolled to."""


@dataclass(frozen=True, slots=True)
class Card:
    row: Row
    version: int


@dataclass(frozen=True, slots=True)
class Filled:
    """A column with its first cards; `more` is where the next ones are, `later` where all of them are."""

    column: BoardColumn
    cards: tuple[Card, ...]
    more: str | None
    later: str | None


def show(visit: Visit, state: ListState) -> Response:
    """The board."""
    try:
        return visit.read(lambda tx: _board(tx, visit, state))
    except FieldstoneError as error:
        if error.kind != "malformed" or not (state.expression or state.conditions):
            raise
        return visit.page("board/page.html", status=422, problem=error, **frame_of(visit, state), **_none())


def _none() -> dict[str, Any]:
    return {"columns": [], "many": False, "movable": False, "move_to": []}


def _board(tx: Transaction, visit: Visit, state: ListState) -> Response:
    columns, many = columns_of(tx, visit, state)
    filled = [
        fill(tx, visit, state, column)
        if column.at < AT_ONCE
        else Filled(column, (), None, cards_url(state, column))
        for column in columns
    ]
    return visit.page(
        "board/page.html",
        problem=None,
        columns=filled,
        many=many,
        movable=is_movable(visit, grouping_of(state)),
        **frame_of(visit, state),
    )


def fill(
    tx: Transaction, visit: Visit, state: ListState, column: BoardColumn, cursor: str | None = None
) -> Filled:
    """A column with its cards, from a cursor on."""
    if not column.count and cursor is None:
        return Filled(column, (), None, None)
    page = list_records(tx, state.entity.name, _request(visit, state, column, cursor))
    rows = Rows(visit, state)
    cards = tuple(card_of(rows, state, record) for record in page.data)
    more = cards_url(state, column, cursor=page.next) if page.next else None
    return Filled(column, cards, more, None)


def card_of(rows: Rows, state: ListState, record: Mapping[str, Any]) -> Card:
    return Card(rows.row(record), record["version"])


def cards_url(state: ListState, column: BoardColumn, **more: Any) -> str:
    return state.url_at("cards", column=column.value, **more)


def _request(visit: Visit, state: ListState, column: BoardColumn, cursor: str | None) -> ListRequest:
    return ListRequest(
        filter=all_of([state.filter_text(visit), column.condition]),
        sort=state.sort,
        fields=fields_of(state),
        expand=state.expand,
        limit=state.page_size,
        cursor=cursor,
        q=state.q or None,
    )


def cards(visit: Visit, entity: str) -> Response:
    """The cards of one column, or more of them."""
    state = board_state(visit, entity)
    value = visit.request.args.get("column", "")

    def work(tx: Transaction) -> Response:
        columns, _ = columns_of(tx, visit, state)
        column = next((column for column in columns if column.value == value), None)
        if column is None:
            return visit.partial("board/cards.html", filled=None, movable=False, state=state)
        filled = fill(tx, visit, state, column, state.cursor)
        movable = is_movable(visit, grouping_of(state))
        return visit.partial("board/cards.html", filled=filled, movable=movable, state=state)

    return visit.read(work)


def board_state(visit: Visit, entity: str) -> ListState:
    """The state of a board; there is no such page when the view is none."""
    state = list_state(visit, visit.entity(entity))
    if state.view is None or state.view.kind != "kanban":
        raise PageMissing("There is no such board.", entity=entity)
    return state


__all__ = ["board_state", "card_of", "cards", "show"]
