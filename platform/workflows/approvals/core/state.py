"""The state of one approval run: what the tables `_approval_run`, `_approval_step` and `_approval_task` hold.

Everything is immutable and made of plain values, so that replaying the events of a run gives these rows again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal
from uuid import UUID

EMPTY: Final[Mapping[Any, Any]] = MappingProxyType({})

INCIDENTS: Final = (
    "broken",  # an expression, rule or table gave no answer
    "nobody",  # nobody is there to be asked
    "too_few",  # fewer people than the step's count
    "no_way",  # no way of a branch is true
    "no_time",  # the time to wait for is null
    "depth",  # calls are too deep
    "workflow",  # the called definition does not exist
    "failed",  # storing values or starting a run failed
    "left",  # an approver left, and the policy says that an administrator decides
    "timer",  # a timer found nobody to give the task to
)

RunState = Literal["running", "returned", "approved", "rejected", "withdrawn", "ended", "stuck"]
StepState = Literal["open", "done", "rejected", "returned", "cancelled", "skipped", "stuck"]
TaskState = Literal[
    "waiting", "open", "approved", "rejected", "returned", "transferred", "cancelled", "skipped"
]


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One person's part in a step.

    `waiting` tasks wait for their turn. `origin` is why this person: the name of the line of `assign`, or
    `transfer:<task>`, `delegate:<task>`, `added:<task>`, `escalated:<task>`. `assignee` is who was chosen by the rule;
    `holder` is who has it now (a delegate acts on behalf of the assignee). `why` are the facts behind the choice, for
    people. `added` is before, after or parallel for what add-sign made, None for what the definition asked for;
    `added_to` is the task that it was added to (of an escalated one: the task that it stands beside).

    waiting: not their turn yet; skipped: need not be asked; cancelled: no longer needed; returned: sent back;
    transferred: handed over to another task. `approved` with `deduped` in `why` was taken over from an earlier step.
    """

    id: UUID
    step: UUID
    assignee: UUID
    holder: UUID
    state: TaskState
    order: int
    origin: str
    why: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    added: Literal["before", "after", "parallel"] | None = None
    added_to: UUID | None = None
    opened_at: datetime | None = None
    due_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    comment: str = ""
    signature: UUID | None = None
    version: int = 1

    @property
    def undecided(self) -> bool:
        return self.state in ("open", "waiting")

    @property
    def votes(self) -> bool:
        """Whether its answer is a vote of the step; before and after added ones decide about another task."""
        return self.added in (None, "parallel")


@dataclass(frozen=True, slots=True)
class StepRow:
    """One visit of a step of the definition. A step that is visited again after a return gets another row.

    `parent` is the visit of the container (branch or parallel) and `way` the way of it; None at the top.
    `approvals`, `rejections` and `needed` are counters that equal the tasks (before and after added ones are not votes
    and not counted). `ways` are the ways that a container goes, `needed` how many of them have to be through. `child`
    is the run that `call` started. `incident` is one of `INCIDENTS`, followed by ": " and more where there is more.

    open: at work; done: through; skipped: passed without being asked; rejected: said no; cancelled: no longer needed;
    returned: does not count any more because of a return; stuck: waits for an administrator.
    """

    id: UUID
    name: str
    state: StepState
    round: int
    parent: UUID | None = None
    way: str | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    approvals: int = 0
    rejections: int = 0
    needed: int | None = None
    child: UUID | None = None
    incident: str | None = None
    version: int = 1
    ways: tuple[str, ...] = ()

    @property
    def live(self) -> bool:
        return self.state in ("open", "stuck")

    @property
    def through(self) -> bool:
        return self.state in ("done", "skipped")


@dataclass(frozen=True, slots=True)
class CC:
    """Somebody who was told and is not asked."""

    user: UUID
    step: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One submission of a record (or of the change of a bound field) and all that became of it.

    `round` is 1 at first and grows with every return. `keep` remembers, after a return without rerun, the steps that
    need not be asked again. `depth` is how many calls are above this run. `version` is the number of the last event.
    """

    id: UUID
    workflow: str
    revision: int
    entity: str
    record: UUID
    submitter: UUID
    submitted_at: datetime
    state: RunState
    round: int
    record_version: int
    steps: Mapping[UUID, StepRow] = field(default_factory=lambda: EMPTY)
    tasks: Mapping[UUID, TaskRow] = field(default_factory=lambda: EMPTY)
    ccs: tuple[CC, ...] = ()
    returned_to: str | None = None
    keep: frozenset[str] = frozenset()
    parent: tuple[UUID, UUID] | None = None
    depth: int = 0
    ended_at: datetime | None = None
    version: int = 1
    commands: frozenset[UUID] = frozenset()
    """Ids of the commands that were carried out: the same one again changes nothing."""

    @property
    def over(self) -> bool:
        return self.state in ("approved", "rejected", "withdrawn", "ended")

    def late(self, visit: UUID) -> bool:
        """Whether a visit stands in a way that is not waited for any more: answers are kept, but decide nothing."""
        parent = self.steps[visit].parent
        while parent is not None:
            if not self.steps[parent].live:
                return True
            parent = self.steps[parent].parent
        return False
