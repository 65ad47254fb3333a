"""Lists: a page of the records that the actor may read, filtered, sorted, counted, expanded."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from fieldstone.engine.permissions import access as access_of
from fieldstone.engine.permissions import actor_values
from fieldstone.engine.query import cursor as cursors
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.query.expand import check_expand, expand_links
from fieldstone.engine.query.filtering import (
    check_filter,
    context_reads,
    filter_condition,
    search_condition,
    search_params,
)
from fieldstone.engine.query.gate import bindings, bound_values, gate_for
from fieldstone.engine.query.order import Key, continued, sort_keys_of
from fieldstone.engine.query.repair import expressions_to_repair, violating
from fieldstone.engine.query.request import COUNT_CAP, MAX_LIMIT, ListRequest, Page
from fieldstone.engine.query.select import (
    Selection,
    Shape,
    fetch_details,
    readable_fields,
    record_where,
    select_fields,
)
from fieldstone.engine.query.subject import listable
from fieldstone.engine.storage.connection import Plan
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.problems import did_you_mean


def list_records(tx: Transaction, entity: str, request: ListRequest) -> Page:
    """One page. Raises NotFound, and BadRequest for what cannot be read in the request."""
    definition, access = listable(tx, entity)
    if not 1 <= request.limit <= MAX_LIMIT:
        raise BadRequest(f"limit must be between 1 and {MAX_LIMIT}.", code="limit.range")
    rights = access.readable
    check_expand(tx, definition, request.expand)
    gate = gate_for(tx)
    params = search_params(definition, request.q) if request.q else {}
    values: Mapping[str, Any] = {**params, **actor_values(tx.context.actor)}
    rules = expressions_to_repair(definition) if request.to_repair else ()
    reads = context_reads(tx.model, definition, request.filter, *request.sort, *rules)
    of_rows = (
        gate.key, entity, request.filter, request.q and bool(params), request.deleted, request.to_repair,
        bound_values(tx, reads),
    )  # fmt: skip
    of_page = (
        "list", *of_rows, tx.context.locale, request.fields, request.expand, request.sort, request.limit,
    )  # fmt: skip
    bound_to = cursors.fingerprint(
        tx.context.tenant.name,
        entity,
        request.filter,
        request.sort,
        request.q,
        tx.context.locale,
        request.deleted,
        request.to_repair,
    )
    if request.cursor:
        plan, shape, more = _continued(tx, definition, rights, request, of_page, bound_to)
        values = {**values, **more}
    else:
        plan, shape = tx.reading(of_page, lambda: _first(tx, definition, rights, request))
    plans: list[tuple[Plan, Mapping[str, Any]]] = [(plan, values)]
    if request.count != "no":
        exact = request.count == "exact"
        plans.append(
            (tx.plan(("count", *of_rows, exact), lambda: _count(tx, definition, request, exact)), values)
        )
    simple = not shape.lines and not shape.files and not request.expand
    rows, *counted = tx.fetch_all(plans, last=simple and tx.solo)
    records = [shape.record(row) for row in rows[: request.limit]]
    following = None
    if len(rows) > request.limit:
        following = cursors.encode(bound_to, rows[request.limit - 1][len(shape.names) :])
    if not simple and records:
        fetch_details(tx, shape, records, last=tx.solo and not request.expand)
        if request.expand:
            expand_links(tx, definition, records, request.expand)
    page = Page(records, following)
    if counted:
        number = counted[0][0][0]
        capped = request.count == "capped" and number > COUNT_CAP
        page = replace(page, count=COUNT_CAP if capped else number, count_is_exact=not capped)
    return page


def _first(
    tx: Transaction, entity: Entity, rights: frozenset[str], request: ListRequest
) -> tuple[sa.Select[Any], Shape]:
    """The statement of a first page."""
    columns, selection, keys = _columns(tx, entity, rights, request)
    where = _conditions(tx, columns, request)
    return _page(columns, selection, keys, where, request.limit), selection.shape


def _continued(
    tx: Transaction,
    entity: Entity,
    rights: frozenset[str],
    request: ListRequest,
    of_page: tuple[Any, ...],
    bound_to: str,
) -> tuple[Plan, Shape, dict[str, Any]]:
    """The statement of the page after a cursor, and its parameters. It depends on where nulls begin."""
    columns, selection, keys = _columns(tx, entity, rights, request)
    after = cursors.decode(request.cursor or "", bound_to, [key.kind for key in keys])
    condition, params = continued(keys, after)

    def build() -> sa.Select[Any]:
        where = [*_conditions(tx, columns, request), condition]
        return _page(columns, selection, keys, where, request.limit)

    nulls = tuple(value is None for value in after)
    return tx.plan((*of_page, nulls), build), selection.shape, params


def _columns(
    tx: Transaction, entity: Entity, rights: frozenset[str], request: ListRequest
) -> tuple[EntityColumns, Selection, list[Key]]:
    names = readable_fields(entity, access_of(tx, entity.name), _wanted(entity.fields, rights, request))
    columns = EntityColumns(tx.model, entity, bindings=bindings(tx), gate=gate_for(tx))
    selection = select_fields(tx, columns, names)
    return columns, selection, sort_keys_of(tx, columns, request.sort)


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
    lines = [name for name in request.expand if name in fields and fields[name].lines is not None]
    return (*request.fields, *request.expand, *lines)


def _conditions(tx: Transaction, columns: EntityColumns, request: ListRequest) -> list[ColumnElement[bool]]:
    where = record_where(tx, columns, deleted=request.deleted)
    if request.filter:
        where.append(filter_condition(columns, check_filter(tx, columns.entity, request.filter)))
    if request.q:
        where.append(search_condition(columns, request.q, access_of(tx, columns.entity.name).readable)[0])
    if request.to_repair:
        where.append(violating(columns))
    return where


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


def _count(tx: Transaction, entity: Entity, request: ListRequest, exact: bool) -> sa.Select[Any]:
    columns = EntityColumns(tx.model, entity, bindings=bindings(tx), gate=gate_for(tx))
    where = _conditions(tx, columns, request)
    if exact:
        return sa.select(sa.func.count()).select_from(columns.source).where(*where)
    some: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(columns.source).where(*where)
    return sa.select(sa.func.count()).select_from(
        some.limit(sa.literal_column(str(COUNT_CAP + 1))).subquery()
    )


def matching_ids(
    tx: Transaction, entity: str, *, filter: str | None = None, q: str | None = None, limit: int
) -> list[UUID]:
    """The ids of all records that a list with this filter and search would show, oldest first, at most `limit`."""
    definition, _ = listable(tx, entity)
    request = ListRequest(filter=filter, q=q)
    columns = EntityColumns(tx.model, definition, bindings=bindings(tx), gate=gate_for(tx))
    where = _conditions(tx, columns, request)
    own = columns.own("id")
    statement = sa.select(own).select_from(columns.source).where(*where).order_by(own).limit(limit)
    params = search_params(definition, q) if q else {}
    return [row[0] for row in tx.select(statement, {**params, **actor_values(tx.context.actor)})]
