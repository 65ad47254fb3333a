"""Running one job: claim it, run its kind's function, finish it or try again later.

Retries wait 5 s, 25 s, 125 s ... up to an hour, with jitter; after the kind's attempts the job is dead and waits for a
person. What the requester may not do any more is not retried.
"""

import logging
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from fieldstone.engine.context import Context, Tenant
from fieldstone.engine.identity import context_for_user
from fieldstone.engine.jobs import Claim, Lost, claim, fail, finish, renew
from fieldstone.engine.jobs.leases import LEASE
from fieldstone.engine.service import Engine
from fieldstone.engine.tenants.registry import find_tenant
from fieldstone.problems import FieldstoneError

log = logging.getLogger("fieldstone.jobs")

FINAL = frozenset({"malformed", "invalid", "denied", "not_found", "refused", "unauthenticated"})
"""Kinds of errors that another attempt cannot mend."""


@dataclass(frozen=True, slots=True)
class JobRun:
    """What a job's function gets: the engine, the requester's context as it is now, and its payload.

    `progress` notes how far it is and keeps the lease; it raises Lost when the job was stopped or taken over.
    """

    engine: Engine
    tenant: Tenant
    context: Context
    payload: Mapping[str, Any]
    progress: Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class JobKind:
    """A registered kind of job. `attempts` is how often it is tried in all."""

    run: Callable[[JobRun], None]
    attempts: int = 5


class Runner:
    """Runs jobs of registered kinds, one at a time."""

    def __init__(self, engine: Engine, kinds: Mapping[str, JobKind], *, lease: timedelta = LEASE) -> None:
        self.engine = engine
        self.kinds = kinds
        self.lease = lease

    def run(self, job_id: UUID) -> bool:
        """Run a job if it can be claimed; whether it was."""
        with self.engine.database.connection() as connection:
            job = claim(connection, job_id, self.lease)
        if job is None:
            return False
        try:
            with self._heartbeat(job):
                self._perform(job)
            with self.engine.database.connection() as connection:
                finish(connection, job)
        except Lost:
            log.warning("job %s (%s) was lost or stopped", job.id, job.kind)
        except Exception as error:
            self._failed(job, error)
        return True

    def _perform(self, job: Claim) -> None:
        kind = self.kinds.get(job.kind)
        if kind is None:
            raise FieldstoneError(f'There is no kind of job "{job.kind}".', code="job.kind", kind="invalid")
        with self.engine.database.connection() as connection:
            tenant = find_tenant(connection, job.tenant)
            if tenant is None:
                raise FieldstoneError("The tenant is gone.", code="tenant.unknown", kind="not_found")
            requester = job.requested_by
            context = context_for_user(connection, tenant, requester) if requester else None
        if context is None:
            context = self.engine.system_context(tenant)
        kind.run(
            JobRun(self.engine, tenant, context, job.payload, lambda progress: self._note(job, progress))
        )

    def _note(self, job: Claim, progress: dict[str, Any]) -> None:
        with self.engine.database.connection() as connection:
            renew(connection, job, progress, self.lease)

    @contextmanager
    def _heartbeat(self, job: Claim) -> Iterator[None]:
        """Renew the lease while the function runs, however long one step of it takes."""
        done = threading.Event()

        def beat() -> None:
            while not done.wait(self.lease.total_seconds() / 3):
                try:
                    with self.engine.database.connection() as connection:
                        renew(connection, job, None, self.lease)
                except Lost:
                    return
                except Exception:
                    log.exception("the lease of job %s could not be renewed", job.id)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _failed(self, job: Claim, error: Exception) -> None:
        kind = self.kinds.get(job.kind)
        final = isinstance(error, FieldstoneError) and error.kind in FINAL
        again = None
        if kind is not None and not final and job.attempts < kind.attempts:
            wait = min(5.0 * 5 ** (job.attempts - 1), 3600.0) * random.uniform(0.8, 1.2)
            again = datetime.now(UTC) + timedelta(seconds=wait)
        message = error.message if isinstance(error, FieldstoneError) else f"{type(error).__name__}: {error}"
        log.error(
            "job %s (%s) failed: %s",
            job.id,
            job.kind,
            message,
            exc_info=not isinstance(error, FieldstoneError),
        )
        try:
            with self.engine.database.connection() as connection:
                fail(connection, job, message, again)
        except Lost:
            log.warning("job %s was taken over meanwhile", job.id)
