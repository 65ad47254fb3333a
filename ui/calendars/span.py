"""Which days a calendar shows: from a day and a span to the first and the last day, and the days before and after."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

SPANS: Final = ("month", "week", "agenda")
AGENDA_DAYS: Final = 31
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Days:
    """`first` to `last` is shown; `month` is the month in the middle of a month's page (None otherwise)."""

    span: str
    day: date
    first: date
    last: date

    @property
    def all(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> date:
        """A day in the span before this one."""
        if self.span == "month":
            return inside(self.day.replace(day=1) - timedelta(days=1))
        return inside(self.day - timedelta(days=7 if self.span == "week" else AGENDA_DAYS))

    @property
    def after(self) -> date:
        if self.span == "month":
            return inside(
                self.day.replace(day=monthrange(self.day.year, self.day.month)[1]) + timedelta(days=1)
            )
        return inside(self.day + timedelta(days=7 if self.span == "week" else AGENDA_DAYS))

    def is_outside(self, day: date) -> bool:
        """Whether a day fills the page of a month up."""
        return self.span == "month" and (day.year, day.month) != (self.day.year, self.day.month)


def inside(day: date) -> date:
    """A day that calendars can show."""
    return min(max(day, FIRST), LAST)


def days_of(span: str, day: date, first_week_day: int) -> Days:
    """The days that a span shows around a day; weeks begin on `first_week_day` (0: Monday)."""
    day = inside(day)
    if span == "agenda":
        return Days(span, day, day, day + timedelta(days=AGENDA_DAYS - 1))
    start = day.replace(day=1) if span == "month" else day
    first = start - timedelta(days=(start.weekday() - first_week_day) % 7)
    if span == "week":
        return Days(span, day, first, first + timedelta(days=6))
    end = day.replace(day=monthrange(day.year, day.month)[1])
    return Days(span, day, first, end + timedelta(days=6 - (end.weekday() - first_week_day) % 7))
