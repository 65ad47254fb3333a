"""What administrators do with jobs, by screen, API or command: look, run again, stop. Each act stands in the audit log.

Not imported by `engine.jobs` itself, which lies below permissions and identity.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from fieldstone.engine.context import Context, Tenant
from fieldstone.engine.identity.audit_log import audit
from fieldstone.engine.jobs import listing, refused
from fieldstone.engine.jobs.listing import Job, JobCount
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Connection
from fieldstone.engine.transaction import Transaction


def list_jobs(
    engine: Engine,
    context: Context,
    limit: int,
    *,
    kind: str | None = None,
    states: Sequence[str] | None = None,
    before: UUID | None = None,
) -> list[Job]:
    """The latest jobs, newest first; `before` is the id of the last one of the page before. Raises Denied."""
    _may(engine, context)
    with engine.database.connection() as connection:
        return listing.jobs_of(connection, context.tenant, limit, kind=kind, states=states, before=before)


def get_job(engine: Engine, context: Context, job_id: UUID) -> Job:
    """One job. Raises Denied, NoSuchJob."""
    _may(engine, context)
    with engine.database.connection() as connection:
        return listing.read_job(connection, context.tenant, job_id)


def job_counts(engine: Engine, context: Context) -> list[JobCount]:
    """How many jobs of each kind are in each state. Raises Denied."""
    _may(engine, context)
    with engine.database.connection() as connection:
        return listing.count_jobs(connection, context.tenant)


def refused_of(engine: Engine, context: Context, limit: int = 20) -> list[refused.RefusedEntry]:
    """Entries of the queue that were refused, as far as they concern the tenant or nobody in particular. Raises Denied."""
    _may(engine, context)
    with engine.database.connection() as connection:
        return refused.refused_entries(connection, context.tenant, limit)


def replay_job(engine: Engine, context: Context, job_id: UUID) -> Job:
    """Run a dead or stopped job again; as it stands then. Raises Denied, NoSuchJob."""
    return _act(engine, context, job_id, "job.replayed", listing.replay)


def stop_job(engine: Engine, context: Context, job_id: UUID) -> Job:
    """Stop a waiting or running job; as it stands then. Raises Denied, NoSuchJob."""
    return _act(engine, context, job_id, "job.stopped", listing.stop)


def replay_dead_jobs(engine: Engine, context: Context, kind: str | None = None) -> int:
    """Run all dead jobs again, or those of a kind; how many. Raises Denied."""
    _may(engine, context)
    with engine.database.connection() as connection:
        count = listing.replay_dead(connection, context.tenant, kind)
    if count:
        _log(engine, context, lambda tx: audit(tx, "job.replayed", "job", {"kind": kind, "count": count}))
    return count


def _act(
    engine: Engine,
    context: Context,
    job_id: UUID,
    event: str,
    act: Callable[[Connection, Tenant, UUID], None],
) -> Job:
    _may(engine, context)
    with engine.database.connection() as connection:
        act(connection, context.tenant, job_id)
        job = listing.read_job(connection, context.tenant, job_id)
    _log(engine, context, lambda tx: audit(tx, event, f"job/{job_id}", {"kind": job.kind}))
    return job


def _may(engine: Engine, context: Context) -> None:
    engine.read(context, lambda tx: require_manage(tx, "jobs"))


def _log(engine: Engine, context: Context, work: Callable[[Transaction], None]) -> None:
    engine.write(context, work)
