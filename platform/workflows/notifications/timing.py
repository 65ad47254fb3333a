"""When a mail may go out: quiet hours and the time of the daily mail, on the receiver's own clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fieldstone.engine.calendars.wall_time import moment, shown
from fieldstone.workflows.notifications.preferences import Quiet

MARGIN = timedelta(minutes=1)
"""A daily mail that is due sooner may have begun already."""

SATURDAY = 5


def zone_of(name: str) -> ZoneInfo:
    """The time zone of a name; UTC for one that does not exist any more."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def after_quiet(now: datetime, quiet: Quiet | None, zone: ZoneInfo) -> datetime:
    """The first moment from now on that is not quiet."""
    if quiet is None:
        return now
    at = shown(now, zone)
    for _ in range(8):  # a quiet weekend ends after at most a few days
        end = _end(at, quiet)
        if end is None:
            break
        at = end
    return now if at == shown(now, zone) else moment(at, zone)


def _end(at: datetime, quiet: Quiet) -> datetime | None:
    """When the quiet time that a wall time lies in ends; None outside of it."""
    if quiet.weekend and at.weekday() >= SATURDAY:
        return datetime.combine(at.date() + timedelta(days=7 - at.weekday()), time())
    clock = at.time()
    if quiet.start < quiet.end:
        return _on(at.date(), quiet.end) if quiet.start <= clock < quiet.end else None
    if clock >= quiet.start:
        return _on(at.date() + timedelta(days=1), quiet.end)
    return _on(at.date(), quiet.end) if clock < quiet.end else None


def _on(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock)


def next_daily(now: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """When the next daily mail goes out."""
    today = shown(now, zone).date()
    for days in range(3):
        found = moment(_on(today + timedelta(days=days), clock), zone)
        if found > now + MARGIN:
            return found
    return now.astimezone(UTC) + timedelta(days=1)
