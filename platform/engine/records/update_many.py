"""`update` for many records at once: loaded, linked, locked and recomputed together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from fieldstone.engine.pending import apart
from fieldstone.engine.records.effects import Move, after_changes, ask_guards, lock_parents, may_wait
from fieldstone.engine.records.errors import Stale
from fieldstone.engine.records.following import follow
from fieldstone.engine.records.load import load_many
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.records.update import prepare_updates, refuse_invisible, store_update, update
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError


@dataclass(frozen=True, slots=True)
class Patch:
    """A change of one record; `if_match` is the version that it must have."""

    record_id: UUID
    body: Mapping[str, Any]
    if_match: int | None = None


def update_many(tx: Transaction, entity: str, patches: Sequence[Patch]) -> list[UUID | FieldstoneError]:
    """The ids of the records, each once, or why one was not changed. What is refused costs no other.

    What clashes in the database is raised when the connection is flushed, as with `update`, and is then everybody's.
    """
    program, access = readable_entity(tx, entity)
    ids = [patch.record_id for patch in patches]
    in_turn = any(rule.action == "block" for rule in program.entity.duplicates)
    if program.bound and any(field.name in patch.body for patch in patches for field in program.bound):
        return [apart(tx, partial(_alone, tx, entity, patch)) for patch in patches]
    if len(patches) == 1 or in_turn or not may_wait(tx, program) or len(set(ids)) < len(ids):
        return [_alone(tx, entity, patch) for patch in patches]
    found: list[UUID | FieldstoneError] = list(ids)
    there = load_many(tx, program, ids, "update")
    coming = []
    for place, patch in enumerate(patches):
        old = there.get(patch.record_id)
        try:
            if old is None:
                refuse_invisible(tx, program, patch.record_id, "update")
            if patch.if_match is not None and old["version"] != patch.if_match:
                raise Stale("Somebody changed this record since you read it.", version=old["version"])
        except FieldstoneError as error:
            found[place] = error
        else:
            coming.append((place, old, patch.body))
    prepared = prepare_updates(tx, program, access, [(old, body) for _, old, body in coming])
    ready = []
    for (place, old, _), result in zip(coming, prepared, strict=True):
        if isinstance(result, FieldstoneError):
            found[place] = result
        elif result[1]:
            ready.append((place, old, *result))
    lock_parents(tx, program, [(old, new) for _, old, new, _ in ready])
    moved: list[Move] = []
    touched: set[str] = set()
    for place, old, new, changed in ready:
        try:
            ask_guards(tx, program, "update", old, new, changed)
        except FieldstoneError as error:
            found[place] = error
            continue
        store_update(tx, program, old, new, changed, "update")
        moved.append((old, new))
        touched |= changed
    after_changes(tx, program, moved, frozenset(touched))
    follow(tx)
    return found


def _alone(tx: Transaction, entity: str, patch: Patch) -> UUID | FieldstoneError:
    try:
        update(tx, entity, patch.record_id, patch.body, if_match=patch.if_match)
    except FieldstoneError as error:
        return error
    return patch.record_id
