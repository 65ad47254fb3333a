"""What one has been told, read in the application: the list, the count of what is unread, marking as read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.query.visible import visible_ids
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import compile_plan
from fieldstone.engine.transaction import Transaction
from fieldstone.workflows.notifications.store import COLUMNS, RECEIVER, TABLE, Told, told
from fieldstone.workflows.notifications.wording import Words, words

COUNTED: Final = 100
"""More unread notices than this are "99+"."""

_SHOWN: Final = sa.and_(TABLE.c.receiver == RECEIVER, TABLE.c.shown)
_UNREAD: Final = compile_plan(
    sa.select(sa.func.count(), sa.func.max(sa.cast(sa.column("id"), sa.Text()))).select_from(
        sa.select(TABLE.c.id)
        .where(_SHOWN, TABLE.c.read_at.is_(None))
        .order_by(TABLE.c.id.desc())
        .limit(COUNTED)
        .subquery("unread")
    )
)
_PAGE: Final = (
    sa.select(*COLUMNS)
    .where(_SHOWN, TABLE.c.id < sa.bindparam("before", type_=sa.Uuid()))
    .order_by(TABLE.c.id.desc())
    .limit(sa.bindparam("most", type_=sa.Integer()))
)
_LIST: Final = compile_plan(_PAGE)
_LIST_UNREAD: Final = compile_plan(_PAGE.where(TABLE.c.read_at.is_(None)))
_READ: Final = (
    sa.update(TABLE)
    .where(TABLE.c.receiver == RECEIVER, TABLE.c.read_at.is_(None))
    .values(read_at=sa.bindparam("at", type_=control.STAMP))
    .returning(TABLE.c.id)
)
_MARK: Final = compile_plan(_READ.where(TABLE.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid())))))
_MARK_UNTIL: Final = compile_plan(_READ.where(TABLE.c.id <= sa.bindparam("until", type_=sa.Uuid())))
_UNMARK: Final = compile_plan(
    sa.update(TABLE)
    .where(TABLE.c.receiver == RECEIVER, TABLE.c.id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid()))))
    .values(read_at=None)
    .returning(TABLE.c.id)
)
LAST: Final = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One notice as its receiver sees it in a list."""

    told: Told
    words: Words

    def to_json(self) -> dict[str, Any]:
        one, said = self.told, self.words
        return {
            "id": str(one.id), "kind": one.kind, "title": said.title, "text": said.text, "link": said.path,
            "entity": None if said.hidden else one.entity, "record": None if said.hidden else one.record,
            "created_at": one.created_at, "read_at": one.read_at,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unread:
    """How many notices are unread (at most COUNTED), and a mark that changes whenever that may be."""

    count: int
    mark: str


def unread(tx: Transaction) -> Unread:
    """One index-only count: it is asked with every page."""
    if tx.context.actor.id is None:
        return Unread(0, "")
    count, latest = tx.fetch(_UNREAD, {"of_receiver": tx.context.actor.id})[0]
    return Unread(count, f"{count}-{latest or ''}")


def entries(
    tx: Transaction, *, limit: int = 50, before: UUID | None = None, only_unread: bool = False
) -> tuple[list[Entry], UUID | None]:
    """The actor's notices, newest first, and where the next page begins (`before`), if there is one."""
    if tx.context.actor.id is None:
        return [], None
    plan = _LIST_UNREAD if only_unread else _LIST
    values = {"of_receiver": tx.context.actor.id, "before": before or LAST, "most": limit + 1}
    rows = told(tx.fetch(plan, values))
    page = rows[:limit]
    seen = _seen(tx, page)
    found = [Entry(row, _worded(tx, row, seen)) for row in page]
    return found, page[-1].id if len(rows) > limit else None


def mark_read(tx: Transaction, ids: Iterable[UUID]) -> int:
    """Mark some of the actor's own notices as read; how many were not."""
    return len(_marked(tx, _MARK, ids=sorted(set(ids))))


def mark_unread(tx: Transaction, ids: Iterable[UUID]) -> int:
    """Take the mark away; how many there were."""
    rows = tx.fetch(_UNMARK, {"of_receiver": tx.context.actor.id, "ids": sorted(set(ids))})
    return len(rows)


def mark_all_read(tx: Transaction, until: UUID | None = None) -> int:
    """Mark all as read, those that came after `until` not: nobody has seen them."""
    return len(_marked(tx, _MARK_UNTIL, until=until or LAST))


def _marked(tx: Transaction, plan: Any, **values: Any) -> list[Any]:
    return tx.fetch(plan, {"of_receiver": tx.context.actor.id, "at": tx.context.now, **values})


def _seen(tx: Transaction, rows: Iterable[Told]) -> set[tuple[str, UUID]]:
    """The records of some notices that the actor may read now: one query per entity."""
    wanted: dict[str, set[UUID]] = {}
    for row in rows:
        if row.entity and row.record:
            wanted.setdefault(row.entity, set()).add(row.record)
    return {(entity, found) for entity, ids in wanted.items() for found in visible_ids(tx, entity, ids)}


def _worded(tx: Transaction, row: Told, seen: set[tuple[str, UUID]]) -> Words:
    """The words that the receiver was told, while the record may still be read; else found now."""
    about_record = row.entity is not None and row.record is not None
    if row.title and (not about_record or (row.entity, row.record) in seen):
        return Words(row.title, row.body or "", "", row.path)
    return words(tx, row)
