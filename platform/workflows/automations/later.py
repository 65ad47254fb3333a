"""What automations do outside of a request: runs that waited or failed go on, reminders ring, schedules run."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.context import SYSTEM, Context
from fieldstone.engine.identity import Unauthenticated, context_for_user
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.permissions import require_manage
from fieldstone.engine.query.columns import EntityColumns
from fieldstone.engine.query.gate import bindings
from fieldstone.engine.service import Engine
from fieldstone.engine.transaction import Transaction
from fieldstone.expressions.sql import to_sql
from fieldstone.metadata.automation_rules import Automation
from fieldstone.metadata.definitions import Entity
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.automations import trace
from fieldstone.workflows.automations.acting import ACTIONS
from fieldstone.workflows.automations.follower import ports_of
from fieldstone.workflows.automations.index import paths_of
from fieldstone.workflows.automations.performing import JOB, perform
from fieldstone.workflows.automations.subject import Subject, load_subjects
from fieldstone.workflows.automations.timers import drop_ended, fire, replan_ids

BATCH: Final = 200


class FailedAgain(FieldstoneError):
    """A run that is worth another try later."""

    code = "automation.failed_again"
    kind = "external"


def go_on(engine: Engine, context: Context, run_id: UUID) -> None:
    """Go on with a run that waited, or try one that failed again. Raises FailedAgain so that the job is tried again."""
    made = engine.write(_system(context), lambda tx: _go_on(tx, run_id))
    if made is not None and made.state == "failed" and (made.error or {}).get("again"):
        raise FailedAgain(str((made.error or {}).get("message", "")))


def _go_on(tx: Transaction, run_id: UUID) -> trace.Trace | None:
    before = trace.locked(tx, run_id)
    if before is None or before.state not in ("waiting", "failed") or before.resume is None:
        return None
    automation = tx.model.automations.get(before.automation)
    subject = _subject(tx, automation, before)
    if automation is None or not automation.active or subject is None:
        dropped = replace(before, state="dropped", finished_at=tx.context.now, resume=None)
        trace.change(tx, dropped)
        return dropped
    key = str(before.resume.get("key") or before.id)
    scoped = _for_actor(tx, before.actor)
    before = replace(before, error=None)
    return perform(scoped, ports_of(tx), ACTIONS, automation, subject, before.trigger, key=key, before=before)


def _subject(tx: Transaction, automation: Automation | None, before: trace.Trace) -> Subject | None:
    """What the run is about, as it is now."""
    payload = dict((before.resume or {}).get("payload") or {})
    if before.entity is None or before.record_id is None:
        return Subject(None, None, payload=payload)
    entity = tx.model.entities.get(before.entity)
    if entity is None or automation is None:
        return None
    found = load_subjects(tx, entity, [before.record_id], paths_of(automation)).get(before.record_id)
    return None if found is None else replace(found, payload=payload)


def _for_actor(tx: Transaction, who: UUID | None) -> Transaction:
    """The transaction as of whoever caused the run, as far as they are still there."""
    if who is None:
        return tx
    try:
        context = context_for_user(tx.connection.connection, tx.context.tenant, who, now=tx.context.now)
    except Unauthenticated:
        return replace(tx, context=replace(tx.context, actor=replace(SYSTEM, on_behalf_of=who)))
    return replace(tx, context=replace(tx.context, actor=context.actor))


def try_again(tx: Transaction, run_id: UUID) -> None:
    """Have a failed run tried again, by an administrator of metadata. Raises UnknownRun."""
    require_manage(tx, "metadata")
    found = trace.locked(tx, run_id)
    if found is None or found.state != "failed" or found.resume is None:
        raise trace.UnknownRun("There is no failed run of this id.")
    enqueue(tx.as_system(), JOB, {"run": str(run_id)}, key=f"{run_id}:again:{found.attempts}")


def ring(engine: Engine, context: Context, timer: UUID, due: datetime) -> None:
    """A reminder is due."""
    engine.write(_system(context), lambda tx: fire(tx, ports_of(tx), timer, due))


def run_schedule(engine: Engine, context: Context, name: str, occurrence: UUID) -> int:
    """A scheduled automation: for every record of its query, or once without an entity; how many runs there were.

    `occurrence` is the same however often the job is run again: a run of this id in the trace keeps the place, so that no
    record comes twice.
    """
    own = _system(context)
    while True:
        done, count = engine.write(own, lambda tx: _scheduled_batch(tx, name, occurrence))
        if done:
            return count


def _scheduled_batch(tx: Transaction, name: str, occurrence: UUID) -> tuple[bool, int]:
    """Run for the next records; whether these were the last, and how many runs there were so far."""
    automation = tx.model.automations.get(name)
    if automation is None or not automation.active or automation.trigger.on != "schedule":
        return True, 0
    known = trace.locked(tx, occurrence)
    header = known or _header(tx, automation, occurrence)
    if header.state != "waiting":
        return True, int(header.steps[0]["info"]["count"]) if header.steps else 0
    count = int((header.resume or {}).get("count", 0))
    after = (header.resume or {}).get("after")
    entity = tx.model.entities.get(automation.entity or "")
    if entity is None:
        found, last = [Subject(None, None)], True
    else:
        ids = _matching(tx, automation, entity, UUID(after) if after else None)
        there = load_subjects(tx, entity, ids, paths_of(automation))
        found = [there[each] for each in ids if each in there]
        last = len(ids) < BATCH
        after = str(ids[-1]) if ids else after
    for subject in found:
        if subject.holds(tx, automation.when):
            made = perform(tx, ports_of(tx), ACTIONS, automation, subject, "schedule")
            count += made.state != "guarded"
    step = {"action": "", "kind": "schedule", "state": "done", "info": {"count": count}}
    changed = replace(
        header, state="done" if last else "waiting", steps=[step], finished_at=tx.context.now,
        resume=None if last else {"format": 1, "after": after, "count": count},
    )  # fmt: skip
    (trace.store if known is None else trace.change)(tx, changed)
    return last, count


def _header(tx: Transaction, automation: Automation, occurrence: UUID) -> trace.Trace:
    """The run that stands for one occurrence of a schedule."""
    return trace.Trace(
        occurrence, automation.name, automation.entity, None, "schedule", "waiting", None, None, 0,
        tx.context.revision, tx.context.request_id, tx.context.now, None, 0, (), None, None, 0,
    )  # fmt: skip


def _matching(tx: Transaction, automation: Automation, entity: Entity, after: UUID | None) -> list[UUID]:
    columns = EntityColumns(tx.model, entity, bindings=bindings(tx))
    where: list[sa.ColumnElement[bool]] = [columns.own("deleted_at").is_(None)]
    if automation.trigger.where is not None:
        where.append(to_sql(automation.trigger.where, columns, columns.bindings))
    if after is not None:
        where.append(columns.own("id") > after)
    statement = (
        sa.select(columns.own("id"))
        .select_from(columns.source)
        .where(*where)
        .order_by(columns.own("id"))
        .limit(BATCH)
    )
    return [row[0] for row in tx.select(statement)]


def plan_dates(engine: Engine, context: Context, names: list[str]) -> None:
    """Plan the reminders of stored records for date automations that are new or changed; end those of gone ones."""
    own = _system(context)
    engine.write(own, drop_ended)
    for name in names:
        position: UUID | None = None
        while True:
            position = engine.write(own, lambda tx, at=position, it=name: _plan_batch(tx, it, at))  # type: ignore[misc]
            if position is None:
                break


def _plan_batch(tx: Transaction, name: str, after: UUID | None) -> UUID | None:
    automation = tx.model.automations.get(name)
    entity = tx.model.entities.get(automation.entity or "") if automation is not None else None
    if automation is None or entity is None or not automation.active or automation.trigger.on != "date":
        return None
    columns = EntityColumns(tx.model, entity)
    where: list[sa.ColumnElement[bool]] = [columns.own("deleted_at").is_(None)]
    if after is not None:
        where.append(columns.own("id") > after)
    statement = sa.select(columns.own("id")).where(*where).order_by(columns.own("id")).limit(BATCH)
    ids = [row[0] for row in tx.select(statement)]
    replan_ids(tx, automation, ids)
    return ids[-1] if len(ids) == BATCH else None


def _system(context: Context) -> Context:
    return replace(context, actor=SYSTEM)
