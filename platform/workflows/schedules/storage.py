"""The rows of schedules: what each is, what was looked at last, when it is due next."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb

from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Row, compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows.schedules.schedule import Schedule

_TABLE: Final = control.schedule
_SAID: Final = ("name", "kind", "cron", "payload", "zone", "days", "calendar", "catch_up", "enabled")
_ID: Final = sa.bindparam("schedule", type_=sa.Uuid())
_SOURCE: Final = sa.bindparam("from_source", type_=sa.Text())


@dataclass(frozen=True, slots=True)
class Armed:
    """A schedule as it is stored. `generation` counts its definitions, so that timers of earlier ones are known.

    What was due until `seen` has been dealt with; `next_at` is the next occurrence as far as is known, `last_at` the
    occurrence that was queued last.
    """

    id: UUID
    source: str
    schedule: Schedule
    generation: int
    seen: datetime
    next_at: datetime | None
    last_at: datetime | None


def _bind(name: str) -> "sa.BindParameter[Any]":
    return sa.bindparam(name, type_=_TABLE.c[name].type)


_COLUMNS = [_TABLE.c[name] for name in ("id", "source", *_SAID, "generation", "seen", "next_at", "last_at")]
_LIST = compile_plan(sa.select(*_COLUMNS).order_by(_TABLE.c.source, _TABLE.c.name))
_OF = compile_plan(sa.select(*_COLUMNS).where(_TABLE.c.source == _SOURCE).with_for_update())
_ONE = compile_plan(sa.select(*_COLUMNS).where(_TABLE.c.id == _ID).with_for_update())
_ADD = compile_plan(
    sa.insert(_TABLE).values(
        {name: _bind(name) for name in ("id", "source", *_SAID, "generation", "seen", "next_at")}
    )
)
_CHANGE = compile_plan(
    sa.update(_TABLE)
    .where(_TABLE.c.id == _ID)
    .values({name: _bind(name) for name in (*_SAID, "generation", "seen", "next_at")})
)
_LOOKED = compile_plan(
    sa.update(_TABLE)
    .where(_TABLE.c.id == _ID)
    .values(
        seen=_bind("seen"),
        next_at=_bind("next_at"),
        last_at=sa.func.coalesce(_bind("last_at"), _TABLE.c.last_at),
    )
)
_DROP = compile_plan(sa.delete(_TABLE).where(_TABLE.c.id == _ID))


def schedules_of(tx: Transaction, source: str | None = None) -> list[Armed]:
    """All schedules, or those of a source, locked, by source and name."""
    rows = tx.fetch(_LIST) if source is None else tx.fetch(_OF, {"from_source": source})
    return [_armed(row) for row in rows]


def load(tx: Transaction, schedule_id: UUID) -> Armed | None:
    """A schedule, locked."""
    rows = tx.fetch(_ONE, {"schedule": schedule_id})
    return _armed(rows[0]) if rows else None


def add(tx: Transaction, armed: Armed) -> None:
    tx.defer(_ADD, {"id": armed.id, "source": armed.source, **_state(armed)})


def change(tx: Transaction, armed: Armed) -> None:
    """Store another definition of a schedule."""
    tx.defer(_CHANGE, {"schedule": armed.id, **_state(armed)})


def looked(
    tx: Transaction, schedule_id: UUID, seen: datetime, next_at: datetime | None, last_at: datetime | None
) -> None:
    """Note that a schedule was looked at; `last_at` is None when nothing was due."""
    tx.defer(_LOOKED, {"schedule": schedule_id, "seen": seen, "next_at": next_at, "last_at": last_at})


def drop(tx: Transaction, schedule_id: UUID) -> None:
    tx.defer(_DROP, {"schedule": schedule_id})


def _state(armed: Armed) -> dict[str, Any]:
    said = {name: getattr(armed.schedule, name) for name in _SAID}
    said["payload"] = Jsonb(dict(armed.schedule.payload))
    return {**said, "generation": armed.generation, "seen": armed.seen, "next_at": armed.next_at}


def _armed(row: Row) -> Armed:
    said = dict(zip(_SAID, row[2 : 2 + len(_SAID)], strict=True))
    return Armed(row[0], row[1], Schedule(**said), *row[2 + len(_SAID) :])
