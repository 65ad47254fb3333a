"""The sweeper: rings for jobs that are due and that no worker has heard of.

It rings for all of them as soon as the queue is about empty. While workers have enough to do it stays silent, so entries of
a backlog do not pile up; an entry that is there twice is harmless, since a job is claimed once.
"""

import logging
import threading
from typing import Final

import redis

from fieldstone.engine.jobs import due_jobs
from fieldstone.engine.storage.connection import Database
from fieldstone.workflows.bell import Bell

log = logging.getLogger("fieldstone.sweeper")
SECONDS = 2.0
ENOUGH: Final = 100
"""Entries in the queue that keep workers busy until the next sweep."""
MOST: Final = 20_000
"""Jobs that one sweep rings for."""


def sweep(database: Database, bell: Bell) -> int:
    """Ring for due jobs unless the queue is well filled; for how many. Raises RedisError."""
    if bell.waiting() >= ENOUGH:
        return 0
    with database.connection() as connection:
        waiting = due_jobs(connection, MOST)
    bell.ring_all(waiting)
    return len(waiting)


def sweep_forever(database: Database, bell: Bell, stop: threading.Event, seconds: float = SECONDS) -> None:
    """Sweep until told to stop; a database or a Redis that is away is waited for."""
    while not stop.wait(seconds):
        try:
            sweep(database, bell)
        except redis.RedisError as error:
            log.warning("Redis is away (%s); due jobs wait", error)
        except Exception:
            log.exception("could not look for due jobs")
