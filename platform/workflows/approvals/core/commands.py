"""What people, timers and administrators may ask of a run. `id` makes a command idempotent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fieldstone.metadata.approval_flows import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`actor` None is the platform (a timer, a job). `at` is the time at which it counts."""

    id: UUID
    actor: UUID | None
    at: datetime
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit(Command):
    """Start a run, or submit again after a return to the submitter (then only `record_version` counts).

    `submitter` None is the actor; a run that `call` started has the submitter of its parent.
    """

    run: UUID
    workflow: str
    revision: int
    entity: str
    record: UUID
    record_version: int
    submitter: UUID | None = None
    parent: tuple[UUID, UUID] | None = None
    depth: int = 0
    """How many calls are above: 0 for what a person submitted, the parent's plus 1 for what a `call` started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(Command):
    """Approve or reject a task. Only its holder, or the assignee on whose behalf the holder acts, may."""

    task: UUID
    verdict: Literal["approve", "reject"]
    version: int | None = None
    signature: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Return(Command):
    """Send back to an earlier step, or to the submitter (`to` None). `rerun`: steps between are asked again."""

    task: UUID
    to: str | None = None
    rerun: bool = True
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Command):
    """Hand a task over for good."""

    task: UUID
    to: UUID
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegate(Command):
    """Let somebody decide one task on behalf of its assignee."""

    task: UUID
    to: UUID
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSign(Command):
    """Ask more people: before (this task waits for them), after, or parallel to this task."""

    task: UUID
    where: Literal["before", "after", "parallel"]
    users: tuple[UUID, ...]
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveAdded(Command):
    """Take back an added task that is not decided."""

    task: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy(Command):
    """Tell more people. `task` None: by the submitter."""

    run: UUID
    task: UUID | None
    users: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Urge(Command):
    """Ask everybody with an open task to hurry (the submitter, or one with a task)."""

    run: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment(Command):
    """Say something in the trail."""

    run: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Command):
    """Take the submission back."""

    run: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring(Command):
    """A timer of a task or a waiting step is due: the fields of `RingAt`, with its `command` as `id`."""

    run: UUID
    step: UUID
    task: UUID | None
    timer: str
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildEnded(Command):
    """The run that a `call` step started is over."""

    run: UUID
    step: UUID
    outcome: Literal["approved", "rejected", "withdrawn", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone(Command):
    """The shell has carried out `SetFields` of a `do` step, or could not (`incident` says why): the run goes on, or is
    stuck. Given by the shell in the same transaction, right after the effect."""

    run: UUID
    step: UUID
    incident: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Command):
    """A job of an open step failed for good (a child run that could not be started): the run is stuck."""

    run: UUID
    step: UUID
    incident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismiss(Command):
    """The parent run does not need this run any more (`EndRun`): it ends without an outcome."""

    run: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChanged(Command):
    """Material fields changed under a definition that voids votes."""

    run: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproverLeft(Command):
    """A user was disabled: open and waiting tasks go by the policy of their step (or to `to` when given)."""

    run: UUID
    user: UUID
    to: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervene(Command):
    """An administrator mends a stuck run; a comment is a must and the trail says that it was an intervention.

    retry: try the stuck step again; reassign: give a task to `to`; skip: close the step as if it were not there;
    end: end the run with `outcome`.
    """

    run: UUID
    action: Literal["retry", "reassign", "skip", "end"]
    step: UUID | None = None
    task: UUID | None = None
    to: UUID | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Command):
    """Go over to another revision of the definition; `steps` maps open steps' names to their new ones."""

    run: UUID
    revision: int
    steps: Mapping[str, str]


AnyCommand = Command | Any
