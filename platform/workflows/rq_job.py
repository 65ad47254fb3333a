"""Our own RQ job: an entry of the queue is the id of a row in the job table, and nothing else.

Whoever can write to Redis must not be able to choose what runs here. So the function that an entry names is never
imported; an entry that names any other than ours, or a callback or a webhook, is refused and reported.
"""

import logging
from collections.abc import Callable
from typing import Any, ClassVar, cast
from uuid import UUID

import redis
from rq.exceptions import NoSuchJobError
from rq.job import Job

log = logging.getLogger("fieldstone.jobs")
FUNCTION = "fieldstone.job"
NO_TIMEOUT = -1


class ForgedJob(Exception):
    """An entry of the queue that we did not write."""


class FieldstoneJob(Job):
    """A doorbell entry. The worker process sets `runner`, which runs the job of an id, and `refused`, which is told of
    the id of an entry that we did not write and of what is wrong with it.
    """

    runner: ClassVar[Callable[[UUID], Any] | None] = None
    refused: ClassVar[Callable[[str, str], None] | None] = None

    @classmethod
    def fetch(cls, id: str, connection: Any = None, serializer: Any = None) -> "FieldstoneJob":
        """The entry of an id. One that we did not write is refused here, and for RQ not there: so none of RQ's own ways
        to run, repeat or follow it ever sees it, and one that cannot be read does not end RQ's worker.
        """
        try:
            found = cast(FieldstoneJob, super().fetch(id, connection=connection, serializer=serializer))
            problem = found._forgery()
        except (NoSuchJobError, redis.RedisError):
            raise
        except Exception:
            problem = "it cannot be read"
        if problem is None:
            return found
        cls.refuse(id, problem)
        connection.delete(cls.key_for(id))
        raise NoSuchJobError(problem)

    @classmethod
    def refuse(cls, entry: str, problem: str) -> None:
        """Report an entry that we did not write."""
        log.error("refused the forged queue entry %s: %s", entry[:100], problem)
        if cls.refused is not None:
            cls.refused(entry, problem)

    @property
    def func(self) -> Any:
        raise ForgedJob("a queue entry's function is never imported")

    @property
    def success_callback(self) -> Any:
        return None

    @property
    def failure_callback(self) -> Any:
        return None

    @property
    def stopped_callback(self) -> Any:
        return None

    def send_webhooks(self, *arguments: Any, **named: Any) -> None:
        """An entry cannot make us call anybody."""

    def perform(self) -> Any:
        """Run the job row of our id."""
        problem = self._forgery()
        if problem is not None:
            self.refuse(self.id, problem)
            raise ForgedJob(problem)
        runner = type(self).runner
        assert runner is not None, "the worker sets the runner before it takes jobs"
        runner(UUID(self.id))

    def _forgery(self) -> str | None:
        """What is wrong with the entry, or None for one of ours."""
        try:
            UUID(self.id)
        except ValueError:
            return "its id is no job's"
        if self.func_name != FUNCTION or self.instance is not None:
            return f"it names the function {self.func_name!r}"
        if self.args or self.kwargs:
            return "it brings arguments"
        callbacks = (self._success_callback_name, self._failure_callback_name, self._stopped_callback_name)
        if any(callbacks) or self.webhooks:
            return "it names a callback"
        if self.timeout != NO_TIMEOUT:
            return "it would break its job off"
        if self.retries_left or self.repeats_left or self.dependency_ids or self.group_id:
            return "it would come again"
        return None
