"""When a schedule is due: the strikes of its cron expression, less those on free days, or moved off them. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fieldstone.engine.calendars import NoWorkingTime, WorkingCalendar, is_working_day, next_working_day
from fieldstone.engine.calendars.wall_time import moment, shown
from fieldstone.metadata.cron import strikes
from fieldstone.workflows.schedules.schedule import Days

FREE: Final = timedelta(days=60)
"""So long a row of free days is looked back over for strikes that are moved behind it."""
MOST: Final = 20_000
"""Strikes that are looked through for one that counts."""


def occurrences(
    cron: str, zone: ZoneInfo, days: Days, calendar: WorkingCalendar, after: datetime, until: datetime
) -> list[datetime]:
    """The moments in (after, until] at which a schedule is due, in order, each once."""
    start = _days_before(after, zone, calendar) if days == "next_working" else after
    found = set()
    for number, strike in enumerate(strikes(cron, start, zone)):
        if strike > until or number > MOST:
            break
        due = _due(strike, zone, days, calendar)
        if due is not None and after < due <= until:
            found.add(due)
    return sorted(found)


def next_occurrence(
    cron: str, zone: ZoneInfo, days: Days, calendar: WorkingCalendar, after: datetime
) -> datetime | None:
    """The first moment after another one at which a schedule is due; None when it never is again."""
    start = _days_before(after, zone, calendar) if days == "next_working" else after
    best: datetime | None = None
    for number, strike in enumerate(strikes(cron, start, zone)):
        if (best is not None and strike >= best) or number > MOST:
            break
        due = _due(strike, zone, days, calendar)
        if due is not None and due > after and (best is None or due < best):
            best = due
    return best


def next_look(
    cron: str, zone: ZoneInfo, days: Days, calendar: WorkingCalendar, after: datetime
) -> datetime | None:
    """When to look at a schedule again: at its next strike or occurrence, whichever is sooner.

    A look at a strike that is on a free day finds what was entered into the calendar since.
    """
    due = next_occurrence(cron, zone, days, calendar, after)
    strike = next(iter(strikes(cron, after, zone)), None)
    return min((each for each in (due, strike) if each is not None), default=None)


def _due(strike: datetime, zone: ZoneInfo, days: Days, calendar: WorkingCalendar) -> datetime | None:
    """When a strike counts: at once, on the next working day, or never."""
    if days == "all":
        return strike
    wall = shown(strike, zone)
    if is_working_day(wall.date(), calendar):
        return strike
    if days == "working":
        return None
    try:
        return moment(datetime.combine(next_working_day(wall.date(), calendar), wall.time()), zone)
    except NoWorkingTime:
        return None


def _days_before(after: datetime, zone: ZoneInfo, calendar: WorkingCalendar) -> datetime:
    """A moment after the last working day before the day of `after`: strikes since then may be moved behind it."""
    today = shown(after, zone).date()
    for day in _backwards(today):
        if is_working_day(day, calendar):
            return moment(datetime.combine(day + timedelta(days=1), time(0)), zone) - timedelta(seconds=1)
    return (after - FREE).astimezone(UTC)


def _backwards(day: date) -> Iterator[date]:
    for back in range(1, FREE.days):
        yield day - timedelta(days=back)
