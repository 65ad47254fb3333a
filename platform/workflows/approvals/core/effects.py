"""What a decision asks the shell to do in the same commit, besides storing the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

from fieldstone.expressions import Checked

Occasion = Literal[
    "asked", "urged", "reminded", "returned", "approved", "rejected", "withdrawn", "ended", "cc", "stuck", "transferred",
    "cancelled", "commented",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class RingAt:
    """A job that gives the command `Ring` at a time."""

    at: datetime
    step: UUID
    task: UUID | None
    timer: str
    count: int = 0

    @property
    def command(self) -> UUID:
        """The id for the command, so that the same ring counts once however often it is heard."""
        return uuid5(self.task or self.step, f"{self.timer}:{self.count}:{self.at.isoformat()}")


@dataclass(frozen=True, slots=True)
class SetFields:
    """Values for the run's record, stored by the update verb as the platform.

    With a `step` (a `do` step) the shell answers with the command `StepDone`; without, they go with what happened to
    the run (`on` of the definition).
    """

    values: Mapping[str, Checked]
    step: UUID | None = None


@dataclass(frozen=True, slots=True)
class StartRun:
    """Another run with the id `run`, of the record at the link path `record` (None: the same), for the step `step`: a
    `Submit` with `parent=(this run, step)` and `depth` one more. When it cannot be started: `Failed`."""

    workflow: str
    record: str | None
    step: UUID
    run: UUID


@dataclass(frozen=True, slots=True)
class EndRun:
    """A child run is not needed any more: the shell gives it `Dismiss`."""

    run: UUID


@dataclass(frozen=True, slots=True)
class Finished:
    """The run is over: a bound field takes its value or drops it, a parent run hears of it."""

    outcome: Literal["approved", "rejected", "withdrawn", "ended"]


@dataclass(frozen=True, slots=True)
class Tell:
    """People to be notified."""

    occasion: Occasion
    users: tuple[UUID, ...]
    task: UUID | None = None
    step: UUID | None = None


Effect = RingAt | SetFields | StartRun | EndRun | Finished | Tell
