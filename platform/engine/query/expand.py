"""Expanded links: the linked records in place of their ids, in one statement per target, never one per row."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.permissions import NotFound, access, actor_values
from fieldstone.engine.query.columns import EntityColumns, link_target
from fieldstone.engine.query.errors import BadRequest
from fieldstone.engine.query.gate import bindings, bound_values, gate_for, read_by_fields, readable
from fieldstone.engine.query.select import (
    IDS,
    Shape,
    fetch_details,
    readable_fields,
    record_where,
    select_fields,
)
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.problems import did_you_mean

OWNERS = ("created_by", "updated_by", "owner_id")


def expandable(tx: Transaction, entity: Entity) -> list[str]:
    """The links of an entity that the actor can read."""
    names = access(tx, entity.name).readable
    fields = [field for field in entity.fields.values() if field.name in names]
    links = [f.name for f in fields if f.target in tx.model.entities or f.type == "any_link"]
    return [*links, *(name for name in OWNERS if name in names)]


def check_expand(tx: Transaction, entity: Entity, names: Iterable[str]) -> None:
    """Raise BadRequest for a name that is neither a link nor lines that the actor can read."""
    names = tuple(names)
    if not names:
        return
    shown = access(tx, entity.name).readable
    known = expandable(tx, entity)
    known += [f.name for f in entity.fields.values() if f.type == "lines" and f.name in shown]
    for name in names:
        if name not in known:
            raise BadRequest(
                f'There is no link "{name}" to expand{did_you_mean(name, known) or "."}',
                code="expand.unknown",
            )


def expand_links(
    tx: Transaction, entity: Entity, records: Sequence[dict[str, Any]], names: Iterable[str]
) -> None:
    """Replace ids by records; an id whose record the actor may not read stays an id."""
    for name in names:
        if name in entity.fields and entity.fields[name].type == "lines":
            continue
        if name in entity.fields and entity.fields[name].lines is not None:
            _expand_rows(tx, entity.fields[name], name, records)
            continue
        if name in entity.fields and entity.fields[name].type == "any_link":
            _expand_anywhere(tx, name, records)
            continue
        ids = list({record[name] for record in records if record.get(name) is not None})
        if not ids:
            continue
        found = linked(tx, link_target(entity, name), ids)
        for record in records:
            if record.get(name) in found:
                record[name] = found[record[name]]


def _expand_rows(tx: Transaction, field: Field, name: str, records: Sequence[dict[str, Any]]) -> None:
    """Put the linked records of several links beside their ids, as `record`."""
    rows = [row for record in records for row in record.get(name) or ()]
    found = linked(tx, field.target or "", list({row["id"] for row in rows})) if rows else {}
    for row in rows:
        row["record"] = found.get(row["id"])


def _expand_anywhere(tx: Transaction, name: str, records: Sequence[dict[str, Any]]) -> None:
    """Put the record that a link to anything leads to beside its id, as `record`; null where it may not be read."""
    links = [record[name] for record in records if record.get(name) is not None]
    ids: dict[str, set[UUID]] = {}
    for link in links:
        ids.setdefault(link["entity"], set()).add(UUID(link["id"]))
    found = {
        target: linked(tx, target, list(wanted))
        for target, wanted in ids.items()
        if target in tx.model.entities
    }
    for link in links:
        link["record"] = found.get(link["entity"], {}).get(UUID(link["id"]))


def linked(tx: Transaction, target: str, ids: list[Any]) -> dict[Any, dict[str, Any]]:
    """Records of an entity by id, those that the actor may read."""
    definition = tx.model.entities[target]
    try:
        rights = readable(tx, target)
    except NotFound:
        return {}
    gate = gate_for(tx)

    def build() -> tuple[sa.Select[Any], Shape]:
        columns = EntityColumns(tx.model, definition, bindings=bindings(tx), gate=gate)
        selection = select_fields(tx, columns, readable_fields(definition, rights))
        where = record_where(tx, columns)
        statement = (
            sa.select(*selection.labelled())
            .select_from(columns.source)
            .where(columns.own("id") == sa.any_(IDS), *where)
        )
        return statement, selection.shape

    bound = bound_values(tx, read_by_fields(tx.model, definition))
    plan, shape = tx.reading(("expand", gate.key, target, bound), build)
    rows = tx.fetch(plan, {"ids": ids, **actor_values(tx.context.actor)})
    found = [shape.record(row) for row in rows]
    fetch_details(tx, shape, found)
    return {record["id"]: record for record in found}
