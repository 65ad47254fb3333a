"""A tenant's jobs as people see them: the list, and what can be done with a dead or a waiting one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.context import Tenant
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, compile_plan
from fieldstone.problems import FieldstoneError

STATES: Final = ("due", "running", "dead", "stopped", "done")
DONE_KEPT: Final = timedelta(days=14)
ENDED_KEPT: Final = timedelta(days=180)
"""How long jobs that are done, and those that are dead or stopped, stay in the list."""
_TABLE = control.job
_TENANT = sa.bindparam("tenant_name", type_=sa.Text())
_ID = sa.bindparam("job", type_=sa.Uuid())
_KIND = sa.bindparam("kind_name", type_=sa.Text())
_STATES = sa.bindparam("states", type_=sa.ARRAY(sa.Text()))
_BEFORE = sa.bindparam("before", type_=sa.Uuid())
_NAMES = (
    "id",
    "kind",
    "state",
    "created_at",
    "due_at",
    "attempts",
    "progress",
    "error",
    "requested_by",
    "finished_at",
)
_COLUMNS = tuple(_TABLE.c[name] for name in _NAMES)
_LIST = compile_plan(
    sa.select(*_COLUMNS)
    .where(
        _TABLE.c.tenant == _TENANT,
        sa.or_(_KIND.is_(None), _TABLE.c.kind == _KIND),
        sa.or_(_STATES.is_(None), _TABLE.c.state == sa.any_(_STATES)),
        sa.or_(_BEFORE.is_(None), _TABLE.c.id < _BEFORE),
    )
    .order_by(_TABLE.c.id.desc())
    .limit(sa.bindparam("limit", type_=sa.Integer()))
)
_ONE = compile_plan(sa.select(*_COLUMNS).where(_TABLE.c.tenant == _TENANT, _TABLE.c.id == _ID))
_COUNT = compile_plan(
    sa.select(_TABLE.c.kind, _TABLE.c.state, sa.func.count())
    .where(_TABLE.c.tenant == _TENANT)
    .group_by(_TABLE.c.kind, _TABLE.c.state)
    .order_by(_TABLE.c.kind, _TABLE.c.state)
)
_AGAIN = {"state": "due", "due_at": sa.func.now(), "attempts": 0, "error": None}
_REPLAY = compile_plan(
    sa.update(_TABLE)
    .where(_TABLE.c.tenant == _TENANT, _TABLE.c.id == _ID, _TABLE.c.state.in_(["dead", "stopped"]))
    .values(_AGAIN)
    .returning(_TABLE.c.id)
)
_REPLAY_DEAD = compile_plan(
    sa.update(_TABLE)
    .where(
        _TABLE.c.tenant == _TENANT,
        _TABLE.c.state == "dead",
        sa.or_(_KIND.is_(None), _TABLE.c.kind == _KIND),
    )
    .values(_AGAIN)
    .returning(_TABLE.c.id)
)
_STOP = compile_plan(
    sa.update(_TABLE)
    .where(_TABLE.c.tenant == _TENANT, _TABLE.c.id == _ID, _TABLE.c.state.in_(["due", "running"]))
    .values(state="stopped", lease_until=None)
    .returning(_TABLE.c.id)
)
_SWEEP = compile_plan(
    sa.delete(_TABLE).where(
        sa.or_(
            sa.and_(
                _TABLE.c.state == "done",
                _TABLE.c.finished_at < sa.func.now() - sa.literal(DONE_KEPT, sa.Interval()),
            ),
            sa.and_(
                _TABLE.c.state.in_(["dead", "stopped"]),
                _TABLE.c.created_at < sa.func.now() - sa.literal(ENDED_KEPT, sa.Interval()),
            ),
        )
    )
)


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a tenant."""

    id: UUID
    kind: str
    state: str
    created_at: datetime
    due_at: datetime
    attempts: int
    progress: dict[str, Any] | None
    error: str | None
    requested_by: UUID | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobCount:
    """How many jobs of a kind are in a state."""

    kind: str
    state: str
    count: int


class NoSuchJob(FieldstoneError):
    """There is no such job, or it is not in a state in which this can be done."""

    code = "job.unknown"
    kind = "not_found"


def jobs_of(
    connection: Connection,
    tenant: Tenant,
    limit: int = 100,
    *,
    kind: str | None = None,
    states: Sequence[str] | None = None,
    before: UUID | None = None,
) -> list[Job]:
    """The latest jobs of a tenant, newest first; `before` is the id of the last one of the page before."""
    asked = {
        "tenant_name": tenant.name, "limit": limit, "kind_name": kind, "states": list(states) if states else None,
        "before": before,
    }  # fmt: skip
    return [Job(*row) for row in connection.fetch(_LIST, asked)]


def read_job(connection: Connection, tenant: Tenant, job_id: UUID) -> Job:
    """One job. Raises NoSuchJob."""
    rows = connection.fetch(_ONE, {"tenant_name": tenant.name, "job": job_id})
    if not rows:
        raise NoSuchJob("There is no job of this id.")
    return Job(*rows[0])


def count_jobs(connection: Connection, tenant: Tenant) -> list[JobCount]:
    """How many jobs there are of each kind in each state, by kind."""
    return [JobCount(*row) for row in connection.fetch(_COUNT, {"tenant_name": tenant.name})]


def replay(connection: Connection, tenant: Tenant, job_id: UUID) -> None:
    """Run a dead or stopped job again from its first attempt; one that keeps its position goes on from there."""
    if not connection.fetch(_REPLAY, {"tenant_name": tenant.name, "job": job_id}):
        raise NoSuchJob("There is no dead or stopped job of this id.")


def replay_dead(connection: Connection, tenant: Tenant, kind: str | None = None) -> int:
    """Run all dead jobs again, or all of a kind; how many."""
    return len(connection.fetch(_REPLAY_DEAD, {"tenant_name": tenant.name, "kind_name": kind}))


def stop(connection: Connection, tenant: Tenant, job_id: UUID) -> None:
    """Stop a job: one that runs loses its lease and can store nothing more."""
    if not connection.fetch(_STOP, {"tenant_name": tenant.name, "job": job_id}):
        raise NoSuchJob("There is no waiting or running job of this id.")


def sweep_jobs(connection: Connection) -> None:
    """Forget jobs that ended long ago."""
    connection.fetch(_SWEEP)
