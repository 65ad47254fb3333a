"""Automations that start each other without end, as far as the documents show it.

What is sure is refused: an automation that always makes the record that starts it, or that changes a value into another
one each time it changes. What may happen is noted; the depth that each automation allows ends it at run time. An update
that changes nothing starts nothing, so setting a constant ends by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fieldstone.expressions import Checked
from fieldstone.expressions.typed import Const
from fieldstone.expressions.types import Link
from fieldstone.metadata.automation_rules import Action, Automation
from fieldstone.metadata.definitions import Entity
from fieldstone.problems import Problem


@dataclass(frozen=True, slots=True)
class Effect:
    """What an action does to some record: it makes one, or changes fields of one. `always`: on no condition."""

    entity: str
    made: bool
    fields: frozenset[str]
    values: Mapping[str, Checked]
    always: bool
    own: bool
    """Whether it is the very record that started the automation."""


def loops(
    automations: Mapping[str, Automation], entities: Mapping[str, Entity]
) -> Iterator[tuple[str, Problem, bool]]:
    """(automation, problem, certain) of circles, each told once."""
    active = {name: each for name, each in automations.items() if each.active}
    effects = {name: list(effects_of(each, entities)) for name, each in active.items()}
    told: set[frozenset[str]] = set()
    for name in active:
        for circle in _circles(name, active, effects):
            if frozenset(circle) in told:
                continue
            told.add(frozenset(circle))
            certain = _certain(circle, active, effects)
            if certain or _likely(circle, active, effects):
                path = " -> ".join((*circle, circle[0]))
                what = "starts itself" if len(circle) == 1 else "start each other"
                advice = "give it a condition that is false after its own change"
                message = f"{what} without end: {path}; {advice}"
                if not certain:
                    message = f"may {what.replace('starts', 'start')} again and again: {path}; {advice}"
                yield circle[0], Problem("/trigger", "automation.loop", message), certain


def effects_of(automation: Automation, entities: Mapping[str, Entity]) -> Iterator[Effect]:
    """What the actions of an automation do to records of known entities."""
    start = entities.get(automation.entity or "")
    always = True
    for action in automation.actions:
        for each, subject, inside in _inner(action, start, entities):
            sure = always and not inside and automation.when is None and each.when is None
            yield from _effects(each, subject, entities, sure, top=not inside)
        if action.kind in ("stop", "wait"):
            always = False


def _inner(
    action: Action, subject: Entity | None, entities: Mapping[str, Entity]
) -> Iterator[tuple[Action, Entity | None, bool]]:
    yield action, subject, False
    field = subject.fields.get(action.lines or "") if subject is not None else None
    lines = entities.get(field.lines or "") if field is not None else None
    for each in action.actions:
        yield each, lines, True


def _effects(
    action: Action, subject: Entity | None, entities: Mapping[str, Entity], always: bool, *, top: bool
) -> Iterator[Effect]:
    names = frozenset(action.values)
    match action.kind:
        case "create" | "create_from" if action.entity is not None:
            sure = always and action.kind == "create"
            yield Effect(action.entity, True, names, action.values, sure, own=False)
        case "update_where" if action.entity is not None:
            yield Effect(action.entity, False, names, action.values, False, own=False)
        case "set" if subject is not None:
            own = action.record is None and top
            goal = subject.name if action.record is None else _goal(subject, action.record, entities)
            if goal is not None:
                yield Effect(goal, False, names, action.values, always and own, own)
        case "assign" | "transition" if subject is not None and action.field is not None:
            goal = subject.name if action.record is None else _goal(subject, action.record, entities)
            if goal is not None:
                yield Effect(goal, False, frozenset((action.field,)), {}, False, action.record is None)


def _goal(entity: Entity, path: str, entities: Mapping[str, Entity]) -> str | None:
    at: str | None = entity.name
    for name in path.split("."):
        here = entities.get(at or "")
        field = here.fields.get(name) if here is not None else None
        at = "user" if name in ("owner_id", "created_by", "updated_by") else field.target if field else None
    return at


def starts(effect: Effect, automation: Automation) -> bool:
    """Whether an effect can start an automation."""
    trigger = automation.trigger
    if automation.entity != effect.entity:
        return False
    match trigger.on:
        case "create":
            return effect.made
        case "update":
            return not effect.made
        case "changed":
            return not effect.made and bool(trigger.fields & effect.fields)
        case "stage":
            if effect.made or trigger.field not in effect.fields:
                return False
            value = effect.values.get(trigger.field or "")
            constant = value.node.value if value is not None and isinstance(value.node, Const) else None
            return constant is None or not trigger.after or constant in trigger.after
    return False


def _circles(
    start: str, active: Mapping[str, Automation], effects: Mapping[str, Sequence[Effect]]
) -> Iterator[tuple[str, ...]]:
    """The shortest ways from an automation back to itself."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    while ways:
        way = ways.pop(0)
        for name, automation in active.items():
            if any(starts(effect, automation) for effect in effects[way[-1]]):
                if name == start:
                    yield way
                elif name not in seen:
                    seen.add(name)
                    ways.append((*way, name))


def _links(
    circle: Sequence[str], active: Mapping[str, Automation], effects: Mapping[str, Sequence[Effect]]
) -> Iterator[tuple[Automation, list[Effect]]]:
    """Every automation of a circle, with its effects that start the next one."""
    for at, name in enumerate(circle):
        after = active[circle[(at + 1) % len(circle)]]
        yield active[name], [effect for effect in effects[name] if starts(effect, after)]


def _certain(
    circle: Sequence[str], active: Mapping[str, Automation], effects: Mapping[str, Sequence[Effect]]
) -> bool:
    """Whether nothing can end the circle: records that are made on no condition, or one value that grows by itself."""
    links = list(_links(circle, active, effects))
    if all(any(effect.made and effect.always for effect in found) for _, found in links):
        return True
    if len(links) > 1:
        return False
    automation, found = links[0]
    return any(effect.own and effect.always and _grows(effect, automation) for effect in found)


def _grows(effect: Effect, automation: Automation) -> bool:
    """Whether one of the fields that start the automation gets another value each time."""
    fields = automation.trigger.fields if automation.trigger.on == "changed" else effect.fields
    for name in fields & set(effect.values):
        value = effect.values[name]
        plain = not isinstance(value.type, Link) and value.type.kind in ("integer", "decimal", "text")
        if (name,) in value.deps and plain and _arithmetic(value):
            return True
        if "now" in value.reads_context:
            return True
    return False


def _arithmetic(value: Checked) -> bool:
    """Whether the outermost thing that is done adds to a value or takes from it."""
    return getattr(value.node, "op", "") in ("add", "sub", "concat")


def _likely(
    circle: Sequence[str], active: Mapping[str, Automation], effects: Mapping[str, Sequence[Effect]]
) -> bool:
    """Whether no condition in the circle looks at what the circle changes, and some value is no constant."""
    links = list(_links(circle, active, effects))
    changed = {name for _, found in links for effect in found for name in effect.fields}
    for automation, _ in links:
        for condition in (automation.when, *(action.when for action in automation.actions)):
            if condition is not None and {path[0] for path in condition.deps} & changed:
                return False
    return any(
        effect.made or any(not isinstance(value.node, Const) for value in effect.values.values())
        for _, found in links
        for effect in found
    ) and all(any(effect.made or _reads(effect, changed) for effect in found) for _, found in links)


def _reads(effect: Effect, changed: set[str]) -> bool:
    return any({path[0] for path in value.deps} & changed for value in effect.values.values())
