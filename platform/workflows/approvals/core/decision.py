"""The answer to a command: the new state, the events that made it, and what the shell has to do with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fieldstone.workflows.approvals.core.effects import Effect
from fieldstone.workflows.approvals.core.state import Run


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a run. `data` holds plain JSON values only; `kind` is one of `EVENTS` (evolve.py).

    `actor` None is the platform. `number` counts from 1 within the run, without gaps. `intervention` marks what an
    administrator did to mend a run.
    """

    number: int
    kind: str
    at: datetime
    actor: UUID | None
    data: Mapping[str, Any]
    comment: str = ""
    intervention: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from one command. `events` is empty when the command had been carried out before."""

    run: Run
    events: tuple[Event, ...]
    effects: tuple[Effect, ...]
