"""When a reminder is due: dates, offsets, times of day and working days, without a database.

An offset is reckoned on the wall clock of the tenant's time zone: a day before stays at the same time of day when the clock
changes, months clamp to the last day of a shorter one.
"""

import calendar as months
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fieldstone.engine.calendars import WorkingCalendar, add_working, add_working_days
from fieldstone.metadata.automation_rules import Span, Trigger

MOST_REPEATS: Final = 1000


def later(start: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """`start` moved by a span (backwards when it is negative)."""
    wall = start.astimezone(zone).replace(tzinfo=None)
    if span.months:
        number = wall.year * 12 + wall.month - 1 + span.months
        year, month = divmod(number, 12)
        day = min(wall.day, months.monthrange(year, month + 1)[1])
        wall = wall.replace(year=year, month=month + 1, day=day)
    wall += timedelta(days=span.days)
    return wall.replace(tzinfo=zone).astimezone(UTC) + timedelta(seconds=span.seconds)


def moment_of(value: date | datetime, at: str, zone: ZoneInfo) -> datetime:
    """The moment of a date field's value: a day is at the time of day `at`."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.combine(value, time.fromisoformat(at), zone).astimezone(UTC)


def due_times(
    trigger: Trigger, value: date | datetime, zone: ZoneInfo, working: WorkingCalendar | None = None
) -> Iterator[tuple[int, datetime]]:
    """When the trigger is due for a value of its date field: (number, moment), offsets first in their order of time, then
    the repeats of the last one.
    """
    start = moment_of(value, trigger.at, zone)
    found = [_moved(start, span, zone, working) for span in trigger.offsets]
    last = start
    for number, moment in enumerate(sorted(found)):
        yield number, moment
        last = moment
    if trigger.repeat is None:
        return
    for number in range(len(found), len(found) + min(trigger.times or MOST_REPEATS, MOST_REPEATS)):
        again = _moved(last, trigger.repeat, zone, working)
        if again <= last:
            return
        last = again
        yield number, last


def _moved(start: datetime, span: Span, zone: ZoneInfo, working: WorkingCalendar | None) -> datetime:
    if working is None:
        return later(start, span, zone)
    moved = later(start, Span(months=span.months), zone)
    moved = add_working_days(moved, span.days, working) if span.days else moved
    return add_working(moved, timedelta(seconds=span.seconds), working) if span.seconds else moved


def upcoming(
    trigger: Trigger,
    value: date | datetime | None,
    now: datetime,
    zone: ZoneInfo,
    working: WorkingCalendar | None = None,
) -> list[tuple[int, datetime]]:
    """What is still to come: every offset, and of the repeats the next one only. What is past is not made up for."""
    if value is None:
        return []
    found: list[tuple[int, datetime]] = []
    for number, moment in due_times(trigger, value, zone, working):
        if moment <= now:
            continue
        found.append((number, moment))
        if number >= len(trigger.offsets):
            break
    return found
