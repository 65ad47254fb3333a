"""Running one job: claim it, run its kind's function, finish it or try again later.

A job's function writes through `run.engine`, which proves before each commit that the job is still ours; its last write can
be one commit with the end of the job (`run.commit`). So inside the database nothing happens twice, however long a worker
stood still. What goes outside may, after a crash, go out again: it carries `run.outside_id`, which stays the same.

Retries wait 5 s, 25 s, 125 s ... up to an hour, with jitter; after the kind's attempts the job is dead and waits for a
person. What the requester may not do any more is not retried. A job that took down so many workers is dead, too.
"""

import logging
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID, uuid5

from fieldstone.engine.context import Context, Tenant
from fieldstone.engine.identity import context_for_user
from fieldstone.engine.identity.audit_log import audit_outside
from fieldstone.engine.jobs import Claim, Lost, claim, fail, finish, finishing, keeping, note_refused, renew
from fieldstone.engine.jobs.leases import LEASE
from fieldstone.engine.service import Engine
from fieldstone.engine.tenants.registry import find_tenant
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

T = TypeVar("T")
log = logging.getLogger("fieldstone.jobs")

CRASHES: Final = 50
"""Claims beyond a kind's attempts, each of which ended without a word, before a job counts as one that kills workers."""

FINAL = frozenset({"malformed", "invalid", "denied", "not_found", "refused", "unauthenticated"})
"""Kinds of errors that another attempt cannot mend."""


@dataclass(slots=True)
class _End:
    """Whether the job was finished by its own last write."""

    reached: bool = False


@dataclass(frozen=True, slots=True)
class JobRun:
    """What a job's function gets: the engine, the requester's context as it is now, and its payload.

    `engine` is sealed: a write through it is stored only while the job is ours, and else raises Lost. `progress` notes
    how far it is and keeps the lease; it raises Lost when the job was stopped or taken over.
    """

    id: UUID
    attempt: int
    engine: Engine
    tenant: Tenant
    context: Context
    payload: Mapping[str, Any]
    progress: Callable[[dict[str, Any]], None]
    _last: Engine
    _end: _End

    def commit(self, work: Callable[[Transaction], T], context: Context | None = None) -> T:
        """The job's last write: it and the end of the job are one commit. Raises Lost."""
        result = self._last.write(context or self.context, work)
        self._end.reached = True
        return result

    def outside_id(self, effect: str = "") -> UUID:
        """An id for something sent outside, the same whenever the job is run again: for receivers to know repeats by."""
        return uuid5(self.id, effect) if effect else self.id


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
        kind = self.kinds.get(job.kind)
        if kind is not None and job.attempts > kind.attempts + CRASHES:
            self._give_up(job, f"{job.attempts} workers that ran it ended without a word")
            return True
        try:
            with self._heartbeat(job):
                finished = self._perform(job)
            if not finished:
                with self.engine.database.connection() as connection:
                    finish(connection, job)
        except Lost:
            log.warning("job %s (%s) was lost or stopped", job.id, job.kind)
        except Exception as error:
            self._failed(job, error)
        return True

    def refused(self, entry: str, problem: str) -> None:
        """Keep that the queue had an entry that we did not write, for operators and administrators to see."""
        try:
            with self.engine.database.connection() as connection:
                tenant = note_refused(connection, entry, problem)
                if tenant is not None:
                    audit_outside(
                        connection, tenant, "job.forged", subject=f"job/{entry}", data={"problem": problem}
                    )
        except Exception:
            log.exception("the forged queue entry %s could not be noted", entry)

    def _perform(self, job: Claim) -> bool:
        """Run the function of a job's kind; whether its last write ended the job."""
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
        end = _End()
        kind.run(
            JobRun(
                id=job.id,
                attempt=job.attempts,
                engine=self.engine.sealed(keeping(job, self.lease)),
                tenant=tenant,
                context=context,
                payload=job.payload,
                progress=lambda progress: self._note(job, progress),
                _last=self.engine.sealed(finishing(job, self.lease)),
                _end=end,
            )
        )
        return end.reached

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
        self._end_badly(job, message, again)

    def _give_up(self, job: Claim, message: str) -> None:
        log.error("job %s (%s) is dead: %s", job.id, job.kind, message)
        self._end_badly(job, message, None)

    def _end_badly(self, job: Claim, message: str, again: datetime | None) -> None:
        try:
            with self.engine.database.connection() as connection:
                fail(connection, job, message, again)
        except Lost:
            log.warning("job %s was taken over meanwhile", job.id)
