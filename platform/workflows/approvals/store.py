"""Runs in the database: loaded with their row locked, stored as the difference of two states.

The lock on the run's row makes decisions about one run take turns. The version is compared all the same when the row is
written, so that a mistake in locking could lose no decision: a row that is not as it was read ends the transaction, and
the engine starts it anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Plan, compile_plan
from fieldstone.engine.storage.json_values import wire_dumps
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.approvals import rows
from fieldstone.workflows.approvals.core.decision import Event
from fieldstone.workflows.approvals.core.state import Run

_RUN: Final = control.approval_run
_STEP: Final = control.approval_step
_TASK: Final = control.approval_task
_CC: Final = control.approval_cc
_EVENT: Final = control.approval_event
_ID: Final = sa.bindparam("which", type_=sa.Uuid())
_IDS: Final = sa.any_(sa.bindparam("which", type_=ARRAY(sa.Uuid())))
_BY_RUN: Final = sa.select(_ID.label("id")).scalar_subquery()
_BY_TASK: Final = sa.select(_TASK.c.run).where(_TASK.c.id == _ID).scalar_subquery()
_BY_RECORD: Final = (
    sa.select(_RUN.c.id)
    .where(_RUN.c.record == _ID, _RUN.c.state.in_(("running", "returned", "stuck")))
    .order_by(_RUN.c.id)
)
GOING: Final = ("running", "returned", "stuck")


class UnknownRun(FieldstoneError):
    """There is no such run, or the actor may not know of it."""

    code = "approval.unknown"
    kind = "not_found"


class UnknownTask(FieldstoneError):
    """There is no such task, or the actor may not know of it."""

    code = "task.unknown"
    kind = "not_found"


@dataclass(frozen=True, slots=True)
class Stored:
    """A run as it is stored, with what only the shell keeps of it: see the table."""

    run: Run
    field: str | None
    seen: list[dict[str, Any]]


def _selects(which: Any, *, lock: bool) -> tuple[Plan, ...]:
    run = sa.select(*(_RUN.c[name] for name in rows.RUN), _RUN.c.field, _RUN.c.seen).where(_RUN.c.id == which)
    steps = sa.select(*(_STEP.c[name] for name in rows.STEP), _STEP.c.run).where(_STEP.c.run == which)
    tasks = sa.select(*(_TASK.c[name] for name in rows.TASK), _TASK.c.run).where(_TASK.c.run == which)
    ccs = sa.select(*(_CC.c[name] for name in rows.CCS), _CC.c.run).where(_CC.c.run == which)
    return (
        compile_plan(run.with_for_update(of=_RUN) if lock else run),
        compile_plan(steps.order_by(_STEP.c.position)),
        compile_plan(tasks.order_by(_TASK.c.position)),
        compile_plan(ccs.order_by(_CC.c.position)),
    )


_LOAD: Final[Mapping[tuple[str, bool], tuple[Plan, ...]]] = {
    (key, lock): _selects(which, lock=lock)
    for key, which in (("run", _BY_RUN), ("task", _BY_TASK))
    for lock in (False, True)
}
_LOAD_MANY: Final = _selects(_IDS, lock=False)
_EVENTS: Final = compile_plan(
    sa.select(*(_EVENT.c[name] for name in rows.EVENT)).where(_EVENT.c.run == _ID).order_by(_EVENT.c.number)
)
_LOCK_GOING: Final = compile_plan(_BY_RECORD.with_for_update())
_GOING_RUNS: Final = compile_plan(_BY_RECORD)


def load_run(tx: Transaction, run_id: UUID, *, lock: bool = False) -> Stored:
    """A run with everything that belongs to it. Raises UnknownRun."""
    found = _load(tx, "run", run_id, lock)
    if found is None:
        raise UnknownRun("There is no such approval.")
    return found


def load_run_of_task(tx: Transaction, task_id: UUID, *, lock: bool = False) -> Stored:
    """The run that a task belongs to. Raises UnknownTask."""
    found = _load(tx, "task", task_id, lock)
    if found is None:
        raise UnknownTask("There is no such task.")
    return found


def _load(tx: Transaction, key: str, which: UUID, lock: bool) -> Stored | None:
    asked = {"which": which}
    # the lock is waited for by the first statement; the others are sent with it and see what is committed by then
    found = tx.fetch_all([(plan, asked) for plan in _LOAD[key, lock]])
    if not found[0]:
        return None
    row = found[0][0]
    parts = ([each[:-1] for each in part] for part in found[1:])  # the last column is the run's id
    return Stored(rows.run_of_rows(row[:-2], *parts), row[-2], row[-1])


def load_runs(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Stored]:
    """Several runs, to look at; in one round trip."""
    if not ids:
        return {}
    asked = {"which": sorted(set(ids))}
    runs, *parts = tx.fetch_all([(plan, asked) for plan in _LOAD_MANY])
    by_run: list[dict[UUID, list[Any]]] = [{}, {}, {}]
    for found, part in zip(by_run, parts, strict=True):
        for row in part:
            found.setdefault(row[-1], []).append(row[:-1])
    return {
        row[0]: Stored(
            rows.run_of_rows(row[:-2], *(part.get(row[0], ()) for part in by_run)), row[-2], row[-1]
        )
        for row in runs
    }


def events_of(tx: Transaction, run_id: UUID) -> tuple[Event, ...]:
    """Everything that happened in a run, in order."""
    return tuple(rows.event_of_row(row) for row in tx.fetch(_EVENTS, {"which": run_id}))


def going_runs(tx: Transaction, record_id: UUID, *, lock: bool = False) -> list[UUID]:
    """The runs of a record that are not over, oldest first."""
    return [row[0] for row in tx.fetch(_LOCK_GOING if lock else _GOING_RUNS, {"which": record_id})]


def save(
    tx: Transaction,
    before: Run | None,
    run: Run,
    events: Sequence[Event],
    *,
    field: str | None = None,
    seen: Sequence[Mapping[str, Any]] | None = None,
) -> None:
    """Store what differs, and the events. `seen` None leaves what was kept; a new run's `field` is set once."""
    if before is None:
        values = {**rows.run_values(run), "field": field, "seen": Jsonb(list(seen or ()), wire_dumps)}
        tx.defer(_insert(_RUN, tuple(values)), _params(values))
    else:
        old = rows.run_values(before)
        changed = {name: value for name, value in rows.run_values(run).items() if value != old[name]}
        if seen is not None:
            changed["seen"] = Jsonb(list(seen), wire_dumps)
        if changed:
            _defer_compared(tx, _RUN, run.id, before.version, changed)
    steps, tasks = (before.steps, before.tasks) if before else ({}, {})
    for position, step in enumerate(run.steps.values()):
        _defer_row(
            tx, _STEP, run.id, position, rows.step_values(step), _old(steps, step.id, rows.step_values)
        )
    for position, task in enumerate(run.tasks.values()):
        _defer_row(
            tx, _TASK, run.id, position, rows.task_values(task), _old(tasks, task.id, rows.task_values)
        )
    known = len(before.ccs) if before else 0
    for position, cc in enumerate(run.ccs[known:], known):
        values = {"run": run.id, "position": position, **rows.cc_values(cc)}
        tx.defer(_insert(_CC, tuple(values)), _params(values))
    for event in events:
        values = {
            "run": run.id, "number": event.number, "kind": event.kind, "at": event.at, "actor": event.actor,
            "data": Jsonb(rows.plain(event.data), wire_dumps), "comment": event.comment,
            "intervention": event.intervention, "request_id": tx.context.request_id,
        }  # fmt: skip
        tx.defer(_insert(_EVENT, tuple(values)), _params(values))


