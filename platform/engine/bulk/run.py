"""Running a bulk change batch by batch, stopping it, and taking it back.

Each batch is one transaction that also stores its position, so a run that was killed goes on with the next record, and no
record is written twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.bulk import store
from fieldstone.engine.bulk.request import BulkBusy, BulkRequest, chosen
from fieldstone.engine.context import Context
from fieldstone.engine.records.many import Write, write_many
from fieldstone.engine.records.take_back import Run, take_back_run
from fieldstone.engine.service import Engine
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

Progress = Callable[[int, int], None]
BATCH: Final = 50
LISTED: Final = 1000
"""Refused records that the report names; all of them are counted."""


@dataclass(frozen=True, slots=True)
class BulkResult:
    """A run as it stands. `errors` and `kept` name records with `id`, `code` and `message`."""

    id: UUID
    entity: str
    op: str
    values: Mapping[str, Any]
    state: str
    rows: int
    position: int
    done: int
    failed: int
    errors: tuple[Mapping[str, Any], ...]
    reverted: int | None = None
    kept: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        found = {
            "id": str(self.id), "entity": self.entity, "op": self.op, "values": dict(self.values), "state": self.state,
            "rows": self.rows, "position": self.position, "done": self.done, "failed": self.failed,
            "errors": [dict(each) for each in self.errors],
        }  # fmt: skip
        if self.reverted is not None:
            found |= {"reverted": self.reverted, "kept": [dict(each) for each in self.kept]}
        return found


def add_bulk(tx: Transaction, entity: str, request: BulkRequest) -> tuple[UUID, int]:
    """Check and store a run that `continue_bulk` will do; its id and the number of its records."""
    ids = chosen(tx, entity, request)
    return store.add(tx, entity, request, ids), len(ids)


def read_bulk(engine: Engine, context: Context, run_id: UUID) -> BulkResult:
    """A run as it stands. Raises UnknownBulk."""
    run = engine.read(context, lambda tx: store.load(tx, run_id))
    report = run["report"]
    return BulkResult(
        run["id"], run["entity"], run["op"], run["patch"], run["state"], run["rows"], run["position"], run["done"],
        run["failed"], tuple(report["errors"]), report.get("reverted"), tuple(report.get("kept", ())),
    )  # fmt: skip


def continue_bulk(
    engine: Engine, context: Context, run_id: UUID, *, progress: Progress | None = None
) -> BulkResult:
    """Do a waiting or broken-off run to its end, or until it is stopped. Rights are those of `context` now."""
    own = replace(context, request_id=store.request_id(run_id))
    run = engine.read(own, lambda tx: store.load(tx, run_id))
    if run["state"] == "waiting":
        engine.write(own, lambda tx: store.set_state(tx, run_id, "running"))
    elif run["state"] != "running":
        return read_bulk(engine, context, run_id)
    while True:
        position = engine.write(own, lambda tx: _batch(tx, run_id))
        if position is None:
            return read_bulk(engine, context, run_id)
        if progress is not None:
            progress(position, run["rows"])


def _batch(tx: Transaction, run_id: UUID) -> int | None:
    """The next records of a run; where it stands then, None when there is no more to do."""
    run = store.load(tx, run_id)
    if run["state"] != "running":
        return None
    ids = store.ids_of(tx, run_id, run["position"], BATCH)
    errors = list(run["report"]["errors"])
    done, failed = run["done"], run["failed"]
    body = None if run["op"] == "delete" else run["patch"]
    outcomes = write_many(tx, run["entity"], [Write(body, record_id) for record_id in ids])
    tx.settle()
    for record_id, outcome in zip(ids, outcomes, strict=True):
        error = outcome.error
        if error is None:
            done += 1
            continue
        failed += 1
        if len(errors) < LISTED:
            errors.append({"id": str(record_id), "code": error.code, "message": _said(error)})
    position = run["position"] + len(ids)
    over = position >= run["rows"]
    store.save(
        tx,
        run_id,
        position=position,
        done=done,
        failed=failed,
        state="done" if over else "running",
        report={**run["report"], "errors": errors},
        finished=tx.context.now if over else None,
    )
    return None if over else position


def _said(error: FieldstoneError) -> str:
    return "; ".join(dict.fromkeys(problem.message for problem in error.problems)) or error.message


def stop_bulk(engine: Engine, context: Context, run_id: UUID) -> BulkResult:
    """Let a run end after its current batch. What is done stays, and can be undone."""

    def work(tx: Transaction) -> None:
        run = store.load(tx, run_id)
        if run["state"] not in ("waiting", "running"):
            raise BulkBusy(f'The run is "{run["state"]}" and cannot be stopped.', state=run["state"])
        store.set_state(tx, run_id, "stopped")

    engine.write(context, work)
    return read_bulk(engine, context, run_id)


def undo_bulk(
    engine: Engine, context: Context, run_id: UUID, *, progress: Progress | None = None
) -> BulkResult:
    """Take a finished run back: what was edited since is kept and listed. Raises UnknownBulk and BulkBusy."""

    def begin(tx: Transaction) -> dict[str, Any]:
        run = store.load(tx, run_id)
        if run["state"] not in ("done", "stopped", "reverting"):
            raise BulkBusy(f'The run is "{run["state"]}": there is nothing to undo.', state=run["state"])
        store.set_state(tx, run_id, "reverting")
        return run

    run = engine.write(context, begin)
    taken = take_back_run(engine, context, Run(run_id, store.request_id(run_id)), batch=BATCH, after=progress)
    report = {**run["report"], "reverted": taken.reverted, "kept": [each.to_json() for each in taken.kept]}
    engine.write(
        context, lambda tx: store.save(tx, run_id, state="reverted", report=report, finished=tx.context.now)
    )
    return read_bulk(engine, context, run_id)
