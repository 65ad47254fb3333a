"""Mails and calls leave as jobs, once, and never when the run was taken back; what a publish changes is planned."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from automation_world import Works
from mail_server import MailServer, mail_server
from web_sink import Sink, web_sink

from fieldstone.engine.egress import Egress
from fieldstone.engine.mail import save_mail
from fieldstone.engine.storage import control
from fieldstone.workflows import Runner
from fieldstone.workflows.automations import plan_dates, press
from fieldstone.workflows.automations.outside import MAIL, SEND, outside_jobs
from fieldstone.workflows.webhooks import drop_webhook, save_webhook, sign

JOB, TIMER = control.job, control.automation_timer


@dataclass
class Outside:
    works: Works
    mail: MailServer
    web: Sink
    hook: UUID
    secret: str

    def letter(self) -> UUID:
        anna = str(self.works.users["anna"])
        made = self.works.create("asset", {"label": "Letter", "price": "2.50", "keeper": anna}, "anna")
        return UUID(str(made["id"]))

    def write(self, record: UUID) -> Any:
        return self.works.write(lambda tx: press(tx, "asset", record, "write"), "anna")

    def jobs(self) -> list[UUID]:
        asked = (
            sa.select(JOB.c.id).where(JOB.c.kind.in_([MAIL, SEND]), JOB.c.state == "due").order_by(JOB.c.id)
        )
        return [row[0] for row in self.works.look(lambda tx: tx.select(asked))]

    def run(self) -> None:
        egress = Egress(self.mail.egress.allowed | self.web.egress.allowed)
        runner = Runner(self.works.engine, outside_jobs(lambda: egress))
        for job in self.jobs():
            runner.run(job)


@pytest.fixture(scope="module")
def outside(works: Works) -> Iterator[Outside]:
    with mail_server() as mail, web_sink() as web:
        context = works.context()
        settings = {
            "host": "127.0.0.1", "port": mail.port, "security": "none", "username": "", "password": "",
            "sender": "post@example.org", "sender_name": "Post", "site": "https://fieldstone.example",
        }  # fmt: skip
        save_mail(works.engine, context, settings)
        works.add_user("boss", "administrator")
        boss = works.context("boss")
        body = {"name": "Sink", "entity": "place", "url": f"{web.url}/hook"}
        hook, secret = save_webhook(works.engine, boss, body)
        assert secret is not None
        yield Outside(works, mail, web, hook.id, secret)
        drop_webhook(works.engine, boss, hook.id)


def test_mails_and_calls_leave_signed_and_once(outside: Outside) -> None:
    record = outside.letter()
    assert outside.write(record).state == "done"
    assert (outside.mail.letters, outside.web.posts) == ([], []), "nothing before the commit"
    outside.run()
    outside.run()
    assert sorted(letter["To"] for letter in outside.mail.letters) == [
        "Anna <anna@example.org>",
        "outside@example.org",
    ]
    assert {letter["Subject"] for letter in outside.mail.letters} == {"About Letter"}
    (posted,) = outside.web.posts
    sent = json.loads(posted.body)
    assert (sent["type"], sent["record"], sent["values"]) == (
        "automation.write", str(record), {"label": "Letter", "total": "5.00"},
    )  # fmt: skip
    stamp = int(posted.headers["webhook-timestamp"])
    assert posted.headers["webhook-signature"] == sign(outside.secret, sent["id"], stamp, posted.body)


def test_a_call_that_nobody_takes_stays_a_job(outside: Outside) -> None:
    outside.web.posts.clear()
    outside.web.answer = lambda posted: (503, {}, b"later")
    outside.write(outside.letter())
    outside.run()
    assert len(outside.web.posts) == 1
    asked = sa.select(JOB.c.attempts, JOB.c.error).where(JOB.c.kind == SEND, JOB.c.state == "due")
    assert outside.works.look(lambda tx: tx.select(asked)) == [(1, "The web hook answered 503.")]


def test_a_run_that_fails_tells_nobody(outside: Outside) -> None:
    save_webhook(
        outside.works.engine, outside.works.context("boss"),
        {"name": "Sink", "entity": "place", "url": f"{outside.web.url}/hook", "active": False}, outside.hook,
    )  # fmt: skip
    before = outside.jobs()
    done = outside.write(outside.letter())
    assert (done.state, done.error["message"]) == ("failed", 'There is no active web hook "Sink".')
    assert outside.jobs() == before, "the mails went back with the rest"


# -- reminders of stored records


def planned(works: Works, record: Any) -> list[datetime]:
    asked = sa.select(TIMER.c.due_at).where(TIMER.c.record_id == record["id"], TIMER.c.state == "planned")
    return sorted(row[0] for row in works.look(lambda tx: tx.select(asked)))


def test_a_publish_plans_the_reminders_of_stored_records(works: Works) -> None:
    followers, works.engine.followers = works.engine.followers, ()
    now = datetime(2026, 5, 1, tzinfo=UTC)
    try:
        made = works.create("asset", {"label": "Stored", "due": "2026-06-30"}, now=now)
    finally:
        works.engine.followers = followers
    assert planned(works, made) == []
    for _ in range(2):
        plan_dates(works.engine, works.context(now=now), ["reminder", "gone"])
    assert [f"{each:%m-%d}" for each in planned(works, made)] == ["05-31", "06-23", "06-29"]


def test_a_date_behind_a_link_moves_when_the_linked_record_does(works: Works) -> None:
    day = works.context().now.date() + timedelta(days=50)
    thing = works.create("asset", {"label": "Thing", "due": f"{day}"})
    visit = works.create("visit", {"title": "look", "asset": str(thing["id"])})
    assert [each.date() for each in planned(works, visit)] == [day]
    later = day + timedelta(days=9)
    works.update("asset", thing["id"], {"due": f"{later}"})
    assert [each.date() for each in planned(works, visit)] == [later]
    works.update("visit", visit["id"], {"asset": None})
    assert planned(works, visit) == []
