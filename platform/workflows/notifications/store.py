"""Notifications as rows: what one receiver was told, read and changed by its id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.storage import control
from fieldstone.engine.storage.base_tables import USER
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction

TABLE: Final = control.notification
NAMES: Final = (
    "id", "notice", "receiver", "kind", "template", "data", "entity", "record_id", "link", "key", "actor",
    "created_at", "title", "body", "shown", "read_at", "mail", "mailed_at",
)  # fmt: skip
COLUMNS: Final = tuple(TABLE.c[name] for name in NAMES)
ID: Final = sa.bindparam("of_id", type_=sa.Uuid())
RECEIVER: Final = sa.bindparam("of_receiver", type_=sa.Uuid())

_BY_ID: Final = compile_plan(sa.select(*COLUMNS).where(TABLE.c.id == ID))
_NEW: Final = compile_plan(
    sa.select(*COLUMNS)
    .where(TABLE.c.notice == sa.bindparam("of_notice", type_=sa.Uuid()), TABLE.c.title.is_(None))
    .order_by(TABLE.c.id)
)
_DIGEST: Final = compile_plan(
    sa.select(*COLUMNS).where(TABLE.c.receiver == RECEIVER, TABLE.c.mail == "digest").order_by(TABLE.c.id)
)
_DELIVERED: Final = compile_plan(
    sa.update(TABLE)
    .where(TABLE.c.id == ID, TABLE.c.title.is_(None))
    .values(
        {name: sa.bindparam(name, type_=TABLE.c[name].type) for name in ("title", "body", "shown", "mail")}
    )
)
_MAILED: Final = compile_plan(
    sa.update(TABLE)
    .where(TABLE.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid()))))
    .values(mail=sa.bindparam("mail", type_=sa.Text()), mailed_at=sa.bindparam("at", type_=control.STAMP))
)
_NAME: Final = compile_plan(sa.select(USER.c.name).where(USER.c.id == ID))
_PEOPLE: Final = compile_plan(
    sa.select(USER.c.id, USER.c.name, USER.c.email).where(USER.c.id == ID, USER.c.deleted_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class Told:
    """What one person was or is to be told. `title` is empty until it was delivered."""

    id: UUID
    notice: UUID
    receiver: UUID
    kind: str
    template: str
    data: dict[str, Any]
    entity: str | None
    record: UUID | None
    link: str | None
    key: str | None
    actor: UUID | None
    created_at: datetime
    title: str | None
    body: str | None
    shown: bool
    read_at: datetime | None
    mail: str | None
    mailed_at: datetime | None

    @property
    def path(self) -> str | None:
        """Where a click leads, below the tenant."""
        if self.link:
            return self.link
        return f"e/{self.entity}/{self.record}" if self.entity and self.record else None


def told(rows: Sequence[Sequence[Any]]) -> list[Told]:
    return [Told(*row) for row in rows]


def find(tx: Transaction, notification: UUID) -> Told | None:
    found = told(tx.fetch(_BY_ID, {"of_id": notification}))
    return found[0] if found else None


def undelivered(tx: Transaction, notice: UUID) -> list[Told]:
    """Those of a notice that nobody has found words for."""
    return told(tx.fetch(_NEW, {"of_notice": notice}))


def for_digest(tx: Transaction, receiver: UUID) -> list[Told]:
    return told(tx.fetch(_DIGEST, {"of_receiver": receiver}))


def delivered(tx: Transaction, one: Told, title: str, body: str, shown: bool, mail: str | None) -> None:
    """Note how somebody was told."""
    tx.defer(_DELIVERED, {"of_id": one.id, "title": title, "body": body, "shown": shown, "mail": mail})


def mailed(tx: Transaction, ids: Sequence[UUID], mail: str | None, at: datetime | None) -> None:
    tx.defer(_MAILED, {"ids": list(ids), "mail": mail, "at": at})


def name_of(tx: Transaction, user: UUID) -> str:
    rows = tx.fetch(_NAME, {"of_id": user})
    return rows[0][0] or "" if rows else ""


def address_of(tx: Transaction, user: UUID) -> tuple[str, str] | None:
    """Name and e-mail address of a user; None for who has none."""
    rows = tx.fetch(_PEOPLE, {"of_id": user})
    return (rows[0][1] or "", rows[0][2]) if rows and rows[0][2] else None


KEPT: Final = timedelta(days=180)
"""For so long a notice stays after it was read, an unread one twice as long."""

_SWEEP: Final = compile_plan(
    sa.delete(TABLE).where(
        sa.or_(
            sa.and_(
                TABLE.c.read_at.is_not(None), TABLE.c.created_at < sa.bindparam("read", type_=control.STAMP)
            ),
            TABLE.c.created_at < sa.bindparam("unread", type_=control.STAMP),
        )
    )
)


def sweep(tx: Transaction) -> None:
    """Forget old notices."""
    tx.defer(_SWEEP, {"read": tx.context.now - KEPT, "unread": tx.context.now - 2 * KEPT})
