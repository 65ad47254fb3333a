"""Rows to records through the record verbs: many in one go, one by one only where the database refused one.

A chunk is written behind one savepoint. What a verb refuses costs its row alone, because a verb refuses
before it writes. What the database refuses (a unique value) takes the chunk back, and its rows go again,
each behind a savepoint of its own. Rollups of linked records are recomputed once per chunk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg

from fieldstone.engine.records import create, update
from fieldstone.engine.records.effects import may_postpone, recompute_postponed
from fieldstone.engine.records.program import program_for
from fieldstone.engine.storage.failures import RETRYABLE, REVISION_CHANGED, translate
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError

CHUNK: Final = 500
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
    tx.connection.savepoint(SAVEPOINT)
    outcomes: list[Written] = []
    program = program_for(tx.model, tx.model.entities[entity])
    tx.postponed = {} if may_postpone(tx, program) else None
    tx.connection.gathering = True
    try:
        for write in writes:
            try:
                outcomes.append(Written(_write(tx, entity, write)))
            except FieldstoneError as error:
                outcomes.append(Written(None, error))
        recompute_postponed(tx)
        tx.connection.flush()
    except (*RETRYABLE, REVISION_CHANGED, psycopg.OperationalError):
        raise
    except psycopg.Error:
        tx.postponed = None
        tx.connection.rollback_to(SAVEPOINT)
        tx.connection.release(SAVEPOINT)
        tx.connection.gathering = False
        return [_alone(tx, entity, write) for write in writes]
    finally:
        tx.connection.gathering = False
    tx.connection.release(SAVEPOINT)
    return outcomes


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
