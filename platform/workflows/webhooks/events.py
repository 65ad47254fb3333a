"""Events: what a subscriber is told, with what came of it. The log of deliveries is these rows.

waiting   not sent yet: its time has not come, or an earlier event of the same record is not through
sent      the other side took it
dead      every attempt failed, or none can succeed; it can be replayed
skipped   it was not to be sent: the subscription was switched off, or its person may not see the record
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.ids import new_id
from fieldstone.engine.jobs import enqueue
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError
from fieldstone.workflows.webhooks.subscriptions import find_webhook

TABLE: Final = control.webhook_event
JOB: Final = "webhook"
EXCERPT: Final = 1_000
KEPT: Final = timedelta(days=30)
"""For so long an event stays in the log."""
STATES: Final = ("waiting", "sent", "dead", "skipped")
NAMES: Final = (
    "id", "webhook", "entity", "record_id", "version", "verb", "changed", "values", "actor", "at", "state", "attempts",
    "status", "response", "tried_at", "sent_at",
)  # fmt: skip
COLUMNS: Final = tuple(TABLE.c[name] for name in NAMES)
_ID: Final = sa.bindparam("of_id", type_=sa.Uuid())
_HOOK: Final = sa.bindparam("of_hook", type_=sa.Uuid())
_RECORD: Final = sa.bindparam("of_record", type_=sa.Uuid())
_STATE: Final = sa.bindparam("of_state", type_=sa.Text())
_NONE: Final = UUID(int=2**128 - 1)
_ONE: Final = compile_plan(sa.select(*COLUMNS).where(TABLE.c.id == _ID))
_PAGE: Final = compile_plan(
    sa.select(*COLUMNS)
    .where(TABLE.c.webhook == _HOOK, TABLE.c.id < sa.bindparam("before", type_=sa.Uuid()))
    .where(sa.or_(_STATE.is_(None), TABLE.c.state == _STATE))
    .order_by(TABLE.c.id.desc())
    .limit(sa.bindparam("most", type_=sa.Integer()))
)
_SAME_RECORD: Final = sa.and_(
    TABLE.c.webhook == _HOOK, TABLE.c.record_id == _RECORD, TABLE.c.state == "waiting"
)
_MINE: Final = sa.tuple_(sa.bindparam("of_version", type_=sa.Integer()), _ID)
_EARLIER: Final = compile_plan(
    sa.select(TABLE.c.id)
    .where(_SAME_RECORD, sa.tuple_(TABLE.c.version, TABLE.c.id) < _MINE)
    .with_for_update()
)
"""All of them: with a LIMIT, one that is through meanwhile would hide the next."""

_NEXT: Final = compile_plan(
    sa.select(TABLE.c.id, TABLE.c.attempts)
    .where(_SAME_RECORD, TABLE.c.id != _ID)
    .order_by(TABLE.c.version, TABLE.c.id)
    .limit(1)
)
_CLAIM: Final = compile_plan(
    sa.update(TABLE)
    .where(
        TABLE.c.id == _ID,
        TABLE.c.state == "waiting",
        sa.or_(
            TABLE.c.attempts == sa.bindparam("before", type_=sa.Integer()),
            TABLE.c.claim == sa.bindparam("job", type_=sa.Uuid()),
        ),
    )
    .values(
        claim=sa.bindparam("job", type_=sa.Uuid()),
        attempts=sa.bindparam("before", type_=sa.Integer()) + 1,
        tried_at=sa.func.clock_timestamp(),
    )
    .returning(TABLE.c.id)
)
_ENDED: Final = ("state", "status", "response", "sent_at")
_END: Final = compile_plan(
    sa.update(TABLE)
    .where(TABLE.c.id == _ID)
    .values({name: sa.bindparam(name, type_=TABLE.c[name].type) for name in _ENDED})
)
_AGAIN: Final = compile_plan(
    sa.update(TABLE)
    .where(TABLE.c.id == _ID, TABLE.c.state != "waiting")
    .values(state="waiting", attempts=0, claim=None)
    .returning(TABLE.c.id)
)
_SWEEP: Final = compile_plan(
    sa.delete(TABLE).where(
        TABLE.c.state != "waiting", TABLE.c.at < sa.bindparam("until", type_=control.STAMP)
    )
)


class UnknownEvent(FieldstoneError):
    """There is no such event, or it is on its way already."""

    code = "webhook.event"
    kind = "not_found"


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one subscription. `values` are the record as the platform saw it then."""

    id: UUID
    webhook: UUID
    entity: str
    record: UUID
    version: int
    verb: str
    changed: Sequence[str]
    values: dict[str, Any]
    actor: UUID | None
    at: datetime
    state: str
    attempts: int
    status: int | None
    response: str | None
    tried_at: datetime | None
    sent_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        """What the log tells: not what was sent, which only the receiver may be allowed to see."""
        return {
            "id": str(self.id), "entity": self.entity, "record": str(self.record), "version": self.version,
            "verb": self.verb, "at": self.at, "state": self.state, "attempts": self.attempts, "status": self.status,
            "response": self.response, "tried_at": self.tried_at, "sent_at": self.sent_at,
        }  # fmt: skip


