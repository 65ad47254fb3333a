"""Undo a merge: the merged records come back, and what was moved goes back to them.

What somebody changed after the merge stays as it is now, and is listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from fieldstone.engine.duplicates import refuse_duplicates
from fieldstone.engine.permissions import EntityAccess
from fieldstone.engine.records.answer import answer
from fieldstone.engine.records.errors import Conflict, UnknownRecord
from fieldstone.engine.records.following import follow
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.merging import line_wire, move_back, wire
from fieldstone.engine.records.program import Program
from fieldstone.engine.records.restore import restore
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.records.update import prepare_update, refuse_invisible, write_update
from fieldstone.engine.storage import control
from fieldstone.engine.storage.ddl import LINK_TYPES
from fieldstone.engine.storage.json_values import loads, wire_dumps
from fieldstone.engine.storage.tables import EXTRAS
from fieldstone.engine.transaction import Transaction
from fieldstone.problems import FieldstoneError


class UnknownMerge(FieldstoneError):
    """There is no such merge of this record."""

    code = "merge.unknown"
    kind = "not_found"


@dataclass(frozen=True, slots=True)
class Unmerged:
    """What came back. `kept` are places (`entity`, `id`, `field`) that were changed since and stay as they are."""

    record: dict[str, Any]
    restored: tuple[UUID, ...]
    kept: tuple[dict[str, Any], ...]


def unmerge(tx: Transaction, entity: str, winner_id: UUID, merge_id: UUID) -> Unmerged:
    """Undo a merge. Raises UnknownRecord, NotAllowed, UnknownMerge, and Conflict when it was undone before or a record
    that comes back has a unique value that was taken meanwhile.
    """
    tx = replace(tx, states="free")
    program, rights = readable_entity(tx, entity)
    old = load_for_change(tx, program, winner_id, "update", alone=True)
    if old is None:
        refuse_invisible(tx, program, winner_id, "update")
    losers, done = _merge(tx, entity, winner_id, merge_id)
    patch, kept = _patch(tx, program, rights, old, done)
    linking = {name for name in patch if _links(program, name)}
    own = {name: value for name, value in patch.items() if name not in linking}
    new, changed = prepare_update(tx, program, rights, old, own)
    write_update(tx, program, old, new, changed, "unmerge")
    tx.settle()
    restored = []
    for loser in losers:
        try:
            restore(tx, entity, loser)
            restored.append(loser)
        except UnknownRecord:
            kept.append({"entity": entity, "id": str(loser), "field": "deleted_at"})
        tx.settle()
    refuse_duplicates(tx, program.entity, new, changed)
    if linking:  # only now are there the records that they may lead to
        _give_back(tx, program, rights, winner_id, {name: patch[name] for name in linking})
    kept += move_back(tx, entity, winner_id, done["moved"])
    _finish(tx, merge_id, done)
    tx.settle()
    follow(tx)
    final = load_for_change(tx, program, winner_id, "update")
    return Unmerged(answer(tx, program, final or new, rights), tuple(restored), tuple(kept))


def _links(program: Program, name: str) -> bool:
    field = program.entity.fields.get(name)
    return field is not None and (field.lines is not None or field.type in (*LINK_TYPES, "any_link"))


def _give_back(
    tx: Transaction, program: Program, rights: EntityAccess, winner_id: UUID, patch: Mapping[str, Any]
) -> None:
    old = load_for_change(tx, program, winner_id, "update")
    if old is not None:
        new, changed = prepare_update(tx, program, rights, old, patch)
        if changed:
            write_update(tx, program, old, new, changed, "unmerge")


def _merge(
    tx: Transaction, entity: str, winner: UUID, merge_id: UUID
) -> tuple[list[UUID], Mapping[str, Any]]:
    table = control.merge
    plan = tx.plan(
        ("merge", "one"),
        lambda: (
            sa.select(table.c.losers, table.c.done, table.c.undone_at)
            .where(
                table.c.id == sa.bindparam("merge", type_=sa.Uuid()),
                table.c.winner == sa.bindparam("winner", type_=sa.Uuid()),
                table.c.entity == sa.bindparam("entity", type_=sa.Text()),
            )
            .with_for_update()
        ),
    )
    rows = tx.fetch(plan, {"merge": merge_id, "winner": winner, "entity": entity})
    if not rows:
        raise UnknownMerge("There is no such merge of this record.")
    losers, done, undone_at = rows[0]
    if undone_at is not None:
        raise Conflict("This merge was undone already.", code="merge.undone")
    return losers, done


def _patch(
    tx: Transaction, program: Program, rights: EntityAccess, old: Mapping[str, Any], done: Mapping[str, Any]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the winner gives back, as a body, and what it keeps."""
    patch: dict[str, Any] = {}
    kept: list[dict[str, Any]] = []
    place = {"entity": program.entity.name, "id": str(old["id"])}
    for name, change in done["changes"].items():
        if _stored(_current(program, old, name)) == change["new"]:
            patch[name] = change["old"]
        else:
            kept.append({**place, "field": name})
    for field in program.lines:
        added: Mapping[str, Any] = done["lines"].get(field.name, {})
        taken = done.get("taken", {}).get(field.name, [])
        if not added and not taken:
            continue
        child = tx.model.entities[field.lines or ""]
        joining = field.type == "multi_link"
        remaining = []
        for line in old.get(field.name) or ():
            body = line_wire(child, line)
            given = added.get(str(line["id"]))
            if given is not None and given == _stored(body):
                continue
            if given is not None:
                kept.append({**place, "field": field.name})
            remaining.append(body if joining else {**body, "id": str(line["id"])})
        met = {each["id"] for each in remaining} if joining else set()
        remaining += [body for body in taken if not joining or body["id"] not in met]
        patch[field.name] = remaining
    known = {name for name in patch if _may_set(program, rights, name)}
    kept += [{**place, "field": name} for name in patch if name not in known]
    return {name: patch[name] for name in known}, kept


def _stored(value: Any) -> Any:
    """A value as it is after it was kept as JSON."""
    return loads(wire_dumps(value))


def _may_set(program: Program, rights: EntityAccess, name: str) -> bool:
    base = name if name in program.entity.fields else name.removesuffix("_currency")
    return base in rights.writable or (
        base not in program.entity.fields and program.entity.extras is not False
    )


def _current(program: Program, old: Mapping[str, Any], name: str) -> Any:
    field = program.entity.fields.get(name)
    if field is not None:
        return wire(field, old.get(name))
    if name == "owner_id":
        return None if old.get(name) is None else str(old[name])
    return old[name] if name in old else (old.get(EXTRAS) or {}).get(name)


def _finish(tx: Transaction, merge_id: UUID, done: Mapping[str, Any]) -> None:
    table, conversion = control.merge, control.conversion
    tx.defer(
        tx.plan(
            ("merge", "undone"),
            lambda: (
                sa.update(table)
                .where(table.c.id == sa.bindparam("merge", type_=sa.Uuid()))
                .values(undone_at=sa.bindparam("at", type_=table.c.undone_at.type))
            ),
        ),
        {"merge": merge_id, "at": tx.context.now},
    )
    for conversion_id, loser in done.get("conversions") or ():
        back = (
            sa.update(conversion).where(conversion.c.id == UUID(conversion_id)).values(record_id=UUID(loser))
        )
        tx.defer_statement(back)
