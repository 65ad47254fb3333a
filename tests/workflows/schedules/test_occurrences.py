"""When schedules are due: by cron, by the clocks of a zone, and by working days."""

from datetime import UTC, date, datetime, time
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest

from fieldstone.engine.calendars import Hours, WorkingCalendar, usual_calendar
from fieldstone.engine.calendars.wall_time import moment
from fieldstone.metadata.cron import cron_problem
from fieldstone.workflows.schedules import BadSchedule, Schedule, next_occurrence, occurrences
from fieldstone.workflows.schedules.occurrences import next_look
from fieldstone.workflows.schedules.schedule import Days

TAIPEI, BERLIN = ZoneInfo("Asia/Taipei"), ZoneInfo("Europe/Berlin")
OFFICE = usual_calendar("Asia/Taipei")
SHOP = WorkingCalendar(
    "shop", "Asia/Taipei", OFFICE.weekly,
    MappingProxyType({date(2026, 11, 28): (Hours(time(9), time(18)),), date(2026, 11, 30): ()}),
)  # fmt: skip
"""Saturday 28 November is worked, Monday 30 November is free."""


def at(text: str, zone: ZoneInfo = TAIPEI) -> datetime:
    return moment(datetime.fromisoformat(text), zone)


BROKEN = {
    "nothing": "",
    "four fields": "0 9 * *",
    "seconds": "0 0 9 * * *",
    "no such hour": "0 25 * * *",
    "no such day": "0 9 30 2 *",
    "a word": "daily at nine five times",
    "too long": "0," * 80 + "0 9 * * *",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_cron_expression_is_said_to_be_none(text: str) -> None:
    assert cron_problem(text)
    with pytest.raises(BadSchedule, match="nightly"):
        Schedule("nightly", "note", text).check()


@pytest.mark.parametrize(
    "text", ["* * * * *", "0 9 * * 1-5", "30 8 L * *", "0 9 * * 5#2", "*/10 8-18 1,15 JAN-JUN MON"]
)
def test_what_is_one_has_no_problem(text: str) -> None:
    assert cron_problem(text) is None


def test_a_zone_or_a_word_that_nobody_knows_is_refused() -> None:
    for wrong in (
        Schedule("x", "note", "0 9 * * *", zone="Mars/Base"),
        Schedule("x", "note", "0 9 * * *", days="some"),
    ):  # type: ignore[arg-type]
        with pytest.raises(BadSchedule):
            wrong.check()


NEXT: dict[str, tuple[str, Days, WorkingCalendar, str, str]] = {
    "today": ("0 9 * * *", "all", OFFICE, "2026-11-23T08:00", "2026-11-23T09:00"),
    "not the moment itself": ("0 9 * * *", "all", OFFICE, "2026-11-23T09:00", "2026-11-24T09:00"),
    "weekends, too": ("0 9 * * *", "all", OFFICE, "2026-11-27T10:00", "2026-11-28T09:00"),
    "working days only": ("0 9 * * *", "working", OFFICE, "2026-11-27T10:00", "2026-11-30T09:00"),
    "a make-up Saturday": ("0 9 * * *", "working", SHOP, "2026-11-27T10:00", "2026-11-28T09:00"),
    "a holiday": ("0 9 * * *", "working", SHOP, "2026-11-28T10:00", "2026-12-01T09:00"),
    "moved to Monday": ("0 9 1 8 *", "next_working", OFFICE, "2026-07-20T00:00", "2026-08-03T09:00"),
    "asked on the free day between": ("0 9 1 8 *", "next_working", OFFICE, "2026-08-02T12:00", "2026-08-03T09:00"),
    "asked on the day it was moved to": ("0 9 1 8 *", "next_working", OFFICE, "2026-08-03T08:00", "2026-08-03T09:00"),
    "after that": ("0 9 1 8 *", "next_working", OFFICE, "2026-08-03T09:00", "2027-08-02T09:00"),
    "moved over a holiday": ("0 9 29 11 *", "next_working", SHOP, "2026-11-28T12:00", "2026-12-01T09:00"),
    "an earlier hour of a later free day comes first":
        ("0 15,9 * * 6,0", "next_working", OFFICE, "2026-11-27T20:00", "2026-11-30T09:00"),
}  # fmt: skip


@pytest.mark.parametrize(("cron", "days", "calendar", "after", "due"), NEXT.values(), ids=NEXT.keys())
def test_the_next_occurrence(cron: str, days: Days, calendar: WorkingCalendar, after: str, due: str) -> None:
    assert next_occurrence(cron, TAIPEI, days, calendar, at(after)) == at(due)


def test_what_is_moved_to_the_same_moment_is_one_occurrence() -> None:
    found = occurrences(
        "0 9 * * *", TAIPEI, "next_working", OFFICE, at("2026-11-26T12:00"), at("2026-12-01T12:00")
    )
    assert found == [at("2026-11-27T09:00"), at("2026-11-30T09:00"), at("2026-12-01T09:00")]


def test_there_is_none_where_no_day_is_worked() -> None:
    never = WorkingCalendar("never", "Asia/Taipei", ((),) * 7)
    for days in ("working", "next_working"):
        assert next_occurrence("0 9 * * *", TAIPEI, days, never, at("2026-11-23T08:00")) is None  # type: ignore[arg-type]


def test_one_looks_again_at_every_strike_for_the_calendar_may_have_changed() -> None:
    look = next_look("0 9 * * *", TAIPEI, "working", OFFICE, at("2026-11-27T10:00"))
    assert look == at("2026-11-28T09:00")


CLOCKS = {
    "the hour that is skipped": ("30 2 * * *", "2026-03-28T12:00", [(3, 29, 1, 0), (3, 30, 0, 30)]),
    "the hour that comes twice": ("30 2 * * *", "2026-10-24T12:00", [(10, 25, 0, 30), (10, 26, 1, 30)]),
    "every hour of that night": (
        "0 * * * *",
        "2026-10-25T01:30",
        [(10, 25, 0, 0), (10, 25, 1, 0), (10, 25, 2, 0)],
    ),
}


@pytest.mark.parametrize(("cron", "after", "expected"), CLOCKS.values(), ids=CLOCKS.keys())
def test_clocks_that_are_changed_neither_lose_nor_double_a_daily_run(
    cron: str, after: str, expected: list[tuple[int, int, int, int]]
) -> None:
    now, found = at(after, BERLIN), []
    for _ in expected:
        due = next_occurrence(cron, BERLIN, "all", OFFICE, now)
        assert due is not None
        found.append(now := due)
    assert found == [datetime(2026, *each, tzinfo=UTC) for each in expected]
