"""The bell: telling workers through RQ that a job waits. Losing it costs time, never a job."""

import logging
from collections.abc import Callable
from uuid import UUID

import redis
from rq import Queue
from rq.serializers import JSONSerializer

from fieldstone.workflows.rq_job import FUNCTION, FieldstoneJob

log = logging.getLogger("fieldstone.jobs")
QUEUE = "fieldstone"


def queue_on(connection: redis.Redis) -> Queue:
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer, job_class=FieldstoneJob)


def make_bell(redis_url: str) -> Callable[[UUID], None]:
    """A function to call after a job's row is committed."""
    connection = redis.Redis.from_url(redis_url, socket_connect_timeout=0.5, socket_timeout=0.5)
    queue = queue_on(connection)

    def ring(job_id: UUID) -> None:
        try:
            queue.enqueue_call(FUNCTION, job_id=str(job_id), result_ttl=0, failure_ttl=3600, timeout=-1)
        except redis.RedisError as error:
            log.warning("nobody could be told of job %s (%s); the sweeper will find it", job_id, error)

    return ring
