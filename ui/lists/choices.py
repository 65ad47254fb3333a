"""Small answers for the controls of a list: the operators and the value control of a filter field."""

from werkzeug.wrappers import Response

from fieldstone.ui.fields import shown_as
from fieldstone.ui.lists.conditions import OPERATORS, WITHOUT_VALUE, family_of
from fieldstone.ui.lists.state import list_state
from fieldstone.ui.visit import Visit


def filter_fields(visit: Visit, entity: str) -> Response:
    """The rest of the filter builder for the chosen field and operator."""
    definition = visit.entity(entity)
    state = list_state(visit, definition)
    wanted = visit.request.args.get("add_field")
    column = next((each for each in state.available if each.name == wanted), None)
    family = family_of(column) if column else None
    operators = OPERATORS[family] if family else ()
    operator = visit.request.args.get("add_operator")
    if operator not in operators:
        operator = operators[0] if operators else None
    owner, field = shown_as(visit.model, column.entity, column.field) if column else (definition, None)
    return visit.partial(
        "list/filter_fields.html",
        operators=operators,
        operator=operator,
        field=field,
        owner=owner,
        family=family,
        labels=visit.labels,
        entity=definition,
        needs_value=operator is not None and operator not in WITHOUT_VALUE,
    )
