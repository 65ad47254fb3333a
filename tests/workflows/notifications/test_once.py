"""Worker and Valkey away, and back again: what people were told meanwhile arrives, and arrives once."""

import socket
from collections.abc import Iterator
from uuid import UUID

import pytest
import redis
import sqlalchemy as sa
from notice_world import NoticeWorld, notice_world

from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows import Runner, make_bell, work
from fieldstone.workflows.notifications import notification_jobs
from fieldstone.workflows.notifications.store import Told
from fieldstone.workflows.sweeping import sweep


@pytest.fixture(scope="module")
def notices(postgres_url: str) -> Iterator[NoticeWorld]:
    with notice_world(postgres_url, "once") as world:
        yield world


@pytest.fixture(autouse=True)
def empty(notices: NoticeWorld) -> None:
    notices.work()
    notices.server.letters.clear()


def ids(notices: NoticeWorld) -> list[str]:
    return sorted(str(letter["Message-ID"]) for letter in notices.server.letters)


def test_what_was_told_while_worker_and_valkey_were_away_arrives_once(
    notices: NoticeWorld, redis_url: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        dead = f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"
    engine = notices.world.engine
    engine.bell = make_bell(dead)
    try:
        made = [notices.tell("ann", "ben", "mei") for _ in range(4)]
    finally:
        engine.bell = None
    assert not notices.server.letters and all(made)
    redis.Redis.from_url(redis_url).flushdb()
    runner = Runner(engine, notices.kinds())
    for _ in range(6):  # the sweeper rings for all that is due, again and again
        sweep(engine.database, make_bell(redis_url))
        sweep(engine.database, make_bell(redis_url))
        work(redis_url, runner, burst=True)
    expected = sorted(f"<{row.id}@works.example>" for notice in made for row in notices.rows(notice).values())
    assert len(expected) == 12 and ids(notices) == expected
    redis.Redis.from_url(redis_url).flushdb()
    for notice in made:
        assert {row.mail for row in notices.rows(notice).values()} == {"sent"}


def test_a_worker_that_stood_still_sends_nothing_when_another_took_over(notices: NoticeWorld) -> None:
    """The first worker stops between reading the notice and sending it; its lease ends, a second one does it all."""
    engine = notices.world.engine
    notices.tell("ann")
    runner = Runner(engine, notices.kinds())
    with_words = [job.id for job in notices.jobs("notice") if job.state == "due"]
    for job_id in with_words:
        runner.run(job_id)
    (mail,) = (job.id for job in notices.jobs("notice.mail") if job.state == "due")
    stood: list[UUID] = []

    def stand_still(tx: Transaction, told: Told) -> None:
        stood.append(told.id)
        statement = sa.update(control.job).where(control.job.c.id == mail)
        with engine.database.connection() as connection:
            connection.fetch(
                compile_plan(statement.values(lease_until=sa.func.now() - sa.text("interval '1 s'")))
            )
        assert runner.run(mail)
        assert len(notices.server.letters) == 1

    slow = Runner(engine, notification_jobs(lambda: notices.server.egress, stand_still))
    assert slow.run(mail)
    assert len(stood) == 1 and len(notices.server.letters) == 1
    (done,) = (job for job in notices.jobs("notice.mail") if job.id == mail)
    assert done.state == "done"


def test_dying_between_sending_and_noting_repeats_the_same_message_id(
    notices: NoticeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside, at least once: the repeat is known by its id."""
    from fieldstone.workflows.notifications import delivery

    class Died(BaseException):
        pass

    def die(*arguments: object) -> None:
        raise Died

    notices.tell("ann")
    runner = Runner(notices.world.engine, notices.kinds())
    for job in notices.jobs("notice"):
        if job.state == "due":
            runner.run(job.id)
    (mail,) = (job.id for job in notices.jobs("notice.mail") if job.state == "due")
    with monkeypatch.context() as patched:
        patched.setattr(delivery.store, "mailed", die)
        with pytest.raises(Died):
            runner.run(mail)
    statement = sa.update(control.job).where(control.job.c.id == mail)
    with notices.world.engine.database.connection() as connection:
        connection.fetch(
            compile_plan(statement.values(lease_until=sa.func.now() - sa.text("interval '1 s'")))
        )
    notices.work()
    assert len(notices.server.letters) == 2 and len(set(ids(notices))) == 1
