"""Reads a tenant's working calendars from the base entities `working_calendar` and `working_day`.

It asks past the gate: deadlines go by the calendar whoever is waiting for them.
"""

from collections.abc import Iterable
from datetime import date, time
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import available_timezones

import sqlalchemy as sa

from fieldstone.engine.calendars.working import Hours, WorkingCalendar, usual_calendar
from fieldstone.engine.storage.connection import Row
from fieldstone.engine.storage.tables import PARENT, table_for
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError, did_you_mean

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CALENDAR, HOURS, DAY = "working_calendar", "working_calendar__hours", "working_day"


class UnknownCalendar(FieldstoneError):
    """There is no working calendar of this name."""

    code = "calendar.unknown"
    kind = "invalid"


def calendar_for(tx: Transaction, name: str | None = None) -> WorkingCalendar:
    """The working calendar of a name; without one the tenant's standard one, or Monday to Friday, nine to six.

    Raises UnknownCalendar.
    """
    rows = tx.fetch(tx.plan(("calendars", _hash(tx, CALENDAR)), lambda: _calendars(tx)))
    if name is None:
        found = next((row for row in rows if row[3]), None)
    else:
        found = next((row for row in rows if row[1] == name), None)
        if found is None:
            hint = did_you_mean(name, [row[1] for row in rows])
            raise UnknownCalendar(f'There is no working calendar "{name}"{hint}.', calendar=name)
    if found is None:
        return usual_calendar(tx.context.company.time_zone)
    asked = {"calendar": found[0]}
    hours, days = tx.fetch_all(
        [
            (tx.plan(("calendar hours", _hash(tx, HOURS)), lambda: _hours(tx)), asked),
            (tx.plan(("calendar days", _hash(tx, DAY)), lambda: _days(tx)), asked),
        ]
    )
    zone = found[2] if found[2] in available_timezones() else tx.context.company.time_zone
    weekly = _weekly(hours)
    return WorkingCalendar(found[1], zone, weekly, MappingProxyType(dict(_exceptions(days, weekly))))


def _weekly(rows: Iterable[Row]) -> tuple[tuple[Hours, ...], ...]:
    found: dict[str, list[Hours]] = {name: [] for name in WEEKDAYS}
    for weekday, start, end in rows:
        if weekday in found and start and end:
            found[weekday].append(Hours(time.fromisoformat(start), time.fromisoformat(end)))
    return tuple(tuple(sorted(found[name])) for name in WEEKDAYS)


def _exceptions(
    rows: Iterable[Row], weekly: tuple[tuple[Hours, ...], ...]
) -> Iterable[tuple[date, tuple[Hours, ...]]]:
    first = next((hours for hours in weekly if hours), usual_calendar("UTC").weekly[0])
    for day, kind, start, end in rows:
        if kind == "holiday":
            yield day, ()
        elif start and end:
            yield day, (Hours(time.fromisoformat(start), time.fromisoformat(end)),)
        else:
            yield day, weekly[day.weekday()] or first


def _hash(tx: Transaction, entity: str) -> str:
    return tx.model.entities[entity].hash


def _calendars(tx: Transaction) -> sa.Select[Any]:
    at = table_for(tx.model.entities[CALENDAR]).fields
    return (
        sa.select(at["id"], at["name"], at["time_zone"], at["standard"])
        .where(at["deleted_at"].is_(None))
        .order_by(at["name"])
    )


def _hours(tx: Transaction) -> sa.Select[Any]:
    built = table_for(tx.model.entities[HOURS])
    at = built.fields
    return sa.select(at["weekday"], at["start"], at["end"]).where(built.table.c[PARENT] == _calendar())


def _days(tx: Transaction) -> sa.Select[Any]:
    at = table_for(tx.model.entities[DAY]).fields
    return (
        sa.select(at["date"], at["kind"], at["start"], at["end"])
        .where(at["calendar"] == _calendar(), at["deleted_at"].is_(None), at["date"].is_not(None))
        .order_by(at["created_at"], at["id"])
    )


def _calendar() -> "sa.BindParameter[Any]":
    return sa.bindparam("calendar", type_=sa.Uuid())
