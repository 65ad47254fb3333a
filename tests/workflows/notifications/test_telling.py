"""Telling people: with the change or not at all, once per key and receiver."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from fieldstone.engine.jobs import jobs_of
from fieldstone.engine.storage import control
from fieldstone.workflows.notifications import BadNotice, Notice, notify
from tests.record_world import RecordWorld, package, record_world

ASSET = {"type": "object", "properties": {"label": {"type": "string"}}, "titleField": "label"}


@pytest.fixture(scope="module")
def world(postgres_url: str) -> Iterator[RecordWorld]:
    with record_world(postgres_url, "telling", [package("stock", {"entities/asset": ASSET})]) as world:
        world.add_user("ann")
        world.add_user("bob")
        yield world


def rows(world: RecordWorld, notice: UUID | None) -> list[Any]:
    table = control.notification
    statement = sa.select(table.c.receiver, table.c.kind, table.c.data).where(table.c.notice == notice)
    return world.look(lambda tx: tx.select(statement))


def test_each_receiver_gets_one_row_and_the_notice_one_job(world: RecordWorld) -> None:
    ann, bob = world.users["ann"], world.users["bob"]
    notice = Notice("reminder", (ann, bob, ann), "reminder", {"days": 7})
    made = world.write(lambda tx: notify(tx, notice))
    assert sorted(rows(world, made)) == sorted(
        [(ann, "reminder", {"days": 7}), (bob, "reminder", {"days": 7})]
    )
    with world.engine.database.connection() as connection:
        waiting = [job for job in jobs_of(connection, world.tenant) if job.kind == "notice"]
    assert len(waiting) == 1 and waiting[0].state == "due" and waiting[0].requested_by is None


def test_the_same_key_tells_nobody_twice_but_tells_who_is_new(world: RecordWorld) -> None:
    ann, bob = world.users["ann"], world.users["bob"]
    first = world.write(lambda tx: notify(tx, Notice("reminder", (ann,), "reminder", key="once")))
    again = world.write(lambda tx: notify(tx, Notice("reminder", (ann, bob), "reminder", key="once")))
    assert [row[0] for row in rows(world, first)] == [ann]
    assert [row[0] for row in rows(world, again)] == [bob]


def test_a_refused_change_tells_nobody(world: RecordWorld) -> None:
    ann = world.users["ann"]

    def refused(tx: Any) -> None:
        notify(tx, Notice("reminder", (ann,), "reminder", key="refused"))
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        world.write(refused)
    table = control.notification
    assert not world.look(lambda tx: tx.select(sa.select(table.c.id).where(table.c.key == "refused")))


def test_nobody_is_told_nothing(world: RecordWorld) -> None:
    assert world.write(lambda tx: notify(tx, Notice("reminder", (), "reminder"))) is None


def test_data_has_a_bound(world: RecordWorld) -> None:
    with pytest.raises(BadNotice):
        world.write(lambda tx: notify(tx, Notice("reminder", (uuid4(),), "reminder", {"text": "x" * 70_000})))
