"""Jobs: rows that are run once under a lease, whatever happens to Redis or to a worker."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import redis
from rq.job import Job
from rq.serializers import JSONSerializer

from fieldstone.engine.context import Tenant
from fieldstone.engine.identity.audit_log import entries
from fieldstone.engine.ids import new_id
from fieldstone.engine.jobs import (
    JobCount,
    Lost,
    NoSuchJob,
    claim,
    count_jobs,
    due_jobs,
    enqueue,
    finish,
    jobs_of,
    read_job,
    refused_entries,
    renew,
    replay,
    replay_dead,
    stop,
    sweep_jobs,
)
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.query.request import ListRequest
from fieldstone.engine.records import create
from fieldstone.engine.service import Engine
from fieldstone.engine.storage.connection import Database
from fieldstone.engine.tenants.create import create_tenant, delete_tenant, prepare_database
from fieldstone.problems import FieldstoneError
from fieldstone.workflows import JobKind, JobRun, Runner, make_bell, work
from fieldstone.workflows.bell import Bell, queue_on
from fieldstone.workflows.rq_job import FUNCTION
from fieldstone.workflows.sweeping import ENOUGH, sweep


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


def add_team(name: str) -> Any:
    return lambda tx: create(tx, "team", {"name": name})


def teams(engine: Engine, tenant: Tenant, name: str) -> int:
    request = ListRequest(filter=f"name == '{name}'")
    return len(engine.read(engine.system_context(tenant), lambda tx: list_records(tx, "team", request)).data)


@pytest.mark.parametrize("last", [False, True], ids=["any write", "the last write"])
def test_a_worker_that_stood_still_beyond_its_lease_changes_nothing(
    engine: Engine, tenant: Tenant, last: bool
) -> None:
    name = f"still {last}"
    lost: list[str] = []

    def work(run: JobRun) -> None:
        write = run.commit if last else lambda work: run.engine.write(run.context, work)
        if not lost:
            lost.append("first")
            assert Runner(engine, {"note": JobKind(work)}).run(run.id), "taken over meanwhile"
        try:
            write(add_team(name))
        except Lost:
            lost.append("lost")
            raise

    job_id = queued(engine, tenant)
    runner = Runner(engine, {"note": JobKind(work)}, lease=timedelta(seconds=-1))
    runner._heartbeat = lambda job: nullcontext()  # type: ignore[method-assign]  # it stands still, too
    assert runner.run(job_id)
    assert lost == ["first", "lost"]
    assert teams(engine, tenant, name) == 1
    assert states(engine, tenant)[job_id] == "done"


def test_the_last_write_and_the_end_of_a_job_are_one_commit(engine: Engine, tenant: Tenant) -> None:
    seen: list[str] = []

    def work(run: JobRun) -> None:
        run.commit(add_team("together"))
        seen.append(states(engine, tenant)[run.id])
        with pytest.raises(Lost):
            run.engine.write(run.context, add_team("after the end"))

    job_id = queued(engine, tenant)
    Runner(engine, {"note": JobKind(work)}).run(job_id)
    assert seen == ["done"] and teams(engine, tenant, "together") == 1
    assert teams(engine, tenant, "after the end") == 0


def test_a_write_that_is_refused_ends_no_job(engine: Engine, tenant: Tenant) -> None:
    def work(run: JobRun) -> None:
        run.commit(lambda tx: create(tx, "team", {}))

    job_id = queued(engine, tenant)
    Runner(engine, {"note": JobKind(work)}).run(job_id)
    assert states(engine, tenant)[job_id] == "dead", "what is invalid is not tried again"


def test_what_goes_outside_has_the_same_id_at_every_attempt(engine: Engine, tenant: Tenant) -> None:
    ids: list[tuple[UUID, UUID]] = []

    def work(run: JobRun) -> None:
        ids.append((run.outside_id(), run.outside_id("mail/1")))
        if len(ids) == 1:
            raise RuntimeError("once")

    job_id = queued(engine, tenant)
    runner = Runner(engine, {"note": JobKind(work)})
    runner.run(job_id)
    with engine.database.connection() as connection:
        connection.execute("UPDATE fieldstone.job SET due_at = now() WHERE id = $1", (job_id,))
    runner.run(job_id)
    assert len(ids) == 2 and ids[0] == ids[1] and ids[0][0] != ids[0][1]


def test_a_job_that_takes_down_every_worker_is_dead_in_the_end(engine: Engine, tenant: Tenant) -> None:
    ran: list[int] = []
    job_id = queued(engine, tenant)
    with engine.database.connection() as connection:
        connection.execute("UPDATE fieldstone.job SET attempts = 60 WHERE id = $1", (job_id,))
    Runner(engine, {"note": JobKind(lambda run: ran.append(1))}).run(job_id)
    with engine.database.connection() as connection:
        job = next(job for job in jobs_of(connection, tenant) if job.id == job_id)
    assert ran == [] and job.state == "dead" and "without a word" in (job.error or "")


def test_keeping_a_lease_keeps_the_progress(engine: Engine, tenant: Tenant) -> None:
    job_id = queued(engine, tenant)
    with engine.database.connection() as connection:
        mine = claim(connection, job_id)
        assert mine is not None
        renew(connection, mine, {"done": 1, "total": 2})
        renew(connection, mine)
        assert next(job for job in jobs_of(connection, tenant) if job.id == job_id).progress == {
            "done": 1,
            "total": 2,
        }


def test_the_sweeper_is_silent_while_workers_have_enough_to_do(
    engine: Engine, tenant: Tenant, redis_url: str
) -> None:
    bell = make_bell(redis_url)
    queued(engine, tenant)
    bell.ring_all([new_id() for _ in range(ENOUGH)])
    assert bell.waiting() == ENOUGH
    assert sweep(engine.database, bell) == 0


def test_a_bell_that_reaches_nobody_is_silent_for_a_moment(caplog: pytest.LogCaptureFixture) -> None:
    now = [100.0]
    bell = Bell("redis://127.0.0.1:1/0", clock=lambda: now[0])
    for wait in (0.0, 0.5, 1.0):
        now[0] += wait
        bell(new_id())
    assert caplog.text.count("nobody could be told") == 2


FORGERIES = {
    "another function": {"func": "os.system", "args": ("touch /tmp/forged",)},
    "arguments": {"func": FUNCTION, "args": (1,)},
    "a callback": {"func": FUNCTION, "on_success": "os.getcwd"},
    "an end to its job": {"func": FUNCTION, "timeout": 1},
    "itself again": {"func": FUNCTION, "retries_left": 3},
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
    entry.timeout = forged.get("timeout", -1)
    entry.retries_left = forged.get("retries_left")
    if "on_success" in forged:
        entry._success_callback_name = forged["on_success"]
    queue_on(connection).enqueue_job(entry)
    work(redis_url, Runner(engine, {"note": JobKind(lambda run: ran.append(1))}), burst=True)
    assert ran == []
    assert "forged" in caplog.text
    assert states(engine, tenant)[job_id] == "due", "the row itself is untouched and will be run when swept"
    with engine.database.connection() as database:
        assert refused_entries(database, tenant)[0].entry == str(job_id)
        other = replace(tenant, name="somebody-else")
        assert str(job_id) not in {each.entry for each in refused_entries(database, other)}
    logged = engine.read(engine.system_context(tenant), lambda tx: entries(tx, event="job.forged"))
    assert logged[0].subject == f"job/{job_id}" and logged[0].data["problem"]


def test_an_entry_that_no_worker_can_read_is_refused_and_kept_for_people(
    engine: Engine, tenant: Tenant, redis_url: str
) -> None:
    connection = redis.Redis.from_url(redis_url)
    stranger = str(new_id())
    entry = Job.create(id=stranger, connection=connection, func="os.system", args=("touch /tmp/forged",))
    entry.origin = "fieldstone"
    queue_on(connection).enqueue_job(entry)
    connection.lpush("rq:queue:fieldstone", "no job at all")
    work(redis_url, Runner(engine, {}), burst=True)
    with engine.database.connection() as database:
        found = [each for each in refused_entries(database, tenant) if each.problem == "it cannot be read"]
    assert [each.entry for each in found][:2] == [stranger, "no job at all"], "newest first"


def test_dead_jobs_are_run_again_one_by_one_or_all_of_a_kind(engine: Engine, tenant: Tenant) -> None:
    ids = [queued(engine, tenant, kind) for kind in ("bad", "bad", "worse")]
    runner = Runner(engine, {})
    for job_id in ids:
        runner.run(job_id)
    with engine.database.connection() as connection:
        found = jobs_of(connection, tenant, kind="bad", states=["dead"])
        assert [job.id for job in found] == ids[1::-1], "newest first"
        assert [job.id for job in jobs_of(connection, tenant, 1, kind="bad", before=ids[1])] == ids[:1]
        assert JobCount("bad", "dead", 2) in count_jobs(connection, tenant)
        assert (
            replay_dead(connection, tenant, "bad") == 2
            and read_job(connection, tenant, ids[0]).state == "due"
        )
        assert read_job(connection, tenant, ids[2]).state == "dead"
        with pytest.raises(NoSuchJob):
            read_job(connection, replace(tenant, name="somebody-else"), ids[0])


def test_jobs_that_ended_long_ago_are_forgotten(engine: Engine, tenant: Tenant) -> None:
    old, new, dead = queued(engine, tenant), queued(engine, tenant), queued(engine, tenant, "bad")
    runner = Runner(engine, {"note": JobKind(lambda run: None)})
    for job_id in (old, new, dead):
        runner.run(job_id)
    with engine.database.connection() as connection:
        connection.execute(
            "UPDATE fieldstone.job SET finished_at = now() - interval '20 days',"
            " created_at = now() - interval '20 days' WHERE id = ANY($1)",
            ([old, dead],),
        )
        sweep_jobs(connection)
    left = states(engine, tenant)
    assert old not in left and left[new] == "done" and left[dead] == "dead"
