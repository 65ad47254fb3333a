"""Setting the schedules of one source, and waiting for the next occurrence of each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from fieldstone.engine.calendars import calendar_for
from fieldstone.engine.ids import new_id
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows.schedules import storage
from fieldstone.workflows.schedules.occurrences import next_look, next_occurrence
from fieldstone.workflows.schedules.schedule import BadSchedule, Schedule
from fieldstone.workflows.schedules.storage import Armed

KIND: Final = "schedule"


def set_schedules(tx: Transaction, source: str, schedules: Sequence[Schedule]) -> None:
    """Make these the schedules of a source, in place of those that it had; what did not change goes on undisturbed.

    `source` says who defines them (`automation/<name>`); names are unique within it. To be called in the transaction of
    the change that defines them. Raises BadSchedule, and UnknownCalendar for one that names a calendar nobody made.
    """
    wanted = {each.name: each for each in schedules}
    if len(wanted) < len(schedules):
        raise BadSchedule(f'Two schedules of "{source}" have the same name.')
    for each in schedules:
        each.check()
    system = tx.as_system()
    found = {armed.schedule.name: armed for armed in storage.schedules_of(system, source)}
    for name, armed in found.items():
        if name not in wanted:
            storage.drop(system, armed.id)
    for name, schedule in wanted.items():
        armed_before = found.get(name)
        now = tx.context.now
        if armed_before is None:
            armed = Armed(new_id(), source, schedule, 1, now, None, None)
            storage.add(system, _armed(system, armed))
        elif armed_before.schedule != schedule:
            armed = replace(armed_before, schedule=schedule, generation=armed_before.generation + 1, seen=now)
            storage.change(system, _armed(system, armed))


def arm(tx: Transaction, armed: Armed, after: datetime) -> datetime | None:
    """Queue the timer for the next look at a schedule after a moment; the next occurrence as far as is known."""
    schedule = armed.schedule
    if not schedule.enabled:
        return None
    zone, calendar = (
        ZoneInfo(schedule.zone or tx.context.company.time_zone),
        calendar_for(tx, schedule.calendar),
    )
    look = next_look(schedule.cron, zone, schedule.days, calendar, after)
    if look is not None:
        enqueue(
            tx,
            KIND,
            {"schedule": str(armed.id), "generation": armed.generation},
            due_at=look,
            key=f"{armed.id}/{armed.generation}/{look.isoformat()}",
        )
    return next_occurrence(schedule.cron, zone, schedule.days, calendar, after)


def _armed(tx: Transaction, armed: Armed) -> Armed:
    return replace(armed, next_at=arm(tx, armed, armed.seen))
