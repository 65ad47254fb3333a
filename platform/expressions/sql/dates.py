"""Dates and moments in SQL: out of the years 1 to 9999 is null, and every moment is looked at in UTC.

PostgreSQL raises where its own range ends (4713 BC). Arithmetic therefore runs 10,000 years later, where the
calendar is the same (400-year cycle) and nothing we add can leave the range, and the sum is checked there.
"""

from sqlalchemy import Date, DateTime

from fieldstone.expressions.limits import LAST_ORDINAL
from fieldstone.expressions.sql.guards import INT, NUMERIC, TEXT, index
from fieldstone.expressions.sql.pieces import Element, once, piece

DATE = Date()
DATETIME = DateTime(timezone=True)
TIMESTAMP = DateTime(timezone=False)
SHIFT = "INTERVAL '3652425 days'"
"""10,000 years of the Gregorian calendar."""
BELOW = "TIMESTAMP '10000-12-31 23:59:59.999999'"
ABOVE = "TIMESTAMP '20000-01-01 00:00:00'"
"""The last moment before the range and the first after it, both shifted."""
MAX_DAYS = LAST_ORDINAL + 1
MAX_MONTHS = 12 * 10_000
DATE_PATTERN = "'^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$'"


def stamp(value: Element, kind: str) -> Element:
    """A date or moment as a timestamp without zone, in UTC."""
    if kind == "date":
        return piece("CAST({0} AS TIMESTAMP)", TIMESTAMP, value)
    return piece("timezone('UTC', {0})", TIMESTAMP, value)


def day(value: Element, kind: str) -> Element:
    return value if kind == "date" else piece("CAST(timezone('UTC', {0}) AS DATE)", DATE, value)


def part(name: str, value: Element, kind: str) -> Element:
    return piece(f"EXTRACT({name} FROM {{0}})", NUMERIC, stamp(value, kind))


def _moved(value: Element, kind: str, interval: Element) -> Element:
    clamped = f"least(greatest({{0}} + {SHIFT} + {{1}}, {BELOW}), {ABOVE})"
    moved = f"(nullif(nullif({clamped}, {ABOVE}), {BELOW}) - {SHIFT})"
    if kind == "date":
        return piece(f"CAST({moved} AS DATE)", DATE, stamp(value, kind), interval)
    return piece(f"timezone('UTC', {moved})", DATETIME, stamp(value, kind), interval)


def add_days(value: Element, kind: str, days: Element) -> Element:
    return _moved(value, kind, piece("make_interval(days => {0})", INT, index(days, -MAX_DAYS, MAX_DAYS)))


def add_hours(value: Element, kind: str, hours: Element) -> Element:
    limited = index(hours, -24 * MAX_DAYS, 24 * MAX_DAYS)
    return _moved(value, kind, piece("make_interval(hours => {0})", INT, limited))


def add_months(value: Element, kind: str, months: Element) -> Element:
    limited = index(months, -MAX_MONTHS, MAX_MONTHS)
    return _moved(value, kind, piece("make_interval(months => {0})", INT, limited))


def days_between(a: Element, a_kind: str, b: Element, b_kind: str) -> Element:
    return piece("CAST({1} - {0} AS NUMERIC)", NUMERIC, day(a, a_kind), day(b, b_kind))


def months_between(a: Element, a_kind: str, b: Element, b_kind: str) -> Element:
    """Months and hundredths for days, subtracted and truncated: a month counts when its day is reached."""
    place = "(EXTRACT(year FROM {0}) * 12 + EXTRACT(month FROM {0}) + EXTRACT(day FROM {0}) * 0.01)"
    later = place.replace("{0}", "{1}")
    return once(f"trunc({later} - {place})", NUMERIC, stamp(a, a_kind), stamp(b, b_kind))


def start_of_month(value: Element, kind: str) -> Element:
    return piece("CAST(date_trunc('month', {0}) AS DATE)", DATE, stamp(value, kind))


def end_of_month(value: Element, kind: str) -> Element:
    last = "date_trunc('month', {0}) + INTERVAL '1 month -1 day'"
    return piece(f"CAST({last} AS DATE)", DATE, stamp(value, kind))


def from_parts(year: Element, month: Element, number: Element) -> Element:
    """The date of three numbers; null when there is no such day."""
    first = "make_date({0}, {1}, 1)"
    last = f"EXTRACT(day FROM CAST({first} AS TIMESTAMP) + INTERVAL '1 month -1 day')"
    found = f"CASE WHEN {{2}} <= {last} THEN {first} + {{2}} - 1 END"
    return once(found, DATE, index(year, 0, 10_000), index(month, 0, 13), index(number, 0, 32))


def from_text(text: Element) -> Element:
    """The date that YYYY-MM-DD shows, or null."""

    # The parts are read only where the pattern fits: CASE is the one construct that keeps this order.
    def number(start: int, length: int, below: int) -> str:
        read = f"CAST(substr({{0}}, {start}, {length}) AS INTEGER)"
        found = f"CASE WHEN {{0}} ~ {DATE_PATTERN} THEN {read} END"
        return f"nullif(nullif(least({found}, {below}), {below}), 0)"

    # LEAST skips null, so what does not fit the pattern is `below`, which is no number either.
    parts = once(f"ARRAY[{number(1, 4, 10_000)}, {number(6, 2, 13)}, {number(9, 2, 32)}]", INT, text)
    first = "make_date(({0})[1], ({0})[2], 1)"
    last = f"EXTRACT(day FROM CAST({first} AS TIMESTAMP) + INTERVAL '1 month -1 day')"
    return once(f"CASE WHEN ({{0}})[3] <= {last} THEN {first} + ({{0}})[3] - 1 END", DATE, parts)


def shown(value: Element, kind: str) -> Element:
    form = "YYYY-MM-DD" if kind == "date" else 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
    return piece(f"to_char({{0}}, '{form}')", TEXT, stamp(value, kind))


def midnight(value: Element) -> Element:
    return piece("timezone('UTC', CAST({0} AS TIMESTAMP))", DATETIME, value)
