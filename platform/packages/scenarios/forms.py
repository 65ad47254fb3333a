"""What a form shows, locks and asks for, as one actor sees it with one record: the answer of a `form` step.

The same rules as on the screens: what the actor may not read is not there, the conditions of tabs, sections and items
are expressions over the record as it was typed so far, and a field's own `readOnlyWhen` is judged by what is stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fieldstone.engine import records
from fieldstone.engine.permissions import NotFound, access
from fieldstone.engine.query.expand import linked
from fieldstone.engine.query.gate import bindings
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions import Checked, evaluate
from fieldstone.metadata.definitions import MISSING, Entity
from fieldstone.metadata.presentation import form_for
from fieldstone.metadata.validation import validator_for
from fieldstone.problems import FieldstoneError, Problem


class NoForm(FieldstoneError):
    """There is no form of this name that the actor may use."""

    code = "form.unknown"
    kind = "not_found"


class NotTyped(FieldstoneError):
    """What was typed into the form is no value of its field."""

    code = "content.invalid"
    kind = "invalid"


@dataclass(frozen=True, slots=True)
class FormState:
    """Names of fields: on the form; on it but not to be changed; to be filled in."""

    shown: frozenset[str]
    locked: frozenset[str]
    required: frozenset[str]


def form_state(
    tx: Transaction, entity: str, record_id: UUID | None, typed: Mapping[str, Any], name: str | None = None
) -> FormState:
    """The state of a form for a stored record, or a new one, after some values were typed."""
    rights = access(tx, entity)
    definition = tx.model.entities[entity]
    stored = records.read(tx, entity, record_id) if record_id is not None else None
    layout = form_for(tx.model, entity, tx.context.actor.roles, name)
    if layout is None:
        raise NoForm(f'There is no form "{name}" for {definition.plural}.' if name else "There is no form.")
    values = dict(stored) if stored is not None else _new(tx, definition)
    values |= _values_of(tx, definition, typed, values)
    conditions = _Conditions(tx, definition, values)
    before = _Conditions(tx, definition, stored) if stored is not None else None
    may_write = rights.allows("create" if stored is None else "update")
    shown, locked, required = set(), set(), set()
    for tab in layout.tabs:
        for section in tab.sections if conditions.holds(tab.visible_when) else ():
            for item in section.items if conditions.holds(section.section.visible_when) else ():
                if item.name not in rights.readable or not conditions.holds(item.visible_when):
                    continue
                shown.add(item.name)
                field = definition.fields.get(item.name)
                own = [item.read_only_when] if item.read_only_when else []
                fixed = item.read_only or not may_write or item.name not in rights.writable
                if field is not None and field.read_only_when and before is not None:
                    fixed = fixed or before.holds(field.read_only_when)
                if fixed or any(conditions.holds(rule) for rule in own):
                    locked.add(item.name)
                asked = [item.required_when, field.required_when if field else None]
                if item.required or any(rule is not None and conditions.holds(rule) for rule in asked):
                    required.add(item.name)
    return FormState(frozenset(shown), frozenset(locked), frozenset(required - locked))


def _new(tx: Transaction, entity: Entity) -> dict[str, Any]:
    """A new record before anything was typed: what defaults give."""
    values: dict[str, Any] = dict.fromkeys(entity.fields)
    fixed = {name: field.default for name, field in entity.fields.items() if field.default is not MISSING}
    values |= _values_of(tx, entity, fixed, values)
    for name, field in entity.fields.items():
        if field.default_expression is not None and values[name] is None:
            values[name] = evaluate(field.default_expression, values, bindings=bindings(tx, is_new=True))
        if field.lines and values[name] is None:
            values[name] = []
    return values


def _values_of(
    tx: Transaction, entity: Entity, typed: Mapping[str, Any], current: Mapping[str, Any]
) -> dict[str, Any]:
    validated = validator_for(entity, tx.model.entities).validate(dict(typed), "patch", current=current)
    wrong: list[Problem] = [each for each in validated.problems if each.code != "required"]
    if wrong:
        raise NotTyped("The form cannot hold these values.", problems=wrong)
    return dict(validated.values)


class _Conditions:
    """The conditions of a form over one state of a record; linked records are read where a condition needs them."""

    def __init__(self, tx: Transaction, entity: Entity, values: Mapping[str, Any]) -> None:
        self.tx = tx
        self.entity = entity
        self.values = dict(values)
        self.fetched: set[str] = set()

    def holds(self, condition: Checked | None) -> bool:
        if condition is None:
            return True
        self.fetch(path for path in condition.deps if len(path) > 1)
        return evaluate(condition, self.values, bindings=bindings(self.tx)) is True

    def fetch(self, paths: Iterable[tuple[str, ...]]) -> None:
        for name in {path[0] for path in paths} - self.fetched:
            self.fetched.add(name)
            field = self.entity.fields.get(name)
            value = self.values.get(name)
            if field is None or field.target is None or not isinstance(value, UUID):
                continue
            try:
                found = linked(self.tx, field.target, [value])
            except NotFound:
                found = {}
            self.values[name] = found.get(value) or {"id": value}
