"""Rows of a tree: which records stand at the top, how many are below each, and the handle that opens a row."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from markupsafe import Markup, escape

from fieldstone.engine.query.aggregate import aggregate
from fieldstone.engine.query.request import AggregateRequest, GroupKey, Measure
from fieldstone.engine.transaction import Transaction
from fieldstone.ui.lists.conditions import all_of, quoted_name
from fieldstone.ui.lists.rows import Row
from fieldstone.ui.lists.state import ListState
from fieldstone.ui.visit import Visit


def is_tree(state: ListState) -> bool:
    """Whether the list is drawn as a tree now."""
    return state.view is not None and state.view.kind == "tree" and not state.filtered


def parent_name(state: ListState) -> str:
    assert state.view is not None
    assert state.view.parent is not None
    return quoted_name(state.view.parent)


def roots_only(state: ListState) -> str:
    """Records below nothing, or below what the visitor may not see."""
    return f"isEmpty({parent_name(state)}.id)"


def count_below(
    tx: Transaction, visit: Visit, state: ListState, records: Sequence[Mapping[str, Any]]
) -> dict[UUID, int]:
    """How many readable records stand directly below each record, in one query."""
    if not records or state.view is None or state.view.parent is None:
        return {}
    ids = ", ".join(f'"{record["id"]}"' for record in records)
    request = AggregateRequest(
        group=(GroupKey(state.view.parent),),
        measures=(Measure("count", None, "records"),),
        filter=all_of([state.filter_text(visit), f"{parent_name(state)} in [{ids}]"]),
    )
    return {row[state.view.parent]: row["records"] for row in aggregate(tx, state.entity.name, request)}


def tree_rows(
    visit: Visit, state: ListState, rows: Sequence[Row], below: Mapping[UUID, int], depth: int
) -> list[Row]:
    """The rows with their depth and handles."""
    return [
        replace(row, depth=depth, handle=_handle(visit, state, row, below.get(row.id, 0), depth))
        for row in rows
    ]


def _handle(visit: Visit, state: ListState, row: Row, count: int, depth: int) -> Markup:
    if not count:
        return Markup('<span class="fs-tree-gap"></span>')
    url = state.url_at("children", parent=row.id, depth=depth + 1)
    label = visit.texts.count("tree.open", count, title=row.title)
    return Markup(
        '<button type="button" class="fs-tree-toggle" aria-expanded="false" aria-label="{}" data-tree="{}">'
        '<span aria-hidden="true">›</span></button>'
    ).format(label, url) + Markup('<span class="fs-tree-count" aria-hidden="true">{}</span>').format(
        escape(visit.formats.integer(count))
    )
