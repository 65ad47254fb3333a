"""Recurring schedules: jobs that are queued again and again, by a cron expression, a time zone and a working calendar.

A schedule is a row, and at every time one job of the kind `schedule` waits for its next occurrence. When it is due, it
queues the schedule's own job under the key of the occurrence and waits again, all in one commit: so an occurrence is queued
once, whatever happens. Occurrences that passed while nothing ran are made up for by one run, the latest.

Schedules are set by what defines them (automations, at publish); nobody makes one by hand. Public names are those below.
"""

from fieldstone.workflows.schedules.occurrences import next_occurrence, occurrences
from fieldstone.workflows.schedules.running import KIND, ring_schedule
from fieldstone.workflows.schedules.schedule import BadSchedule, Schedule
from fieldstone.workflows.schedules.setting import set_schedules
from fieldstone.workflows.schedules.storage import Armed, schedules_of

__all__ = [
    "KIND", "Armed", "BadSchedule", "Schedule", "next_occurrence", "occurrences", "ring_schedule", "schedules_of",
    "set_schedules",
]  # fmt: skip
