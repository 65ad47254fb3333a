"""How long a record was in which state: a row per state of every field with a state machine.

The row that is open tells since when the record is where it is. The verbs write them with the record, whatever path the
change came by; nothing else does.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.columns.kinds import TEXT
from fieldstone.engine.ids import new_id
from fieldstone.engine.records.program import Program
from fieldstone.engine.records.read import read
from fieldstone.engine.records.states import Step
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.storage import control
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field

STAGE: Final = control.stage
ONE_EACH: Final = ("id", "record_id", "value", "transition", "comment")
FOR_ALL: Final = ("entity", "field", "entered_at", "entered_by", "on_behalf_of")
MOST: Final = 1000

Move = tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]


def note_stages(tx: Transaction, program: Program, moves: Sequence[Move]) -> None:
    """Close the stages that records left and open those that they entered."""
    for field in program.machines:
        left, entered = [], []
        for old, new in moves:
            if new is None or (old is not None and old.get(field.name) == new.get(field.name)):
                continue
            if old is None and new.get("version") != 1:
                continue  # it comes back from the deleted ones to the state it was in
            if old is not None:
                left.append(new["id"])
            entered.append((new["id"], new.get(field.name)))
        if left:
            tx.defer(tx.plan(("stage", "leave"), _leaving), _left(tx, field, left))
        if entered:
            tx.defer(tx.plan(("stage", "enter"), _entering), _entered(tx, program, field, entered))


def _leaving() -> sa.Update:
    return (
        sa.update(STAGE)
        .where(
            STAGE.c.record_id == sa.any_(sa.bindparam("records", type_=ARRAY(sa.Uuid()))),
            STAGE.c.field == sa.bindparam("of_field", type_=sa.Text()),
            STAGE.c.left_at.is_(None),
        )
        .values(left_at=sa.bindparam("at", type_=STAGE.c.left_at.type))
    )


def _left(tx: Transaction, field: Field, records: list[UUID]) -> dict[str, Any]:
    return {"records": records, "of_field": field.name, "at": tx.context.now}


def _entering() -> sa.Insert:
    """Rows from arrays: one statement for one record or for a thousand."""
    types = {"id": sa.Uuid(), "record_id": sa.Uuid()}
    each = (
        sa.func.unnest(*(sa.bindparam(name, type_=ARRAY(types.get(name, TEXT))) for name in ONE_EACH))
        .table_valued(*(sa.column(name, types.get(name, TEXT)) for name in ONE_EACH), name="each")
        .render_derived()
    )
    common = [sa.bindparam(name, type_=STAGE.c[name].type) for name in FOR_ALL]
    return sa.insert(STAGE).from_select(
        [*ONE_EACH, *FOR_ALL], sa.select(*(each.c[name] for name in ONE_EACH), *common)
    )


def _entered(
    tx: Transaction, program: Program, field: Field, entered: list[tuple[UUID, Any]]
) -> dict[str, Any]:
    taken: list[Step | None] = [tx.steps.pop((record, field.name), None) for record, _ in entered]
    actor = tx.context.actor
    return {
        "id": [new_id() for _ in entered],
        "record_id": [record for record, _ in entered],
        "value": [value for _, value in entered],
        "transition": [step.name if step else None for step in taken],
        "comment": [step.comment if step else "" for step in taken],
        "entity": program.entity.name,
        "field": field.name,
        "entered_at": tx.context.now,
        "entered_by": actor.id,
        "on_behalf_of": actor.on_behalf_of,
    }


def stages(tx: Transaction, entity: str, record_id: UUID) -> list[dict[str, Any]]:
    """The stages of a record that the actor may read, oldest first: `field`, `value`, `entered_at`, `entered_by`,
    `on_behalf_of`, `transition`, `comment`, `left_at` (null: still there) and `seconds` in it until now or then.
    """
    program, access = readable_entity(tx, entity)
    read(tx, entity, record_id, fields=())
    fields = [field.name for field in program.machines if field.name in access.readable]
    if not fields:
        return []
    names = (
        "field", "value", "entered_at", "entered_by", "on_behalf_of", "transition", "comment", "left_at",
    )  # fmt: skip

    def build() -> sa.Select[Any]:
        return (
            sa.select(*(STAGE.c[name] for name in names))
            .where(
                STAGE.c.record_id == sa.bindparam("record", type_=sa.Uuid()),
                STAGE.c.field == sa.any_(sa.bindparam("fields", type_=ARRAY(TEXT))),
            )
            .order_by(STAGE.c.entered_at, STAGE.c.id)
            .limit(MOST)
        )

    rows = tx.fetch(tx.plan(("stages",), build), {"record": record_id, "fields": fields})
    return [_told(dict(zip(names, row, strict=True)), tx.context.now) for row in rows]


def _told(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    spent = (row["left_at"] or now) - row["entered_at"]
    return {**row, "seconds": max(int(spent.total_seconds()), 0)}
