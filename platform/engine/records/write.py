"""The SQL of writing one record: the row, its lines and its history row.

Values are keyed by API name; here they become columns, with sort keys and search tokens beside them. The row and its
history go out as one statement; nothing here waits for an answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.columns.kinds import TEXT
from fieldstone.engine.duplicates.keys import match_keys, touched
from fieldstone.engine.ids import new_id
from fieldstone.engine.records.layout import places_of
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.search import tokens
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Plan
from fieldstone.engine.storage.json_values import wire_dumps
from fieldstone.engine.storage.tables import EXTRAS, MATCH, PARENT, POSITION, SEARCH
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field

SYSTEM = ("id", "version", "created_at", "created_by", "updated_at", "updated_by", "owner_id", "deleted_at")


def search_tokens(program: Program, values: Mapping[str, Any]) -> list[str]:
    """The tokens of all `search` fields of a record."""
    found: dict[str, None] = {}
    for field in program.searched:
        for text in _texts(values.get(field.name)):
            found.update(dict.fromkeys(tokens(text)))
    return list(found)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def row_values(
    program: Program, values: Mapping[str, Any], fields: Iterable[Field] | None = None
) -> dict[str, Any]:
    """All columns of a record (or those of some fields), without the system columns."""
    entity = program.entity
    places = places_of(entity)
    columns: dict[str, Any] = {}
    if fields is None:
        for place in places.values():
            place.put(values, columns)
    else:
        for field in fields:
            if field.name in places:
                places[field.name].put(values, columns)
    return columns | beside_fields(program, values, fields)


def beside_fields(
    program: Program, values: Mapping[str, Any], fields: Iterable[Field] | None = None
) -> dict[str, Any]:
    """The columns that belong to no one field: additional properties, and what a record is found by."""
    entity = program.entity
    columns: dict[str, Any] = {}
    if fields is None and entity.extras is not False:
        extras = values.get(EXTRAS)
        columns[EXTRAS] = Jsonb(extras) if extras else None
    if program.searched and (fields is None or any(field.search for field in fields)):
        columns[SEARCH] = search_tokens(program, values)
    if entity.duplicates and (fields is None or touched(entity, {field.name for field in fields})):
        columns[MATCH] = match_keys(entity, values)
    return columns


def _bound(column: sa.Column[Any]) -> Any:
    if column.name == SEARCH:
        return sa.func.array_to_tsvector(sa.bindparam(f"c_{SEARCH}", type_=ARRAY(TEXT)))
    return sa.bindparam(f"c_{column.name}", type_=column.type)


def _params(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {f"c_{name}": value for name, value in columns.items()}


def _history_insert() -> sa.Insert:
    table = control.history
    return sa.insert(table).values({c.name: sa.bindparam(f"h_{c.name}", type_=c.type) for c in table.columns})


def history_params(
    tx: Transaction, entity: str, record_id: UUID, verb: str, version: int, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """The history row of one change."""
    context = tx.context
    return {
        "h_id": new_id(),
        "h_entity": entity,
        "h_record_id": record_id,
        "h_at": context.now,
        "h_actor": context.actor.id,
        "h_on_behalf_of": context.actor.on_behalf_of,
        "h_verb": verb,
        "h_revision": context.revision,
        "h_version": version,
        "h_request_id": context.request_id,
        "h_changes": Jsonb(changes, wire_dumps),
    }


def insert_record(
    tx: Transaction, program: Program, values: Mapping[str, Any], changes: Mapping[str, Any]
) -> None:
    """Insert a record with its lines and its history."""
    for plan, params in insertions(tx, program, values, changes):
        tx.defer(plan, params)


def insertions(
    tx: Transaction, program: Program, values: Mapping[str, Any], changes: Mapping[str, Any]
) -> Iterator[tuple[Plan, Mapping[str, Any]]]:
    """The statements that insert a record: one for the row and its history, and one per line."""
    table = program.built.table
    columns = {name: values.get(name) for name in SYSTEM} | row_values(program, values)

    def build() -> sa.Insert:
        row = sa.insert(table).values({c: _bound(c) for c in table.columns}).cte("written")
        return _history_insert().add_cte(row)

    history = history_params(tx, program.entity.name, values["id"], "create", values["version"], changes)
    yield tx.plan(("insert", program.entity.hash), build), _params(columns) | history
    for field in program.lines:
        yield from line_insertions(tx, field, values["id"], values.get(field.name) or [])


def lexemes(tokens: Iterable[str]) -> str:
    """Tokens as the text of a tsvector."""
    return " ".join("'" + token.replace("\\", "\\\\").replace("'", "''") + "'" for token in tokens)


def insert_lines(tx: Transaction, field: Field, parent: UUID, lines: Iterable[Mapping[str, Any]]) -> None:
    """Insert lines; each has its id and its `_position`."""
    for plan, params in line_insertions(tx, field, parent, lines):
        tx.defer(plan, params)


def line_insertions(
    tx: Transaction, field: Field, parent: UUID, lines: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[Plan, Mapping[str, Any]]]:
    """A statement per line."""
    child = program_for(tx.model, tx.model.entities[field.lines or ""])
    table = child.built.table
    plan = tx.plan(
        ("insert", child.entity.hash), lambda: sa.insert(table).values({c: _bound(c) for c in table.columns})
    )
    for line in lines:
        columns = {"id": line["id"], PARENT: parent, POSITION: line[POSITION]} | row_values(child, line)
        yield plan, _params(columns)


def update_lines(tx: Transaction, field: Field, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    """Bring the stored lines of a record from `old` to `new`: update known ids, delete missing ones."""
    child = program_for(tx.model, tx.model.entities[field.lines or ""])
    table = child.built.table
    before = {line["id"]: line for line in old}
    kept = {line["id"] for line in new}
    gone = [line_id for line_id in before if line_id not in kept]
    if gone:
        plan = tx.plan(
            ("delete_lines", child.entity.hash),
            lambda: sa.delete(table).where(
                table.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid())))
            ),
        )
        tx.defer(plan, {"ids": gone})
    for line in new:
        if line["id"] in before and line != before[line["id"]]:
            columns = {POSITION: line[POSITION]} | row_values(child, line)
            _defer_update(tx, child.entity, table, columns, line["id"])


def _defer_update(
    tx: Transaction, entity: Entity, table: sa.Table, columns: Mapping[str, Any], row_id: UUID
) -> None:
    names = tuple(sorted(columns))

    def build() -> sa.Update:
        changed = {table.c[name]: _bound(table.c[name]) for name in names}
        return sa.update(table).where(table.c.id == sa.bindparam("k_id", type_=sa.Uuid())).values(changed)

    tx.defer(tx.plan(("update_line", entity.hash, names), build), _params(columns) | {"k_id": row_id})


def update_record(
    tx: Transaction,
    program: Program,
    record_id: UUID,
    columns: Mapping[str, Any],
    *,
    verb: str,
    version: int,
    changes: Mapping[str, Any],
) -> None:
    """Update the given columns of a record, with its history row."""
    table = program.built.table
    names = tuple(sorted(columns))

    def build() -> sa.Insert:
        changed = {table.c[name]: _bound(table.c[name]) for name in names}
        row = (
            sa.update(table)
            .where(table.c.id == sa.bindparam("k_id", type_=sa.Uuid()))
            .values(changed)
            .cte("written")
        )
        return _history_insert().add_cte(row)

    plan = tx.plan(("update", program.entity.hash, names), build)
    history = history_params(tx, program.entity.name, record_id, verb, version, changes)
    tx.defer(plan, _params(columns) | history | {"k_id": record_id})


__all__ = [
    "history_params", "insert_lines", "insert_record", "insertions", "lexemes", "row_values", "search_tokens",
    "update_lines", "update_record",
]  # fmt: skip
