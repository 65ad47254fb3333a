"""Taking an import back: what it created is deleted, what it changed gets its old values again.

A record that somebody edited afterwards is kept as it is and listed, with the reason. Everything goes
through the record verbs, so a revert has a history of its own and obeys the rights of whoever reverts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.context import Context
from fieldstone.engine.imports import store
from fieldstone.engine.imports.errors import ImportBusy
from fieldstone.engine.permissions import need
from fieldstone.engine.records import delete, update
from fieldstone.engine.service import Engine
from fieldstone.engine.storage import control
from fieldstone.engine.storage.failures import RETRYABLE, REVISION_CHANGED
from fieldstone.engine.storage.tables import table_for
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

BATCH: Final = 500
MAX_KEPT: Final = 1000
HISTORY = control.history
SAVEPOINT: Final = "revert_row"


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that was not reverted, and why: `edited`, or the code of the refusal."""

    id: UUID
    code: str
    message: str

    def to_json(self) -> dict[str, Any]:
        return {"id": str(self.id), "code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Reverted:
    """How many records were put back, and which were kept."""

    reverted: int
    kept: tuple[Kept, ...]

    def to_json(self) -> dict[str, Any]:
        return {"reverted": self.reverted, "kept": [each.to_json() for each in self.kept]}


@dataclass(frozen=True, slots=True)
class _Change:
    """What the import did to one record: whether it made it, the last version, the oldest values."""

    record_id: UUID
    created: bool
    version: int
    old: Mapping[str, Any]


def revert_import(engine: Engine, context: Context, run_id: UUID) -> Reverted:
    """Take a finished import back. Raises UnknownImport, ImportBusy and Denied."""
    run = engine.read(context, lambda tx: store.load_run(tx, run_id))
    if run["state"] not in ("done", "stopped"):
        raise ImportBusy(f'The import is "{run["state"]}": there is nothing to revert.', state=run["state"])
    entity = run["entity"]
    changes = engine.read(context, lambda tx: _changes(tx, run_id, entity))
    reverted, kept = 0, []
    for start in range(0, len(changes), BATCH):
        part = changes[start : start + BATCH]
        done, left = engine.write(context, partial(_revert, entity=entity, changes=part))
        reverted += done
        kept += left
    result = Reverted(reverted, tuple(kept[:MAX_KEPT]))
    engine.write(context, lambda tx: store.save_reverted(tx, run, result.to_json()))
    return result


def read_reverted(engine: Engine, context: Context, run_id: UUID) -> Reverted | None:
    """What a revert of a run came to, if there was one. Raises UnknownImport."""
    run = engine.read(context, lambda tx: store.load_run(tx, run_id))
    found = run["errors"].get("reverted") if isinstance(run["errors"], Mapping) else None
    if not found:
        return None
    kept = (Kept(UUID(each["id"]), each["code"], each["message"]) for each in found["kept"])
    return Reverted(found["reverted"], tuple(kept))


def _changes(tx: Transaction, run_id: UUID, entity: str) -> list[_Change]:
    """The records of a run, the last written first: what links to a record goes before it."""
    need(tx, entity, "import")
    statement = (
        sa.select(HISTORY.c.record_id, HISTORY.c.verb, HISTORY.c.version, HISTORY.c.changes)
        .where(HISTORY.c.request_id == sa.bindparam("request"), HISTORY.c.entity == sa.bindparam("entity"))
        .order_by(HISTORY.c.id)
    )
    rows = tx.select(statement, {"request": store.request_id(run_id), "entity": entity})
    found: dict[UUID, _Change] = {}
    for record_id, verb, version, changes in rows:
        old = {name: change.get("old") for name, change in changes.items()}
        known = found.get(record_id)
        if known is None:
            found[record_id] = _Change(record_id, verb == "create", version, old)
        else:
            found[record_id] = replace(known, version=version, old={**old, **known.old})
    return list(reversed(found.values()))


def _revert(tx: Transaction, entity: str, changes: Sequence[_Change]) -> tuple[int, list[Kept]]:
    ids = [change.record_id for change in changes]
    table = table_for(tx.model.entities[entity]).table
    wanted = sa.bindparam("ids", type_=ARRAY(sa.Uuid()))
    statement = sa.select(table.c.id, table.c.version, table.c.deleted_at).where(
        table.c.id == sa.any_(wanted)
    )
    now = {row[0]: (row[1], row[2]) for row in tx.select(statement, {"ids": ids})}
    reverted, kept = 0, []
    for change in changes:
        version, deleted = now.get(change.record_id, (None, None))
        if change.created and deleted is not None:  # gone already, maybe by a revert that was broken off
            reverted += 1
            continue
        if version != change.version or deleted is not None:
            kept.append(Kept(change.record_id, "edited", "The record was changed after the import."))
            continue
        error = _one(tx, entity, change)
        if error is None:
            reverted += 1
        else:
            kept.append(Kept(change.record_id, error.code, error.message))
    return reverted, kept


def _one(tx: Transaction, entity: str, change: _Change) -> FieldstoneError | None:
    tx.connection.savepoint(SAVEPOINT)
    try:
        if change.created:
            delete(tx, entity, change.record_id, if_match=change.version)
        else:
            update(tx, entity, change.record_id, _patch(tx, entity, change), if_match=change.version)
        tx.settle()
    except (*RETRYABLE, REVISION_CHANGED):
        raise
    except FieldstoneError as error:
        tx.connection.rollback_to(SAVEPOINT)
        tx.connection.release(SAVEPOINT)
        return error
    tx.connection.release(SAVEPOINT)
    return None


def _patch(tx: Transaction, entity: str, change: _Change) -> dict[str, Any]:
    """The old values of what can be written; what is computed follows by itself."""
    fields = tx.model.entities[entity].fields
    patch = {}
    for name, value in change.old.items():
        field = fields.get(name) or fields.get(name.removesuffix("_currency"))
        if name == "owner_id" or (field is not None and not field.computed and not field.read_only):
            patch[name] = value
    return patch
