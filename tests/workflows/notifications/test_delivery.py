"""Delivering: each receiver in their words, by their ways, at their times, and once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from notice_world import NoticeWorld, notice_world

from fieldstone.engine import records
from fieldstone.engine.egress import Egress
from fieldstone.engine.mail import MailFailed
from fieldstone.workflows.notifications import Delivery, change_own
from fieldstone.workflows.notifications.delivery import deliver, send_mail
from fieldstone.workflows.notifications.preferences import Quiet
from fieldstone.workflows.notifications.timing import after_quiet, next_daily
from fieldstone.workflows.notifications.unsubscribing import BadLink, end_mails, read_link


@pytest.fixture(scope="module")
def notices(postgres_url: str) -> Iterator[NoticeWorld]:
    with notice_world(postgres_url, "delivering") as world:
        yield world


@pytest.fixture(autouse=True)
def calm(notices: NoticeWorld) -> Iterator[None]:
    yield
    notices.work()
    notices.server.letters.clear()
    for name in ("ann", "ben", "mei"):
        prefer(notices, name, groups=None, quiet=None, digest=None, chat=None)


def prefer(notices: NoticeWorld, name: str, **changes: Any) -> None:
    notices.world.write(lambda tx: change_own(tx, changes), name)


def letters(notices: NoticeWorld) -> dict[str, Any]:
    return {letter["To"].addresses[0].username: letter for letter in notices.server.letters}


def text_of(letter: Any) -> str:
    return str(letter.get_body(("plain",)).get_content())


def test_each_receiver_reads_it_in_their_language_and_only_what_they_may_see(notices: NoticeWorld) -> None:
    notice = notices.tell("ann", "ben", "mei")
    notices.work()
    rows = notices.rows(notice)
    assert rows["ann"].title == "Assigned to you: Asset “Lathe”"
    assert rows["mei"].title == "分配给您：Asset“Lathe”"
    assert rows["ben"].title == "Something was assigned to you"
    assert "Lathe" not in (rows["ben"].body or "")
    sent = letters(notices)
    assert set(sent) == {"ann", "ben", "mei"}
    assert "Lathe" not in sent["ben"].as_string() and str(notices.asset) not in sent["ben"].as_string()
    assert str(sent["ann"]["Subject"]) == "Assigned to you: Asset “Lathe”"


def test_a_mail_is_text_and_html_with_links_and_a_way_to_end_it(notices: NoticeWorld) -> None:
    notice = notices.tell("ann", data={"comment": "<b>soon</b>"})
    notices.work()
    letter = letters(notices)["ann"]
    assert letter["From"].addresses[0].addr_spec == "desk@works.example"
    assert letter["Message-ID"] == f"<{notices.rows(notice)['ann'].id}@works.example>"
    text, html = text_of(letter), letter.get_body(("html",)).get_content()
    page = f"https://works.example/t/delivering/e/asset/{notices.asset}"
    assert page in text and f'href="{page}"' in html
    assert "<b>soon</b>" in text and "&lt;b&gt;soon&lt;/b&gt;" in html
    unsubscribe = str(letter["List-Unsubscribe"]).strip("<>")
    assert unsubscribe.startswith("https://works.example/t/delivering/unsubscribe/")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert unsubscribe in text and "content-" not in html


def test_a_template_reads_only_what_its_reader_may_see(notices: NoticeWorld) -> None:
    """`cost` is hidden from ann: a template that names it shows nothing there."""
    from fieldstone.workflows.notifications.wording import words

    notice = notices.tell("ann", data={"message": "x"}, kind="reminder", template="reminder")
    row = notices.rows(notice)["ann"]
    shown: dict[str, Any] = {}

    def look(tx: Any) -> None:
        template = replace(
            tx.model.templates["reminder"], text={"en": "{{ record.cost }}/{{ options.status }}"}
        )
        shown["text"] = words(
            replace(tx, model=replace(tx.model, templates={"reminder": template})), row
        ).text

    notices.world.look(look, "ann")
    assert shown["text"] == "/Brand new"


def test_the_same_mail_again_has_the_same_id_and_a_sent_one_is_not_sent_again(notices: NoticeWorld) -> None:
    notice = notices.tell("ann")
    notices.work()
    row = notices.rows(notice)["ann"]
    assert row.mail == "sent" and row.mailed_at is not None
    delivery = Delivery(notices.world.engine, notices.world.tenant, notices.server.egress)
    assert not send_mail(delivery, row.id)
    assert len(notices.server.letters) == 1


def test_delivering_again_tells_nobody_twice(notices: NoticeWorld) -> None:
    notice = notices.tell("ann", "mei")
    assert notice is not None
    delivery = Delivery(notices.world.engine, notices.world.tenant, notices.server.egress)
    assert deliver(delivery, notice) == 2
    assert deliver(delivery, notice) == 0
    notices.work()
    assert len(notices.server.letters) == 2


def test_a_mail_server_that_is_away_loses_nothing(notices: NoticeWorld) -> None:
    from fieldstone.workflows.notifications import notification_jobs

    notice = notices.tell("ann")
    notices.work(notification_jobs(lambda: Egress()))  # the sink lies in a private network
    assert not notices.server.letters
    row = notices.rows(notice)["ann"]
    assert row.title and row.mail == "waiting"
    job = notices.jobs("notice.mail")[0]
    assert job.state == "dead"  # refused by the egress is nothing that another attempt mends
    delivery = Delivery(notices.world.engine, notices.world.tenant, notices.server.egress)
    assert send_mail(delivery, row.id)


def test_an_answer_of_the_mail_server_is_tried_again_later(
    notices: NoticeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fieldstone.workflows.notifications import delivery

    def away(*arguments: Any) -> None:
        raise MailFailed("The mail server answered: 451 try later")

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "send", away)
        notice = notices.tell("ann")
        notices.work()
    job = notices.jobs("notice.mail")[0]
    assert (job.state, job.attempts) == ("due", 1) and "451" in (job.error or "")
    assert notices.rows(notice)["ann"].mail == "waiting"
    notices.hasten(job.id)
    notices.work()
    assert [letter["To"].addresses[0].username for letter in notices.server.letters] == ["ann"]


def test_who_wants_no_mail_of_a_kind_gets_none_and_others_do(notices: NoticeWorld) -> None:
    prefer(notices, "ann", groups={"assigned": {"mail": "off"}})
    notices.tell("ann", "mei")
    notices.tell("ann", kind="mention", template="mention", data={"comment": "hi"})
    notices.work()
    assert sorted((letter["To"].addresses[0].username) for letter in notices.server.letters) == ["ann", "mei"]


def test_in_quiet_hours_a_mail_waits_and_is_not_dropped(notices: NoticeWorld) -> None:
    prefer(notices, "ann", quiet={"from": "22:00", "to": "07:00"})
    notice = notices.tell("ann")
    assert notice is not None
    night = datetime(2030, 3, 1, 23, 30, tzinfo=ZoneInfo("Asia/Tokyo")).astimezone(UTC)
    delivery = Delivery(notices.world.engine, notices.world.tenant, notices.server.egress, now=night)
    deliver(delivery, notice)
    job = notices.jobs("notice.mail")[0]
    assert job.due_at == datetime(2030, 3, 2, 7, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    notices.hasten(job.id)
    notices.work()
    assert len(notices.server.letters) == 1


def test_a_digest_is_one_mail_with_what_is_unread(notices: NoticeWorld) -> None:
    from fieldstone.workflows.notifications import mark_read

    prefer(notices, "mei", groups={"assigned": {"mail": "digest"}}, digest="08:00")
    made = [notices.tell("mei") for _ in range(3)]
    notices.work()
    assert not notices.server.letters
    read = notices.rows(made[0])["mei"]
    notices.world.write(lambda tx: mark_read(tx, [read.id]), "mei")
    waiting = [job for job in notices.jobs("notice.digest") if job.state == "due"]
    assert len(waiting) == 1
    notices.hasten(waiting[0].id)
    notices.work()
    assert len(notices.server.letters) == 1
    letter = notices.server.letters[0]
    assert str(letter["Subject"]) == "您有 2 条通知" and "digest." in letter["Message-ID"]
    assert text_of(letter).count("已分配给您") == 2
    assert {notices.rows(each)["mei"].mail for each in made} == {"sent"}


def test_an_unsubscribe_link_shows_first_and_ends_mails_of_its_kind_only(notices: NoticeWorld) -> None:
    engine, tenant = notices.world.engine, notices.world.tenant
    notices.tell("ann")
    notices.work()
    token = str(letters(notices)["ann"]["List-Unsubscribe"]).strip("<>").rpartition("/")[2]
    shown = read_link(engine, tenant, token)
    assert (shown.name, shown.group, shown.already) == ("Ann", "assigned", False)
    assert not read_link(engine, tenant, token).already
    end_mails(engine, tenant, token)
    assert read_link(engine, tenant, token).already
    notices.server.letters.clear()
    notices.tell("ann")
    notices.tell("ann", kind="reminder", template="reminder")
    notices.work()
    assert len(notices.server.letters) == 1
    for bad in ("", "x", token[:-3] + "AAA", token + "!", "é"):
        with pytest.raises(BadLink):
            read_link(engine, tenant, bad)
    with pytest.raises(BadLink):
        read_link(engine, replace(tenant, name="another"), token)


def test_who_is_disabled_gets_no_mail(notices: NoticeWorld) -> None:
    world = notices.world
    zoe = world.add_user("zoe", "reader")
    world.write(lambda tx: records.update(tx, "user", zoe, {"active": False}))
    notices.tell("zoe")
    notices.work()
    assert not notices.server.letters


QUIET = Quiet(time(22), time(7))
NOON = Quiet(time(12), time(13))
WEEKEND = Quiet(time(22), time(7), weekend=True)


@pytest.mark.parametrize(
    ("now", "quiet", "until"),
    [
        ("2026-03-04 21:59", QUIET, "2026-03-04 21:59"),
        ("2026-03-04 22:00", QUIET, "2026-03-05 07:00"),
        ("2026-03-05 06:59", QUIET, "2026-03-05 07:00"),
        ("2026-03-05 07:00", QUIET, "2026-03-05 07:00"),
        ("2026-03-05 12:30", NOON, "2026-03-05 13:00"),
        ("2026-03-05 13:00", NOON, "2026-03-05 13:00"),
        ("2026-03-06 23:00", WEEKEND, "2026-03-09 07:00"),
        ("2026-03-08 12:00", WEEKEND, "2026-03-09 07:00"),
        ("2026-03-08 12:00", None, "2026-03-08 12:00"),
        ("2026-03-28 23:00", QUIET, "2026-03-29 07:00"),
        ("2026-10-25 02:30", QUIET, "2026-10-25 07:00"),
    ],
    ids=["before", "begins", "last minute", "over", "noon", "noon over", "weekend", "sunday", "none",
         "clocks go on", "clocks go back"],
)  # fmt: skip
def test_quiet_hours_end(now: str, quiet: Quiet | None, until: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    found = after_quiet(datetime.fromisoformat(now).replace(tzinfo=zone).astimezone(UTC), quiet, zone)
    assert found.astimezone(zone).replace(tzinfo=None) == datetime.fromisoformat(until)


@pytest.mark.parametrize(
    ("now", "next_"),
    [("07:00", "04 08:00"), ("07:59", "05 08:00"), ("08:00", "05 08:00"), ("12:00", "05 08:00")],
    ids=["today", "too near", "now", "tomorrow"],
)
def test_the_daily_mail_is_next(now: str, next_: str) -> None:
    zone = ZoneInfo("Asia/Tokyo")
    at = datetime.fromisoformat(f"2026-03-04 {now}:30").replace(tzinfo=zone)
    assert next_daily(at, time(8), zone).astimezone(zone).strftime("%d %H:%M") == next_
