"""The rows of values that wait: found, taken over into the record, dropped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.ids import new_id
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.storage.json_values import wire_dumps
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.fields import FIELD_TYPES
from fieldstone.metadata.fields.base import INVALID

_TABLE: Final = control.pending_value
_NAMES: Final = (
    "id", "entity", "record", "field", "old", "value", "requested_by", "requested_at", "run", "state", "decided_at",
)  # fmt: skip
_SELECT: Final = sa.select(*(_TABLE.c[name] for name in _NAMES))
_WAITING: Final = _TABLE.c.state == "pending"
_RUN: Final = sa.bindparam("of_run", type_=sa.Uuid())
_OF_RECORDS: Final = compile_plan(
    _SELECT.where(_TABLE.c.record == sa.any_(sa.bindparam("records", type_=ARRAY(sa.Uuid()))), _WAITING)
)
_OF_RUN: Final = compile_plan(_SELECT.where(_TABLE.c.run == _RUN).order_by(_TABLE.c.id))
_INSERT: Final = compile_plan(
    sa.insert(_TABLE).values({name: sa.bindparam(f"c_{name}", type_=_TABLE.c[name].type) for name in _NAMES})
)
_CLOSE: Final = compile_plan(
    sa.update(_TABLE)
    .where(_TABLE.c.run == _RUN, _WAITING)
    .values(
        state=sa.bindparam("outcome", type_=sa.Text()),
        decided_at=sa.bindparam("at", type_=control.STAMP),
    )
)


@dataclass(frozen=True, slots=True)
class Pending:
    """A value that waits. `old` and `value` are wire values by name: the field, and for money its currency."""

    id: UUID
    entity: str
    record: UUID
    field: str
    old: Mapping[str, Any]
    value: Mapping[str, Any]
    requested_by: UUID | None
    requested_at: datetime
    run: UUID | None
    state: str = "pending"
    decided_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """As `_pending` of a record shows it."""
        shown = {
            "value": self.value.get(self.field), "requested_by": self.requested_by,
            "requested_at": self.requested_at, "run": self.run,
        }  # fmt: skip
        currency = self.value.get(f"{self.field}_currency")
        return shown | ({"currency": currency} if currency is not None else {})


def open_values(tx: Transaction, records: Sequence[UUID]) -> list[Pending]:
    """Everything that waits for some records."""
    return [Pending(*row) for row in tx.fetch(_OF_RECORDS, {"records": list(records)})]


def pending_of(tx: Transaction, entity: Entity, record_id: UUID, readable: frozenset[str]) -> Any:
    """What `_pending` of a record is: None, or by field what waits, as far as the actor may read the field."""
    found = {
        each.field: each.to_json()
        for each in open_values(tx, [record_id])
        if each.entity == entity.name and each.field in readable
    }
    return found or None


def of_run(tx: Transaction, run: UUID) -> list[Pending]:
    """The values that a run is about, decided or not."""
    return [Pending(*row) for row in tx.fetch(_OF_RUN, {"of_run": run})]


def pending_values(tx: Transaction, run: UUID) -> dict[str, Any]:
    """What expressions of a run read as `pending` (and `pending_currency`): Python values."""
    values: dict[str, Any] = {"pending": None}
    for each in of_run(tx, run):
        field = tx.model.entities[each.entity].fields[each.field]
        found = FIELD_TYPES[field.type].checker(field)(each.value.get(each.field), "", [])
        values["pending"] = None if found is INVALID or each.value.get(each.field) is None else found
        if f"{each.field}_currency" in each.value:
            values["pending_currency"] = each.value[f"{each.field}_currency"]
    return values


def add(tx: Transaction, pending: Pending) -> None:
    values = {name: getattr(pending, name) for name in _NAMES}
    for name in ("old", "value"):
        values[name] = Jsonb(values[name], wire_dumps)
    tx.defer(_INSERT, {f"c_{name}": value for name, value in values.items()})


def new_pending(
    entity: str,
    record: UUID,
    field: str,
    old: Mapping[str, Any],
    value: Mapping[str, Any],
    by: UUID | None,
    at: datetime,
    run: UUID | None,
) -> Pending:
    return Pending(new_id(), entity, record, field, old, value, by, at, run)


def close(tx: Transaction, run: UUID, outcome: str, at: datetime) -> None:
    """Nothing of the run waits any more."""
    tx.defer(_CLOSE, {"of_run": run, "outcome": outcome, "at": at})
