"""Writes of many records through the record verbs: many in one go, one by one only where the database refused some.

A chunk is written behind one savepoint. What a verb refuses costs its row alone, because a verb refuses before it
writes. What the database refuses (a value that is taken) takes the chunk back. Its rows go again in parts, and those
of a part that is refused again each behind a savepoint of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg

from fieldstone.engine.records.create import create, create_many
from fieldstone.engine.records.delete import delete
from fieldstone.engine.records.delete_many import delete_many
from fieldstone.engine.records.update import update
from fieldstone.engine.records.update_many import Patch, update_many
from fieldstone.engine.storage.failures import RETRYABLE, REVISION_CHANGED, translate
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

CHUNK: Final = 1000
PART: Final = 64
SAVEPOINT: Final = "many_records"


@dataclass(frozen=True, slots=True)
class Write:
    """A body to create, with `record_id` a patch, with no body a record to delete.

    `version` is the one that the record must have; None: any.
    """

    body: Mapping[str, Any] | None
    record_id: UUID | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The record's id, or why it was refused."""

    record_id: UUID | None
    error: FieldstoneError | None = None


def write_many(tx: Transaction, entity: str, writes: Sequence[Write]) -> list[Written]:
    """Write all that can be written; one outcome per write, in order."""
    outcomes: list[Written] = []
    for start in range(0, len(writes), CHUNK):
        outcomes += _chunk(tx, entity, writes[start : start + CHUNK])
    return outcomes


def _chunk(tx: Transaction, entity: str, writes: Sequence[Write]) -> list[Written]:
    outcomes = _together(tx, entity, writes)
    if outcomes is not None:
        return outcomes
    if len(writes) <= PART:
        return [_alone(tx, entity, write) for write in writes]
    return [
        outcome
        for start in range(0, len(writes), PART)
        for outcome in _chunk(tx, entity, writes[start : start + PART])
    ]


def _together(tx: Transaction, entity: str, writes: Sequence[Write]) -> list[Written] | None:
    """The outcomes; None, and nothing written, when the database refused one of the rows."""
    tx.connection.savepoint(SAVEPOINT)
    try:
        outcomes = _bulk(tx, entity, writes)
        tx.connection.flush()
    except (*RETRYABLE, REVISION_CHANGED, psycopg.OperationalError):
        raise
    except psycopg.Error as error:
        if translate(error, tx.model) is None:
            raise
        tx.connection.rollback_to(SAVEPOINT)
        tx.connection.release(SAVEPOINT)
        return None
    tx.connection.release(SAVEPOINT)
    return outcomes


def _bulk(tx: Transaction, entity: str, writes: Sequence[Write]) -> list[Written]:
    """Deletes, then creates, then patches: each kind in one go."""
    gone, new, changed = [], [], []
    for place, write in enumerate(writes):
        if write.body is None and write.record_id is not None:
            gone.append((place, (write.record_id, write.version)))
        elif write.record_id is None:
            new.append((place, write.body or {}))
        else:
            changed.append((place, Patch(write.record_id, write.body or {}, write.version)))
    outcomes: dict[int, UUID | FieldstoneError] = {}
    if gone:
        outcomes |= zip(_places(gone), delete_many(tx, entity, [each for _, each in gone]), strict=True)
    if new:
        outcomes |= zip(_places(new), create_many(tx, entity, [each for _, each in new]), strict=True)
    if changed:
        outcomes |= zip(_places(changed), update_many(tx, entity, [each for _, each in changed]), strict=True)
    found = [outcomes[place] for place in range(len(writes))]
    return [Written(None, each) if isinstance(each, FieldstoneError) else Written(each) for each in found]


def _places(numbered: Sequence[tuple[int, Any]]) -> list[int]:
    return [place for place, _ in numbered]


def _alone(tx: Transaction, entity: str, write: Write) -> Written:
    tx.connection.savepoint(SAVEPOINT)
    try:
        record_id = _write(tx, entity, write)
        tx.connection.flush()
    except (*RETRYABLE, REVISION_CHANGED, psycopg.OperationalError):
        raise
    except FieldstoneError as error:
        outcome = Written(None, error)
    except psycopg.Error as error:
        known = translate(error, tx.model)
        if known is None:
            raise
        outcome = Written(None, known)
    else:
        tx.connection.release(SAVEPOINT)
        return Written(record_id)
    tx.connection.rollback_to(SAVEPOINT)
    tx.connection.release(SAVEPOINT)
    return outcome


def _write(tx: Transaction, entity: str, write: Write) -> UUID:
    if write.record_id is None:
        found: UUID = create(tx, entity, write.body or {})["id"]
        return found
    if write.body is None:
        delete(tx, entity, write.record_id, if_match=write.version)
    else:
        update(tx, entity, write.record_id, write.body, if_match=write.version)
    return write.record_id
