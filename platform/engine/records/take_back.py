"""Taking back what one run wrote: what it created is deleted, what it changed gets its old values, what it deleted is
restored.

A run's writes carry its request id in their history. A record that somebody edited afterwards is kept as it is and
listed, with the reason. Everything goes through the record verbs, so taking back has a history of its own and obeys the
rights of whoever does it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.records.delete import delete
from fieldstone.engine.records.restore import restore
from fieldstone.engine.records.update import update
from fieldstone.engine.storage import control
from fieldstone.engine.storage.failures import RETRYABLE, REVISION_CHANGED
from fieldstone.engine.storage.tables import table_for
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

HISTORY: Final = control.history
SAVEPOINT: Final = "one_record"


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that was not put back, and why: `edited`, or the code of the refusal."""

    id: UUID
    code: str
    message: str

    def to_json(self) -> dict[str, Any]:
        return {"id": str(self.id), "code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Written:
    """What a run did to one record: its first and last verb, the last version, the oldest values."""

    entity: str
    record_id: UUID
    first: str
    last: str
    version: int
    old: Mapping[str, Any]


def written_by(tx: Transaction, request_id: str, entity: str | None = None) -> list[Written]:
    """The records that a run wrote (of one entity, or of all), the last written first: what links to a record, or went
    before it, comes after it."""
    statement = (
        sa.select(HISTORY.c.entity, HISTORY.c.record_id, HISTORY.c.verb, HISTORY.c.version, HISTORY.c.changes)
        .where(HISTORY.c.request_id == sa.bindparam("request"))
        .order_by(HISTORY.c.id)
    )
    if entity is not None:
        statement = statement.where(HISTORY.c.entity == entity)
    found: dict[UUID, Written] = {}
    for name, record_id, verb, version, changes in tx.select(statement, {"request": request_id}):
        old = {field: change.get("old") for field, change in changes.items()}
        known = found.get(record_id)
        if known is None:
            found[record_id] = Written(name, record_id, verb, verb, version, old)
        else:
            found[record_id] = replace(known, last=verb, version=version, old={**old, **known.old})
    return list(reversed(found.values()))


def take_back(tx: Transaction, changes: Sequence[Written]) -> tuple[int, list[Kept]]:
    """Put records back; how many were, and which were kept."""
    now = _as_they_are(tx, changes)
    reverted, kept = 0, []
    for change in changes:
        version, deleted = now.get(change.record_id, (None, None))
        gone = deleted is not None
        if (change.first == "create" and gone) or (
            change.last == "delete" and version is not None and not gone
        ):
            reverted += 1  # put back already, maybe by a run of this that was broken off
            continue
        if version != change.version or gone != (change.last == "delete"):
            kept.append(Kept(change.record_id, "edited", "The record was changed afterwards."))
            continue
        error = _one(tx, change)
        if error is None:
            reverted += 1
        else:
            kept.append(Kept(change.record_id, error.code, error.message))
    return reverted, kept


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
        _put_back(tx, change)
        tx.settle()
    except (*RETRYABLE, REVISION_CHANGED):
        raise
    except FieldstoneError as error:
        tx.connection.rollback_to(SAVEPOINT)
        tx.connection.release(SAVEPOINT)
        return error
    tx.connection.release(SAVEPOINT)
    return None


def _put_back(tx: Transaction, change: Written) -> None:
    if change.first == "create":
        delete(tx, change.entity, change.record_id, if_match=change.version)
        return
    version: int | None = change.version
    if change.last == "delete":
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
