"""Taking, keeping and ending a job: the worker's side of the table.

Every statement after the claim names the fence that the claim gave; when another worker has the job by now, the row does
not match and `Lost` says so. A `Seal` is such a statement for the end of the job's own transactions: what the job changes
and the proof that it may are one commit.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg.types.json import Jsonb

from fieldstone.engine.service import Seal
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, Plan, compile_plan
from fieldstone.problems import FieldstoneError

LEASE = timedelta(seconds=60)
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
_TABLE = control.job
_ID = sa.bindparam("job", type_=sa.Uuid())
_NOW = sa.func.clock_timestamp()
_DUE = sa.or_(
    sa.and_(_TABLE.c.state == "due", _TABLE.c.due_at <= _NOW),
    sa.and_(_TABLE.c.state == "running", _TABLE.c.lease_until < _NOW),
)
_CLAIM = compile_plan(
    sa.update(_TABLE)
    .where(
        _TABLE.c.id.in_(
            sa.select(_TABLE.c.id).where(_TABLE.c.id == _ID, _DUE).with_for_update(skip_locked=True)
        )
    )
    .values(
        state="running",
        lease_until=_NOW + sa.bindparam("lease", type_=sa.Interval()),
        fence=_TABLE.c.fence + 1,
        attempts=_TABLE.c.attempts + 1,
    )
    .returning(
        *(_TABLE.c[n] for n in ("id", "tenant", "kind", "payload", "fence", "attempts", "requested_by"))
    )
)
_READY = compile_plan(
    sa.select(_TABLE.c.id)
    .where(
        _TABLE.c.due_at <= sa.func.now(), _DUE
    )  # an index can find what is before now(), a running job is, too
    .order_by(_TABLE.c.due_at)
    .limit(sa.bindparam("limit", type_=sa.Integer()))
)
_MINE = sa.and_(
    _TABLE.c.id == _ID,
    _TABLE.c.fence == sa.bindparam("mine", type_=sa.BigInteger()),
    _TABLE.c.state == "running",
)
_DONE = (
    sa.update(_TABLE)
    .where(_MINE)
    .values(state="done", finished_at=_NOW, lease_until=None, error=None)
    .returning(_TABLE.c.id)
)
_KEPT = (
    sa.update(_TABLE)
    .where(_MINE)
    .values(lease_until=_NOW + sa.bindparam("lease", type_=sa.Interval()))
    .returning(_TABLE.c.id)
)
_FINISH = compile_plan(_DONE)
LOST: Final = "job.lost"


def _or_fail(statement: Any) -> Plan:
    """The statement as one that fails, with LOST in its message, where it changes no row."""
    changed = statement.cte("mine")
    text = sa.case((sa.func.count() == 0, sa.literal(LOST)), else_=sa.literal("1"))
    return compile_plan(sa.select(sa.cast(text, sa.Integer())).select_from(changed))


_SEAL_DONE = _or_fail(_DONE)
_SEAL_KEPT = _or_fail(_KEPT)
_RENEW = compile_plan(
    sa.update(_TABLE)
    .where(_MINE)
    .values(
        lease_until=_NOW + sa.bindparam("lease", type_=sa.Interval()),
        progress=sa.func.coalesce(sa.bindparam("progress", type_=_TABLE.c.progress.type), _TABLE.c.progress),
    )
    .returning(_TABLE.c.id)
)
_FAIL = compile_plan(
    sa.update(_TABLE)
    .where(_MINE)
    .values(
        state=sa.bindparam("new_state", type_=sa.Text()),
        due_at=sa.bindparam("again", type_=sa.DateTime(timezone=True)),
        error=sa.bindparam("message", type_=sa.Text()),
        lease_until=None,
    )
    .returning(_TABLE.c.id)
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this worker has, until its lease ends."""

    id: UUID
    tenant: str
    kind: str
    payload: dict[str, Any]
    fence: int
    attempts: int
    requested_by: UUID | None


class Lost(FieldstoneError):
    """The lease ended and another worker has the job, or a person stopped it."""

    code = "job.lost"
    kind = "conflict"


def claim(connection: Connection, job_id: UUID, lease: timedelta = LEASE) -> Claim | None:
    """Take a due job; None when there is nothing to take (done, taken, stopped, not due)."""
    rows = connection.fetch(_CLAIM, {"job": job_id, "lease": lease})
    return Claim(*rows[0]) if rows else None


def due_jobs(connection: Connection, limit: int = 100) -> list[UUID]:
    """Jobs that wait for a worker, those of dead workers among them."""
    return [row[0] for row in connection.fetch(_READY, {"limit": limit})]


def renew(
    connection: Connection, job: Claim, progress: dict[str, Any] | None = None, lease: timedelta = LEASE
) -> None:
    """Keep the job for longer, and note how far it is."""
    shown = Jsonb(progress) if progress is not None else None
    _still_mine(
        connection.fetch(_RENEW, {"job": job.id, "mine": job.fence, "lease": lease, "progress": shown})
    )


def finish(connection: Connection, job: Claim) -> None:
    """The job is done."""
    _still_mine(connection.fetch(_FINISH, {"job": job.id, "mine": job.fence}))


def keeping(job: Claim, lease: timedelta = LEASE) -> Seal:
    """For a write of a job that goes on: it is stored if the job is still ours, and keeps it for longer."""
    values = {"job": job.id, "mine": job.fence, "lease": lease}
    return Seal(_SEAL_KEPT, values, _broken, lease.total_seconds())


def finishing(job: Claim, lease: timedelta = LEASE) -> Seal:
    """For the last write of a job: it and the end of the job are stored together, or neither."""
    return Seal(_SEAL_DONE, {"job": job.id, "mine": job.fence}, _broken, lease.total_seconds())


def _broken(error: psycopg.Error) -> FieldstoneError | None:
    if isinstance(error, psycopg.errors.InvalidTextRepresentation) and f'"{LOST}"' in str(error):
        return _lost()
    return None


def fail(connection: Connection, job: Claim, message: str, again: datetime | None) -> None:
    """The job failed: to be tried again at a time, or never (dead)."""
    state = "due" if again is not None else "dead"
    values = {
        "job": job.id,
        "mine": job.fence,
        "new_state": state,
        "again": again or NEVER,
        "message": message[:4000],
    }
    _still_mine(connection.fetch(_FAIL, values))


def _still_mine(rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        raise _lost()


def _lost() -> Lost:
    return Lost("Another worker has this job, or it was stopped.")
