"""Dates and moments: years 1 to 9999, moments in UTC; what falls outside is null."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

from fieldstone.expressions.limits import LAST_ORDINAL, MAX_YEAR, MIN_YEAR

MAX_DAYS = LAST_ORDINAL + 1


def day_of(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def midnight(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)


def from_parts(year: int, month: int, day: int) -> date | None:
    if not (MIN_YEAR <= year <= MAX_YEAR and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def add_days(value: date, days: int) -> date | None:
    if not -MAX_DAYS < days < MAX_DAYS:
        return None
    try:
        return value + timedelta(days=days)
    except OverflowError:
        return None


def add_hours(value: datetime, hours: int) -> datetime | None:
    if not -24 * MAX_DAYS < hours < 24 * MAX_DAYS:
        return None
    try:
        return value + timedelta(hours=hours)
    except OverflowError:
        return None


def add_months(value: date, months: int) -> date | None:
    total = value.year * 12 + value.month - 1 + months
    year, month = divmod(total, 12)
    if not MIN_YEAR <= year <= MAX_YEAR:
        return None
    return value.replace(year=year, month=month + 1, day=min(value.day, monthrange(year, month + 1)[1]))


def days_between(a: date, b: date) -> int:
    return day_of(b).toordinal() - day_of(a).toordinal()


def months_between(a: date, b: date) -> int:
    months = (b.year - a.year) * 12 + b.month - a.month
    if months > 0 and b.day < a.day:
        return months - 1
    if months < 0 and b.day > a.day:
        return months + 1
    return months


def start_of_month(value: date) -> date:
    return date(value.year, value.month, 1)


def end_of_month(value: date) -> date:
    return date(value.year, value.month, monthrange(value.year, value.month)[1])


def shown(value: date) -> str:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None, microsecond=0).isoformat() + "Z"
    return value.isoformat()
