"""Where a step stands in a definition, and what comes before and after it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from fieldstone.metadata.approval_flows import Step, Way, Workflow

LEAVES = ("approve", "cc", "do", "wait", "call")


@dataclass(frozen=True, slots=True)
class Place:
    """A step, the containers around it from the outside in, and the sequence that it stands in."""

    step: Step
    chain: tuple[tuple[Step, Way], ...]
    sequence: tuple[Step, ...]
    index: int

    @property
    def rest(self) -> tuple[Step, ...]:
        return self.sequence[self.index + 1 :]


class Tree:
    """A definition that can be asked for the places of its steps."""

    def __init__(self, definition: Workflow) -> None:
        self.definition = definition

    @cached_property
    def places(self) -> Mapping[str, Place]:
        return {place.step.name: place for place in _places(self.definition.steps, ())}

    def level(self, place: Place, depth: int) -> Place:
        """The place of what holds `place` (or of itself) in the sequence that is `depth` containers deep."""
        return self.places[place.chain[depth][0].name] if depth < len(place.chain) else place

    def onwards(self, target: Place, depth: int) -> frozenset[str]:
        """Names of `target`, of the containers around it from `depth` on, and of all that comes after it there.

        Other ways of these containers are not meant: they stay as they are.
        """
        names: set[str] = set()
        for deep in range(depth, len(target.chain) + 1):
            place = self.level(target, deep)
            names.add(place.step.name)
            names.update(step.name for step in inside(place.rest))
        return frozenset(names)

    def preceding(self, name: str) -> tuple[str, ...]:
        """Names of the `approve` steps right before: the last ones of each way when a container comes before."""
        place = self.places[name]
        for depth in range(len(place.chain), -1, -1):
            here = self.level(place, depth)
            for step in reversed(here.sequence[: here.index]):
                found = _last(step)
                if found:
                    return found
        return ()


def inside(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Every step of a sequence, containers before what they hold."""
    for step in steps:
        yield step
        for way in step.ways:
            yield from inside(way.steps)


def way_of(step: Step, name: str) -> Way:
    return next(way for way in step.ways if way.name == name)


def _places(steps: tuple[Step, ...], chain: tuple[tuple[Step, Way], ...]) -> Iterator[Place]:
    for index, step in enumerate(steps):
        yield Place(step, chain, steps, index)
        for way in step.ways:
            yield from _places(way.steps, (*chain, (step, way)))


def _last(step: Step) -> tuple[str, ...]:
    """The `approve` steps with which a step ends: itself, or the last ones of its ways."""
    if step.kind == "approve":
        return (step.name,)
    found: list[str] = []
    for way in step.ways:
        for each in reversed(way.steps):
            names = _last(each)
            if names:
                found.extend(names)
                break
    return tuple(found)
