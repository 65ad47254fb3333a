"""Whether a tree of steps makes sense: every step can be reached, every branch has a way for every record, every name
that refers to another step finds one that comes earlier, and workflows do not call each other without end.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fieldstone.metadata.approval_flows import Assignee, Step, Way, Workflow
from fieldstone.metadata.coverage import Undecided, coverage
from fieldstone.metadata.definitions import Entity
from fieldstone.problems import Problem, did_you_mean

SUBMITTER: Final = "submitter"
"""How `returnTo` names the start, where the submitter is asked to change something."""


def check_tree(
    workflow: Workflow, places: Mapping[str, str], unread: Collection[str], entity: Entity, problems: list[Problem],
    notes: list[Problem],
) -> None:  # fmt: skip
    """Problems of one workflow; `places` maps steps, and ways as `way <name>`, to their place in the document.

    `unread` are the ways whose condition is wrong: a branch with one of them is not judged.
    """
    _Check(workflow, places, unread, entity, problems, notes).run()


@dataclass(frozen=True, slots=True)
class _Before:
    """What lies before a step: `sure` are decided on every path that leads there, `earlier` on some."""

    sure: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()

    def after(self, step: Step) -> "_Before":
        return _Before((*self.sure, *_surely(step)), (*self.earlier, *_possibly(step)))


class _Check:
    """One walk over one workflow."""

    def __init__(
        self, workflow: Workflow, places: Mapping[str, str], unread: Collection[str], entity: Entity,
        problems: list[Problem], notes: list[Problem],
    ) -> None:  # fmt: skip
        self.workflow = workflow
        self.places = places
        self.unread = unread
        self.entity = entity
        self.problems = problems
        self.notes = notes
        self.all = [step.name for step in workflow.all_steps()]

    def run(self) -> None:
        self.sequence(self.workflow.steps, _Before())
        if not any(step.kind in ("approve", "call") for step in self.workflow.all_steps()):
            message = "nobody is ever asked: there is no step of type approve or call"
            self.problems.append(Problem("/steps", "workflow.empty", message))

    def add(self, step: Step, part: str, code: str, message: str) -> None:
        self.problems.append(Problem(self.places[step.name] + part, code, message))

    def sequence(self, steps: Sequence[Step], before: _Before) -> None:
        ended: Step | None = None
        for step in steps:
            if ended is not None:
                what = f'"{ended.name}" ends the run' + (" on every way" if ended.kind != "end" else "")
                self.add(step, "", "step.unreachable", f'"{step.name}" is never reached: {what}')
                break
            self.step(step, before)
            before = before.after(step)
            ended = step if ends(step) else None

    def step(self, step: Step, before: _Before) -> None:
        self.refers(step, before)
        if step.kind == "branch":
            if not any(way.name in self.unread for way in step.ways):
                self.branch(step)
        elif step.kind == "parallel":
            self.parallel(step)
        for way in step.ways:
            self.sequence(way.steps, before)

    def branch(self, step: Step) -> None:
        place = self.places[step.name]
        always = [at for at, way in enumerate(step.ways) if way.when is None]
        if always and always[0] < len(step.ways) - 1 and not step.every:
            way = step.ways[always[0]]
            after = step.ways[always[0] + 1]
            message = f'"{after.name}" is never taken: "{way.name}" before it has no condition; put it last or give it one'
            self.unreachable(after, message)
            return
        self.total(step, place, stuck=not always)

    def total(self, step: Step, place: str, *, stuck: bool) -> None:
        """Whether some way is true for every record, so that none gets stuck, and each for some."""
        rows = [[] if way.when is None else [way.when] for way in step.ways]
        found = coverage(rows, self.entity)
        advice = "leave `when` out of the last way, which is then taken otherwise"
        if isinstance(found, Undecided):
            if stuck:
                message = f"it cannot be shown that some way is always taken ({found.why}); {advice}"
                self.problems.append(Problem(f"{place}/ways", "branch.partial", message))
            return
        if found.gap is not None and stuck:
            message = f"no way is taken when {found.gap.text}; {advice}"
            self.problems.append(Problem(f"{place}/ways", "branch.partial", message))
        for at in sorted(found.never_first) if not step.every else ():
            way = step.ways[at]
            if way.when is not None:
                message = (
                    f'"{way.name}" is never taken: the ways before it take every record for which it is true'
                )
                self.unreachable(way, message, certain=found.certain)

    def unreachable(self, way: Way, message: str, *, certain: bool = True) -> None:
        found = Problem(self.places[f"way {way.name}"], "step.unreachable", message)
        (self.problems if certain else self.notes).append(found)

    def parallel(self, step: Step) -> None:
        for way in step.ways:
            if not way.steps:
                message = f'the way "{way.name}" has no step, so nothing is done on it'
                self.problems.append(Problem(self.places[f"way {way.name}"], "way.empty", message))
            if way.when is not None:
                message = "all ways of a parallel step are gone; put a branch into the way"
                self.problems.append(
                    Problem(f"{self.places[f'way {way.name}']}/when", "keyword.not_here", message)
                )
        if step.ways and len(step.ways) < 2:
            message = "there is only one way; a parallel step needs two or more"
            self.add(step, "/ways", "way.empty", message)
        if step.join is not None and step.join > len(step.ways):
            message = f"it waits for {step.join} ways, but there are {len(step.ways)}"
            self.add(step, "/join", "parallel.join", message)

    def refers(self, step: Step, before: _Before) -> None:
        for part, line in lines_of(step):
            if line.kind != "decided" or line.value not in self.all or line.value in before.sure:
                continue
            later = (
                "is not asked on every path to this step" if line.value in before.earlier else "comes later"
            )
            if line.value == step.name:
                later = "is this step itself"
            message = f'"{line.value}" {later}{did_you_mean(line.value or "", before.sure)}'
            place = self.places[f"{step.name}/{part} {line.name}"]
            self.problems.append(Problem(f"{place}/value", "step.order", message))
        for at, name in enumerate(step.return_to):
            if name in before.earlier or name == SUBMITTER:
                continue
            if name not in self.all:
                message = f'"{name}" is no step{did_you_mean(name, before.earlier)}'
                self.add(step, f"/returnTo/{at}", "step.unknown", message)
            else:
                message = (
                    f'"{name}" is no earlier step that people decide{did_you_mean(name, before.earlier)}'
                )
                self.add(step, f"/returnTo/{at}", "step.order", message)


def lines_of(step: Step) -> Iterator[tuple[str, Assignee]]:
    """(list of the step, line) of everybody that a step names; lists of timers by the timer's name."""
    for name, lines in (
        ("assign", step.assign),
        ("except", step.except_),
        ("emptyAssign", step.empty_assign),
    ):
        yield from ((name, line) for line in lines)
    for timer in step.timers:
        yield from ((f"timers/{timer.name}/to", line) for line in timer.to)


