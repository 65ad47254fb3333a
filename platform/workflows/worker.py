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


def work(redis_url: str, runner: Runner, *, burst: bool = False) -> None:
    """Take jobs until told to stop (SIGTERM, SIGINT finish the current one); `burst` ends when none is left.

    While Redis is away, wait for it: jobs are rows and stay.
    """
    FieldstoneJob.runner = runner.run
    while True:
        connection = redis.Redis.from_url(redis_url)
        worker = SimpleWorker(
            [queue_on(connection)], connection=connection, job_class=FieldstoneJob, serializer=JSONSerializer
        )
        worker.log.setLevel(logging.WARNING)
        try:
            worker.work(burst=burst, with_scheduler=False, logging_level="WARNING")
            return
        except redis.RedisError as error:
            log.warning("Redis is away (%s); waiting", error)
            time.sleep(1)
