"""Reminders of date triggers: rows planned when a record changes, moved when its date moves, dropped when they are over.

Each row has a job that is due at its moment. A job whose row says another moment by now does nothing: moving a row needs
no hand on the job.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from fieldstone.engine.calendars import WorkingCalendar, calendar_for
from fieldstone.engine.ids import new_id
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.service import Change
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.automation_rules import Automation
from fieldstone.metadata.definitions import Entity
from fieldstone.workflows.automations.acting import ACTIONS
from fieldstone.workflows.automations.index import Index, Path, paths_of
from fieldstone.workflows.automations.moments import due_times
from fieldstone.workflows.automations.performing import Ports, perform
from fieldstone.workflows.automations.planning import Kept, plan
from fieldstone.workflows.automations.subject import Subject, load_subjects, subjects

JOB: Final = "automation.date"
TABLE: Final = control.automation_timer
_IDS: Final = sa.bindparam("records", type_=ARRAY(sa.Uuid()))
_KNOWN: Final = compile_plan(
    sa.select(TABLE.c.record_id, TABLE.c.number, TABLE.c.id, TABLE.c.due_at, TABLE.c.state)
    .where(TABLE.c.automation == sa.bindparam("named", type_=sa.Text()), TABLE.c.record_id == sa.any_(_IDS))
    .with_for_update()
)
_NEW: Final = ("id", "automation", "entity", "record_id", "number", "due_at", "state")
_SET: Final = compile_plan(
    insert(TABLE)
    .values({name: sa.bindparam(name, type_=TABLE.c[name].type) for name in _NEW})
    .on_conflict_do_update(
        constraint="uq_automation_timer",
        set_={
            "due_at": sa.bindparam("due_at", type_=TABLE.c.due_at.type),
            "state": "planned",
            "done_at": None,
        },
    )
)
_STATE: Final = compile_plan(
    sa.update(TABLE)
    .where(TABLE.c.id == sa.any_(sa.bindparam("timers", type_=ARRAY(sa.Uuid()))))
    .values(
        state=sa.bindparam("new_state", type_=sa.Text()),
        done_at=sa.bindparam("at", type_=TABLE.c.done_at.type),
    )
)
_LOCK: Final = compile_plan(
    sa.select(
        TABLE.c.automation, TABLE.c.entity, TABLE.c.record_id, TABLE.c.number, TABLE.c.due_at, TABLE.c.state
    )
    .where(TABLE.c.id == sa.bindparam("timer", type_=sa.Uuid()))
    .with_for_update()
)
_ENDED: Final = compile_plan(
    sa.update(TABLE)
    .where(
        TABLE.c.state == "planned",
        sa.not_(TABLE.c.automation == sa.any_(sa.bindparam("living", type_=ARRAY(sa.Text())))),
    )
    .values(state="dropped")
)


def replan_changed(tx: Transaction, index: Index, entity: str, changes: Sequence[Change]) -> None:
    """Plan anew what the changes of some records of an entity have moved."""
    definition = tx.model.entities[entity]
    for automation in index.dated.get(entity, ()):
        reads = {path[0] for path in _reads(automation)}
        touched = [each for each in changes if each.verb != "update" or not reads.isdisjoint(each.changed)]
        gone = [each.record_id for each in touched if each.verb == "delete"]
        there = [each.record_id for each in touched if each.verb != "delete"]
        if gone:
            replan(tx, automation, [], gone)
        if there:
            replan(tx, automation, _as_they_are(tx, automation, definition, touched), [])
    for automation, chain in index.watched.get(entity, ()):
        ids = leading(
            tx, tx.model.entities[automation.entity or ""], chain, [each.record_id for each in changes]
        )
        replan_ids(tx, automation, ids)


def _as_they_are(
    tx: Transaction, automation: Automation, entity: Entity, changes: Sequence[Change]
) -> list[Subject]:
    """The records now: an automation that ran before may have changed them again, deleted them even."""
    if tx.cause is None and not tx.happened and all(each.verb == "create" for each in changes):
        records = [each.new or {} for each in changes]
        return subjects(tx, entity, records, paths_of(automation))
    ids = [each.record_id for each in changes if each.verb != "delete"]
    return list(load_subjects(tx, entity, ids, paths_of(automation)).values())


def _reads(automation: Automation) -> Iterable[Path]:
    trigger = automation.trigger
    yield tuple((trigger.field or "").split("."))
    for expression in (automation.when, trigger.until):
        if expression is not None:
            yield from expression.deps


def replan_ids(tx: Transaction, automation: Automation, ids: Sequence[UUID]) -> None:
    """Plan anew for stored records; for those that are gone, drop."""
    if ids:
        found = load_subjects(tx, tx.model.entities[automation.entity or ""], ids, paths_of(automation))
        replan(tx, automation, list(found.values()), [each for each in ids if each not in found])


def replan(tx: Transaction, automation: Automation, there: Sequence[Subject], gone: Sequence[UUID]) -> None:
    """Bring the reminders of some records to what their values want."""
    ids = [each.record_id for each in there if each.record_id is not None]
    kept: dict[UUID, dict[int, tuple[UUID, Kept]]] = {}
    for record, number, timer, due_at, state in tx.fetch(
        _KNOWN, {"named": automation.name, "records": [*ids, *gone]}
    ):
        kept.setdefault(record, {})[number] = (timer, Kept(due_at, state))
    working = _calendar(tx, automation)
    dropped = [
        timer for record in gone for timer, each in kept.get(record, {}).values() if each.state == "planned"
    ]
    for subject in there:
        if subject.record_id is None:
            continue
        known = kept.get(subject.record_id, {})
        wanted = wanted_times(tx, automation, subject, working)
        result = plan({number: each for number, (_, each) in known.items()}, wanted, tx.context.now)
        dropped += [known[number][0] for number in result.drop]
        for number, moment in result.set.items():
            timer = known[number][0] if number in known else new_id()
            _set(tx, automation, subject.record_id, timer, number, moment)
    if dropped:
        tx.defer(_STATE, {"timers": dropped, "new_state": "dropped", "at": None})


def wanted_times(
    tx: Transaction, automation: Automation, subject: Subject, working: WorkingCalendar | None
) -> list[tuple[int, datetime]]:
    """All offsets of the record's date, and of the repeats those until the next one; none once it is over."""
    trigger = automation.trigger
    value = subject.at(trigger.field or "")
    if not isinstance(value, date) or not subject.holds(tx, automation.when):
        return []
    if trigger.until is not None and subject.holds(tx, trigger.until):
        return []
    found = []
    for number, moment in due_times(trigger, value, ZoneInfo(tx.context.company.time_zone), working):
        found.append((number, moment))
        if number >= len(trigger.offsets) and moment > tx.context.now:
            break
    return found


