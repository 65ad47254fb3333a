"""What holds for every run, whatever the definition and whoever does what: random stories, each with its seed.

`DRILL_ROUNDS` (make drills) tells 400 more stories per round; the ordinary run is a sample.
"""

import json
import os
from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest
from approval_company import Company, Drive, name_of
from approval_random import Maker

from fieldstone.metadata.approval_flows import Step
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.approvals.core import allowed, decide, path, replay, upcoming
from fieldstone.workflows.approvals.core import commands as c
from fieldstone.workflows.approvals.core.decision import Decision, Event
from fieldstone.workflows.approvals.core.effects import Finished, RingAt
from fieldstone.workflows.approvals.core.facts import Broken
from fieldstone.workflows.approvals.core.refusals import OperationDenied, TaskNotYours
from fieldstone.workflows.approvals.core.state import Run
from fieldstone.workflows.approvals.core.tree import Tree

STORIES = 200
COMMANDS = 40
ROUNDS = int(os.environ.get("DRILL_ROUNDS", "0"))


@pytest.mark.drill
def test_every_run_keeps_its_promises() -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(STORIES + ROUNDS * 400):
        outcomes += story(seed)
    assert min(outcomes[each] for each in ("approved", "rejected", "withdrawn", "ended")) > 0, outcomes
    assert min(outcomes[each] for each in ("returned", "voided", "moved", "step_stuck", "escalated")) > 0, (
        outcomes
    )
    assert outcomes["refused"] > 200, outcomes


def story(seed: int) -> Counter[str]:
    """One definition, one company, one run; says what happened. Failures name the seed."""
    maker, found = Maker(seed), Counter[str]()
    try:
        drive = Teller(maker)
        for _ in range(COMMANDS):
            if drive.state.over:
                break
            drive.next(found)
        drive.look_ahead()
        drive.must_end()
        drive.told_again()
        found.update(event.kind for event in drive.events)
        found[drive.state.state] += 1
        return found
    except BaseException as error:
        error.add_note(f"story {seed}: story({seed}) in {__name__} tells it again")
        raise


class Teller(Drive):
    """A driver that checks every promise after every command."""

    def __init__(self, maker: Maker) -> None:
        self.maker = maker
        self.waiting: list[RingAt] = []
        self.decided: Counter[UUID] = Counter()
        super().__init__(maker.definition(), maker.company())

    def next(self, found: Counter[str]) -> None:
        rng = self.maker.rng
        if rng.random() < 0.15:
            self.maker.change_world(self.company)
        if rng.random() < 0.03 and not self.state.over:
            command: c.Command = self.maker.move(self)
        else:
            command = self.maker.command(self, self.waiting)
        before = self.state
        try:
            self.give(command)
        except FieldstoneError as refused:
            found["refused"] += 1
            found[refused.code] += 1
            assert self.state == before

    def _take(self, decision: Decision) -> None:
        before = self.run
        super()._take(decision)
        self.waiting.extend(effect for effect in decision.effects if isinstance(effect, RingAt))
        check(self.definition_now(), self.company, before, self.state, decision, self.events, self.decided)

    def definition_now(self) -> Tree:
        return Tree(self.definition)

    def give(self, command: c.Command) -> Decision:
        decision = super().give(command)
        if decision.events:
            assert decide(self.definition, self.run, command, self.company) == Decision(self.state, (), ())
        return decision

    def look_ahead(self) -> None:
        """The preview of any run ends, and leaves the run as it is."""
        before = self.state
        upcoming(self.definition, self.state, self.company)
        path(self.definition, self.company, before.submitter, self.at)
        for task in before.tasks.values():
            for who in {task.holder, task.assignee}:
                offered = allowed(self.definition, before, task, who)
                assert not offered - {"comment", "remove"} or task.state == "open"
        assert self.state == before

    def must_end(self) -> None:
        """With patience and an administrator every run comes to its end: nothing is ever locked up."""
        self.company.inactive.clear()
        for _ in range(400):
            run = self.state
            if run.over:
                return
            stuck = next((row for row in run.steps.values() if row.state == "stuck"), None)
            live = next((row for row in run.steps.values() if row.live and not row.ways), None)
            task = next((task for task in run.tasks.values() if task.state == "open"), None)
            if run.state == "returned":
                self.on_run(c.Intervene, "root", action="end", comment="enough")
            elif stuck is not None:
                self.fix("skip", step=stuck.id)
            elif task is not None:
                self._finish(name_of(task.assignee), task.id)
            else:
                assert live is not None, "nothing to do, and not over"
                self.fix("skip", step=live.id)
        raise AssertionError("no end in 400 commands")

    def told_again(self) -> None:
        """The events, stored as JSON and read again, make the same state."""
        stored = json.dumps([dict(event.data) for event in self.events])
        pairs = zip(self.events, json.loads(stored), strict=True)
        assert replay(replace(event, data=data) for event, data in pairs) == self.run

    def _finish(self, who: str, task: UUID) -> None:
        answer = {"task": task, "verdict": "approve", "comment": "fine", "signature": UUID(int=9)}
        try:
            self.give(c.Decide(**{**self._who(who), **answer}))
        except (
            TaskNotYours,
            OperationDenied,
        ):  # not in the role any more, or approving is not allowed at all
            self.fix("skip", step=self.state.tasks[task].step)


