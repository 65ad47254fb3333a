"""Who will be asked, and why: the way that a run would take if everybody approved.

The run is rehearsed with the same functions that carry out the real one, so that a preview says what will happen; it is
a preview all the same: values that a step will store are not known to the guards after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from fieldstone.expressions import Checked
from fieldstone.metadata.approval_flows import Assignee, StepKind, Workflow
from fieldstone.workflows.approvals.core.closing import close
from fieldstone.workflows.approvals.core.commands import Command, Submit
from fieldstone.workflows.approvals.core.decide import work_off
from fieldstone.workflows.approvals.core.facts import Facts, Person
from fieldstone.workflows.approvals.core.starting import submit
from fieldstone.workflows.approvals.core.state import Run, StepRow
from fieldstone.workflows.approvals.core.turn import Open, Turn
from fieldstone.workflows.approvals.core.voting import vote

NOBODY: Final = UUID(int=0)
SPACE: Final = UUID("5b3a1c52-7a55-4f0e-9a52-8c2d6c1f0e11")


@dataclass(frozen=True, slots=True)
class PathPerson:
    """`part` is asked, repeated (approved before, need not again) or self (the submitter, need not decide)."""

    user: UUID
    assignee: UUID
    origin: str
    why: Mapping[str, Any]
    part: str


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step on the way. `within` are the containers around it with the ways taken, from the outside in.

    `passed` is why nobody is asked (nobody, self, kept). `problem` is the incident at which the run would be stuck;
    what follows is the way on after an administrator skipped it.
    """

    name: str
    title: str
    kind: StepKind
    people: tuple[PathPerson, ...]
    mode: str | None
    needed: int | None
    within: tuple[tuple[str, str], ...]
    passed: str | None = None
    problem: str | None = None
    workflow: str | None = None
    outcome: str | None = None


def path(definition: Workflow, facts: Facts, submitter: UUID, at: datetime) -> tuple[PathStep, ...]:
    """The way of a record that is not submitted yet, whether or not it may be (`submittable`)."""
    rehearsal = _Rehearsal(replace(definition, when=None), facts, at)
    rehearsal.start(submitter)
    rehearsal.play()
    return rehearsal.steps(frozenset())


def upcoming(
    definition: Workflow, run: Run, facts: Facts, at: datetime | None = None
) -> tuple[PathStep, ...]:
    """The steps that a running (or returned) run has still to come to; none when it is over."""
    if run.over:
        return ()
    rehearsal = _Rehearsal(definition, facts, at or run.submitted_at, run)
    rehearsal.play()
    return rehearsal.steps(frozenset(run.steps))


def submittable(definition: Workflow, facts: Facts) -> bool:
    """Whether the definition's own condition is true. Raises Broken."""
    return definition.when is None or facts.value(definition.when) is True


