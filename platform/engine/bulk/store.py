"""Bulk runs as rows, kept for the report and the undo."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb

from fieldstone.engine.bulk.request import BulkRequest, UnknownBulk
from fieldstone.engine.ids import new_id
from fieldstone.engine.permissions import may_manage
from fieldstone.engine.storage import control
from fieldstone.engine.storage.json_values import wire_dumps
from fieldstone.engine.transaction import Transaction

RUN: Final = control.bulk_run
ID: Final = sa.bindparam("run_id", type_=sa.Uuid())
SHORT: Final = [column for column in RUN.columns if column.name != "ids"]


def request_id(run_id: UUID) -> str:
    """The request id that the history of a run's writes carries."""
    return f"bulk-{run_id}"


def add(tx: Transaction, entity: str, request: BulkRequest, ids: list[UUID]) -> UUID:
    """Store a new run; its state is `waiting`."""
    run_id = new_id()
    tx.defer_statement(
        sa.insert(RUN).values(
            id=run_id, entity=entity, op=request.op, patch=Jsonb(dict(request.values), wire_dumps), ids=ids,
            state="waiting", report=Jsonb({"errors": []}),
            created_at=tx.context.now, created_by=tx.context.actor.id,
        )
    )  # fmt: skip
    return run_id


def load(tx: Transaction, run_id: UUID) -> dict[str, Any]:
    """The run without its ids, but with their number as `rows`; UnknownBulk when it is somebody else's."""
    statement = sa.select(*SHORT, sa.func.cardinality(RUN.c.ids)).where(RUN.c.id == ID)
    rows = tx.select(statement, {"run_id": run_id})
    run = dict(zip([*(column.name for column in SHORT), "rows"], rows[0], strict=True)) if rows else None
    if run is None or (run["created_by"] != tx.context.actor.id and not may_manage(tx, "jobs")):
        raise UnknownBulk("There is no such bulk run.")
    return run


def ids_of(tx: Transaction, run_id: UUID, start: int, count: int) -> list[UUID]:
    """Some of a run's records, counted from 0."""
    part = RUN.c.ids[start + 1 : start + count]
    rows = tx.select(sa.select(part).where(RUN.c.id == ID), {"run_id": run_id})
    return list(rows[0][0]) if rows else []


def state_of(tx: Transaction, run_id: UUID) -> str:
    rows = tx.select(sa.select(RUN.c.state).where(RUN.c.id == ID), {"run_id": run_id})
    return str(rows[0][0]) if rows else "stopped"


def save(
    tx: Transaction,
    run_id: UUID,
    *,
    finished: datetime | None = None,
    report: Mapping[str, Any],
    **values: Any,
) -> None:
    tx.defer_statement(
        sa.update(RUN)
        .where(RUN.c.id == run_id)
        .values(report=Jsonb(report, wire_dumps), finished_at=finished, **values)
    )


def set_state(tx: Transaction, run_id: UUID, state: str) -> None:
    tx.defer_statement(sa.update(RUN).where(RUN.c.id == run_id).values(state=state))
