"""What a decision asks the shell to do in the same commit, besides storing the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

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


@dataclass(frozen=True, slots=True)
class SetFields:
    """Values for the run's record, stored by the update verb as the platform."""

    values: Mapping[str, Checked]
    step: UUID | None = None


@dataclass(frozen=True, slots=True)
class StartRun:
    """Another run, of the record at the link path `record` (None: the same), for the step `step`."""

    workflow: str
    record: str | None
    step: UUID


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


Effect = RingAt | SetFields | StartRun | Finished | Tell
