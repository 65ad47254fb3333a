"""Working calendars: which hours count, and reckoning with them.

The reckoning (`working.py`) is pure; `calendar_for` reads the base entities `working_calendar` and `working_day`. May
import storage and transaction. Public names are those below.
"""

from fieldstone.engine.calendars.storage import UnknownCalendar, calendar_for
from fieldstone.engine.calendars.working import (
    Hours,
    NoWorkingTime,
    WorkingCalendar,
    add_working,
    add_working_days,
    is_working_day,
    next_working_day,
    usual_calendar,
    working_seconds_between,
)

__all__ = [
    "Hours", "NoWorkingTime", "UnknownCalendar", "WorkingCalendar", "add_working", "add_working_days", "calendar_for",
    "is_working_day", "next_working_day", "usual_calendar", "working_seconds_between",
]  # fmt: skip
