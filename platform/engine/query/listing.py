"""Lists: a page of the records that the actor may read, filtered, sorted, counted, expanded."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.permissions import actor_values
from fieldstone.engine.query import cursor as cursors
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.query.expand import expand_links
from fieldstone.engine.query.filtering import (
    check_filter,
    filter_condition,
    search_condition,
    uses_clock_or_user,
)
from fieldstone.engine.query.gate import bindings, gate_for
from fieldstone.engine.query.order import Key, continued, sort_keys_of
from fieldstone.engine.query.repair import violating
from fieldstone.engine.query.request import COUNT_CAP, MAX_LIMIT, ListRequest, Page
from fieldstone.engine.query.select import (
    Selection,
    fetch_details,
    readable_fields,
    record_where,
    select_fields,
)
from fieldstone.engine.query.subject import listable
from fieldstone.engine.storage.connection import Plan, compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import did_you_mean


def list_records(tx: Transaction, entity: str, request: ListRequest) -> Page:
    """One page. Raises NotFound, and BadRequest for what cannot be read in the request."""
    definition, access = listable(tx, entity)
    if not 1 <= request.limit <= MAX_LIMIT:
        raise BadRequest(f"limit must be between 1 and {MAX_LIMIT}.", code="limit.range")
    wanted = _wanted(definition.fields, access.readable, request)
    gate = gate_for(tx)
    columns = EntityColumns(tx.model, definition, bindings=bindings(tx), gate=gate)
    names = readable_fields(definition, access, wanted)
    selection = select_fields(tx, columns, names)
    keys = sort_keys_of(tx, columns, request.sort)
    where, params, checked = _conditions(tx, columns, request)
    bound_to = cursors.fingerprint(
        tx.context.tenant.name,
        entity,
        request.filter,
        request.sort,
        request.q,
        tx.context.locale,
        request.deleted,
    )
    values: Mapping[str, Any] = {**params, **actor_values(tx.context.actor)}
    shape: tuple[Any, ...] = ()
    page_where = list(where)
    if request.cursor:
        after = cursors.decode(request.cursor, bound_to, [key.kind for key in keys])
        condition, more = continued(keys, after)
        page_where.append(condition)
        values = {**values, **more}
        shape = tuple(value is None for value in after)
    key = (
        "list", gate.key, tx.context.locale, entity, tuple(names), request.filter, request.sort, bool(request.q),
        request.deleted, request.to_repair, request.limit, shape, tx.context.now if uses_clock_or_user(checked) else None,
    )  # fmt: skip
    plans: list[tuple[Plan, Mapping[str, Any]]] = [
        (tx.plan(key, lambda: _page(columns, selection, keys, page_where, request.limit)), values)
    ]
    if request.count != "no":
        plans.append((compile_plan(_count(columns, where, exact=request.count == "exact")), values))
    simple = not selection.lines and not selection.files and not request.expand
    rows, *counted = tx.fetch_all(plans, last=simple and tx.solo)
    records = [selection.record(row) for row in rows[: request.limit]]
    following = None
    if len(rows) > request.limit:
        following = cursors.encode(bound_to, rows[request.limit - 1][len(selection.names) :])
    if not simple and records:
        fetch_details(tx, selection, records, last=tx.solo and not request.expand)
        if request.expand:
            expand_links(tx, definition, records, request.expand)
    page = Page(records, following)
    if counted:
        number = counted[0][0][0]
        capped = request.count == "capped" and number > COUNT_CAP
        page = replace(page, count=COUNT_CAP if capped else number, count_is_exact=not capped)
    return page


def _wanted(
    fields: Mapping[str, Any], readable: frozenset[str], request: ListRequest
) -> tuple[str, ...] | None:
    if request.fields is None:
        return None
    for name in request.fields:
        if name not in readable:
            raise BadRequest(
                f'There is no field "{name}"{did_you_mean(name, readable) or "."}', code="fields.unknown"
            )
    lines = [name for name in request.expand if name in fields and fields[name].type == "lines"]
    return (*request.fields, *request.expand, *lines)


def _conditions(
    tx: Transaction, columns: EntityColumns, request: ListRequest
) -> tuple[list[ColumnElement[bool]], dict[str, Any], list[Any]]:
    where = record_where(tx, columns, deleted=request.deleted)
    params: dict[str, Any] = {}
    checked = []
    if request.filter:
        checked.append(check_filter(tx, columns.entity, request.filter))
        where.append(filter_condition(columns, checked[0]))
    if request.q:
        condition, more = search_condition(columns, request.q)
        where.append(condition)
        params.update(more)
    if request.to_repair:
        where.append(violating(columns))
    return where, params, checked


def _page(
    columns: EntityColumns,
    selection: Selection,
    keys: list[Key],
    where: list[ColumnElement[bool]],
    limit: int,
) -> sa.Select[Any]:
    sorted_by = [key.expression.label(f"k{i}") for i, key in enumerate(keys)]
    return (
        sa.select(*selection.labelled(), *sorted_by)
        .select_from(columns.source)
        .where(*where)
        .order_by(*(key.ordered() for key in keys))
        .limit(sa.literal_column(str(limit + 1)))
    )


def _count(columns: EntityColumns, where: list[ColumnElement[bool]], *, exact: bool) -> sa.Select[Any]:
    if exact:
        return sa.select(sa.func.count()).select_from(columns.source).where(*where)
    some: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(columns.source).where(*where)
    return sa.select(sa.func.count()).select_from(
        some.limit(sa.literal_column(str(COUNT_CAP + 1))).subquery()
    )
