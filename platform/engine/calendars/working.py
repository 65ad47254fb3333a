"""Reckoning in working time: when eight working hours are over, how many lie between two moments.

Hours are half-open: the moment of closing does not count any more, so eight hours begun at opening end at closing and not
at the next opening. Seconds are real ones, also when clocks are changed within the hours. All functions are pure; moments
carry a zone and come back in UTC.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from fieldstone.engine.calendars.wall_time import moment, shown
from fieldstone.problems import FieldstoneError

DAY: Final = timedelta(days=1)
NOTHING: Final = timedelta(0)
FAR: Final = 36_600
"""Days that are looked through, a hundred years, before a calendar counts as one without working time."""


class NoWorkingTime(FieldstoneError):
    """A calendar has no working time from a moment on, so nothing can ever be due by it."""

    code = "calendar.empty"
    kind = "invalid"


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """Working hours of one day, from `start` until before `end`; an end not after the start is on the next day."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When work is done. `weekly` has the hours of Monday to Sunday, `exceptions` those of single days.

    An exception without hours is a holiday; one with hours is worked whatever weekday it is (調休).
    """

    name: str
    zone: str
    weekly: tuple[tuple[Hours, ...], ...]
    exceptions: Mapping[date, tuple[Hours, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def hours_of(self, day: date) -> tuple[Hours, ...]:
        """The hours that begin on a day."""
        special = self.exceptions.get(day)
        return self.weekly[day.weekday()] if special is None else special


def usual_calendar(zone: str) -> WorkingCalendar:
    """Monday to Friday, nine to six: what holds where a company has defined nothing."""
    office = (Hours(time(9), time(18)),)
    return WorkingCalendar("", zone, (office,) * 5 + ((), ()))


def is_working_day(day: date, calendar: WorkingCalendar) -> bool:
    """Whether any hours begin on a day."""
    return bool(calendar.hours_of(day))


def next_working_day(day: date, calendar: WorkingCalendar) -> date:
    """The first working day after `day`. Raises NoWorkingTime."""
    return _step(day, 1, calendar)


def add_working_days(start: datetime, days: int, calendar: WorkingCalendar) -> datetime:
    """The same time of day, so many working days later (earlier when negative). Raises NoWorkingTime."""
    zone = ZoneInfo(calendar.zone)
    wall = shown(start, zone)
    day, step = wall.date(), 1 if days > 0 else -1
    for _ in range(abs(days)):
        day = _step(day, step, calendar)
    return moment(datetime.combine(day, wall.time()), zone)


def add_working(start: datetime, duration: timedelta, calendar: WorkingCalendar) -> datetime:
    """The first moment at which `duration` of working time has passed since `start`; `start` itself for none.

    For a negative duration, the last moment from which on that much working time passes until `start`.
    Raises NoWorkingTime.
    """
    if duration < NOTHING:
        return _before(start, -duration, calendar)
    now, left = start.astimezone(UTC), duration
    if not left:
        return now
    for opening, closing in _from(now, calendar):
        opening = max(opening, now)
        if closing <= opening:
            continue
        if closing - opening >= left:
            return opening + left
        left -= closing - opening
    raise _none(calendar)


def working_seconds_between(start: datetime, end: datetime, calendar: WorkingCalendar) -> float:
    """Seconds of working time from `start` until before `end`; negative when `end` is earlier."""
    if end < start:
        return -working_seconds_between(end, start, calendar)
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    total = NOTHING
    for opening, closing in _from(start, calendar, until=end):
        opening, closing = max(opening, start), min(closing, end)
        if opening < closing:
            total += closing - opening
    return total.total_seconds()


def _before(start: datetime, duration: timedelta, calendar: WorkingCalendar) -> datetime:
    now, left = start.astimezone(UTC), duration
    zone = ZoneInfo(calendar.zone)
    for day in _days(shown(now, zone).date(), -1):
        for opening, closing in reversed(_spans(day, calendar, zone)):
            closing = min(closing, now)
            if closing <= opening:
                continue
            if closing - opening >= left:
                return closing - left
            left -= closing - opening
    raise _none(calendar)


def _from(
    start: datetime, calendar: WorkingCalendar, until: datetime | None = None
) -> Iterator[tuple[datetime, datetime]]:
    """Spans of working time in order, from the one that may still run at `start` to the last one before `until`."""
    zone = ZoneInfo(calendar.zone)
    last = shown(until, zone).date() if until is not None else date.max
    for day in _days(shown(start, zone).date() - DAY, 1):
        if day > last:
            return
        yield from _spans(day, calendar, zone)


def _spans(day: date, calendar: WorkingCalendar, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The spans that begin on a day, merged, and not reaching into what the day before or the next one counts."""
    night = max((_end(day - DAY, each) for each in calendar.hours_of(day - DAY)), default=None)
    found: list[tuple[datetime, datetime]] = []
    for each in sorted(calendar.hours_of(day)):
        opening, closing = datetime.combine(day, each.start), _end(day, each)
        reached = found[-1][1] if found else night
        if reached is not None:
            opening = max(opening, reached)
        if opening < closing:
            found.append((opening, closing))
    return [(moment(opening, zone), moment(closing, zone)) for opening, closing in found]


def _end(day: date, hours: Hours) -> datetime:
    return datetime.combine(day + DAY if hours.end <= hours.start else day, hours.end)


def _step(day: date, step: int, calendar: WorkingCalendar) -> date:
    for found in _days(day + step * DAY, step):
        if is_working_day(found, calendar):
            return found
    raise _none(calendar)


def _days(first: date, step: int) -> Iterator[date]:
    """Days from `first` on, forwards or backwards, as far as it makes sense to look."""
    number = first.toordinal()
    for each in range(number, number + step * FAR, step):
        if not 3 < each < date.max.toordinal() - 3:
            return
        yield date.fromordinal(each)


def _none(calendar: WorkingCalendar) -> NoWorkingTime:
    return NoWorkingTime(
        f'The working calendar "{calendar.name}" has no working time left.', calendar=calendar.name
    )