def _old(found: Mapping[UUID, Any], which: UUID, values: Any) -> dict[str, Any] | None:
    row = found.get(which)
    return None if row is None else values(row)


def _defer_row(
    tx: Transaction,
    table: sa.Table,
    run: UUID,
    position: int,
    values: dict[str, Any],
    old: dict[str, Any] | None,
) -> None:
    if old is None:
        whole = _stored({"run": run, "position": position, **values})
        tx.defer(_insert(table, tuple(whole)), _params(whole))
        return
    changed = {name: value for name, value in values.items() if value != old[name]}
    if changed:
        _defer_compared(tx, table, values["id"], old["version"], _stored(changed))


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    if "why" in values:
        values["why"] = Jsonb(rows.plain(values["why"]), wire_dumps)
    return values


def _defer_compared(
    tx: Transaction, table: sa.Table, which: UUID, version: int, changed: Mapping[str, Any]
) -> None:
    key = ("approval row", table.name, tuple(changed))
    plan = tx.plan(key, partial(_compared, table, tuple(changed)))
    tx.defer(plan, {**_params(changed), "row_id": which, "row_version": version})


def _compared(table: sa.Table, names: tuple[str, ...]) -> sa.Select[Any]:
    """An UPDATE that divides by zero, which starts the transaction anew, when the row's version is another one."""
    written = (
        sa.update(table)
        .where(
            table.c.id == sa.bindparam("row_id", type_=sa.Uuid()),
            table.c.version == sa.bindparam("row_version", type_=sa.Integer()),
        )
        .values({table.c[name]: sa.bindparam(f"c_{name}", type_=table.c[name].type) for name in names})
        .returning(table.c.id)
        .cte("written")
    )
    count = sa.select(sa.func.count()).select_from(written).scalar_subquery()
    return sa.select(sa.literal_column("1", sa.Integer()).op("/")(count))


def _params(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"c_{name}": value for name, value in values.items()}


_INSERTS: Final[Mapping[str, Plan]] = {
    table.name: compile_plan(
        sa.insert(table).values({c.name: sa.bindparam(f"c_{c.name}", type_=c.type) for c in table.columns})
    )
    for table in (_RUN, _STEP, _TASK, _CC, _EVENT)
}


def _insert(table: sa.Table, names: tuple[str, ...]) -> Plan:
    assert set(names) == set(table.columns.keys()), set(table.columns.keys()) ^ set(names)
    return _INSERTS[table.name]
