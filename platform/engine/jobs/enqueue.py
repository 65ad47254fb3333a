"""Queueing a job inside a transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import insert

from fieldstone.engine.ids import new_id
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction

_TABLE = control.job
_COLUMNS = ("id", "tenant", "kind", "payload", "due_at", "idempotency_key", "requested_by")
_INSERT = compile_plan(
    insert(_TABLE)
    .values({name: sa.bindparam(name, type_=_TABLE.c[name].type) for name in _COLUMNS})
    .on_conflict_do_nothing()
)


def enqueue(
    tx: Transaction,
    kind: str,
    payload: Mapping[str, Any],
    *,
    due_at: datetime | None = None,
    key: str | None = None,
) -> UUID:
    """Queue a job of a registered kind; it becomes real when the transaction commits.

    `payload` is small and plain (ids). `key` makes it unique among the tenant's jobs of the kind: queueing it again does
    nothing. The job runs with the rights that the actor has when it runs.
    """
    job_id = new_id()
    context = tx.context
    values = {
        "id": job_id, "tenant": context.tenant.name, "kind": kind, "payload": Jsonb(dict(payload)),
        "due_at": due_at or context.now, "idempotency_key": key, "requested_by": context.actor.id,
    }  # fmt: skip
    tx.defer(_INSERT, values)
    bell = tx.engine.bell
    if bell is not None and (due_at is None or due_at <= context.now):
        tx.after_commit.append(lambda: bell(job_id))
    return job_id
