"""New records held back to be stored together: with their lines, their history and their search tokens.

Columns are made for all records at once. Which columns a field fills is asked of its place, so that this knows no
field type.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from psycopg.types.json import Jsonb

from fieldstone.engine.ids import new_ids
from fieldstone.engine.records.layout import Place, places_of
from fieldstone.engine.records.program import Program, program_for
from fieldstone.engine.records.write import SYSTEM, beside_fields, insertions, lexemes
from fieldstone.engine.search import sort_keys
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import CopyInto, Plan
from fieldstone.engine.storage.json_values import wire_dumps
from fieldstone.engine.storage.tables import PARENT, POSITION, SEARCH
from fieldstone.engine.transaction import Transaction

Columns = dict[str, Sequence[Any]]
Records = Sequence[Mapping[str, Any]]
Rows = tuple[CopyInto, Sequence[Sequence[Any]]]
HISTORY: Final = control.history


class NewRecords:
    """Records that were accepted and are not stored yet: values, and what their history says."""

    def __init__(self, tx: Transaction, program: Program) -> None:
        self._tx, self._program = tx, program
        self._records: list[Mapping[str, Any]] = []
        self._changes: list[Mapping[str, Any]] = []

    def add(self, values: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
        """Store a record, with the next ones."""
        self._records.append(values)
        self._changes.append(changes)
        self._tx.connection.gather(self)

    def __len__(self) -> int:
        return len(self._records)

    def clear(self) -> None:
        self._records, self._changes = [], []

    def statements(self) -> list[tuple[Plan, Mapping[str, Any]]]:
        return [
            step
            for values, changes in zip(self._records, self._changes, strict=True)
            for step in insertions(self._tx, self._program, values, changes)
        ]

    def copies(self) -> Iterator[Rows]:
        system: Columns = {name: [values.get(name) for values in self._records] for name in SYSTEM}
        yield _rows(self._program, system, self._records)
        for field in self._program.lines:
            child = program_for(self._tx.model, self._tx.model.entities[field.lines or ""])
            lines = [(each["id"], line) for each in self._records for line in each.get(field.name) or ()]
            if lines:
                own: Columns = {
                    "id": [line["id"] for _, line in lines],
                    PARENT: [parent for parent, _ in lines],
                    POSITION: [line[POSITION] for _, line in lines],
                }
                yield _rows(child, own, [line for _, line in lines])
        yield history_rows(self._tx, self._program.entity.name, "create", self._records, self._changes)


def history_rows(
    tx: Transaction, entity: str, verb: str, records: Records, changes: Sequence[Mapping[str, Any]]
) -> Rows:
    """The history of one verb on many records, for COPY; `version` of each record is the one after the change."""
    context, count = tx.context, len(records)
    columns: Columns = {
        "id": new_ids(count),
        "entity": [entity] * count,
        "record_id": [values["id"] for values in records],
        "at": [context.now] * count,
        "actor": [context.actor.id] * count,
        "on_behalf_of": [context.actor.on_behalf_of] * count,
        "verb": [verb] * count,
        "revision": [context.revision] * count,
        "version": [values["version"] for values in records],
        "request_id": [context.request_id] * count,
        "changes": [Jsonb(each, wire_dumps) for each in changes],
    }
    return _into(HISTORY, columns)


def _rows(program: Program, columns: Columns, records: Records) -> Rows:
    for place in places_of(program.entity).values():
        columns |= _filled(place, records)
    beside = [beside_fields(program, each) for each in records]
    for name in beside[0]:
        columns[name] = [each[name] for each in beside]
    if SEARCH in columns:
        columns[SEARCH] = list(map(lexemes, columns[SEARCH]))
    return _into(program.built.table, columns)


def _into(table: sa.Table, columns: Columns) -> Rows:
    names = tuple(column.name for column in table.columns)
    return CopyInto(table.schema or "", table.name, names), [columns[name] for name in names]


def _filled(place: Place, records: Records) -> Columns:
    """The columns that a field fills, for all records. Plain values and text have a short way."""
    filled: dict[str, Any] = {}
    place.put({}, filled)
    plain = place.to_db is None and filled.keys() == {
        place.column,
        *(column for _, column in place.companions),
    }
    if plain:
        columns: Columns = {column: _values(records, name) for name, column in place.companions}
        columns[place.column] = _values(records, place.name)
        return columns
    if place.to_db is None and place.sort is not None and filled.keys() == {place.column, place.sort}:
        texts = _values(records, place.name)
        joined = "".join(text for text in texts if text.__class__ is str)
        keys = [None] * len(texts) if joined.isascii() else list(map(_sort_keys, texts))
        return {place.column: texts, place.sort: keys}
    found: list[dict[str, Any]] = []
    for values in records:
        found.append({})
        place.put(values, found[-1])
    return {column: [each[column] for each in found] for column in filled}


def _values(records: Records, name: str) -> list[Any]:
    return [values.get(name) for values in records]


def _sort_keys(text: Any) -> Any:
    if text is None or text == "" or not isinstance(text, str) or text.isascii():
        return None
    return sort_keys(text)


__all__ = ["NewRecords", "history_rows"]
