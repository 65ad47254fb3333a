"""Buttons on records: automations that a person starts by hand."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from fieldstone.engine.records import read
from fieldstone.engine.records.errors import InvalidContent, NotAllowed, Stale
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.program import Program
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.records.update import complete, refuse_invisible
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.automation_rules import Automation
from fieldstone.problems import FieldstoneError, Problem, did_you_mean
from fieldstone.workflows.automations.acting import ACTIONS
from fieldstone.workflows.automations.follower import ports_of
from fieldstone.workflows.automations.index import in_order, paths_of
from fieldstone.workflows.automations.performing import perform
from fieldstone.workflows.automations.subject import Subject, subjects


class NotNow(FieldstoneError):
    """The button's condition does not hold for the record."""

    code = "automation.condition"
    kind = "refused"


@dataclass(frozen=True, slots=True)
class Pressed:
    """What pressing came to; `record` is None when the actor does not see it any more."""

    run: UUID
    state: str
    error: dict[str, Any] | None
    record: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        return {"run": self.run, "state": self.state, "error": self.error, "record": self.record}


def buttons(tx: Transaction, entity: str, record_id: UUID) -> list[Automation]:
    """The automations that the actor may start for a record now, in order."""
    program, _ = readable_entity(tx, entity)
    found = [each for each in _of(tx, entity) if _role_allows(tx, each)]
    if not found:
        return []
    there = {
        verb: load_for_change(tx, program, record_id, verb, lock=False) for verb in {_verb(e) for e in found}
    }
    offered = []
    for each in found:
        record = there[_verb(each)]
        if record is not None and _subject(tx, program, each, record).holds(tx, each.when):
            offered.append(each)
    return offered


def press(
    tx: Transaction,
    entity: str,
    record_id: UUID,
    name: str,
    *,
    if_match: int | None = None,
) -> Pressed:
    """Start a button's automation. What goes wrong in it is told and traced; the press itself is then done.

    Raises UnknownRecord, NotAllowed (roles, or the right to change the record where the button names none), Stale, NotNow
    and InvalidContent (`automation.unknown`).
    """
    program, _ = readable_entity(tx, entity)
    automation = _button(tx, entity, name)
    old = load_for_change(tx, program, record_id, _verb(automation))
    if old is None:
        refuse_invisible(tx, program, record_id, "update")
    if not _role_allows(tx, automation):
        raise NotAllowed(f"You may not start {automation.title}.", verb="press", entity=entity)
    if if_match is not None and old["version"] != if_match:
        raise Stale("Somebody changed this record since you read it.", version=old["version"])
    subject = _subject(tx, program, automation, old)
    if not subject.holds(tx, automation.when):
        raise NotNow(f"{automation.title} is not possible for this record now.", automation=name)
    made = perform(tx, ports_of(tx), ACTIONS, automation, subject, "button")
    tx.settle()
    try:
        record: dict[str, Any] | None = read(tx, entity, record_id)
    except FieldstoneError:
        record = None
    return Pressed(made.id, made.state, dict(made.error) if made.error else None, record)


def _button(tx: Transaction, entity: str, name: str) -> Automation:
    known = _of(tx, entity)
    for each in known:
        if each.name == name:
            return each
    allowed = [each.name for each in known if _role_allows(tx, each)]
    message = f'There is no button "{name}" here{did_you_mean(name, allowed) or "."}'
    problem = Problem("/automation", "automation.unknown", message, {"name": name})
    raise InvalidContent(message, problems=[problem])


def _of(tx: Transaction, entity: str) -> list[Automation]:
    return [each for each in in_order(tx.model) if each.trigger.on == "button" and each.entity == entity]


def _role_allows(tx: Transaction, automation: Automation) -> bool:
    actor = tx.context.actor
    roles = automation.trigger.roles
    return actor.kind == "system" or not roles or bool(roles & actor.roles)


def _verb(automation: Automation) -> str:
    """What the actor must be able to do with the record: a button for some roles works where they only read."""
    return "read" if automation.trigger.roles else "update"


def _subject(tx: Transaction, program: Program, automation: Automation, record: dict[str, Any]) -> Subject:
    values = dict(record)
    complete(tx.as_system(), program, values)
    return replace(subjects(tx, program.entity, [values], paths_of(automation))[0], deleted=False)


__all__ = ["NotNow", "Pressed", "buttons", "press"]
