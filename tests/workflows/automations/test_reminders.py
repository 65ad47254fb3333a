"""Reminders over simulated days: given once each, moved with the date, dropped when they are over."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from automation_world import Works

from fieldstone.engine.jobs import claim, due_jobs
from fieldstone.engine.records import update
from fieldstone.engine.storage import control
from fieldstone.workflows.automations import ring

JOB = control.job
START = datetime(2026, 5, 25, tzinfo=UTC)


class Clock:
    """Lets days pass: whatever job of a reminder is due by then is run, some of them twice."""

    def __init__(self, works: Works) -> None:
        self.works, self.now = works, START
        self.done: set[UUID] = set()

    def until(self, day: date) -> None:
        """Each day at midnight, what is due is run: only the days on which something is are looked at."""
        end = datetime(day.year, day.month, day.day, tzinfo=UTC)
        while found := self._due(end):
            self.now = datetime.combine(found[0][2].date() + timedelta(days=1), time(), UTC)
            for job, payload, due in found:
                if due <= self.now:
                    self._run(job, payload, times=1 + self.now.day % 2)
        self.now = end

    def _due(self, end: datetime) -> list[tuple[UUID, dict[str, Any], datetime]]:
        asked = (
            sa.select(JOB.c.id, JOB.c.payload, JOB.c.due_at)
            .where(JOB.c.kind == "automation.date", JOB.c.due_at < end, JOB.c.id.not_in(self.done))
            .order_by(JOB.c.due_at, JOB.c.id)
        )
        return [(row[0], row[1], row[2]) for row in self.works.look(lambda tx: tx.select(asked))]

    def _run(self, job: UUID, payload: dict[str, Any], *, times: int) -> None:
        """More than once where a worker died when it had done the work and not said so yet."""
        for _ in range(times):
            context = replace(self.works.context(), now=self.now)
            ring(self.works.engine, context, UUID(payload["timer"]), datetime.fromisoformat(payload["due"]))
        self.done.add(job)

    def change(self, record: Any, **values: Any) -> None:
        self.works.write(lambda tx: update(tx, "asset", record["id"], values), now=self.now)

    def told(self, record: Any) -> list[str]:
        table = control.notification
        rows = self.works.look(
            lambda tx: tx.select(
                sa.select(table.c.created_at).where(table.c.record_id == record["id"]).order_by(table.c.id)
            )
        )
        return [f"{row[0]:%m-%d}" for row in rows]


@pytest.fixture
def clock(works: Works) -> Clock:
    return Clock(works)


def asset(works: Works, due: str = "2026-06-30", **values: Any) -> dict[str, Any]:
    return works.create(
        "asset",
        {"label": "Lease", "due": due, "keeper": str(works.users["anna"]), **values},
        "anna",
        now=START,
    )


def test_three_notices_in_forty_days_whatever_happens_to_the_worker(works: Works, clock: Clock) -> None:
    record = asset(works)
    clock.until(date(2026, 7, 4))
    assert clock.told(record) == ["06-01", "06-24", "06-30"], (
        "nine in the morning in Taipei is one o'clock UTC"
    )


def test_later_ones_move_with_the_date(works: Works, clock: Clock) -> None:
    record = asset(works)
    clock.until(date(2026, 6, 24))
    clock.change(record, due="2026-07-31")
    clock.until(date(2026, 8, 5))
    assert clock.told(record) == ["06-01", "06-24", "07-02", "07-25", "07-31"]


def test_nothing_more_once_it_is_over(works: Works, clock: Clock) -> None:
    record, gone = asset(works), asset(works)
    clock.until(date(2026, 6, 10))
    clock.change(record, closed=True)
    works.delete("asset", gone["id"])
    clock.until(date(2026, 7, 4))
    assert clock.told(record) == ["06-01"]
    assert clock.told(gone) == ["06-01"]


def test_taking_the_end_back_plans_what_is_still_to_come(works: Works, clock: Clock) -> None:
    record = asset(works, closed=True)
    clock.until(date(2026, 6, 10))
    clock.change(record, closed=False)
    clock.until(date(2026, 7, 4))
    assert clock.told(record) == ["06-24", "06-30"]


def test_without_a_date_nothing_is_planned(works: Works, clock: Clock) -> None:
    record = works.create("asset", {"label": "Free"}, now=START)
    clock.until(date(2026, 6, 5))
    assert clock.told(record) == []


def test_a_worker_finds_the_job_when_its_time_has_come(works: Works) -> None:
    """By the real clock: what is far off is not due, what is past is."""
    now = works.context().now
    far = asset(works, due=f"{now.date() + timedelta(days=400)}")
    with works.engine.database.connection() as connection:
        due = due_jobs(connection, 1000)
        timers = control.automation_timer
        rows = works.look(lambda tx: tx.select(sa.select(timers.c.id).where(timers.c.record_id == far["id"])))
        ids = {str(row[0]) for row in rows}
        jobs = works.look(
            lambda tx: tx.select(sa.select(JOB.c.id, JOB.c.payload).where(JOB.c.kind == "automation.date"))
        )
        mine = [job for job, payload in jobs if payload["timer"] in ids]
        assert len(mine) == 3
        assert not set(mine) & set(due)
        assert all(claim(connection, job) is None for job in mine)
