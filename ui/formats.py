"""Dates and numbers as people of one language and one time zone write them.

Everything is formatted by Babel from exact values: money and percent arrive as `Decimal`, datetimes as aware
UTC values. Money shows the currency's own number of digits.
"""

from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta
from datetime import time as Time
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_decimal_symbol,
    get_group_symbol,
)

from fieldstone.ui.money_pattern import money_pattern

Number = int | float | Decimal


@dataclass(frozen=True)
class Formats:
    """Formatting for one visitor."""

    locale: str
    time_zone: str

    @cached_property
    def babel(self) -> Locale:
        return Locale.parse(self.locale, sep="-")

    @cached_property
    def zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    def date(self, value: Date) -> str:
        """`Mar 4, 2026`, `2026年3月4日`."""
        return format_date(value, "medium", locale=self.babel)

    def day(self, value: datetime) -> str:
        """The day of a moment, in full: `Wednesday, March 4, 2026`."""
        return format_date(value.astimezone(self.zone).date(), "full", locale=self.babel)

    def stamp(self, value: datetime) -> str:
        """A moment in the visitor's time zone, to the minute."""
        local = value.astimezone(self.zone)
        return f"{format_date(local.date(), 'medium', locale=self.babel)} {self.time(local.timetz())}"

    def moment(self, value: datetime) -> str:
        """A moment in full, with its time zone: for tooltips."""
        return format_datetime(value, "long", tzinfo=self.zone, locale=self.babel)

    def time(self, value: Time) -> str:
        return format_time(value, "short", tzinfo=self.zone if value.tzinfo else None, locale=self.babel)

    def clock(self, value: Time) -> str:
        """A time of day, with its seconds where it has any."""
        return format_time(value, "medium" if value.second else "short", locale=self.babel)

    def ago(self, value: datetime, now: datetime) -> str:
        """`5 minutes ago` within a month, the date beyond."""
        past = value - now
        if abs(past) > timedelta(days=30):
            return self.date(value.astimezone(self.zone).date())
        return format_timedelta(past, add_direction=True, locale=self.babel)

    def lasted(self, span: timedelta) -> str:
        """A length of time, roughly: `3 days`."""
        return format_timedelta(span, locale=self.babel)

    def integer(self, value: int) -> str:
        return format_decimal(value, "#,##0", locale=self.babel)

    def number(self, value: Number) -> str:
        """All digits that the value has, grouped; two places at least where there is a fraction."""
        pattern = "#,##0" if value == int(value) else "#,##0.00##################"
        return format_decimal(value, pattern, locale=self.babel)

    def percent(self, value: Number) -> str:
        """0.155 is `15.5 %`."""
        return format_percent(value, "#,##0.##########%", locale=self.babel)

    def money(self, value: Number, currency: str) -> str:
        """The amount with its currency's sign and digits."""
        pattern = money_pattern(self.locale, currency)
        if pattern is not None and isinstance(value, Decimal):
            return pattern.write(value)
        return format_currency(value, currency, locale=self.babel)

    @property
    def symbols(self) -> tuple[str, str]:
        """The decimal and the grouping symbol, for reading what people type."""
        return get_decimal_symbol(self.babel), get_group_symbol(self.babel)
