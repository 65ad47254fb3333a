"""Working time: hours, holidays, make-up days, nights, and the two days a year that are not 24 hours long."""

import os
import random
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest

from fieldstone.engine.calendars import (
    Hours,
    NoWorkingTime,
    WorkingCalendar,
    add_working,
    add_working_days,
    is_working_day,
    next_working_day,
    usual_calendar,
    working_seconds_between,
)
from fieldstone.engine.calendars.wall_time import moment

ROUNDS = int(os.environ.get("DRILL_ROUNDS", "1")) * 60
TAIPEI, BERLIN, LORD_HOWE = "Asia/Taipei", "Europe/Berlin", "Australia/Lord_Howe"
OFFICE = usual_calendar(TAIPEI)
LUNCH = WorkingCalendar(
    "lunch", TAIPEI, ((Hours(time(9), time(12)), Hours(time(13), time(18))),) * 5 + ((), ()),
    MappingProxyType({
        date(2026, 2, 16): (), date(2026, 2, 17): (), date(2026, 2, 18): (),
        date(2026, 2, 14): (Hours(time(9), time(17)),),
    }),
)  # fmt: skip
"""With a lunch break, three holidays (Monday to Wednesday), and the Saturday before worked to make up for one."""
NIGHTS = WorkingCalendar("nights", BERLIN, ((Hours(time(22), time(6)),),) * 7)
ALWAYS = WorkingCalendar("always", BERLIN, ((Hours(time(0), time(0)),),) * 7)


def at(text: str, zone: str = TAIPEI) -> datetime:
    return moment(datetime.fromisoformat(text), ZoneInfo(zone))


ADDED = {
    "within a day": (OFFICE, "2026-11-23T10:00", 8, "2026-11-23T18:00"),
    "eight hours from opening end at closing": (OFFICE, "2026-11-23T09:00", 9, "2026-11-23T18:00"),
    "over night": (OFFICE, "2026-11-23T17:00", 2, "2026-11-24T10:00"),
    "over the weekend": (OFFICE, "2026-11-27T17:00", 2, "2026-11-30T10:00"),
    "begun before opening": (OFFICE, "2026-11-23T05:00", 1, "2026-11-23T10:00"),
    "begun on a Sunday": (OFFICE, "2026-11-22T12:00", 1, "2026-11-23T10:00"),
    "begun at closing": (OFFICE, "2026-11-23T18:00", 1, "2026-11-24T10:00"),
    "none is no wait": (OFFICE, "2026-11-22T12:00", 0, "2026-11-22T12:00"),
    "over lunch": (LUNCH, "2026-11-23T11:00", 2, "2026-11-23T14:00"),
    "a make-up Saturday counts": (LUNCH, "2026-02-13T17:00", 2, "2026-02-14T10:00"),
    "holidays do not": (LUNCH, "2026-02-14T16:00", 2, "2026-02-19T10:00"),
    "backwards": (OFFICE, "2026-11-24T10:00", -2, "2026-11-23T17:00"),
    "backwards over a weekend": (OFFICE, "2026-11-30T09:00", -9, "2026-11-27T09:00"),
}


@pytest.mark.parametrize(("calendar", "start", "hours", "end"), ADDED.values(), ids=ADDED.keys())
def test_working_hours_are_added(calendar: WorkingCalendar, start: str, hours: int, end: str) -> None:
    due = add_working(at(start), timedelta(hours=hours), calendar)
    assert due == at(end) and due.tzinfo is UTC


NIGHT_HOURS = {
    "an ordinary night": ("2026-06-01T12:00", "2026-06-02T12:00", 8),
    "the short night of spring": ("2026-03-28T12:00", "2026-03-29T12:00", 7),
    "the long night of autumn": ("2026-10-24T12:00", "2026-10-25T12:00", 9),
    "from within the night": ("2026-06-01T02:00", "2026-06-01T12:00", 4),
}


@pytest.mark.parametrize(("start", "end", "hours"), NIGHT_HOURS.values(), ids=NIGHT_HOURS.keys())
def test_a_night_shift_counts_the_hours_that_pass(start: str, end: str, hours: int) -> None:
    assert working_seconds_between(at(start, BERLIN), at(end, BERLIN), NIGHTS) == hours * 3600


def test_hours_that_are_never_shown_or_shown_twice_neither_overlap_nor_leave_a_gap() -> None:
    for zone, day in (
        (BERLIN, date(2026, 3, 29)),
        (BERLIN, date(2026, 10, 25)),
        (LORD_HOWE, date(2026, 4, 5)),
    ):
        walls = [datetime.combine(day, time(0)) + timedelta(minutes=n) for n in range(0, 1440, 10)]
        moments = [moment(wall, ZoneInfo(zone)) for wall in walls]
        assert moments == sorted(moments)
    assert moment(datetime(2026, 3, 29, 2, 30), ZoneInfo(BERLIN)) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_work_around_the_clock_is_elapsed_time() -> None:
    start, end = at("2026-03-01T00:00", BERLIN), at("2026-11-01T13:37", BERLIN)
    assert working_seconds_between(start, end, ALWAYS) == (end - start).total_seconds()
    assert add_working(start, end - start, ALWAYS) == end


