"""The rows below a row of a tree, for the button that opens it."""

from typing import Final
from uuid import UUID

from werkzeug.wrappers import Response

from fieldstone.engine.query.listing import list_records
from fieldstone.engine.transaction import Transaction
from fieldstone.ui.lists.request import list_request
from fieldstone.ui.lists.row_html import rows_html
from fieldstone.ui.lists.rows import Rows
from fieldstone.ui.lists.state import list_state
from fieldstone.ui.trees.rows import count_below, is_tree, parent_name, tree_rows
from fieldstone.ui.visit import PageMissing, Visit

DEEPEST: Final = 50


def children(visit: Visit, entity: str) -> Response:
    """The next rows below the record `parent`."""
    state = list_state(visit, visit.entity(entity))
    args = visit.request.args
    depth = args.get("depth", 1, type=int)
    try:
        parent = UUID(args.get("parent", ""))
    except ValueError:
        parent = None
    if not is_tree(state) or parent is None or not 1 <= depth <= DEEPEST:
        raise PageMissing("There is no such tree.", entity=entity)

    def work(tx: Transaction) -> Response:
        request = list_request(visit, state, f'{parent_name(state)} == "{parent}"')
        page = list_records(tx, entity, request)
        below = count_below(tx, visit, state, page.data)
        made = Rows(visit, state)
        rows = tree_rows(visit, state, [made.row(record) for record in page.data], below, depth)
        more = state.url_at("children", parent=parent, depth=depth, cursor=page.next) if page.next else None
        return visit.partial(
            "tree/children.html",
            rows=rows_html(rows, visit.texts),
            more=more,
            depth=depth,
            width=len(state.columns) + 1,
        )

    return visit.read(work)
