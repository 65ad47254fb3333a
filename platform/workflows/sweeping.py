"""The sweeper: rings again for jobs that are due and that no worker has heard of."""

import logging
import threading
from collections.abc import Callable
from uuid import UUID

from fieldstone.engine.jobs import due_jobs
from fieldstone.engine.storage.connection import Database

log = logging.getLogger("fieldstone.sweeper")
SECONDS = 2.0


def sweep(database: Database, ring: Callable[[UUID], None]) -> int:
    """Ring for every due job; how many. Ringing twice is harmless: a job is claimed once."""
    with database.connection() as connection:
        waiting = due_jobs(connection)
    for job_id in waiting:
        ring(job_id)
    return len(waiting)


def sweep_forever(
    database: Database, ring: Callable[[UUID], None], stop: threading.Event, seconds: float = SECONDS
) -> None:
    """Sweep until told to stop; a database that is away is waited for."""
    while not stop.wait(seconds):
        try:
            sweep(database, ring)
        except Exception:
            log.exception("could not look for due jobs")
