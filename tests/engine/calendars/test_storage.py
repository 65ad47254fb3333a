"""The calendar that a tenant defined, and the one that holds while it has none."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
from record_world import RecordWorld, record_world

from fieldstone.engine.calendars import Hours, UnknownCalendar, WorkingCalendar, calendar_for
from fieldstone.problems import FieldstoneError


@pytest.fixture(scope="module")
def office(postgres_url: str) -> Iterator[RecordWorld]:
    with record_world(postgres_url, "calendars", [], company={"time_zone": "Asia/Taipei"}) as built:
        yield built


def loaded(office: RecordWorld, name: str | None = None) -> WorkingCalendar:
    return office.look(lambda tx: calendar_for(tx, name))


def test_a_tenant_defines_its_hours_holidays_and_make_up_days(office: RecordWorld) -> None:
    usual = loaded(office)
    assert (usual.zone, usual.weekly[4], usual.weekly[5]) == ("Asia/Taipei", (Hours(time(9), time(18)),), ())
    hours = [
        {"weekday": day, "start": start, "end": end}
        for day in ("monday", "tuesday")
        for start, end in (("13:00", "17:30"), ("08:30", "12:00"))
    ]
    body: dict[str, Any] = {"name": "Plant", "time_zone": "Asia/Tokyo", "standard": True, "hours": hours}
    plant = str(office.create("working_calendar", body)["id"])
    office.create("working_calendar", {"name": "Empty", "time_zone": "Mars/Base"})

    def day(on: str, kind: str, **more: str) -> Any:
        return office.create("working_day", {"calendar": plant, "date": on, "kind": kind, **more})["id"]

    day("2026-02-16", "holiday", title="New Year")
    day("2026-02-14", "working_day", title="Make-up day")
    day("2026-02-17", "working_day", start="08:30", end="12:00")
    day("2026-02-21", "working_day", start="10:00", end="11:00")
    office.delete("working_day", day("2026-02-21", "holiday"))
    with pytest.raises(FieldstoneError):
        day("2026-03-01", "holiday", start="08:30", end="12:00")
    found = loaded(office)
    week = (Hours(time(8, 30), time(12)), Hours(time(13), time(17, 30)))
    assert (found.name, found.zone) == ("Plant", "Asia/Tokyo")
    assert found.weekly == (week, week, (), (), (), (), ())
    assert dict(found.exceptions) == {
        date(2026, 2, 16): (),
        date(2026, 2, 14): week,
        date(2026, 2, 17): week[:1],
        date(2026, 2, 21): (Hours(time(10), time(11)),),
    }
    assert loaded(office, "Empty") == WorkingCalendar("Empty", "Asia/Taipei", ((),) * 7)
    with pytest.raises(UnknownCalendar, match='did you mean "Plant"'):
        loaded(office, "Plan")