def events_of(
    tx: Transaction, webhook: UUID, *, limit: int = 50, before: UUID | None = None, state: str | None = None
) -> tuple[list[Event], UUID | None]:
    """A page of the log of a subscription, newest first, and where the next begins. Raises Denied, UnknownWebhook."""
    find_webhook(tx, webhook)
    values = {"of_hook": webhook, "before": before or _NONE, "of_state": state, "most": limit + 1}
    rows = [Event(*row) for row in tx.fetch(_PAGE, values)]
    page = rows[:limit]
    return page, page[-1].id if len(rows) > limit else None


def find_event(tx: Transaction, event: UUID) -> Event | None:
    rows = tx.fetch(_ONE, {"of_id": event})
    return Event(*rows[0]) if rows else None


def replay(tx: Transaction, webhook: UUID, event: UUID) -> None:
    """Send an event again that was sent, died or was skipped. Raises Denied, UnknownWebhook and UnknownEvent."""
    find_webhook(tx, webhook)
    found = find_event(tx, event)
    if found is None or found.webhook != webhook or not tx.fetch(_AGAIN, {"of_id": event}):
        raise UnknownEvent("There is no such event, or it waits to be sent anyway.")
    queue(tx, event, 0, again=str(new_id()))


def queue(
    tx: Transaction, event: UUID, attempts: int, *, due_at: datetime | None = None, again: str = ""
) -> None:
    """Queue an attempt. `attempts` is how many there were: of two jobs for the same one, only one takes it."""
    payload = {"event": str(event), "attempts": attempts}
    enqueue(tx.as_system(), JOB, payload, due_at=due_at, key=f"{event}:{attempts}{again and ':' + again}")


def is_blocked(tx: Transaction, event: Event) -> bool:
    """Whether an earlier event of the record is not through.

    One that is just being ended is waited for: its end has not seen this event, so nobody else would begin with it.
    """
    values = {
        "of_hook": event.webhook, "of_record": event.record, "of_version": event.version, "of_id": event.id,
    }  # fmt: skip
    return bool(tx.fetch(_EARLIER, values))


def take(tx: Transaction, event: Event, attempts: int, job: UUID) -> bool:
    """Begin an attempt, once; a job that died in it may begin it again."""
    return bool(tx.fetch(_CLAIM, {"of_id": event.id, "before": attempts, "job": job}))


def end(
    tx: Transaction, event: Event, state: str, status: int | None = None, response: str | None = None
) -> None:
    """Note what came of an attempt; an event that is through lets the record's next one go."""
    sent = tx.context.now if state == "sent" else None
    excerpt = response[:EXCERPT] if response is not None else None
    tx.defer(
        _END, {"of_id": event.id, "state": state, "status": status, "response": excerpt, "sent_at": sent}
    )
    if state != "waiting":
        values = {"of_hook": event.webhook, "of_record": event.record, "of_id": event.id}
        for following, attempts in tx.fetch(_NEXT, values):
            queue(tx, following, attempts, again=f"after:{event.id}")


def sweep(tx: Transaction) -> None:
    """Forget old events that are through."""
    tx.defer(_SWEEP, {"until": tx.context.now - KEPT})
