"""The kinds of jobs that automations have."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from fieldstone.engine.transaction import Transaction
from fieldstone.workflows.automations.later import (
    go_on,
    plan_dates,
    ring,
    run_schedule,
)
from fieldstone.workflows.automations.performing import JOB as RUN
from fieldstone.workflows.automations.timers import JOB as DATE
from fieldstone.workflows.running import JobKind, JobRun
from fieldstone.workflows.schedules import Schedule, set_schedules

SCHEDULE: Final = "automation.schedule"
PUBLISHED: Final = "automation.published"
SOURCE: Final = "automations"


def automation_jobs() -> Mapping[str, JobKind]:
    """By name: a run that goes on, a reminder, a schedule, and what a publish changes about them."""
    return {
        RUN: JobKind(_run, attempts=6),
        DATE: JobKind(_date, attempts=10),
        SCHEDULE: JobKind(_schedule, attempts=10),
        PUBLISHED: JobKind(published, attempts=10),
    }


def _run(run: JobRun) -> None:
    """Go on with a run that waited or failed (`{"run": id}`)."""
    go_on(run.engine, run.context, UUID(run.payload["run"]))


def _date(run: JobRun) -> None:
    """Give a reminder (`{"timer": id, "due": its moment}`)."""
    ring(run.engine, run.context, UUID(run.payload["timer"]), datetime.fromisoformat(run.payload["due"]))


def _schedule(run: JobRun) -> None:
    """Run a scheduled automation (`{"automation": name, "occurrence": moment}`)."""
    run_schedule(run.engine, run.context, run.payload["automation"], run.outside_id("schedule"))


def published(run: JobRun) -> None:
    """Bring schedules and reminders to what is live now (`{"names": automations that changed}`)."""
    run.engine.write(run.context, settle_schedules)
    plan_dates(run.engine, run.context, list(run.payload["names"]))


def settle_schedules(tx: Transaction) -> None:
    """Make the schedules those of the automations that are live."""
    wanted = [
        Schedule(
            name=each.name,
            kind=SCHEDULE,
            cron=each.trigger.cron or "",
            payload={"automation": each.name},
            days="working" if each.trigger.working else "all",
            calendar=each.trigger.calendar,
        )
        for each in tx.model.automations.values()
        if each.active and each.trigger.on == "schedule"
    ]
    set_schedules(tx.as_system(), SOURCE, wanted)
