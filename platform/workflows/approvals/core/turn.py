"""One command being carried out: the state so far, what was made of it, and what is left to do.

Work is put on an agenda instead of being called, so that long chains of steps need no deep calls and so that the
modules of the core lie in layers: what a step does knows nothing of the steps after it.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from fieldstone.expressions import Checked
from fieldstone.metadata.approval_flows import Step, Workflow
from fieldstone.workflows.approvals.core.commands import Command
from fieldstone.workflows.approvals.core.decision import Event
from fieldstone.workflows.approvals.core.effects import Effect, Occasion, Tell
from fieldstone.workflows.approvals.core.evolve import evolve
from fieldstone.workflows.approvals.core.facts import Facts
from fieldstone.workflows.approvals.core.refusals import StepUnknown, TaskUnknown
from fieldstone.workflows.approvals.core.state import Run, StepRow, TaskRow
from fieldstone.workflows.approvals.core.tree import Place, Tree


@dataclass(frozen=True, slots=True)
class Open:
    """Visit a step, in the way `way` of the visit `parent` of a container."""

    step: Step
    parent: UUID | None
    way: str | None


@dataclass(frozen=True, slots=True)
class Settle:
    """See whether an `approve` step is decided, and whose turn it is if not."""

    visit: UUID


@dataclass(frozen=True, slots=True)
class Follow:
    """Go on after a step that is through."""

    visit: UUID


Work = Open | Settle | Follow


@dataclass
class Turn:
    """What one command has made so far. `before` is the state that it found."""

    definition: Workflow
    facts: Facts
    command: Command
    before: Run | None
    intervention: bool = False
    events: list[Event] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    agenda: deque[Work] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._run = self.before
        self.tree = Tree(self.definition)

    @property
    def run(self) -> Run:
        if self._run is None:
            raise StepUnknown("There is no such run.", code="run.unknown")
        return self._run

    @property
    def at(self) -> datetime:
        return self.command.at

    def emit(self, kind: str, *, comment: str = "", **data: Any) -> None:
        """Make an event and fold it. Ids and times become text; keys without a value are left out."""
        plain = {key: _plain(value) for key, value in data.items() if value is not None or key == "to"}
        if not self.events:
            plain["command"] = str(self.command.id)
        number = (self._run.version if self._run else 0) + 1
        event = Event(number, kind, self.at, self.command.actor, plain, comment, self.intervention)
        self._run = evolve(self._run, event)
        self.events.append(event)

    def tell(
        self, occasion: Occasion, users: Any, *, task: UUID | None = None, step: UUID | None = None
    ) -> None:
        receivers = tuple(dict.fromkeys(users))
        if receivers:
            self.effects.append(Tell(occasion, receivers, task, step))

    def true(self, guard: Checked | None) -> bool:
        """Whether a guard is true; null counts as false, no guard as true. Raises Broken."""
        return guard is None or self.facts.value(guard) is True

    def task(self, key: UUID) -> TaskRow:
        try:
            return self.run.tasks[key]
        except KeyError:
            raise TaskUnknown("There is no such task.") from None

    def visit(self, key: UUID | None) -> StepRow:
        try:
            return self.run.steps[key]  # type: ignore[index]
        except KeyError:
            raise StepUnknown("There is no such step.") from None

    def place(self, visit: StepRow) -> Place:
        try:
            return self.tree.places[visit.name]
        except KeyError:
            raise StepUnknown(f'The definition has no step "{visit.name}".', step=visit.name) from None

    def step_of(self, task: TaskRow) -> Step:
        return self.place(self.visit(task.step)).step

    def tasks_of(self, visit: UUID) -> Iterator[TaskRow]:
        return (task for task in self.run.tasks.values() if task.step == visit)


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(each) for each in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value
