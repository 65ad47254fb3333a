"""The history of one record, newest first, without what the actor may not read."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.permissions import access as access_of
from fieldstone.engine.query.joins import visible_ids
from fieldstone.engine.records.merge import merged_into
from fieldstone.engine.records.read import read
from fieldstone.engine.records.subject import money_name, readable_entity
from fieldstone.engine.storage import control
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field

PAGE = 50
_BEFORE = sa.bindparam("before", type_=sa.Uuid())


def history(
    tx: Transaction, entity: str, record_id: UUID, *, before: UUID | None = None, limit: int = PAGE
) -> tuple[list[dict[str, Any]], UUID | None]:
    """Entries of a record that the actor may read, and the id to continue from (None: that was all).

    A change of hidden fields only is not listed. Entries of records that were merged into this one are among them; their
    `record_id` tells.
    """
    program, access = readable_entity(tx, entity)
    read(tx, entity, record_id, fields=())
    table = control.history
    records = [record_id, *merged_into(tx, entity, record_id)]

    def build() -> sa.Select[Any]:
        return (
            sa.select(
                table.c.id, table.c.at, table.c.actor, table.c.on_behalf_of, table.c.verb, table.c.revision,
                table.c.version, table.c.request_id, table.c.changes, table.c.record_id,
            )
            .where(
                table.c.record_id == sa.any_(sa.bindparam("records", type_=ARRAY(sa.Uuid()))),
                table.c.entity == sa.bindparam("entity", type_=sa.Text()),
                sa.or_(_BEFORE.is_(None), table.c.id < _BEFORE),
            )
            .order_by(table.c.id.desc())
            .limit(sa.bindparam("limit", type_=sa.Integer()))
        )  # fmt: skip

    values = {"records": records, "entity": entity, "before": before, "limit": limit + 1}
    rows = tx.fetch(tx.plan(("history",), build), values)
    names = (
        "id", "at", "actor", "on_behalf_of", "verb", "revision", "version", "request_id", "changes", "record_id",
    )  # fmt: skip
    entries = [dict(zip(names, row, strict=True)) for row in rows[:limit]]
    following = entries[-1]["id"] if len(rows) > limit else None
    shown = []
    met = _met(tx, [field for field in program.lines if field.type == "multi_link"], entries)
    for entry in entries:
        all_changes = entry["changes"]
        for name, seen in met.items():
            if name in all_changes:
                entry["changes"] = all_changes = _without_unmet(all_changes, name, seen)
        entry["changes"] = {
            name: _readable_lines(tx, program.entity.fields.get(name), change)
            for name, change in all_changes.items()
            if (money_name(program.entity, name) or name) in access.readable
            or (name not in program.entity.fields and program.entity.extras is not False)
        }
        if entry["changes"] or not all_changes:
            shown.append(entry)
    return shown, following


def _met(tx: Transaction, fields: list[Field], entries: list[dict[str, Any]]) -> dict[str, frozenset[str]]:
    """By field of several links: the linked records of all entries that the actor meets."""
    wanted: dict[str, set[UUID]] = {}
    for field in fields:
        for entry in entries:
            for rows in entry["changes"].get(field.name, {}).values():
                wanted.setdefault(field.target or "", set()).update(UUID(row["id"]) for row in rows or ())
    found = visible_ids(tx, wanted)
    return {field.name: frozenset(map(str, found.get(field.target or "", ()))) for field in fields}


def _without_unmet(changes: dict[str, Any], name: str, met: frozenset[str]) -> dict[str, Any]:
    """Changes without links to records that the actor does not meet; without the field when that was all."""
    rows = {
        when: None if value is None else [row for row in value if row["id"] in met]
        for when, value in changes[name].items()
    }
    rest = {key: value for key, value in changes.items() if key != name}
    return rest if (rows.get("old") or []) == (rows.get("new") or []) else {**rest, name: rows}


def _readable_lines(tx: Transaction, field: Field | None, change: dict[str, Any]) -> dict[str, Any]:
    """A change of lines without the parts of them that the actor may not read."""
    if field is None or field.lines is None or field.lines not in tx.model.entities:
        return change
    child = tx.model.entities[field.lines]
    hidden = set(child.fields) - access_of(tx, child.name).readable
    if not hidden:
        return change
    return {
        when: [
            {n: v for n, v in line.items() if (money_name(child, n) or n) not in hidden}
            for line in lines or ()
        ]
        if isinstance(lines, list)
        else lines
        for when, lines in change.items()
    }
