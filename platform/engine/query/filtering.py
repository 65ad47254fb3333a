"""Filters and full-text searches of callers, as conditions."""

import re
from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.query.gate import behind, read_by_fields, record_type
from fieldstone.engine.query.narrowed_search import readable_match
from fieldstone.engine.search import tsquery, word_patterns
from fieldstone.engine.storage.tables import SEARCH, searched
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import BOOLEAN, FILTER, FILTER_COST, Checked, ExpressionError, check
from fieldstone.expressions.sql import to_predicate
from fieldstone.metadata.definitions import Entity, Model

CONTEXT: Final = frozenset(("now", "today", "user", "hasRole"))
WORD: Final = re.compile(r"\w+")


class BadFilter(BadRequest):
    """A filter that does not parse, names what is not there, or costs too much."""

    code = "filter.malformed"


def check_filter(tx: Transaction, entity: Entity, source: str) -> Checked:
    """The checked filter, in the world that the actor can see."""
    try:
        return check(source, record_type(tx, entity).allowing(FILTER), expect=BOOLEAN, max_cost=FILTER_COST)
    except ExpressionError as error:
        raise BadFilter(f"filter: {error.message}", problems=error.problems) from error


def filter_condition(columns: EntityColumns, checked: Checked) -> ColumnElement[bool]:
    """The filter as a condition; null counts as false."""
    return to_predicate(checked, columns, columns.bindings)


def search_condition(
    columns: EntityColumns, q: str, readable: Collection[str]
) -> tuple[ColumnElement[bool], dict[str, Any]]:
    """Records whose `search` fields, the readable ones, hold every term of `q`, and the parameters.

    Nothing matches without terms.
    """
    params = search_params(columns.entity, q)
    if not params:
        return sa.false(), {}
    bound = sa.cast(sa.bindparam("terms", type_=sa.Text()), TSQUERY)
    found: ColumnElement[bool] = columns.raw(SEARCH).op("@@")(bound)
    narrowed = readable_match(columns, readable)
    return found if narrowed is None else sa.and_(found, narrowed), params


def search_params(entity: Entity, q: str) -> dict[str, Any]:
    """The parameters of `search_condition`; none where nothing can match."""
    query = tsquery(q) if searched(entity) else None
    return {} if query is None else {"terms": query, "patterns": word_patterns(q)}


def context_reads(model: Model, entity: Entity, *sources: str | None) -> frozenset[str]:
    """What a read of an entity's records takes from the clock and the user: by their computed fields, and by what filters,
    sort orders and the like name, behind links too. From their text alone: rather too much than too little.
    """
    words = frozenset(WORD.findall(" ".join(filter(None, sources))))
    found = words & CONTEXT
    todo, seen = [entity], {entity.name}
    while todo:
        current = todo.pop()
        found |= read_by_fields(model, current)
        for name in behind(model, current, words):
            if name not in seen:
                seen.add(name)
                todo.append(model.entities[name])
    return found
