"""Rows to records through the record verbs: many in one go, one by one only where the database refused some.

A chunk is written behind one savepoint. What a verb refuses costs its row alone, because a verb refuses before it
writes. What the database refuses (a value that is taken) takes the chunk back. Its rows go again in parts, and those
of a part that is refused again each behind a savepoint of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg

from fieldstone.engine.records import create, update
from fieldstone.engine.records.create import create_many
from fieldstone.engine.storage.failures import RETRYABLE, REVISION_CHANGED, translate
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

CHUNK: Final = 1000
PART: Final = 64
SAVEPOINT: Final = "import_rows"


@dataclass(frozen=True, slots=True)
class Write:
    """A body to create, or with `record_id` a patch."""

    body: Mapping[str, Any]
    record_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The record's id, or why it was refused."""

    record_id: UUID | None
    error: FieldstoneError | None = None


def write_rows(tx: Transaction, entity: str, writes: Sequence[Write]) -> list[Written]:
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
    found: dict[int, Written] = {}
    new = [(place, write.body) for place, write in enumerate(writes) if write.record_id is None]
    ids = create_many(tx, entity, [body for _, body in new]) if new else []
    for (place, _), made in zip(new, ids, strict=True):
        found[place] = Written(None, made) if isinstance(made, FieldstoneError) else Written(made)
    for place, write in enumerate(writes):
        if write.record_id is not None:
            try:
                found[place] = Written(_write(tx, entity, write))
            except FieldstoneError as error:
                found[place] = Written(None, error)
    return [found[place] for place in range(len(writes))]


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
        record = create(tx, entity, write.body)
    else:
        record = update(tx, entity, write.record_id, write.body)
    found: UUID = record["id"]
    return found
