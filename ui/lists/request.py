"""A list as the engine (and the API) takes it."""

from fieldstone.engine.query.request import ListRequest
from fieldstone.ui.lists.conditions import all_of
from fieldstone.ui.lists.state import ListState
from fieldstone.ui.visit import Visit


def list_request(visit: Visit, state: ListState, *conditions: str) -> ListRequest:
    """The request for the page that a state asks for, narrowed by further conditions."""
    return ListRequest(
        filter=all_of([state.filter_text(visit), *conditions]) or None,
        sort=state.sort,
        fields=fields_of(state),
        expand=state.expand,
        limit=state.page_size,
        cursor=state.cursor,
        count="no" if state.cursor else "capped",
        q=state.q or None,
        to_repair=state.to_repair,
    )


def fields_of(state: ListState, *more: str) -> tuple[str, ...]:
    """The fields that the columns and the row's title need."""
    title = state.entity.title_field
    names = [*(column.path[0] for column in state.columns), *([title] if title else []), *more]
    return tuple(dict.fromkeys(names))