def check(
    tree: Tree,
    company: Company,
    before: Run | None,
    run: Run,
    decision: Decision,
    events: list[Event],
    decided: Counter,
) -> None:
    assert [event.number for event in events] == list(range(1, len(events) + 1)) and run.version == len(
        events
    )
    opened_once(run)
    counters(tree, run)
    rounds(tree, run, events)
    never_locked(run)
    fresh = decision.events
    for event in fresh:
        one_decision(event, decided, company, before)
        ways_taken(tree, event, run, company)
        if event.kind == "finished":
            assert event == events[-1] and any(isinstance(each, Finished) for each in decision.effects)
    barred(tree, run, fresh, company)


def opened_once(run: Run) -> None:
    """A step advances once: in one round no step is visited twice."""
    visits = Counter((row.name, row.round) for row in run.steps.values())
    assert max(visits.values()) == 1, visits


def counters(tree: Tree, run: Run) -> None:
    for row in run.steps.values():
        states = [task.state for task in run.tasks.values() if task.step == row.id and task.votes]
        assert (row.approvals, row.rejections) == (states.count("approved"), states.count("rejected"))
        if row.state == "done" and tree.places[row.name].step.kind == "approve":
            assert row.needed is not None and row.approvals >= row.needed > 0
        assert (row.closed_at is None) == row.live


def rounds(tree: Tree, run: Run, events: list[Event]) -> None:
    returns = sum(event.kind in ("returned", "voided") for event in events)
    assert run.round == 1 + returns <= tree.definition.max_rounds


def never_locked(run: Run) -> None:
    """A run that is not over has something that moves it; one that is over has nothing left."""
    live = [row for row in run.steps.values() if row.live]
    open_ones = [task for task in run.tasks.values() if task.undecided]
    assert all(run.steps[task.step].live for task in open_ones)
    if run.over or run.state == "returned":
        assert not live and not open_ones
        assert (run.ended_at is not None) == run.over
        return
    assert (run.state == "stuck") == any(row.state == "stuck" for row in live)
    moving = [
        row
        for row in live
        if row.state == "open"
        and not row.ways
        and not any(task.step == row.id for task in run.tasks.values())  # waits, calls, values to be stored
    ]
    assert run.state == "stuck" or moving or any(task.state == "open" for task in open_ones)
    for row in live:  # a step that asks people always has somebody whose turn it is
        tasks = [task for task in run.tasks.values() if task.step == row.id]
        if tasks and row.state == "open":
            assert any(task.state == "open" for task in tasks), row.name


def one_decision(event: Event, decided: Counter, company: Company, before: Run | None) -> None:
    if event.kind not in ("approved", "rejected", "returned", "transferred") or "task" not in event.data:
        return
    task = UUID(event.data["task"])
    decided[task] += 1
    assert decided[task] == 1
    if event.kind in ("approved", "rejected"):
        assert not event.intervention
        assert before is not None
        row = before.tasks[task]
        assert row.state == "open"
        assert event.actor is None or (
            event.actor in (row.holder, row.assignee) and company.active(event.actor)
        )


def ways_taken(tree: Tree, event: Event, run: Run, company: Company) -> None:
    """Only ways whose guard is true, and none past a guard that gave no answer."""
    if event.kind != "ways_taken" or event.data["name"] not in tree.places:
        return
    step = tree.places[event.data["name"]].step
    if step.kind != "branch":
        return
    worth = {way.name: True if way.when is None else company.values[str(way.when)] for way in step.ways}
    taken = event.data["ways"]
    assert taken and all(worth[name] is True for name in taken)
    if step.every:
        assert not any(isinstance(each, Broken) for each in worth.values())
        assert taken == [name for name in worth if worth[name] is True]
    else:
        passed = list(worth)[: list(worth).index(taken[0])]
        assert len(taken) == 1 and all(worth[name] in (False, None) for name in passed)


def barred(tree: Tree, run: Run, fresh: tuple[Event, ...], company: Company) -> None:
    """Nobody is asked whom the step leaves out, nor somebody who left; not by an administrator either."""
    for event in fresh:
        if event.kind == "task_made":
            step: Step = tree.places[run.steps[UUID(event.data["step"])].name].step
            out = {line.value for line in step.except_}
            people = {name_of(UUID(event.data[key])) for key in ("assignee", "holder")}
            assert not people & out and not people & company.inactive
            if step.on_self != "allow" and event.data["state"] != "skipped":
                assert company.submitter not in people
