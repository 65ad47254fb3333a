"""Which automations of a model hear of which changes: worked out once per model."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fieldstone.engine.cache import LRU
from fieldstone.expressions import Checked
from fieldstone.metadata.approval_flows import Assignee
from fieldstone.metadata.automation_rules import Action, Automation
from fieldstone.metadata.definitions import Entity, Model

Path = tuple[str, ...]
RECORD_TRIGGERS: Final = frozenset({"create", "update", "delete", "changed", "stage"})
EXTRA: Final = ("source", "payload", "candidate", "level")
"""Names in expressions that are no fields of the record."""


@dataclass(frozen=True, slots=True)
class Index:
    """`by_entity`: automations that records' changes start, in order. `dated`: those with a date of the entity's records.
    `watched`: entities whose records a date is read from by a link, with the chain of links that leads to them."""

    by_entity: Mapping[str, tuple[Automation, ...]]
    dated: Mapping[str, tuple[Automation, ...]]
    watched: Mapping[str, tuple[tuple[Automation, Path], ...]]

    def concerned(self, entity: str) -> bool:
        return entity in self.by_entity or entity in self.dated or entity in self.watched


_indexes: Final[LRU[str, Index]] = LRU(256)


def index_of(model: Model) -> Index:
    """The index of a model."""
    return _indexes.get_or(model.hash, lambda: _build(model))


def _build(model: Model) -> Index:
    by_entity: dict[str, list[Automation]] = {}
    dated: dict[str, list[Automation]] = {}
    watched: dict[str, list[tuple[Automation, Path]]] = {}
    for automation in in_order(model):
        if automation.entity is None or automation.entity not in model.entities:
            continue
        if automation.trigger.on in RECORD_TRIGGERS:
            by_entity.setdefault(automation.entity, []).append(automation)
        elif automation.trigger.on == "date":
            dated.setdefault(automation.entity, []).append(automation)
            for entity, chain in _passed(model, automation):
                watched.setdefault(entity, []).append((automation, chain))
    return Index(
        {name: tuple(each) for name, each in by_entity.items()},
        {name: tuple(each) for name, each in dated.items()},
        {name: tuple(each) for name, each in watched.items()},
    )


def in_order(model: Model) -> list[Automation]:
    """The automations that run, in the order in which they do."""
    found = (each for each in model.automations.values() if each.active)
    return sorted(found, key=lambda each: (each.order, each.name))


def _passed(model: Model, automation: Automation) -> Iterator[tuple[str, Path]]:
    """The entities behind links that the date's path, its condition and its end lead over."""
    trigger = automation.trigger
    paths = {tuple((trigger.field or "").split("."))}
    for expression in (automation.when, trigger.until):
        paths |= expression.deps if expression is not None else frozenset()
    found: set[tuple[str, Path]] = set()
    for path in paths:
        at: Entity | None = model.entities[automation.entity or ""]
        for place, name in enumerate(path[:-1], 1):
            field = at.fields.get(name) if at is not None else None
            at = model.entities.get(field.target or "") if field is not None else None
            if at is None:
                break
            found.add((at.name, path[:place]))
    yield from sorted(found)


def paths_of(automation: Automation) -> frozenset[Path]:
    """Everything that the automation's expressions read of its own record."""
    found: set[Path] = set()
    trigger = automation.trigger
    for expression in (automation.when, trigger.until):
        found |= _read(expression)
    if trigger.field:
        found.add(tuple(trigger.field.split(".")))
    found |= _of_actions(automation.actions)
    return frozenset(found)


def line_paths(action: Action) -> frozenset[Path]:
    """What the actions of an `each` read of the line."""
    return frozenset(_read(action.where) | _of_actions(action.actions))


def values_paths(action: Action) -> frozenset[Path]:
    """What values and condition over other records read of those."""
    found = _read(action.where)
    for expression in action.values.values():
        found |= _read(expression)
    return frozenset(found)


def _of_actions(actions: tuple[Action, ...]) -> set[Path]:
    found: set[Path] = set()
    for action in actions:
        found |= _read(action.when)
        if action.record:
            found.add((*action.record.split("."), "id"))
        elsewhere = action.kind in ("create_from", "update_where", "each")
        for expression in action.values.values():
            found |= _from_source(expression) if elsewhere else _read(expression)
        for condition in (action.where, action.busy):
            found |= _from_source(condition)
        for said in (action.to, action.until):
            found |= _read(said)
        for assignee in (*action.receivers, *action.among):
            found |= _of_assignee(assignee)
        for inner in action.actions:
            found |= _inner(inner)
    return found


def _inner(action: Action) -> set[Path]:
    """What an action inside an `each` reads of the record around the line."""
    found: set[Path] = set()
    for expression in (action.when, action.where, action.to, action.until, *action.values.values()):
        found |= _from_source(expression)
    for inner in action.actions:
        found |= _inner(inner)
    return found


def _of_assignee(assignee: Assignee) -> set[Path]:
    found: set[Path] = set()
    for expression in (assignee.until, assignee.where, assignee.expression):
        found |= _read(expression)
    return found


def _read(expression: Checked | None) -> set[Path]:
    return {path for path in expression.deps if path[0] not in EXTRA} if expression is not None else set()


def _from_source(expression: Checked | None) -> set[Path]:
    """What is read of `source`, without that word."""
    if expression is None:
        return set()
    return {path[1:] for path in expression.deps if path[0] == "source" and len(path) > 1}
