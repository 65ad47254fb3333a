"""Jobs: a backlog of timers that one sweeper finds and rings for, and what an empty job costs beside RQ's own."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from uuid import UUID

import redis
from rq import Queue
from rq.worker import SimpleWorker

from benchmarks.measure import Result, timed
from benchmarks.world import World
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows import JobKind, Runner, make_bell, work
from fieldstone.workflows.sweeping import sweep

TIMERS: Final = 10_000
JOBS: Final = 200
ROUNDS: Final = 3
KIND: Final = "benchmark"
SWEEP: Final = f"{TIMERS:,} due timers found and rung for"
EMPTY: Final = "an empty job, one worker"


def nothing() -> None:
    """RQ's empty job."""


def measure_jobs(world: World, wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Both, in one queue each; what is left over is done away with."""
    redis_url = world.endpoints.redis_url
    connection = redis.Redis.from_url(redis_url)
    if wanted(SWEEP):
        connection.flushdb()
        queue_jobs(world, TIMERS)
        bell = make_bell(redis_url)
        seconds = timed(lambda: rung(sweep(world.engine.database, bell)))
        yield Result(SWEEP, seconds, None, 5.0, "s")
        forget(world)
    if wanted(EMPTY):
        logging.getLogger("rq.worker").setLevel(logging.WARNING)
        rounds = [(ours(world, redis_url), theirs(connection)) for _ in range(ROUNDS)]
        yield Result(EMPTY, min(a for a, _ in rounds), min(b for _, b in rounds), None)
        forget(world)
    connection.flushdb()


def queue_jobs(world: World, count: int) -> list[UUID]:
    def queue(tx: Transaction) -> list[UUID]:
        return [enqueue(tx, KIND, {}) for _ in range(count)]

    return world.engine.write(world.engine.system_context(world.made.tenant), queue)


def rung(count: int) -> None:
    if count < TIMERS:
        raise AssertionError(f"rung for {count} of {TIMERS} timers")


def ours(world: World, redis_url: str) -> float:
    """Seconds per job of ours."""
    bell = make_bell(redis_url)
    bell.ring_all(queue_jobs(world, JOBS))
    runner = Runner(world.engine, {KIND: JobKind(lambda run: None)})
    return timed(lambda: work(redis_url, runner, burst=True)) / JOBS


def theirs(connection: redis.Redis) -> float:
    """Seconds per job of RQ's own."""
    queue = Queue("plain", connection=connection)
    jobs: Sequence[object] = [Queue.prepare_data(nothing, result_ttl=0) for _ in range(JOBS)]
    queue.enqueue_many(jobs)  # type: ignore[arg-type]
    worker = SimpleWorker([queue], connection=connection)
    return timed(lambda: worker.work(burst=True, logging_level="WARNING")) / JOBS


def forget(world: World) -> None:
    with world.sql() as connection:
        connection.execute("DELETE FROM fieldstone.job WHERE kind = %s", [KIND])
