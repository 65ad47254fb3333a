"""The engine's follower: starts the automations that a change of records calls for, and plans their reminders.

For many records at once the conditions are judged together (one statement per link that they read); only a record for
which a condition holds costs more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from fieldstone.engine.service import Change
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.automation_rules import Automation, Trigger
from fieldstone.metadata.definitions import Entity
from fieldstone.workflows.automations.acting import ACTIONS
from fieldstone.workflows.automations.index import Index, index_of, paths_of
from fieldstone.workflows.automations.performing import Ports, perform
from fieldstone.workflows.automations.subject import Subject, load_subjects, subjects
from fieldstone.workflows.automations.timers import replan_changed

RAN: Final = frozenset({"done", "stopped", "waiting"})


class Automations:
    """See `engine.service.Follower`."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    def concerned(self, tx: Transaction, entity: str) -> bool:
        return index_of(tx.model).concerned(entity)

    def after(self, tx: Transaction, changes: Sequence[Change]) -> None:
        index = index_of(tx.model)
        by_entity: dict[str, list[Change]] = {}
        for change in changes:
            by_entity.setdefault(change.entity, []).append(change)
        for name, some in by_entity.items():
            self._start(tx, index, tx.model.entities[name], some)
            replan_changed(tx, index, name, some)

    def _start(self, tx: Transaction, index: Index, entity: Entity, changes: Sequence[Change]) -> None:
        moved: set[UUID] = set()
        for automation in index.by_entity.get(entity.name, ()):
            called = [
                each for each in changes if calls(automation.trigger, each) and not _own(tx, automation, each)
            ]
            for subject in _subjects(tx, automation, entity, called, moved):
                if subject.record_id is not None and subject.holds(tx, automation.when):
                    made = perform(tx, self.ports, ACTIONS, automation, subject, automation.trigger.on)
                    if made.state in RAN:
                        moved.add(subject.record_id)


def calls(trigger: Trigger, change: Change) -> bool:
    """Whether a change is what a trigger waits for. A record that is restored is neither created nor changed."""
    if trigger.on in ("create", "update", "delete"):
        return change.verb == trigger.on
    if change.verb != "update" or change.old is None or change.new is None:
        return False
    if trigger.on == "changed":
        return not trigger.fields.isdisjoint(change.changed)
    if trigger.on == "stage" and trigger.field in change.changed:
        before, after = change.old.get(trigger.field), change.new.get(trigger.field)
        return (
            (not trigger.before or before in trigger.before)
            and (not trigger.after or after in trigger.after)
            and (not trigger.transitions or change.transitions.get(trigger.field) in trigger.transitions)
        )
    return False


def _own(tx: Transaction, automation: Automation, change: Change) -> bool:
    """Whether the automation did this itself: it does not hear of what it does to its own record."""
    cause = tx.cause
    return cause is not None and cause.automation == automation.name and cause.record == change.record_id


def _subjects(
    tx: Transaction, automation: Automation, entity: Entity, changes: Sequence[Change], moved: set[UUID]
) -> list[Subject]:
    """What the changes are about; records that an earlier automation may have changed are read again."""
    if not changes:
        return []
    paths = paths_of(automation)
    records = [
        each.new if each.new is not None and each.verb != "delete" else each.old or {} for each in changes
    ]
    again: Mapping[UUID, Subject] = {}
    stale = [each.record_id for each in changes if each.record_id in moved and each.verb != "delete"]
    if stale:
        again = load_subjects(tx, entity, stale, paths)
    found = []
    for change, subject in zip(changes, subjects(tx, entity, records, paths), strict=True):
        if change.record_id in moved and change.verb != "delete":
            if change.record_id not in again:
                continue  # an earlier automation deleted it
            subject = again[change.record_id]
        found.append(
            replace(subject, old=change.old, changed=change.changed, deleted=change.verb == "delete")
        )
    return found


def ports_of(tx: Transaction) -> Ports:
    """What automations may ask of other parts here, as the composition root said."""
    for follower in tx.engine.followers:
        if isinstance(follower, Automations):
            return follower.ports
    return Ports()
