"""The jobs of notifications: finding words and ways for each receiver, and handing mails to the mail server.

`notice` runs once for a notice: receiver by receiver, it stores what the person is told and, in the same transaction,
queues what goes out. It may run again at any point: rows that have their words are left alone, and each job that it
queues has a key. `notice.mail` and `notice.digest` go outside, so they happen at least once: the message id is the same
at each attempt, and what was sent is noted, so that only a death between the two repeats it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fieldstone.engine.context import Context, Tenant
from fieldstone.engine.egress import Egress
from fieldstone.engine.identity import Unauthenticated, context_for_user
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.mail import MailSettings, Message, mail_settings, send
from fieldstone.engine.service import Engine
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows.notifications import chat, store
from fieldstone.workflows.notifications.letters import digest, letter
from fieldstone.workflows.notifications.notice import group_of
from fieldstone.workflows.notifications.preferences import Preferences, preferences_of
from fieldstone.workflows.notifications.store import Told
from fieldstone.workflows.notifications.timing import after_quiet, next_daily, zone_of
from fieldstone.workflows.notifications.unsubscribing import unsubscribe_path
from fieldstone.workflows.notifications.wording import Words, words

MAIL: Final = "notice.mail"
DIGEST: Final = "notice.digest"
CHAT: Final = "notice.chat"
IN_A_DIGEST: Final = 100

ActionLink = Callable[[Transaction, Told], str | None]
"""A path below the tenant that leads to deciding what a notice asks for (a one-time link), where there is such a thing."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the jobs work with. `now` is the clock; tests have their own.

    `still_ours` is asked right before something goes outside, and raises when another worker has the job by now.
    """

    engine: Engine
    tenant: Tenant
    egress: Egress
    action_link: ActionLink | None = None
    now: datetime | None = None
    still_ours: Callable[[], None] = lambda: None

    def system(self) -> Context:
        return self._at(self.engine.system_context(self.tenant))

    def receiver(self, user: UUID) -> Context | None:
        """The context of a receiver; None for who is disabled or gone."""
        with self.engine.database.connection() as connection:
            try:
                return self._at(context_for_user(connection, self.tenant, user))
            except Unauthenticated:
                return None

    def settings(self) -> MailSettings | None:
        with self.engine.database.connection() as connection:
            return mail_settings(connection, self.tenant)

    def _at(self, context: Context) -> Context:
        return context if self.now is None else replace(context, now=self.now)


def deliver(delivery: Delivery, notice: UUID) -> int:
    """Tell the receivers of a notice who have not been told; how many there were."""
    engine, system = delivery.engine, delivery.system()
    rows = engine.read(system, lambda tx: store.undelivered(tx, notice))
    if not rows:
        return 0
    chosen = engine.read(system, lambda tx: preferences_of(tx, [row.receiver for row in rows]))
    may_mail = delivery.settings() is not None
    for row in rows:
        _deliver_one(delivery, row, chosen[row.receiver], may_mail)
    return len(rows)


def _deliver_one(delivery: Delivery, row: Told, chosen: Preferences, may_mail: bool) -> None:
    context = delivery.receiver(row.receiver)
    if context is None:
        done = store.delivered
        delivery.engine.write(delivery.system(), lambda tx: done(tx, row, "", "", False, None))
        return
    found = delivery.engine.read(context, lambda tx: words(tx, row))
    ways = chosen.ways(group_of(row.kind))
    mail = None if not may_mail or ways.mail == "off" else "digest" if ways.mail == "digest" else "waiting"
    zone = zone_of(context.actor.time_zone)

    def work(tx: Transaction) -> None:
        store.delivered(tx, row, found.title, found.text, ways.app, mail)
        if mail == "waiting":
            due = after_quiet(tx.context.now, chosen.quiet, zone)
            later = due if due > tx.context.now else None
            enqueue(tx, MAIL, {"notification": str(row.id)}, key=str(row.id), due_at=later)
        elif mail == "digest":
            due = next_daily(tx.context.now, chosen.digest, zone)
            key = f"{row.receiver}:{due.isoformat()}"
            payload = {"receiver": str(row.receiver), "due": f"{due:%Y%m%dT%H%M}"}
            enqueue(tx, DIGEST, payload, key=key, due_at=due)
        if ways.chat and chosen.chat is not None:
            payload = {"notification": str(row.id), "channel": str(chosen.chat)}
            enqueue(tx, CHAT, payload, key=f"{row.id}:{chosen.chat}")

    delivery.engine.write(delivery.system(), work)


def send_mail(delivery: Delivery, notification: UUID) -> bool:
    """Mail one notice to its receiver; False where that is not to be done any more. Raises what sending raises."""
    row = delivery.engine.read(delivery.system(), lambda tx: store.find(tx, notification))
    if row is None or row.mail != "waiting":
        return False
    settings, context = delivery.settings(), delivery.receiver(row.receiver)
    made = _mail(delivery, row, settings, context) if settings and context else None
    if made is None:
        delivery.engine.write(delivery.system(), lambda tx: store.mailed(tx, [row.id], None, None))
        return False
    assert settings is not None
    delivery.still_ours()
    send(settings, made, delivery.egress)
    at = delivery.system().now
    delivery.engine.write(delivery.system(), lambda tx: store.mailed(tx, [row.id], "sent", at))
    return True


def _mail(delivery: Delivery, row: Told, settings: MailSettings, context: Context) -> Message | None:
    site = f"{settings.site}/t/{delivery.tenant.name}"
    action = None
    if delivery.action_link is not None:
        link = delivery.action_link
        action = delivery.engine.write(delivery.system(), lambda tx: link(tx, row))
    action_url = f"{site}/{action}" if action else None
    end = unsubscribe_path(delivery.engine, delivery.tenant, row.receiver, group_of(row.kind))

    def work(tx: Transaction) -> Message | None:
        to = store.address_of(tx, row.receiver)
        if to is None:
            return None
        found = words(tx, row, {"action_url": action_url})
        return letter(
            tx, to, found, message_id=str(row.id), site=site, action_url=action_url,
            unsubscribe=f"{site}/{end}" if end else None,
        )  # fmt: skip

    return delivery.engine.read(context, work)


def send_digest(delivery: Delivery, receiver: UUID, message_id: str) -> int:
    """Mail what is unread of what somebody wants once a day; how many notices were in the mail."""
    rows = delivery.engine.read(delivery.system(), lambda tx: store.for_digest(tx, receiver))
    if not rows:
        return 0
    unread = [row for row in rows if row.read_at is None]
    settings, context = delivery.settings(), delivery.receiver(receiver)
    done = 0
    if settings is not None and context is not None and unread:
        site = f"{settings.site}/t/{delivery.tenant.name}"

        def work(tx: Transaction) -> Message | None:
            to = store.address_of(tx, receiver)
            notices = [_entry(words(tx, row), row, site) for row in unread[-IN_A_DIGEST:]]
            return None if to is None else digest(tx, to, notices, message_id=message_id, site=site)

        made = delivery.engine.read(context, work)
        if made is not None:
            delivery.still_ours()
            send(settings, made, delivery.egress)
            done = len(unread)
    at = delivery.system().now
    sent, ids = ("sent", at) if done else (None, None), [row.id for row in rows]
    delivery.engine.write(delivery.system(), lambda tx: store.mailed(tx, ids, *sent))
    return done


def _entry(found: Words, row: Told, site: str) -> Mapping[str, Any]:
    url = f"{site}/{found.path}" if found.path else ""
    return {"title": found.title, "text": found.text, "url": url, "at": row.created_at}


def post_chat(delivery: Delivery, notification: UUID, channel: UUID) -> bool:
    """Post one notice to a chat channel; False where that is not to be done any more. Raises what posting raises."""
    engine = delivery.engine
    row = engine.read(delivery.system(), lambda tx: store.find(tx, notification))
    found = engine.read(delivery.system(), lambda tx: chat.channel(tx, channel))
    context = delivery.receiver(row.receiver) if row else None
    if row is None or found is None or not found.active or context is None:
        return False
    settings = delivery.settings()
    site = f"{settings.site}/t/{delivery.tenant.name}" if settings else ""
    message = engine.read(context, lambda tx: chat.message(tx, found, row, site))
    delivery.still_ours()
    chat.post(engine, delivery.tenant, found, message, delivery.egress)
    return True
