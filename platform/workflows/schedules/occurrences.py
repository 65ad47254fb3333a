"""When a schedule is due: the strikes of its cron expression, less those on free days, or moved off them. Pure."""

from datetime import date, datetime, time, timedelta
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
JUMPS: Final = 500
"""Free days with a strike, after which a schedule on working days only counts as one that is never due."""


def occurrences(
    cron: str, zone: ZoneInfo, days: Days, calendar: WorkingCalendar, after: datetime, until: datetime
) -> list[datetime]:
    """The moments in (after, until] at which a schedule is due, in order, each once; at most the first MOST."""
    found: list[datetime] = []
    while len(found) < MOST:
        due = next_occurrence(cron, zone, days, calendar, found[-1] if found else after)
        if due is None or due > until:
            break
        found.append(due)
    return found


def next_occurrence(
    cron: str, zone: ZoneInfo, days: Days, calendar: WorkingCalendar, after: datetime
) -> datetime | None:
    """The first moment after another one at which a schedule is due; None when it never is again."""
    try:
        match days:
            case "all":
                return next(strikes(cron, after, zone), None)
            case "working":
                return _on_working_days(cron, zone, calendar, after)
            case "next_working":
                return _moved(cron, zone, calendar, after)
    except NoWorkingTime:
        return None


def next_look(
    cron: str, zone: ZoneInfo, days: Days, calendar: WorkingCalendar, after: datetime
) -> datetime | None:
    """When to look at a schedule again: at its next strike or occurrence, whichever is sooner.

    A look at a strike that is on a free day finds what was entered into the calendar since.
    """
    due = next_occurrence(cron, zone, days, calendar, after)
    strike = next(strikes(cron, after, zone), None)
    return min((each for each in (due, strike) if each is not None), default=None)


def _on_working_days(
    cron: str, zone: ZoneInfo, calendar: WorkingCalendar, after: datetime
) -> datetime | None:
    for _ in range(JUMPS):
        strike = next(strikes(cron, after, zone), None)
        if strike is None:
            return None
        day = shown(strike, zone).date()
        if is_working_day(day, calendar):
            return strike
        after = _before(next_working_day(day, calendar), zone)
    return None


def _moved(cron: str, zone: ZoneInfo, calendar: WorkingCalendar, after: datetime) -> datetime | None:
    """The earliest of the strikes as they are moved: a later strike may be moved to an earlier hour of the same day."""
    best: datetime | None = None
    for number, strike in enumerate(strikes(cron, _since(after, zone, calendar), zone)):
        if (best is not None and strike >= best) or number > MOST:
            break
        wall = shown(strike, zone)
        due = strike
        if not is_working_day(wall.date(), calendar):
            due = moment(datetime.combine(next_working_day(wall.date(), calendar), wall.time()), zone)
        if due > after and (best is None or due < best):
            best = due
    return best


def _since(after: datetime, zone: ZoneInfo, calendar: WorkingCalendar) -> datetime:
    """From when on strikes may be moved behind `after`: the end of the last working day before its day."""
    today = shown(after, zone).date()
    for back in range(1, FREE.days):
        day = today - timedelta(days=back)
        if is_working_day(day, calendar):
            return _before(day + timedelta(days=1), zone)
    return after - FREE


def _before(day: date, zone: ZoneInfo) -> datetime:
    """The last second before a day."""
    return moment(datetime.combine(day, time(0)), zone) - timedelta(seconds=1)
