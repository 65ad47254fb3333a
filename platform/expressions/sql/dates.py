"""Dates and moments in SQL: out of the years 1 to 9999 is null, and every moment is looked at in UTC.

PostgreSQL raises where its own range ends (4713 BC). Arithmetic therefore runs 10,000 years later, where the
calendar is the same (400-year cycle) and nothing we add can leave the range, and the sum is checked there.
"""

from sqlalchemy import Date, DateTime, Interval, case, cast, func, literal_column

from fieldstone.expressions.limits import LAST_ORDINAL
from fieldstone.expressions.sql.guards import INT, NUMERIC, TEXT, TIMESTAMP, Element, index, once, own

DATE = Date()
DATETIME = DateTime(timezone=True)
SHIFT_DAYS = 3_652_425
"""10,000 years of the Gregorian calendar."""
MAX_DAYS = LAST_ORDINAL + 1
MAX_MONTHS = 12 * 10_000
ONE = literal_column("DATE '0001-01-01'", DATE)
SHIFT = literal_column(f"INTERVAL '{SHIFT_DAYS} days'", Interval())
BELOW = literal_column("TIMESTAMP '10000-12-31 23:59:59.999999'", TIMESTAMP)
ABOVE = literal_column("TIMESTAMP '20000-01-01'", TIMESTAMP)
"""The last moment before the range and the first after it, both shifted."""
HUNDREDTH = literal_column("0.01", NUMERIC)
DATE_PATTERN = literal_column("'^[0-9]{4}-[0-9]{2}-[0-9]{2}$'", TEXT)


def utc(moment: Element) -> Element:
    """A timestamptz as the timestamp it is in UTC."""
    return func.timezone(literal_column("'UTC'", TEXT), moment, type_=TIMESTAMP)


def from_utc(stamp: Element) -> Element:
    return func.timezone(literal_column("'UTC'", TEXT), stamp, type_=DATETIME)


def stamp(value: Element, kind: str) -> Element:
    """A date or moment as a timestamp without zone."""
    return cast(value, TIMESTAMP) if kind == "date" else utc(value)


def day(value: Element, kind: str) -> Element:
    return value if kind == "date" else cast(utc(value), DATE)


def part(name: str, value: Element, kind: str) -> Element:
    return func.date_part(literal_column(f"'{name}'", TEXT), stamp(value, kind), type_=NUMERIC).cast(NUMERIC)


def ordinal(value: Element) -> Element:
    """Days since 0001-01-01, as numeric."""
    return cast(cast(value, DATE).op("-", return_type=INT)(ONE), NUMERIC)


def from_ordinal(days: Element) -> Element:
    """The date so many days after 0001-01-01; null outside of the range."""
    return ONE.op("+", return_type=DATE)(index(days, -1, LAST_ORDINAL))


def _checked(shifted: Element) -> Element:
    """A shifted timestamp back where it belongs, null out of range."""
    clamped = func.least(func.greatest(shifted, BELOW, type_=TIMESTAMP), ABOVE, type_=TIMESTAMP)
    kept = func.nullif(func.nullif(clamped, ABOVE, type_=TIMESTAMP), BELOW, type_=TIMESTAMP)
    return kept.op("-", return_type=TIMESTAMP)(SHIFT)


def _moved(value: Element, kind: str, interval: Element) -> Element:
    shifted = (
        stamp(value, kind).op("+", return_type=TIMESTAMP)(SHIFT).op("+", return_type=TIMESTAMP)(interval)
    )
    moved = _checked(shifted)
    return cast(moved, DATE) if kind == "date" else from_utc(moved)


def add_days(value: Element, kind: str, days: Element) -> Element:
    zero = literal_column("0", INT)
    return _moved(value, kind, func.make_interval(zero, zero, zero, index(days, -MAX_DAYS, MAX_DAYS)))


def add_hours(value: Element, kind: str, hours: Element) -> Element:
    zero = literal_column("0", INT)
    return _moved(
        value, kind, func.make_interval(zero, zero, zero, zero, index(hours, -24 * MAX_DAYS, 24 * MAX_DAYS))
    )


def add_months(value: Element, kind: str, months: Element) -> Element:
    zero = literal_column("0", INT)
    return _moved(value, kind, func.make_interval(zero, index(months, -MAX_MONTHS, MAX_MONTHS)))


def days_between(a: Element, a_kind: str, b: Element, b_kind: str) -> Element:
    return cast(cast(day(b, b_kind), DATE).op("-", return_type=INT)(day(a, a_kind)), NUMERIC)


def months_between(a: Element, a_kind: str, b: Element, b_kind: str) -> Element:
    """Months and hundredths for days, subtracted and truncated: a month counts when its day is reached."""

    def place(value: Element) -> Element:
        year, month, number = (part(name, value, "date") for name in ("year", "month", "day"))
        return year * own(12) + month + number * HUNDREDTH

    def between(first: Element, last: Element) -> Element:
        return func.trunc(place(last) - place(first), type_=NUMERIC)

    return once([day(a, a_kind), day(b, b_kind)], between)


def start_of_month(value: Element, kind: str) -> Element:
    return cast(func.date_trunc(literal_column("'month'", TEXT), stamp(value, kind), type_=TIMESTAMP), DATE)


def end_of_month(value: Element, kind: str) -> Element:
    first = func.date_trunc(literal_column("'month'", TEXT), stamp(value, kind), type_=TIMESTAMP)
    rest = literal_column("INTERVAL '1 month -1 day'", Interval())
    return cast(first.op("+", return_type=TIMESTAMP)(rest), DATE)


def from_parts(year: Element, month: Element, number: Element) -> Element:
    """The date of three numbers; null when there is no such day."""

    def made(y: Element, m: Element, d: Element) -> Element:
        first = func.make_date(y, m, literal_column("1", INT), type_=DATE)
        # make_date is strict, and every day number is checked against the month before it is added.
        last = func.date_part(
            literal_column("'day'", TEXT),
            cast(first, TIMESTAMP).op("+", return_type=TIMESTAMP)(
                literal_column("INTERVAL '1 month -1 day'", Interval())
            ),
        )
        return case((d <= last, first.op("+", return_type=DATE)(d - literal_column("1", INT))))

    return once([index(year, 0, 10_000), index(month, 0, 13), index(number, 0, 32)], made)


def from_text(text: Element) -> Element:
    """The date that YYYY-MM-DD shows, or null."""

    def read(t: Element) -> Element:
        def number(start: int, length: int) -> Element:
            at, size = literal_column(str(start), INT), literal_column(str(length), INT)
            return cast(func.substr(t, at, size, type_=TEXT), NUMERIC)

        fits = t.op("~", is_comparison=True)(DATE_PATTERN)
        # The parts are read only where the pattern fits: CASE is the one construct that keeps this order.
        pieces = [case((fits, number(*place))) for place in ((1, 4), (6, 2), (9, 2))]
        return from_parts(*pieces)

    return once([text], read)


def shown(value: Element, kind: str) -> Element:
    form = "'YYYY-MM-DD'" if kind == "date" else '\'YYYY-MM-DD"T"HH24:MI:SS"Z"\''
    return func.to_char(stamp(value, kind), literal_column(form, TEXT), type_=TEXT)


def midnight(value: Element) -> Element:
    return from_utc(cast(value, TIMESTAMP))