class _Guess:
    """The facts, with ids that leave no trace."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._count = 0

    def new_id(self) -> UUID:
        self._count += 1
        return uuid5(SPACE, str(self._count))

    def value(self, expression: Checked) -> Any:
        return self._facts.value(expression)

    def people(
        self, assign: tuple[Assignee, ...], decided: Mapping[str, tuple[UUID, ...]]
    ) -> tuple[Person, ...]:
        return self._facts.people(assign, decided)

    def active(self, user: UUID) -> bool:
        return self._facts.active(user)

    def manager(self, user: UUID) -> UUID | None:
        return self._facts.manager(user)

    def administrators(self) -> tuple[UUID, ...]:
        return self._facts.administrators()

    def delegate(self, user: UUID) -> UUID | None:
        return self._facts.delegate(user)

    def due(self, start: datetime, seconds: int, working: bool) -> datetime:
        return self._facts.due(start, seconds, working)

    def workflow(self, name: str) -> Workflow | None:
        return self._facts.workflow(name)


class _Rehearsal:
    """A run that everybody approves, and the incidents on its way."""

    def __init__(self, definition: Workflow, facts: Facts, at: datetime, run: Run | None = None) -> None:
        self.definition = definition
        self.facts = _Guess(facts)
        self.at = at
        self.run = run
        self.problems: dict[UUID, str] = {}
        self.reasons: dict[UUID, str] = {}

    def start(self, submitter: UUID) -> None:
        command = Submit(
            id=self.facts.new_id(),
            actor=submitter,
            at=self.at,
            run=self.facts.new_id(),
            workflow=self.definition.name,
            revision=0,
            entity=self.definition.entity,
            record=NOBODY,
            record_version=0,
        )
        turn = Turn(self.definition, self.facts, command, None)
        submit(turn, command)
        self._through(turn)

    def play(self) -> None:
        """Approve, let time pass and skip what is stuck, until the run is over."""
        while self.run is not None and not self.run.over:
            self._next(self.run)

    def steps(self, known: frozenset[UUID]) -> tuple[PathStep, ...]:
        assert self.run is not None
        rows = [row for row in self.run.steps.values() if row.id not in known]
        return tuple(self._step(row) for row in rows if not row.ways or row.id in self.problems)

    def _next(self, run: Run) -> None:
        stuck = next((row for row in run.steps.values() if row.state == "stuck"), None)
        if stuck is not None:
            self.problems[stuck.id] = stuck.incident or ""
            turn = self._turn(run.submitter)
            close(turn, stuck.id, "skipped")
        elif run.state == "returned":
            turn = self._turn(run.submitter)
            turn.emit("resubmitted", record_version=run.record_version)
            turn.agenda.append(Open(self.definition.steps[0], None, None))
        else:
            task = next((task for task in run.tasks.values() if task.state == "open"), None)
            turn = self._turn(task.holder if task else run.submitter)
            if task is not None:
                vote(turn, task, "approve")
            else:
                row = next((row for row in run.steps.values() if row.live and not row.ways), None)
                if row is None:
                    raise RuntimeError(f"run of {self.definition.name} is running with nothing to do")
                close(turn, row.id, "done")
        self._through(turn)

    def _turn(self, actor: UUID) -> Turn:
        return Turn(
            self.definition, self.facts, Command(id=self.facts.new_id(), actor=actor, at=self.at), self.run
        )

    def _through(self, turn: Turn) -> None:
        work_off(turn)
        self.run = turn.run
        for event in turn.events:
            if event.kind == "step_closed" and "reason" in event.data:
                self.reasons[UUID(event.data["step"])] = event.data["reason"]

    def _step(self, row: StepRow) -> PathStep:
        assert self.run is not None
        step = next(each for each in self.definition.all_steps() if each.name == row.name)
        tasks = [
            task for task in self.run.tasks.values() if task.step == row.id and task.state != "transferred"
        ]
        asked = [
            PathPerson(
                task.holder,
                task.assignee,
                task.origin,
                task.why,
                "repeated" if "deduped" in task.why else "self" if task.state == "skipped" else "asked",
            )
            for task in tasks
        ]
        told = [
            PathPerson(cc.user, cc.user, step.name, {}, "asked") for cc in self.run.ccs if cc.step == row.id
        ]
        return PathStep(
            name=step.name,
            title=step.title,
            kind=step.kind,
            people=tuple(asked or told),
            mode=step.mode if step.kind == "approve" else None,
            needed=row.needed if step.kind == "approve" else None,
            within=self._within(row),
            passed=self.reasons.get(row.id),
            problem=self.problems.get(row.id),
            workflow=step.workflow,
            outcome=step.outcome if step.kind == "end" else None,
        )

    def _within(self, row: StepRow) -> tuple[tuple[str, str], ...]:
        assert self.run is not None
        found: list[tuple[str, str]] = []
        while row.parent is not None:
            parent = self.run.steps[row.parent]
            found.insert(0, (parent.name, row.way or ""))
            row = parent
        return tuple(found)