def test_overlapping_hours_count_once() -> None:
    double = (Hours(time(9), time(12)), Hours(time(10), time(15)), Hours(time(20), time(2)))
    calendar = WorkingCalendar("double", TAIPEI, (double, (Hours(time(1), time(3)),), (), (), (), (), ()))
    assert working_seconds_between(at("2026-11-23T00:00"), at("2026-11-25T00:00"), calendar) == 13 * 3600


def test_days_are_working_days_by_their_hours() -> None:
    assert is_working_day(date(2026, 2, 14), LUNCH) and not is_working_day(date(2026, 2, 15), LUNCH)
    assert next_working_day(date(2026, 2, 13), LUNCH) == date(2026, 2, 14)
    assert next_working_day(date(2026, 2, 14), LUNCH) == date(2026, 2, 19)


def test_working_days_keep_the_time_of_day() -> None:
    assert add_working_days(at("2026-02-13T10:30"), 2, LUNCH) == at("2026-02-19T10:30")
    assert add_working_days(at("2026-02-19T10:30"), -2, LUNCH) == at("2026-02-13T10:30")
    assert add_working_days(at("2026-02-15T10:30"), 0, LUNCH) == at("2026-02-15T10:30")


@pytest.mark.parametrize("year", [2026, 9999], ids=["now", "at the end of time"])
def test_a_calendar_without_hours_is_said_to_have_none(year: int) -> None:
    nothing = WorkingCalendar("nothing", TAIPEI, ((),) * 7)
    start = datetime(year, 12, 1, tzinfo=UTC)
    for refused in (
        lambda: add_working(start, timedelta(hours=1), nothing),
        lambda: add_working(start, timedelta(hours=-1), nothing),
        lambda: next_working_day(start.date(), nothing),
    ):
        with pytest.raises(NoWorkingTime):
            refused()
    assert working_seconds_between(start, start + timedelta(days=9), nothing) == 0


def random_calendar(chance: random.Random) -> WorkingCalendar:
    def hours() -> tuple[Hours, ...]:
        return tuple(
            Hours(
                time(chance.randrange(24), chance.choice((0, 30))),
                time(chance.randrange(24), chance.choice((0, 30))),
            )
            for _ in range(chance.choice((0, 1, 1, 2)))
        )

    weekly = (*(hours() for _ in range(6)), (Hours(time(9), time(10)),))
    special = {date(2026, chance.choice((3, 10)), chance.randrange(1, 31)): hours() for _ in range(6)}
    zone = chance.choice((TAIPEI, BERLIN, LORD_HOWE, "America/New_York", "UTC"))
    return WorkingCalendar("random", zone, weekly, MappingProxyType(special))


def counted(start: datetime, end: datetime, calendar: WorkingCalendar) -> int:
    """Working minutes, counted one by one by what the clock on the wall shows: slow, and hardly to be got wrong."""
    zone, total, now = ZoneInfo(calendar.zone), 0, start
    while now < end:
        wall = now.astimezone(zone).replace(tzinfo=None)
        total += any(
            datetime.combine(day, each.start)
            <= wall
            < datetime.combine(day + timedelta(days=each.end <= each.start), each.end)
            for day in (wall.date(), wall.date() - timedelta(days=1))
            for each in calendar.hours_of(day)
        )
        now += timedelta(minutes=1)
    return total


def test_reckoning_agrees_with_counting_minutes() -> None:
    """Away from the hour that is shown twice, where the wall does not tell which of the two it is."""
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(ROUNDS // 3):
        calendar = random_calendar(chance)
        start = datetime(2026, 3, chance.randrange(1, 31), chance.randrange(24), tzinfo=UTC)
        end = start + timedelta(minutes=chance.randrange(0, 3000))
        assert working_seconds_between(start, end, calendar) == 60 * counted(start, end, calendar)


def test_adding_and_measuring_are_inverse() -> None:
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(ROUNDS):
        calendar = random_calendar(chance)
        start = datetime(2026, chance.choice((3, 10)), chance.randrange(1, 31), tzinfo=UTC) + timedelta(
            seconds=chance.randrange(86_400)
        )
        duration = timedelta(seconds=chance.randrange(1, 400_000))
        end, before = add_working(start, duration, calendar), add_working(start, -duration, calendar)
        assert working_seconds_between(start, end, calendar) == duration.total_seconds()
        assert working_seconds_between(before, start, calendar) == duration.total_seconds()
        halfway = add_working(start, duration / 2, calendar)
        assert add_working(halfway, duration - duration / 2, calendar) == end
        assert start < halfway <= end
