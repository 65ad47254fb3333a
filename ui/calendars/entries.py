"""The records of a calendar's days, and when each of them begins and ends."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from fieldstone.engine.permissions import access
from fieldstone.engine.query.listing import list_records
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field
from fieldstone.ui.calendars.span import Days
from fieldstone.ui.fields import field_of
from fieldstone.ui.formats import Formats
from fieldstone.ui.lists.conditions import quoted_name
from fieldstone.ui.lists.request import fields_of, list_request
from fieldstone.ui.lists.rows import Row, Rows
from fieldstone.ui.lists.state import ListState
from fieldstone.ui.visit import Visit

MOST: Final = 1000
"""Records that a calendar shows at once; beyond that it says that there are more."""

PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """A record on one day. `first` tells whether it begins on this day; `clock` is the time then, as text."""

    row: Row
    version: int
    first: bool
    clock: str
    color: str


@dataclass(frozen=True, slots=True)
class Times:
    """The fields that say when: `end` is None where the view has none or the visitor may not see it."""

    start: Field
    end: Field | None
    color: Field | None

    @property
    def with_clock(self) -> bool:
        return self.start.type == "datetime"


def times_of(visit: Visit, state: ListState) -> Times:
    view = state.view
    assert view is not None
    assert view.start is not None
    start = field_of(state.entity, view.start)
    assert start is not None
    readable = access(visit, state.entity.name).readable
    end = field_of(state.entity, view.end) if view.end in readable else None
    color = field_of(state.entity, view.color) if view.color in readable else None
    return Times(start, end, color)


def entries_of(
    tx: Transaction, visit: Visit, state: ListState, days: Days
) -> tuple[dict[date, list[Entry]], bool]:
    """What stands on each day, and whether there is more than can be shown."""
    times = times_of(visit, state)
    rows = Rows(visit, state)
    found: dict[date, list[Entry]] = {day: [] for day in days.all}
    more = [field.name for field in (times.start, times.end, times.color) if field is not None]
    request = replace(
        list_request(visit, state, within(times, days, visit.formats)),
        sort=(times.start.name,), fields=fields_of(state, *more), limit=PAGE, cursor=None, count="no",
    )  # fmt: skip
    for _ in range(MOST // PAGE):
        page = list_records(tx, state.entity.name, request)
        for record in page.data:
            _place(found, visit, times, rows, record)
        if page.next is None:
            return found, False
        request = replace(request, cursor=page.next)
    return found, True


def within(times: Times, days: Days, formats: Formats) -> str:
    """The filter of the records that touch the days."""
    start = quoted_name(times.start.name)
    if times.with_clock:
        first, last = _moment(days.first, formats), _moment(days.last + timedelta(days=1), formats)
        before = f"{start} < {last}"
    else:
        first = f'date("{days.first}")'
        before = f'{start} <= date("{days.last}")'
    end = f"coalesce({quoted_name(times.end.name)}, {start})" if times.end else start
    return f"{end} >= {first} && {before}"


def _moment(day: date, formats: Formats) -> str:
    moment = datetime.combine(day, time(), formats.zone).astimezone(UTC)
    return f'datetime("{moment.isoformat().replace("+00:00", "Z")}")'


def _place(
    found: dict[date, list[Entry]], visit: Visit, times: Times, rows: Rows, record: Mapping[str, Any]
) -> None:
    start = record[times.start.name]
    end = record.get(times.end.name) if times.end else None
    first = day_of(start, visit.formats)
    last = max(first, day_of(end, visit.formats)) if end is not None else first
    clock = visit.formats.time(start.astimezone(visit.formats.zone).timetz()) if times.with_clock else ""
    color = ""
    if times.color is not None:
        value = record.get(times.color.name)
        color = next((o.color or "gray" for o in times.color.options if o.const == value), "")
    row = rows.row(record)
    for day in found:
        if first <= day <= last:
            found[day].append(
                Entry(row, record["version"], day == first, clock if day == first else "", color)
            )


def day_of(value: Any, formats: Formats) -> date:
    """The visitor's day of a date or a moment."""
    return value.astimezone(formats.zone).date() if isinstance(value, datetime) else value