def ends(step: Step) -> bool:
    """Whether the run is over after this step, whatever happens in it."""
    if step.kind == "end":
        return True
    if step.kind == "branch":
        ending = [any(ends(inner) for inner in way.steps) for way in step.ways]
        return bool(ending) and all(ending)
    if step.kind == "parallel":
        return step.join is None and any(any(ends(inner) for inner in way.steps) for way in step.ways)
    return False


def _surely(step: Step) -> Iterator[str]:
    """The steps that people decided whenever this one is through."""
    if step.kind == "approve":
        yield step.name
    elif step.kind == "parallel" and step.join is None:
        for way in step.ways:
            for inner in way.steps:
                yield from _surely(inner)
    elif step.kind == "branch" and step.ways and not step.every:
        going_on = [way for way in step.ways if not any(ends(inner) for inner in way.steps)]
        if len(going_on) == 1:
            for inner in going_on[0].steps:
                yield from _surely(inner)


def _possibly(step: Step) -> Iterator[str]:
    if step.kind == "approve":
        yield step.name
    for way in step.ways:
        for inner in way.steps:
            yield from _possibly(inner)


def endless_calls(workflows: Mapping[str, Workflow]) -> Iterator[tuple[str, str, str]]:
    """(workflow, step, circle) of calls that would never end: about the same record, on no condition."""
    calls = {name: list(_sure_calls(workflow.steps)) for name, workflow in workflows.items()}
    for name in workflows:
        for step, target in calls[name]:
            path = _way_back(target, name, calls, (name,))
            if path is not None:
                yield name, step, " -> ".join(path)


def _sure_calls(steps: Sequence[Step]) -> Iterator[tuple[str, str]]:
    """(step, workflow) of calls about the same record that every run comes to."""
    for step in steps:
        if step.kind == "call" and step.record is None and step.workflow is not None:
            yield step.name, step.workflow
        if step.kind == "parallel" and step.join is None:
            for way in step.ways:
                yield from _sure_calls(way.steps)
        if step.kind == "branch":
            yield from _on_every_way(step.ways)
        if ends(step):
            return


def _on_every_way(ways: Sequence[Way]) -> Iterator[tuple[str, str]]:
    found = [{target: name for name, target in _sure_calls(way.steps)} for way in ways]
    for target, name in (found[0] if found else {}).items():
        if all(target in each for each in found):
            yield name, target


def _way_back(
    at: str, goal: str, calls: Mapping[str, Sequence[tuple[str, str]]], path: tuple[str, ...]
) -> tuple[str, ...] | None:
    if at == goal:
        return (*path, at)
    if at in path:
        return None
    for _, target in calls.get(at, ()):
        found = _way_back(target, goal, calls, (*path, at))
        if found is not None:
            return found
    return None
