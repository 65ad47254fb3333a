"""A made-up company for the approval core: people, managers and roles in memory, and a run that is driven by commands.

Guards are texts here: the company says what each is worth (`values`), an exception for a broken one. Assignees are
found by their kind; `expression` and `table` lines give the users named in `chosen`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from fieldstone.expressions import Checked
from fieldstone.metadata.approval_flows import Assignee, Step, Way, Workflow
from fieldstone.workflows.approvals.core import commands as c
from fieldstone.workflows.approvals.core.decide import decide
from fieldstone.workflows.approvals.core.decision import Decision, Event
from fieldstone.workflows.approvals.core.effects import EndRun, Finished, RingAt, SetFields, StartRun, Tell
from fieldstone.workflows.approvals.core.evolve import evolve, replay
from fieldstone.workflows.approvals.core.facts import Broken, Person
from fieldstone.workflows.approvals.core.state import Run, StepRow, TaskRow

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
RECORD = UUID(int=0xAA)


def user(name: str) -> UUID:
    """The same id for the same name, everywhere."""
    return UUID(bytes=name.encode().ljust(16, b"."))


def name_of(who: UUID | None) -> str:
    return who.bytes.rstrip(b".").decode() if who else "-"


def guard(text: str) -> Checked:
    return cast(Checked, text)


def people(*names: str) -> tuple[Assignee, ...]:
    return tuple(Assignee(name=name, kind="user", value=name) for name in names)


def role(name: str) -> tuple[Assignee, ...]:
    return (Assignee(name=name, kind="role", value=name),)


def approve(name: str, *who: str, **attributes: Any) -> Step:
    return Step(
        name=name, kind="approve", title=name, assign=attributes.pop("assign", people(*who)), **attributes
    )


def step(name: str, kind: Any, **attributes: Any) -> Step:
    return Step(name=name, kind=kind, title=name, **attributes)


def way(name: str, *steps: Step, when: str | None = None) -> Way:
    return Way(name=name, title=name, steps=steps, when=guard(when) if when else None)


def branch(name: str, *ways: Way, **attributes: Any) -> Step:
    return step(name, "branch", ways=ways, **attributes)


def parallel(name: str, *ways: Way, **attributes: Any) -> Step:
    return step(name, "parallel", ways=ways, **attributes)


def workflow(*steps: Step, **attributes: Any) -> Workflow:
    return Workflow(**{"name": "flow", "entity": "asset", "title": "Flow", "steps": steps, **attributes})


@dataclass
class Company:
    """The facts. `managers` is person -> manager, `roles` role -> people, `delegates` person -> stand-in."""

    managers: dict[str, str] = field(default_factory=dict)
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    inactive: set[str] = field(default_factory=set)
    delegates: dict[str, str] = field(default_factory=dict)
    admins: tuple[str, ...] = ("root",)
    values: dict[str, Any] = field(default_factory=dict)
    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    submitter: str = "sub"
    counter: int = 0

    def value(self, expression: Checked) -> Any:
        found = self.values[cast(str, expression)]
        if isinstance(found, Broken):
            raise found
        return found

    def people(
        self, assign: tuple[Assignee, ...], decided: Mapping[str, tuple[UUID, ...]]
    ) -> tuple[Person, ...]:
        found = [
            Person(who, line.name, {"kind": line.kind})
            for line in assign
            for who in self._line(line, decided)
        ]
        return tuple({person.user: person for person in reversed(found)}.values())[::-1]

    def _line(self, line: Assignee, decided: Mapping[str, tuple[UUID, ...]]) -> Iterable[UUID]:
        key = line.value or line.name
        if line.kind == "decided":
            return decided.get(key, ())
        if line.kind in ("expression", "table", "field", "team_head"):
            found = self.chosen.get(key)
            if found is None:
                raise Broken(f"no answer for {key}")
            return [user(name) for name in found]
        if line.kind == "role":
            return [user(name) for name in self.roles.get(key, ())]
        if line.kind in ("manager", "managers"):
            chain = self._chain(line.levels or 1)
            return chain if line.kind == "managers" else chain[(line.levels or 1) - 1 :]
        return [user(self.submitter if line.kind == "submitter" else key)]

    def _chain(self, levels: int) -> list[UUID]:
        chain: list[UUID] = []
        name = self.submitter
        while len(chain) < levels and name in self.managers:
            name = self.managers[name]
            chain.append(user(name))
        return chain

    def active(self, who: UUID) -> bool:
        return name_of(who) not in self.inactive

    def manager(self, who: UUID) -> UUID | None:
        name = self.managers.get(name_of(who))
        return user(name) if name else None

    def administrators(self) -> tuple[UUID, ...]:
        return tuple(user(name) for name in self.admins if name not in self.inactive)

    def delegate(self, who: UUID) -> UUID | None:
        name = self.delegates.get(name_of(who))
        return user(name) if name else None

    def due(self, start: datetime, seconds: int, working: bool) -> datetime:
        if working and self.values.get("no calendar"):
            raise Broken("no calendar")
        return start + timedelta(seconds=seconds)

    def workflow(self, name: str) -> Workflow | None:
        return self.workflows.get(name)

    def new_id(self) -> UUID:
        self.counter += 1
        return UUID(int=self.counter)


class Drive:
    """A run under test: gives commands as people, checks after each that its events make the state."""

    def __init__(self, definition: Workflow, company: Company | None = None, **submit: Any) -> None:
        self.definition = definition
        self.company = company or Company()
        self.run: Run | None = None
        self.events: list[Event] = []
        self.last: Decision | None = None
        self.at = START
        self.ids = 0x1000_0000
        self.give(self.submission(**submit))

    def submission(self, **more: Any) -> c.Submit:
        return c.Submit(
            **{
                **self._who(self.company.submitter),
                "run": UUID(int=0xFF),
                "workflow": "flow",
                "revision": 1,
                "entity": "asset",
                "record": RECORD,
                "record_version": 1,
                **more,
            }
        )

    def give(self, command: c.Command) -> Decision:
        """Carry out, and answer what a `do` step asks for at once, as the shell does."""
        decision = decide(self.definition, self.run, command, self.company)
        self._take(decision)
        for effect in decision.effects:
            if isinstance(effect, SetFields) and effect.step and not self.state.over:
                broken = [
                    v for v in effect.values.values() if isinstance(self.company.values.get(str(v)), Broken)
                ]
                self._take(
                    decide(
                        self.definition,
                        self.run,
                        c.StepDone(
                            **self._who(None),
                            run=self.state.id,
                            step=effect.step,
                            incident="refused" if broken else "",
                        ),
                        self.company,
                    )
                )
        return decision

    def told_again(self) -> None:
        """Replaying the events gives the state."""
        assert self.run == replay(self.events)

    def _take(self, decision: Decision) -> None:
        told = self.run
        for event in decision.events:
            told = evolve(told, event)
        assert told == decision.run
        self.run, self.last = decision.run, decision
        self.events.extend(decision.events)
        self.effects = decision.effects

    def _who(self, name: str | None) -> dict[str, Any]:
        self.ids += 1
        self.at += timedelta(minutes=1)
        return {"id": UUID(int=self.ids), "actor": user(name) if name else None, "at": self.at}

    # What people do ---------------------------------------------------------------------------------------------------

    def approve(self, who: str, **more: Any) -> Decision:
        return self.give(c.Decide(**self._who(who), task=self.task(who).id, verdict="approve", **more))

    def reject(self, who: str, **more: Any) -> Decision:
        return self.give(c.Decide(**self._who(who), task=self.task(who).id, verdict="reject", **more))

    def on_task(self, kind: Any, who: str, **more: Any) -> Decision:
        """Any command on the newest task of `who`."""
        return self.give(kind(**{**self._who(who), "task": self.task(who).id, **more}))

    def on_run(self, kind: Any, who: str | None, **more: Any) -> Decision:
        return self.give(kind(**self._who(who), run=self.state.id, **more))

    def ring(self, effect: RingAt) -> Decision:
        self.at = max(self.at, effect.at)
        return self.give(
            c.Ring(
                id=effect.command,
                actor=None,
                at=self.at,
                run=self.state.id,
                step=effect.step,
                task=effect.task,
                timer=effect.timer,
                count=effect.count,
            )
        )

    def fix(self, action: Any, who: str = "root", comment: str = "mended", **more: Any) -> Decision:
        return self.on_run(c.Intervene, who, action=action, comment=comment, **more)

    # What one looks at ------------------------------------------------------------------------------------------------

    @property
    def state(self) -> Run:
        assert self.run is not None
        return self.run

    def task(self, who: str, state: str | None = None) -> TaskRow:
        """The newest task that `who` holds (open ones first)."""
        mine = [
            task
            for task in self.state.tasks.values()
            if user(who) in (task.holder, task.assignee) and state in (None, task.state)
        ]
        return max(mine, key=lambda task: (task.state == "open", task.state == "waiting", task.id))

    def open(self) -> list[str]:
        """Who has an open task, in the order in which the tasks were made."""
        return [name_of(task.holder) for task in self.state.tasks.values() if task.state == "open"]

    def states(self, step_name: str) -> dict[str, str]:
        """assignee -> state of the tasks of the newest visit."""
        visit = self.visit(step_name)
        return {
            name_of(task.assignee): task.state for task in self.state.tasks.values() if task.step == visit.id
        }

    def visit(self, step_name: str) -> StepRow:
        return [row for row in self.state.steps.values() if row.name == step_name][-1]

    def visits(self) -> list[str]:
        return [f"{row.name} {row.state}" for row in self.state.steps.values()]

    def rings(self) -> list[RingAt]:
        assert self.last is not None
        return [effect for effect in self.last.effects if isinstance(effect, RingAt)]

    def told(self) -> dict[str, list[str]]:
        """occasion -> who, of the last command."""
        assert self.last is not None
        found: dict[str, list[str]] = {}
        for effect in self.last.effects:
            if isinstance(effect, Tell):
                found.setdefault(effect.occasion, []).extend(name_of(each) for each in effect.users)
        return found

    def outcome(self) -> str | None:
        assert self.last is not None
        return next((effect.outcome for effect in self.last.effects if isinstance(effect, Finished)), None)

    def effects_of(self, kind: type[StartRun] | type[EndRun] | type[SetFields]) -> list[Any]:
        assert self.last is not None
        return [effect for effect in self.last.effects if isinstance(effect, kind)]