def _calendar(tx: Transaction, automation: Automation) -> WorkingCalendar | None:
    return calendar_for(tx, automation.trigger.calendar) if automation.trigger.working else None


def _set(
    tx: Transaction, automation: Automation, record: UUID, timer: UUID, number: int, moment: datetime
) -> None:
    tx.defer(
        _SET,
        {
            "id": timer, "automation": automation.name, "entity": automation.entity, "record_id": record,
            "number": number, "due_at": moment, "state": "planned",
        },
    )  # fmt: skip
    due = moment.astimezone(UTC).isoformat()
    payload = {"timer": str(timer), "due": due}
    enqueue(tx.as_system(), JOB, payload, due_at=moment, key=f"{timer}:{due}")


def leading(tx: Transaction, entity: Entity, chain: Path, ids: Sequence[UUID]) -> list[UUID]:
    """The records of an entity whose links lead to some records."""

    def build() -> sa.Select[Any]:
        columns = EntityColumns(tx.model, entity)
        goal = columns.column(chain)
        return (
            sa.select(columns.own("id"))
            .select_from(columns.source)
            .where(goal == sa.any_(_IDS), columns.own("deleted_at").is_(None))
        )

    plan_ = tx.plan(("automation leading", tx.model.hash, entity.name, chain), build)
    return [row[0] for row in tx.fetch(plan_, {"records": list(ids)})]


def drop_ended(tx: Transaction) -> None:
    """Drop the reminders of automations that there are no more."""
    living = [
        each.name for each in tx.model.automations.values() if each.active and each.trigger.on == "date"
    ]
    tx.defer(_ENDED, {"living": living})


def fire(tx: Transaction, ports: Ports, timer: UUID, due: datetime) -> str:
    """Do what is due, once; what became of it. The next repeat is planned with it."""
    rows = tx.fetch(_LOCK, {"timer": timer})
    if not rows:
        return "gone"
    name, entity, record, number, due_at, state = rows[0]
    if state != "planned" or due_at != due:
        return "moved"
    automation = tx.model.automations.get(name)
    definition = tx.model.entities.get(entity)
    subject = None
    if automation is not None and automation.active and definition is not None:
        subject = load_subjects(tx, definition, [record], paths_of(automation)).get(record)
    over = subject is None or automation is None or not subject.holds(tx, automation.when)
    if automation is not None and subject is not None and not over and automation.trigger.until is not None:
        over = subject.holds(tx, automation.trigger.until)
    new_state = "dropped" if over else "done"
    tx.defer(_STATE, {"timers": [timer], "new_state": new_state, "at": tx.context.now})
    if over or automation is None or subject is None:
        return "dropped"
    key = f"{name}:{record}:{due.astimezone(UTC).isoformat()}"
    perform(tx, ports, ACTIONS, automation, subject, "date", key=key)
    if automation.trigger.repeat is not None and number >= len(automation.trigger.offsets) - 1:
        replan_ids(tx, automation, [record])
    return "done"
