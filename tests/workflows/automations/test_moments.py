"""When reminders are due, and what becomes of planned ones: without a database."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from fieldstone.engine.calendars import usual_calendar
from fieldstone.metadata.automation_rules import Span, Trigger
from fieldstone.workflows.automations.moments import due_times, later, upcoming
from fieldstone.workflows.automations.planning import Kept, plan

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-06-30T07:00", Span(days=-30), "2026-05-31T07:00"),
        ("2026-03-31T07:00", Span(months=-1), "2026-02-28T08:00"),
        ("2026-01-31T08:00", Span(months=1), "2026-02-28T08:00"),
        ("2026-03-29T08:00", Span(days=-1), "2026-03-28T09:00"),
        ("2026-06-30T07:00", Span(seconds=-7200), "2026-06-30T05:00"),
        ("2026-12-15T08:00", Span(months=14, days=1), "2028-02-16T08:00"),
    ],
    ids=[
        "days",
        "shorter month, clock change",
        "clamped",
        "same time of day over a clock change",
        "hours",
        "years",
    ],
)
def test_spans_are_reckoned_on_the_wall_clock(start: str, span: Span, end: str) -> None:
    assert later(at(start), span, BERLIN) == at(end)


DATES = Trigger("date", field="due", offsets=(Span(days=-30), Span(days=-7), Span(days=-1)))


def test_a_day_is_at_the_time_of_day_that_the_trigger_says() -> None:
    found = list(due_times(DATES, date(2026, 6, 30), ZoneInfo("Asia/Taipei")))
    assert found == [(0, at("2026-05-31T01:00")), (1, at("2026-06-23T01:00")), (2, at("2026-06-29T01:00"))]


def test_working_days_are_counted_by_the_calendar() -> None:
    trigger = Trigger("date", field="due", offsets=(Span(days=-2),), working=True)
    ((_, moment),) = due_times(trigger, date(2026, 6, 29), BERLIN, usual_calendar("Europe/Berlin"))
    assert moment == at("2026-06-25T07:00"), "two working days before a Monday is a Thursday"


def test_of_repeats_only_the_next_is_to_come() -> None:
    trigger = Trigger("date", field="due", offsets=(Span(),), repeat=Span(days=1), times=3)
    value = date(2026, 5, 31)
    assert [number for number, _ in due_times(trigger, value, BERLIN)] == [0, 1, 2, 3]
    assert upcoming(trigger, value, NOW, BERLIN) == [(2, at("2026-06-02T07:00"))]
    assert upcoming(trigger, value, at("2026-06-09T00:00"), BERLIN) == []
    assert upcoming(trigger, None, NOW, BERLIN) == []


PAST, SOON, FAR = at("2026-05-31T07:00"), at("2026-06-02T07:00"), at("2026-06-30T07:00")


@pytest.mark.parametrize(
    ("kept", "wanted", "new", "drop"),
    [
        ({}, [(0, PAST), (1, FAR)], {1: FAR}, set()),
        ({0: Kept(PAST, "done"), 1: Kept(FAR, "planned")}, [(0, PAST), (1, FAR)], {}, set()),
        ({0: Kept(PAST, "planned")}, [(0, PAST)], {}, set()),
        ({0: Kept(SOON, "planned")}, [(0, FAR)], {0: FAR}, set()),
        ({0: Kept(PAST, "done")}, [(0, FAR)], {0: FAR}, set()),
        ({0: Kept(SOON, "planned"), 1: Kept(PAST, "done")}, [], {}, {0}),
        ({0: Kept(FAR, "dropped")}, [(0, FAR)], {0: FAR}, set()),
        ({0: Kept(SOON, "planned")}, [(0, PAST)], {}, {0}),
    ],
    ids=[
        "past is not made up for", "nothing moved", "late stays", "moved", "given, then another date", "over",
        "wanted again", "moved into the past",
    ],
)  # fmt: skip
def test_planned_reminders_follow_the_date(
    kept: dict[int, Kept], wanted: list[tuple[int, datetime]], new: dict[int, datetime], drop: set[int]
) -> None:
    result = plan(kept, wanted, NOW)
    assert (dict(result.set), set(result.drop)) == (new, drop)
