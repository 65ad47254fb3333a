"""The bell: telling workers through RQ that a job waits. Losing it costs time, never a job.

While Redis is away nobody waits for it: after a failure the bell is silent for a moment, and the sweeper rings later.
"""

import logging
import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Final
from uuid import UUID

import redis
from rq import Queue
from rq.serializers import JSONSerializer

from fieldstone.workflows.rq_job import FUNCTION, NO_TIMEOUT, FieldstoneJob

log = logging.getLogger("fieldstone.jobs")
QUEUE = "fieldstone"
AT_ONCE: Final = 500
"""Entries that are sent to Redis together."""
SILENCE: Final = 1.0
"""Seconds after a failure in which the bell is not rung."""
OPTIONS: Final[dict[str, Any]] = {"result_ttl": 0, "failure_ttl": 3600, "timeout": NO_TIMEOUT}


def queue_on(connection: redis.Redis) -> Queue:
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer, job_class=FieldstoneJob)


class Bell:
    """Called with a job's id after its row is committed."""

    def __init__(self, redis_url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        connection = redis.Redis.from_url(redis_url, socket_connect_timeout=0.5, socket_timeout=0.5)
        self._queue = queue_on(connection)
        self._clock = clock
        self._silent_until = 0.0

    def __call__(self, job_id: UUID) -> None:
        if self._clock() < self._silent_until:
            return
        try:
            self._queue.enqueue_call(FUNCTION, job_id=str(job_id), **OPTIONS)
        except redis.RedisError as error:
            self._silent_until = self._clock() + SILENCE
            log.warning("nobody could be told of job %s (%s); the sweeper will find it", job_id, error)

    def ring_all(self, job_ids: Sequence[UUID]) -> None:
        """Ring for many jobs in few round trips. Raises RedisError.

        Entries differ in nothing but their key, so RQ writes the first one and the others are copies of it.
        """
        if not job_ids:
            return
        first, *others = map(str, job_ids)
        entry = self._queue.enqueue_call(FUNCTION, job_id=first, **OPTIONS)
        content = {**entry.to_dict(), "status": "queued"}
        rest = iter(others)
        while some := list(islice(rest, AT_ONCE)):
            with self._queue.connection.pipeline(transaction=False) as pipeline:
                for job_id in some:
                    pipeline.hset(FieldstoneJob.key_for(job_id), mapping=content)
                pipeline.rpush(self._queue.key, *some)
                pipeline.execute()

    def waiting(self) -> int:
        """Entries that no worker has taken yet. Raises RedisError."""
        return self._queue.count


def make_bell(redis_url: str) -> Bell:
    """The bell of the queue in a Redis."""
    return Bell(redis_url)
