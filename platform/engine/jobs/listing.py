"""A tenant's jobs as people see them: the list, and what can be done with a dead or a waiting one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.context import Tenant
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Connection, compile_plan
from fieldstone.problems import FieldstoneError

_TABLE = control.job
_TENANT = sa.bindparam("tenant_name", type_=sa.Text())
_ID = sa.bindparam("job", type_=sa.Uuid())
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
_LIST = compile_plan(
    sa.select(*(_TABLE.c[name] for name in _NAMES))
    .where(_TABLE.c.tenant == _TENANT)
    .order_by(_TABLE.c.id.desc())
    .limit(sa.bindparam("limit", type_=sa.Integer()))
)
_REPLAY = compile_plan(
    sa.update(_TABLE)
    .where(_TABLE.c.tenant == _TENANT, _TABLE.c.id == _ID, _TABLE.c.state.in_(["dead", "stopped"]))
    .values(state="due", due_at=sa.func.now(), attempts=0, error=None)
    .returning(_TABLE.c.id)
)
_STOP = compile_plan(
    sa.update(_TABLE)
    .where(_TABLE.c.tenant == _TENANT, _TABLE.c.id == _ID, _TABLE.c.state.in_(["due", "running"]))
    .values(state="stopped", lease_until=None)
    .returning(_TABLE.c.id)
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


class NoSuchJob(FieldstoneError):
    """There is no such job, or it is not in a state in which this can be done."""

    code = "job.unknown"
    kind = "not_found"


def jobs_of(connection: Connection, tenant: Tenant, limit: int = 100) -> list[Job]:
    """The latest jobs of a tenant, newest first."""
    return [Job(*row) for row in connection.fetch(_LIST, {"tenant_name": tenant.name, "limit": limit})]


def replay(connection: Connection, tenant: Tenant, job_id: UUID) -> None:
    """Run a dead or stopped job again from its first attempt."""
    if not connection.fetch(_REPLAY, {"tenant_name": tenant.name, "job": job_id}):
        raise NoSuchJob("There is no dead or stopped job of this id.")


def stop(connection: Connection, tenant: Tenant, job_id: UUID) -> None:
    """Stop a job: one that runs loses its lease and ends at its next step."""
    if not connection.fetch(_STOP, {"tenant_name": tenant.name, "job": job_id}):
        raise NoSuchJob("There is no waiting or running job of this id.")
