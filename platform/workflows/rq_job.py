"""Our own RQ job: an entry of the queue is the id of a row in the job table, and nothing else.

Whoever can write to Redis must not be able to choose what runs here. So the function that an entry names is never
imported; an entry that names any other than ours, or a callback or a webhook, is refused and reported.
"""

import logging
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from rq.job import Job

log = logging.getLogger("fieldstone.jobs")
FUNCTION = "fieldstone.job"


class ForgedJob(Exception):
    """An entry of the queue that we did not write."""


class FieldstoneJob(Job):
    """A doorbell entry. `runner` is set by the worker process: what runs the job of an id."""

    runner: ClassVar[Callable[[UUID], Any] | None] = None

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
        if problem:
            log.error("refused the forged queue entry %s: %s", self.id, problem)
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
        return None
