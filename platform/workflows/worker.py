"""The worker: an RQ worker that runs our jobs in its own process, one after the other."""

import logging
import time

import redis
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from fieldstone.workflows.bell import queue_on
from fieldstone.workflows.rq_job import FieldstoneJob
from fieldstone.workflows.running import Runner

log = logging.getLogger("fieldstone.worker")


class Worker(SimpleWorker):
    """RQ's worker, which does not wait for minutes before it asks again for a Redis that was away."""

    max_connection_wait_time = 2.0

    @property
    def told_to_stop(self) -> bool:
        """Whether a signal asked for the end: RQ also returns when Redis was slow or something went wrong."""
        return bool(self._stop_requested) or self._shutdown_requested_date is not None


def work(redis_url: str, runner: Runner, *, burst: bool = False) -> None:
    """Take jobs until told to stop (SIGTERM, SIGINT finish the current one); `burst` ends when none is left.

    While Redis is away, wait for it: jobs are rows and stay.
    """
    FieldstoneJob.runner, FieldstoneJob.refused = runner.run, runner.refused
    workers: list[Worker] = []  # the last two: a signal is told to the one whose handlers are in place
    while not any(worker.told_to_stop for worker in workers):
        connection = redis.Redis.from_url(redis_url)
        try:
            worker = Worker(
                [queue_on(connection)],
                connection=connection,
                job_class=FieldstoneJob,
                serializer=JSONSerializer,
            )
            workers = [*workers[-1:], worker]
            worker.log.setLevel(logging.WARNING)
            worker.work(burst=burst, with_scheduler=False, logging_level="WARNING")
            if burst or worker.told_to_stop:
                return
            log.warning("RQ's worker gave up; it begins anew")
        except redis.RedisError as error:
            log.warning("Redis is away (%s); waiting", error)
        time.sleep(1)
