"""The trace of every run, for administrators: what started it, each action with old and new values, errors, how long.

States: waiting (goes on later), done, stopped (an action said so), failed (what it did was taken back; the change that
started it stands), guarded (not run: automations started each other too often), dropped (its record or its definition was
gone when it was to go on).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb

from fieldstone.engine.permissions import require_manage
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.storage.json_values import wire_dumps
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

TABLE: Final = control.automation_run
NAMES: Final = tuple(column.name for column in TABLE.columns)
KEPT_DAYS: Final = 90
KEPT_EACH: Final = 1000
MOST_STEPS: Final = 200
STATES: Final = ("waiting", "done", "stopped", "failed", "guarded", "dropped")

_INSERT: Final = compile_plan(
    sa.insert(TABLE).values({name: sa.bindparam(name, type_=TABLE.c[name].type) for name in NAMES})
)
_CHANGED: Final = ("state", "finished_at", "milliseconds", "steps", "error", "resume", "attempts")
_UPDATE: Final = compile_plan(
    sa.update(TABLE)
    .where(TABLE.c.id == sa.bindparam("run", type_=sa.Uuid()))
    .values({name: sa.bindparam(f"n_{name}", type_=TABLE.c[name].type) for name in _CHANGED})
)
_ONE: Final = compile_plan(
    sa.select(*TABLE.columns).where(TABLE.c.id == sa.bindparam("run", type_=sa.Uuid())).with_for_update()
)
_LOOK: Final = compile_plan(
    sa.select(*TABLE.columns).where(TABLE.c.id == sa.bindparam("run", type_=sa.Uuid()))
)
_OLD: Final = compile_plan(
    sa.delete(TABLE).where(
        TABLE.c.started_at < sa.bindparam("before", type_=TABLE.c.started_at.type), TABLE.c.state != "waiting"
    )
)


class UnknownRun(FieldstoneError):
    """There is no such run."""

    code = "run.unknown"
    kind = "not_found"


@dataclass(frozen=True, slots=True)
class Trace:
    """One run as it is stored; see the table `_automation_run`."""

    id: UUID
    automation: str
    entity: str | None
    record_id: UUID | None
    trigger: str
    state: str
    actor: UUID | None
    parent: UUID | None
    depth: int
    revision: int
    request_id: str
    started_at: datetime
    finished_at: datetime | None
    milliseconds: int
    steps: Sequence[Mapping[str, Any]]
    error: Mapping[str, Any] | None
    resume: Mapping[str, Any] | None
    attempts: int

    def to_json(self) -> dict[str, Any]:
        """What the API answers."""
        return {name: getattr(self, name) for name in NAMES if name not in ("resume", "request_id")} | {
            "steps": list(self.steps)
        }


def store(tx: Transaction, trace: Trace) -> None:
    """Write a run with what else this transaction stores."""
    values = {name: getattr(trace, name) for name in NAMES}
    tx.defer(_INSERT, {**values, **_json(trace)})


def change(tx: Transaction, trace: Trace) -> None:
    """Write what became of a run that was stored before."""
    values = {name: getattr(trace, name) for name in _CHANGED} | _json(trace)
    tx.defer(_UPDATE, {"run": trace.id, **{f"n_{name}": value for name, value in values.items()}})


def _json(trace: Trace) -> dict[str, Any]:
    steps = list(trace.steps)
    if len(steps) > MOST_STEPS:
        left = len(steps) - MOST_STEPS
        steps = [
            *steps[:MOST_STEPS],
            {"action": "", "kind": "", "state": "left_out", "info": {"count": left}},
        ]
    return {
        "steps": Jsonb(steps, wire_dumps),
        "error": None if trace.error is None else Jsonb(dict(trace.error), wire_dumps),
        "resume": None if trace.resume is None else Jsonb(dict(trace.resume), wire_dumps),
    }


def locked(tx: Transaction, run_id: UUID) -> Trace | None:
    """A run, locked until the transaction ends, so that it goes on once only."""
    rows = tx.fetch(_ONE, {"run": run_id})
    return Trace(*rows[0]) if rows else None


def run_of(tx: Transaction, run_id: UUID) -> Trace:
    """A run, for an administrator of metadata. Raises UnknownRun."""
    require_manage(tx, "metadata")
    rows = tx.fetch(_LOOK, {"run": run_id})
    if not rows:
        raise UnknownRun("There is no such run.")
    return Trace(*rows[0])


def runs(
    tx: Transaction,
    *,
    automation: str | None = None,
    state: str | None = None,
    record: UUID | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> tuple[list[Trace], UUID | None]:
    """Runs, newest first, for an administrator of metadata; and where to go on."""
    require_manage(tx, "metadata")
    statement = sa.select(*TABLE.columns).order_by(TABLE.c.id.desc()).limit(limit + 1)
    if automation is not None:
        statement = statement.where(TABLE.c.automation == automation)
    if state is not None:
        statement = statement.where(TABLE.c.state == state)
    if record is not None:
        statement = statement.where(TABLE.c.record_id == record)
    if before is not None:
        statement = statement.where(TABLE.c.id < before)
    found = [Trace(*row) for row in tx.select(statement)]
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def counts(tx: Transaction, since: datetime) -> dict[str, dict[str, int]]:
    """How many runs of each automation came to which state since a time."""
    require_manage(tx, "metadata")
    statement = (
        sa.select(TABLE.c.automation, TABLE.c.state, sa.func.count())
        .where(TABLE.c.started_at >= since)
        .group_by(TABLE.c.automation, TABLE.c.state)
    )
    found: dict[str, dict[str, int]] = {}
    for name, state, count in tx.select(statement):
        found.setdefault(name, {})[state] = count
    return found


def clear_old(tx: Transaction) -> None:
    """Forget runs that are too old, and of each automation all but the latest thousand. Waiting ones stay."""
    tx.defer(_OLD, {"before": tx.context.now - timedelta(days=KEPT_DAYS)})
    numbered = sa.select(
        TABLE.c.id,
        sa.func.row_number().over(partition_by=TABLE.c.automation, order_by=TABLE.c.id.desc()).label("place"),
    ).subquery()
    many = sa.select(numbered.c.id).where(numbered.c.place > KEPT_EACH)
    tx.defer_statement(sa.delete(TABLE).where(TABLE.c.id.in_(many), TABLE.c.state != "waiting"))
