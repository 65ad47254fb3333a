"""What the core asks the world for. The shell answers from the database, property tests from a made-up company."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from fieldstone.expressions import Checked
from fieldstone.metadata.approval_flows import Assignee, Workflow


class Broken(Exception):
    """An expression, a table or a rule could not give an answer: an incident, never a default way."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a rule chose, and the facts behind it (for people: {"rule","role","team","level",...})."""

    user: UUID
    origin: str
    why: Mapping[str, Any]


class Facts(Protocol):
    """The world at the time of one command."""

    def value(self, expression: Checked) -> Any:
        """The expression over the record as it is now; None for null. Raises Broken."""

    def people(
        self, assign: tuple[Assignee, ...], decided: Mapping[str, tuple[UUID, ...]]
    ) -> tuple[Person, ...]:
        """Who the lines choose, in order, each once. `decided` is who decided the steps so far. Raises Broken."""

    def active(self, user: UUID) -> bool:
        """Whether the user exists and may sign in."""

    def manager(self, user: UUID) -> UUID | None:
        """The next person above."""

    def administrators(self) -> tuple[UUID, ...]:
        """Who gets what nobody else can decide."""

    def delegate(self, user: UUID) -> UUID | None:
        """Who decides in place of the user now, by a delegation with dates and kind, if anybody."""

    def due(self, start: datetime, seconds: int, working: bool) -> datetime:
        """The time when so many seconds (of working time) have passed. Raises Broken (no such calendar)."""

    def workflow(self, name: str) -> Workflow | None:
        """Another definition of the same revision, for `call`."""

    def new_id(self) -> UUID:
        """A fresh id; property tests count."""
