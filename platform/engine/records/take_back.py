"""Taking back what one run wrote: what it created is deleted, what it changed gets its old values, what it deleted is
restored.

A run's writes carry its request id in their history. A record that somebody edited afterwards is kept as it is and
listed, with the reason. Everything goes through the record verbs, so taking back has a history of its own and obeys the
rights of whoever does it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.context import Context
from fieldstone.engine.ids import id_before
from fieldstone.engine.records.many import Write, write_many
from fieldstone.engine.records.restore import restore
from fieldstone.engine.records.update import update
from fieldstone.engine.storage import control
from fieldstone.engine.storage.connection import Row
from fieldstone.engine.storage.failures import RETRYABLE, REVISION_CHANGED
from fieldstone.engine.storage.tables import table_for
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

if TYPE_CHECKING:
    from fieldstone.engine.service import Engine

HISTORY: Final = control.history
SAVEPOINT: Final = "one_record"
MAX_KEPT: Final = 1000
MARGIN: Final = timedelta(minutes=30)
"""By how much the clocks of those that made a run's history may differ."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that was not put back, and why: `edited`, or the code of the refusal."""

    id: UUID
    code: str
    message: str

    def to_json(self) -> dict[str, Any]:
        return {"id": str(self.id), "code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Run:
    """What was written under one request id, of one entity or of all; `run_id` was made before it began."""

    run_id: UUID
    request_id: str
    entity: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What a run did to one record: its first and last verb, the last version, the oldest values."""

    entity: str
    record_id: UUID
    first: str
    last: str
    version: int
    old: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """How many records were put back, and which were kept: at most 1,000 of them are listed, all are counted."""

    reverted: int
    kept: tuple[Kept, ...]
    kept_count: int


def take_back_run(
    engine: "Engine",
    context: Context,
    run: Run,
    *,
    batch: int,
    after: Callable[[int, int], None] | None = None,
) -> TakenBack:
    """Take back what a run wrote, the last first, so many entries of its history in one transaction.

    `after` hears after each of them how many are done, of how many. One that was broken off goes on when asked again.
    """
    own = replace(context, request_id=undoing(run.request_id))
    total = engine.read(own, lambda tx: count_written(tx, run))
    kept: list[Kept] = []
    done = reverted = left_out = 0
    before: UUID | None = None
    while True:
        page, before = engine.read(own, partial(written_by, run=run, before=before, limit=batch))
        if page:
            back, left = engine.write(own, partial(take_back, changes=page))
            done += len(page)
            reverted += back
            left_out += len(left)
            kept += left[: MAX_KEPT - len(kept)]
            if after is not None:
                after(min(done, total), total)
        if before is None:
            return TakenBack(reverted, tuple(kept), left_out)


def _entries(run: Run) -> list[sa.ColumnElement[bool]]:
    """What the history of a run has in common. The primary key finds it, for ids go by time; no other index has to be
    kept up with every write."""
    found = [HISTORY.c.request_id == run.request_id, HISTORY.c.id >= id_before(run.run_id, MARGIN)]
    if run.entity is not None:
        found.append(HISTORY.c.entity == run.entity)
    return found


def count_written(tx: Transaction, run: Run) -> int:
    """How many records a run wrote."""
    count = sa.func.count(sa.distinct(HISTORY.c.record_id))
    return int(tx.select(sa.select(count).where(*_entries(run)))[0][0])


def written_by(
    tx: Transaction, run: Run, before: UUID | None = None, limit: int = 1000
) -> tuple[list[Written], UUID | None]:
    """The records that a run wrote first in a page of its history, the last page first, and where the next page begins.

    Those that were written first come last: what links to a record, or went before it, is taken back before it.
    """
    statement = sa.select(HISTORY.c.id, HISTORY.c.record_id).where(*_entries(run))
    if before is not None:
        statement = statement.where(HISTORY.c.id < before)
    page = tx.select(statement.order_by(HISTORY.c.id.desc()).limit(limit))
    if not page:
        return [], None
    lowest = page[-1][0]
    found: dict[UUID, Written] = {}
    first: dict[UUID, UUID] = {}
    for entry, name, record_id, verb, version, changes in _written(tx, run, {row[1] for row in page}):
        old = {field: change.get("old") for field, change in changes.items()}
        known = found.get(record_id)
        first.setdefault(record_id, entry)
        if known is None:
            found[record_id] = Written(name, record_id, verb, verb, version, old)
        else:
            found[record_id] = replace(known, last=verb, version=version, old={**old, **known.old})
    changes = [each for each in found.values() if first[each.record_id] >= lowest]
    return changes[::-1], lowest if len(page) == limit else None


def _written(tx: Transaction, run: Run, ids: set[UUID]) -> list[Row]:
    """All that a run did to some records, in order."""
    columns = ("id", "entity", "record_id", "verb", "version", "changes")
    statement = (
        sa.select(*(HISTORY.c[name] for name in columns))
        .where(
            HISTORY.c.record_id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid()))),
            HISTORY.c.request_id == run.request_id,
        )
        .order_by(HISTORY.c.id)
    )
    return tx.select(statement, {"ids": list(ids)})


def undoing(request_id: str) -> str:
    """The request id under which a run is taken back: what was taken back is then as if it had never been."""
    return f"revert-{request_id}"


def take_back(tx: Transaction, changes: Sequence[Written]) -> tuple[int, list[Kept]]:
    """Put records back; how many were, and which were kept."""
    tx = replace(tx, states="free")
    now = _as_they_are(tx, changes)
    since = _since(tx, [each for each in changes if now.get(each.record_id, (None,))[0] != each.version])
    kept: list[Kept] = []
    going: list[Written] = []
    for change in changes:
        version, deleted = now.get(change.record_id, (None, None))
        gone = deleted is not None
        requests = since.get(change.record_id, set())
        if (change.first == "create" and gone) or (
            change.last == "delete" and version is not None and not gone
        ):
            continue  # put back already, maybe by a run of this that was broken off
        if tx.context.request_id is not None and requests == {tx.context.request_id}:
            continue
        if version is not None and _cancel_out(requests):
            change = replace(change, version=version)
        if version != change.version or gone != (change.last == "delete"):
            kept.append(Kept(change.record_id, "edited", "The record was changed afterwards."))
        else:
            going.append(change)
    kept += _put_back(tx, going)
    return len(changes) - len(kept), kept


def _put_back(tx: Transaction, changes: Sequence[Written]) -> list[Kept]:
    """Those that could not be put back. Deleted ones come back one by one, the others entity by entity."""
    kept = []
    for name, group in groupby(changes, key=lambda each: (each.entity, each.last == "delete")):
        part = list(group)
        if name[1]:
            errors = [_one(tx, change) for change in part]
        else:
            errors = [each.error for each in write_many(tx, name[0], [_write(tx, change) for change in part])]
        kept += [
            Kept(change.record_id, error.code, error.message)
            for change, error in zip(part, errors, strict=True)
            if error is not None
        ]
    tx.settle()
    return kept


def _write(tx: Transaction, change: Written) -> Write:
    body = None if change.first == "create" else _patch(tx, change)
    return Write(body, change.record_id, change.version)


def _since(tx: Transaction, moved: Sequence[Written]) -> dict[UUID, set[str]]:
    """The requests that changed records after the run did."""
    if not moved:
        return {}
    left_at = {each.record_id: each.version for each in moved}
    statement = sa.select(HISTORY.c.record_id, HISTORY.c.version, HISTORY.c.request_id).where(
        HISTORY.c.record_id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid())))
    )
    found: dict[UUID, set[str]] = {}
    for record_id, version, request in tx.select(statement, {"ids": list(left_at)}):
        if version > left_at[record_id]:
            found.setdefault(record_id, set()).add(request or "")
    return found


def _cancel_out(requests: set[str]) -> bool:
    """Whether these are nothing but runs, each with its undoing."""
    done = {each for each in requests if not each.startswith(undoing(""))}
    return bool(done) and requests == done | {undoing(each) for each in done}


def _as_they_are(tx: Transaction, changes: Sequence[Written]) -> dict[UUID, tuple[int, Any]]:
    """(version, deleted_at) of each record now."""
    found: dict[UUID, tuple[int, Any]] = {}
    for name in dict.fromkeys(change.entity for change in changes):
        entity = tx.model.entities.get(name)
        if entity is None or entity.parent is not None:
            continue
        table = table_for(entity).table
        wanted = sa.bindparam("ids", type_=ARRAY(sa.Uuid()))
        statement = sa.select(table.c.id, table.c.version, table.c.deleted_at).where(
            table.c.id == sa.any_(wanted)
        )
        ids = [change.record_id for change in changes if change.entity == name]
        found |= {row[0]: (row[1], row[2]) for row in tx.select(statement, {"ids": ids})}
    return found


def _one(tx: Transaction, change: Written) -> FieldstoneError | None:
    tx.connection.savepoint(SAVEPOINT)
    try:
        _restore(tx, change)
        tx.settle()
    except (*RETRYABLE, REVISION_CHANGED):
        raise
    except FieldstoneError as error:
        tx.connection.rollback_to(SAVEPOINT)
        tx.connection.release(SAVEPOINT)
        return error
    tx.connection.release(SAVEPOINT)
    return None


def _restore(tx: Transaction, change: Written) -> None:
    version = restore(tx, change.entity, change.record_id)["version"]
    patch = _patch(tx, change)
    if patch:
        update(tx, change.entity, change.record_id, patch, if_match=version)


def _patch(tx: Transaction, change: Written) -> dict[str, Any]:
    """The old values of what can be written; what is computed follows by itself."""
    fields = tx.model.entities[change.entity].fields
    patch = {}
    for name, value in change.old.items():
        field = fields.get(name) or fields.get(name.removesuffix("_currency"))
        if name == "owner_id" or (field is not None and not field.computed and not field.read_only):
            patch[name] = value
    return patch
