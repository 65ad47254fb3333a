"""Jobs: rows that are run once under a lease, whatever happens to Redis or to a worker."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import redis
from rq.job import Job
from rq.serializers import JSONSerializer

from fieldstone.engine.context import Tenant
from fieldstone.engine.jobs import claim, due_jobs, enqueue, finish, jobs_of, replay, stop
from fieldstone.engine.jobs.leases import Lost
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import create_tenant, delete_tenant, prepare_database
from fieldstone.problems import FieldstoneError
from fieldstone.workflows import JobKind, JobRun, Runner, make_bell, work
from fieldstone.workflows.bell import queue_on
from fieldstone.workflows.rq_job import FUNCTION
from fieldstone.workflows.sweeping import sweep


@pytest.fixture(scope="module")
def engine(postgres_url: str) -> Iterator[Engine]:
    database = Database(postgres_url, pool_size=4)
    prepare_database(database)
    yield Engine(database)
    database.dispose()


@pytest.fixture(scope="module")
def tenant(engine: Engine) -> Iterator[Tenant]:
    yield create_tenant(engine, "jobs-tenant", []).tenant
    delete_tenant(engine, "jobs-tenant")


@pytest.fixture(autouse=True)
def empty(engine: Engine, redis_url: str, tenant: Tenant) -> None:
    redis.Redis.from_url(redis_url).flushdb()
    with engine.database.connection() as connection:
        for job in jobs_of(connection, tenant):
            if job.state in ("due", "running"):
                stop(connection, tenant, job.id)


def queued(engine: Engine, tenant: Tenant, kind: str = "note", **named: Any) -> UUID:
    context = engine.system_context(tenant)
    return engine.write(context, lambda tx: enqueue(tx, kind, {"n": 1}, **named))


def states(engine: Engine, tenant: Tenant) -> dict[UUID, str]:
    with engine.database.connection() as connection:
        return {job.id: job.state for job in jobs_of(connection, tenant)}


def test_a_job_that_is_queued_runs_once_through_rq(engine: Engine, tenant: Tenant, redis_url: str) -> None:
    ran: list[Any] = []
    ring = make_bell(redis_url)
    job_id = queued(engine, tenant)
    ring(job_id)
    ring(job_id)
    work(redis_url, Runner(engine, {"note": JobKind(lambda run: ran.append(run.payload))}), burst=True)
    assert ran == [{"n": 1}]
    assert states(engine, tenant)[job_id] == "done"


def test_a_job_of_a_refused_transaction_does_not_exist(engine: Engine, tenant: Tenant) -> None:
    before = states(engine, tenant)

    def refuse(tx: Any) -> None:
        enqueue(tx, "note", {})
        raise FieldstoneError("no")

    with pytest.raises(FieldstoneError):
        engine.write(engine.system_context(tenant), refuse)
    assert states(engine, tenant) == before


def test_a_key_makes_a_job_unique(engine: Engine, tenant: Tenant) -> None:
    before = len(states(engine, tenant))
    queued(engine, tenant, key="once")
    queued(engine, tenant, key="once")
    assert len(states(engine, tenant)) == before + 1


def test_the_sweeper_finds_what_redis_forgot(engine: Engine, tenant: Tenant, redis_url: str) -> None:
    ran: list[Any] = []
    job_id = queued(engine, tenant)
    assert sweep(engine.database, make_bell(redis_url)) >= 1
    work(redis_url, Runner(engine, {"note": JobKind(lambda run: ran.append(1))}), burst=True)
    assert ran == [1] and states(engine, tenant)[job_id] == "done"


def test_a_dead_workers_job_is_taken_over_and_the_dead_one_cannot_finish_it(
    engine: Engine, tenant: Tenant
) -> None:
    job_id = queued(engine, tenant)
    with engine.database.connection() as connection:
        first = claim(connection, job_id, timedelta(seconds=-1))
        assert first is not None
        assert job_id in due_jobs(connection)
        second = claim(connection, job_id)
        assert second is not None and second.fence == first.fence + 1
        with pytest.raises(Lost):
            finish(connection, first)
        finish(connection, second)
        assert claim(connection, job_id) is None


def test_a_failing_job_is_tried_later_and_dies_after_its_attempts(engine: Engine, tenant: Tenant) -> None:
    def break_(run: JobRun) -> None:
        raise RuntimeError("broken")

    runner = Runner(engine, {"note": JobKind(break_, attempts=1)})
    job_id = queued(engine, tenant)
    assert runner.run(job_id)
    with engine.database.connection() as connection:
        job = next(job for job in jobs_of(connection, tenant) if job.id == job_id)
        assert (job.state, job.attempts) == ("dead", 1) and "broken" in (job.error or "")
        replay(connection, tenant, job_id)
        assert job_id in due_jobs(connection)
    retrying = Runner(engine, {"note": JobKind(break_, attempts=3)})
    assert retrying.run(job_id)
    assert states(engine, tenant)[job_id] == "due"
    assert not retrying.run(job_id), "it waits before the next attempt"


def test_a_stopped_job_ends_at_its_next_step(engine: Engine, tenant: Tenant) -> None:
    steps = []

    def long(run: JobRun) -> None:
        steps.append(1)
        with engine.database.connection() as connection:
            stop(connection, tenant, job_id)
        run.progress({"done": 1})
        steps.append(2)

    job_id = queued(engine, tenant)
    Runner(engine, {"note": JobKind(long)}).run(job_id)
    assert steps == [1]
    assert states(engine, tenant)[job_id] == "stopped"


FORGERIES = {
    "another function": {"func": "os.system", "args": ("touch /tmp/forged",)},
    "arguments": {"func": FUNCTION, "args": (1,)},
    "a callback": {"func": FUNCTION, "on_success": "os.getcwd"},
}


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_queue_entry_is_refused_and_runs_nothing(
    engine: Engine, tenant: Tenant, redis_url: str, forged: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[Any] = []
    connection = redis.Redis.from_url(redis_url)
    job_id = queued(engine, tenant)
    entry = Job.create(
        id=str(job_id),
        connection=connection,
        serializer=JSONSerializer,
        func=forged["func"],
        args=forged.get("args"),
    )
    entry.origin = "fieldstone"
    if "on_success" in forged:
        entry._success_callback_name = forged["on_success"]
    queue_on(connection).enqueue_job(entry)
    work(redis_url, Runner(engine, {"note": JobKind(lambda run: ran.append(1))}), burst=True)
    assert ran == []
    assert "forged" in caplog.text
    assert states(engine, tenant)[job_id] == "due", "the row itself is untouched and will be run when swept"
