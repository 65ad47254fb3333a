"""The job that waits for a schedule: it queues what is due now, and waits for what is due next, in one commit."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fieldstone.engine.calendars import calendar_for
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows.running import JobRun
from fieldstone.workflows.schedules import storage
from fieldstone.workflows.schedules.occurrences import occurrences
from fieldstone.workflows.schedules.setting import KIND, arm
from fieldstone.workflows.schedules.storage import Armed

LATE: Final = timedelta(minutes=10)
"""So late an occurrence is still in time for a schedule that does not catch up."""
LOOKS: Final = (timedelta(days=1), timedelta(days=90), timedelta(days=4000))
"""How far back the latest occurrence is looked for, near first: after a long pause there may be many."""
__all__ = ["KIND", "ring_schedule"]


def ring_schedule(run: JobRun) -> None:
    """Queue what is due of a schedule (`{"schedule": id, "generation": n}`)."""
    schedule_id, generation = UUID(run.payload["schedule"]), run.payload["generation"]

    def work(tx: Transaction) -> None:
        tx = tx.as_system()
        armed = storage.load(tx, schedule_id)
        if armed is None or armed.generation != generation or not armed.schedule.enabled:
            return  # it was removed, or defined anew: then another timer waits for it
        now = max(tx.context.now, armed.seen)
        due = due_of(tx, armed, now)
        if due is not None:
            enqueue(
                tx,
                armed.schedule.kind,
                {
                    **armed.schedule.payload,
                    "occurrence": due.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                },
                key=f"schedule/{armed.id}/{due.isoformat()}",
            )
        storage.looked(tx, armed.id, now, arm(tx, armed, now), due)

    run.commit(work)


def due_of(tx: Transaction, armed: Armed, now: datetime) -> datetime | None:
    """The latest occurrence since the last look, if it is to be run."""
    schedule = armed.schedule
    zone, calendar = (
        ZoneInfo(schedule.zone or tx.context.company.time_zone),
        calendar_for(tx, schedule.calendar),
    )
    for back in LOOKS if schedule.catch_up else (LATE,):
        found = occurrences(schedule.cron, zone, schedule.days, calendar, max(armed.seen, now - back), now)
        if found:
            return found[-1]
    return None
