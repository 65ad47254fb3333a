"""Schedules as rows: set by a source, each occurrence queued once, made up for by one run after a pause."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from record_world import RecordWorld, record_world

from fieldstone.engine.jobs import Job, jobs_of
from fieldstone.engine.jobs.leases import claim
from fieldstone.workflows import JobKind, Runner
from fieldstone.workflows.schedules import KIND, Schedule, ring_schedule, schedules_of, set_schedules

DAILY = Schedule("daily", "note", "0 9 * * *", {"n": 1})


@pytest.fixture(scope="module")
def office(postgres_url: str) -> Iterator[RecordWorld]:
    with record_world(postgres_url, "schedules", [], company={"time_zone": "Asia/Taipei"}) as built:
        yield built


@pytest.fixture(autouse=True)
def none_left(office: RecordWorld) -> Iterator[None]:
    yield
    define(office, [])
    with office.engine.database.connection() as connection:
        connection.execute("DELETE FROM fieldstone.job WHERE tenant = $1", (office.tenant.name,))


def define(
    office: RecordWorld,
    schedules: list[Schedule],
    at: str = "2026-11-23T00:00:00",
    source: str = "automation/x",
) -> None:
    office.write(
        lambda tx: set_schedules(tx, source, schedules), now=datetime.fromisoformat(at).replace(tzinfo=UTC)
    )


def jobs(office: RecordWorld, kind: str, *states: str) -> list[Job]:
    with office.engine.database.connection() as connection:
        return jobs_of(connection, office.tenant, kind=kind, states=states)[::-1]


def payloads(office: RecordWorld) -> list[str]:
    with office.engine.database.connection() as connection:
        rows = connection.raw.execute(
            "SELECT payload->>'occurrence' FROM fieldstone.job WHERE tenant = $1 AND kind = 'note' ORDER BY 1",
            (office.tenant.name,),
        ).fetchall()
    return [row[0] for row in rows]


def pass_time(office: RecordWorld, until: str) -> int:
    """Run the timers that are due until a moment, as a worker would that always runs; how many."""
    count, end = 0, datetime.fromisoformat(until).replace(tzinfo=UTC)
    while due := [job for job in jobs(office, KIND, "due") if job.due_at <= end]:
        wake(office, due[0], due[0].due_at)
        count += 1
    return count


def wake(office: RecordWorld, job: Job, now: datetime) -> None:
    """Run a timer at a moment that is not now."""
    with office.engine.database.connection() as connection:
        connection.execute("UPDATE fieldstone.job SET due_at = now() WHERE id = $1", (job.id,))

    def ring(run: Any) -> None:
        ring_schedule(replace(run, context=replace(run.context, now=now)))

    assert Runner(office.engine, {KIND: JobKind(ring)}).run(job.id)


def test_each_occurrence_is_queued_once_by_the_clocks_of_the_company(office: RecordWorld) -> None:
    define(office, [DAILY])
    assert pass_time(office, "2026-11-26T00:00:00") == 3
    assert payloads(office) == [f"2026-11-{day}T01:00:00Z" for day in (23, 24, 25)], "nine o'clock in Taipei"
    armed = office.look(schedules_of)[0]
    assert armed.last_at == datetime(2026, 11, 25, 1, tzinfo=UTC)
    assert armed.next_at == datetime(2026, 11, 26, 1, tzinfo=UTC)


def test_after_a_pause_one_run_makes_up_for_all(office: RecordWorld) -> None:
    define(office, [DAILY, replace(DAILY, name="strict", catch_up=False)])
    for job in jobs(office, KIND, "due"):
        wake(office, job, datetime(2026, 12, 24, 3, tzinfo=UTC))
    assert payloads(office) == ["2026-12-24T01:00:00Z"], (
        "the latest one, and none of the schedule that does not catch up"
    )
    assert {job.due_at for job in jobs(office, KIND, "due")} == {datetime(2026, 12, 25, 1, tzinfo=UTC)}


def test_a_timer_that_runs_twice_queues_nothing_twice(office: RecordWorld) -> None:
    define(office, [DAILY])
    timer = jobs(office, KIND, "due")[0]
    with office.engine.database.connection() as connection:
        connection.execute("UPDATE fieldstone.job SET due_at = now() WHERE id = $1", (timer.id,))
        assert claim(connection, timer.id, timedelta(seconds=-1)), "a worker that then stood still"
    wake(office, timer, datetime(2026, 11, 23, 1, tzinfo=UTC))
    assert len(jobs(office, "note")) == 1 and len(jobs(office, KIND, "due")) == 1


def test_setting_the_same_again_disturbs_nothing_and_another_definition_takes_over(
    office: RecordWorld,
) -> None:
    define(office, [DAILY])
    first = jobs(office, KIND, "due")
    define(office, [DAILY], "2026-11-23T00:30:00")
    assert jobs(office, KIND, "due") == first
    define(office, [replace(DAILY, cron="0 10 * * *")], "2026-11-23T00:40:00")
    assert pass_time(office, "2026-11-23T23:00:00") == 2, (
        "the timer of the earlier definition finds nothing to do"
    )
    assert payloads(office) == ["2026-11-23T02:00:00Z"]


def test_a_schedule_that_is_off_or_gone_is_silent(office: RecordWorld) -> None:
    define(office, [DAILY, replace(DAILY, name="gone"), replace(DAILY, name="off", enabled=False)])
    define(office, [DAILY], source="automation/y")
    define(office, [replace(DAILY, enabled=False), replace(DAILY, name="off", enabled=False)])
    assert [(each.source, each.schedule.name) for each in office.look(schedules_of)] == [
        ("automation/x", "daily"), ("automation/x", "off"), ("automation/y", "daily"),
    ]  # fmt: skip
    pass_time(office, "2026-11-24T00:00:00")
    assert len(payloads(office)) == 1, "only the one of the other source"
    define(office, [], source="automation/y")


def test_a_holiday_that_is_entered_later_still_counts(office: RecordWorld) -> None:
    hours = [{"weekday": day, "start": "09:00", "end": "18:00"} for day in ("monday", "tuesday", "wednesday")]
    calendar = office.create("working_calendar", {"name": "Plant", "standard": True, "hours": hours})
    define(office, [replace(DAILY, days="working")])

    def day(on: str, kind: str) -> None:
        office.create("working_day", {"calendar": str(calendar["id"]), "date": on, "kind": kind})

    day("2026-11-24", "holiday")
    assert pass_time(office, "2026-11-25T12:00:00") == 3, "it looks at each strike"
    day("2026-11-28", "working_day")
    pass_time(office, "2026-11-30T00:00:00")
    assert payloads(office) == [f"2026-11-{on}T01:00:00Z" for on in (23, 25, 28)]
    office.delete("working_calendar", calendar["id"])
