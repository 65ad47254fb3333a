"""Values that must be unique, looked up for many new records at once.

The indexes decide. This only says beforehand what they would say, so that a file that was imported already is refused
row by row without an error of the database for each.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.records.program import Program
from fieldstone.engine.storage.failures import Conflict, taken
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field


class Taken:
    """The values of unique fields that are in use, stored or just accepted."""

    def __init__(self, tx: Transaction, program: Program, records: Sequence[dict[str, Any]]) -> None:
        self._entity = program.entity
        fields = [field for field in program.entity.fields.values() if field.unique]
        self._fields = (
            [field for field in fields if field.name in program.built.fields] if len(records) > 1 else []
        )
        self._values: dict[str, set[Any]] = {}
        for field in self._fields:
            wanted = {each[field.name] for each in records if each.get(field.name) is not None}
            self._values[field.name] = _stored(tx, program, field, list(wanted)) if wanted else set()

    def accept(self, values: dict[str, Any]) -> Conflict | None:
        """The refusal of a record whose value is in use; else its values are in use from now on."""
        for field in self._fields:
            if values.get(field.name) in self._values[field.name]:
                return taken(self._entity, field)
        for field in self._fields:
            if values.get(field.name) is not None:
                self._values[field.name].add(values[field.name])
        return None


def _stored(tx: Transaction, program: Program, field: Field, wanted: list[Any]) -> set[Any]:
    column = program.built.fields[field.name]

    def build() -> sa.Select[Any]:
        values = sa.bindparam("values", type_=ARRAY(column.type))
        return sa.select(column).where(
            column == sa.any_(values), program.built.fields["deleted_at"].is_(None)
        )

    rows = tx.fetch(tx.plan(("taken", program.entity.hash, field.name), build), {"values": wanted})
    return {row[0] for row in rows}
