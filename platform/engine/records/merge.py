"""Merge records that are the same thing: one stays, and takes over values, lines and everything that links to the others.

The others are deleted, so that they can come back: `unmerge` undoes a merge as far as nobody changed it since. Their
history is read with that of the one that stays.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.duplicates import refuse_duplicates
from fieldstone.engine.ids import new_id
from fieldstone.engine.permissions import EntityAccess
from fieldstone.engine.records.answer import answer
from fieldstone.engine.records.delete import remove
from fieldstone.engine.records.errors import InvalidContent, NotAllowed, Refused, Stale, UnknownRecord
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.merging import leads_to, line_wire, linking_to, move_links, wire
from fieldstone.engine.records.program import Program
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.records.update import followed, prepare_update, refuse_invisible, write_update
from fieldstone.engine.storage import control
from fieldstone.engine.storage.ddl import LINK_TYPES
from fieldstone.engine.storage.json_values import wire_dumps
from fieldstone.engine.storage.tables import EXTRAS
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Field
from fieldstone.metadata.fields.base import escaped
from fieldstone.metadata.fields.multi_link import LINK
from fieldstone.problems import Problem, did_you_mean

MOST: Final = 10
"""Records that are merged into one at a time."""

NEVER: Final = ("position", "secret")
"""Types whose values mean something only where they stand."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge that was done: its id, by which it is undone, how many links were moved, and the record that stays."""

    id: UUID
    moved: int
    record: dict[str, Any]


def merge(
    tx: Transaction,
    entity: str,
    winner_id: UUID,
    loser_ids: Sequence[UUID],
    choose: Mapping[str, UUID] | None = None,
    *,
    if_match: int | None = None,
) -> Merged:
    """Merge `loser_ids` into `winner_id`. `choose` names, per field, the record whose value stays.

    A field that is not chosen keeps the winner's value; where that is empty, the first of the others that has one gives
    it. Lines and several links are put together; a record chosen for them gives all of them. Raises UnknownRecord,
    NotAllowed (update of all, delete of the losers, update of what links to them), InvalidContent, Stale, Refused.
    """
    program, rights = readable_entity(tx, entity)
    losers = _checked(program, winner_id, loser_ids)
    if rights.reach("delete") == "none":
        raise NotAllowed(f"You may not merge {program.entity.plural}.", verb="delete", entity=entity)
    found = _loaded(tx, program, winner_id, losers)
    if if_match is not None and found[winner_id]["version"] != if_match:
        raise Stale("Somebody changed this record since you read it.", version=found[winner_id]["version"])
    chosen = _choices(program, rights, choose or {}, {winner_id, *losers})
    linking = linking_to(tx, entity, losers)
    moved = move_links(tx, entity, winner_id, losers, linking)
    conversions = _move_conversions(tx, losers, winner_id)
    tx.settle()
    for loser in losers:
        current = load_for_change(tx, program, loser, "delete", alone=True)
        if current is None:
            raise UnknownRecord("There is no such record.")
        remove(tx, program, current, frozenset(losers) | {winner_id})
    tx.settle()
    old = load_for_change(tx, program, winner_id, "update", alone=True)
    if old is None:
        raise UnknownRecord("There is no such record.")
    patch = _patch(tx, program, rights, old, [found[each] for each in losers], chosen)
    before = {line["id"] for field in program.lines for line in old.get(field.name) or ()}
    new, changed = prepare_update(tx, program, rights, old, patch)
    refuse_duplicates(tx, program.entity, new, changed)
    write_update(tx, program, old, new, changed, "merge")
    done = {
        "format": 1,
        "changes": _changes(program, old, new, changed),
        "lines": _added_lines(tx, program, new, before),
        "taken": _taken_lines(tx, program, old, new),
        "moved": moved,
        "conversions": conversions,
    }
    merge_id = _remember(tx, entity, winner_id, losers, done)
    new = followed(tx, program, new)
    return Merged(merge_id, len(moved), answer(tx, program, new, rights))


def _checked(program: Program, winner: UUID, losers: Sequence[UUID]) -> list[UUID]:
    """The distinct records to be merged away. Raises Refused and InvalidContent."""
    if program.entity.layer == "base":
        raise Refused(f"{program.entity.plural} cannot be merged.", code="merge.not_here")
    distinct = list(dict.fromkeys(losers))
    message = None
    if not distinct:
        message = "Name at least one record to merge into this one."
    elif len(distinct) > MOST:
        message = f"At most {MOST} records can be merged into one at a time."
    elif winner in distinct:
        message = "A record cannot be merged into itself."
    if message:
        raise InvalidContent(message, problems=[Problem("/others", "merge.others", message)])
    return distinct


def _loaded(
    tx: Transaction, program: Program, winner: UUID, losers: Sequence[UUID]
) -> dict[UUID, dict[str, Any]]:
    """All records, locked in the order of their ids so that two merges never wait for each other in a circle."""
    found: dict[UUID, dict[str, Any]] = {}
    for each in sorted([winner, *losers]):
        values = load_for_change(tx, program, each, "update", alone=True)
        if values is not None:
            found[each] = values
        elif each == winner:
            refuse_invisible(tx, program, each, "update")
    problems = []
    for place, each in enumerate(losers):
        may = each in found and load_for_change(tx, program, each, "delete", lock=False) is not None
        if each in found and not may:
            raise NotAllowed(
                "You may not delete one of these records.", verb="delete", entity=program.entity.name
            )
        if not may:
            try:
                refuse_invisible(tx, program, each, "merge")
            except UnknownRecord:
                problems.append(Problem(f"/others/{place}", "record.unknown", "There is no such record."))
    if problems:
        raise InvalidContent(problems[0].message, problems=problems)
    return found


def _choices(
    program: Program, rights: EntityAccess, choose: Mapping[str, UUID], group: Collection[UUID]
) -> dict[str, UUID]:
    problems = []
    for name, record_id in choose.items():
        place = f"/choose/{escaped(name)}"
        field = program.entity.fields.get(name)
        if name not in rights.readable or (field is None and name != "owner_id"):
            known = [each for each in program.entity.fields if each in rights.readable]
            message = f'There is no field "{name}"{did_you_mean(name, known) or "."}'
            problems.append(Problem(place, "field.unknown", message, {"name": name}))
        elif name not in rights.writable or (field is not None and not _choosable(field)):
            title = field.title if field else name
            problems.append(Problem(place, "readOnly", f"You may not change {title}.", {"title": title}))
        elif record_id not in group:
            message = "The record chosen is none of those that are merged."
            problems.append(Problem(place, "merge.choice", message))
    if problems:
        raise InvalidContent(problems[0].message, problems=problems)
    return dict(choose)


def _choosable(field: Field) -> bool:
    return not field.computed and not field.read_only and field.type not in NEVER


def _patch(
    tx: Transaction,
    program: Program,
    rights: EntityAccess,
    winner: Mapping[str, Any],
    losers: Sequence[Mapping[str, Any]],
    chosen: Mapping[str, UUID],
) -> dict[str, Any]:
    """What the winner takes over, as a body."""
    group = {winner["id"]: winner, **{each["id"]: each for each in losers}}
    gone = {each["id"] for each in losers}
    patch: dict[str, Any] = {}
    for field in program.entity.fields.values():
        if not _choosable(field) or field.name not in rights.writable or field.name not in rights.readable:
            continue
        if field.lines is not None:
            lines = _lines(tx, field, winner, losers, group.get(chosen.get(field.name)), gone)
            if lines is not None:
                patch[field.name] = lines
            continue
        source = group[chosen[field.name]] if field.name in chosen else winner
        value = _value(field, source, winner["id"], gone)
        if _empty(value) and field.name not in chosen:
            values = ((each, _value(field, each, winner["id"], gone)) for each in losers)
            source, value = next((pair for pair in values if not _empty(pair[1])), (winner, value))
        if value != winner.get(field.name) or source is not winner:
            patch[field.name] = wire(field, value)
            if field.type == "money":
                patch[f"{field.name}_currency"] = source.get(f"{field.name}_currency")
    if "owner_id" in chosen and group[chosen["owner_id"]].get("owner_id") is not None:
        patch["owner_id"] = str(group[chosen["owner_id"]]["owner_id"])
    if program.entity.extras is not False:
        own = winner.get(EXTRAS) or {}
        for each in reversed(losers):
            patch |= {name: value for name, value in (each.get(EXTRAS) or {}).items() if name not in own}
    return patch


def _value(field: Field, record: Mapping[str, Any], winner: UUID, gone: Collection[UUID]) -> Any:
    """A record's value; none for a link that leads to one of the merged records, which would be to itself."""
    value = record.get(field.name)
    if field.type in (*LINK_TYPES, "any_link") and value is not None:
        goal = leads_to(field, value)
        if goal == winner or goal in gone:
            return None
    return value


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _lines(
    tx: Transaction,
    field: Field,
    winner: Mapping[str, Any],
    losers: Sequence[Mapping[str, Any]],
    chosen: Mapping[str, Any] | None,
    gone: Collection[UUID],
) -> list[dict[str, Any]] | None:
    """The winner's lines after the merge as a body; None where they stay as they are."""
    child = tx.model.entities[field.lines or ""]
    joining = field.type == "multi_link"
    own = list(winner.get(field.name) or ())
    if chosen is not None:
        own = own if chosen is winner else []
        others = [] if chosen is winner else list(chosen.get(field.name) or ())
    else:
        others = [line for each in losers for line in each.get(field.name) or ()]
    if joining:
        met = {line[LINK] for line in own}
        kept = [line for line in own if line[LINK] not in gone and line[LINK] != winner["id"]]
        added = []
        for line in others:
            if line[LINK] not in met and line[LINK] not in gone and line[LINK] != winner["id"]:
                met.add(line[LINK])
                added.append(line_wire(child, line))
        result = [line_wire(child, line) for line in kept] + added
        return None if not added and len(kept) == len(winner.get(field.name) or ()) else result
    result = [{**line_wire(child, line), "id": str(line["id"])} for line in own]
    result += [line_wire(child, line) for line in others]
    return None if not others and len(own) == len(winner.get(field.name) or ()) else result


def _changes(
    program: Program, old: Mapping[str, Any], new: Mapping[str, Any], changed: Collection[str]
) -> dict[str, Any]:
    """Old and new wire values of the fields that the winner took over."""
    found: dict[str, Any] = {}
    for name in sorted(changed):
        field = program.entity.fields.get(name)
        if field is not None and _choosable(field) and field.lines is None:
            found[name] = {"old": wire(field, old.get(name)), "new": wire(field, new.get(name))}
            if field.type == "money":
                money = f"{name}_currency"
                found[money] = {"old": old.get(money), "new": new.get(money)}
        elif name == "owner_id":
            found[name] = {"old": _text(old.get(name)), "new": _text(new.get(name))}
    if EXTRAS in changed:
        before, after = old.get(EXTRAS) or {}, new.get(EXTRAS) or {}
        found |= {n: {"old": before.get(n), "new": after[n]} for n in after if after[n] != before.get(n)}
    return found


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _added_lines(
    tx: Transaction, program: Program, new: Mapping[str, Any], before: Collection[UUID]
) -> dict[str, Any]:
    """Lines that the winner got: line id -> what was put there."""
    found: dict[str, Any] = {}
    for field in program.lines:
        child = tx.model.entities[field.lines or ""]
        added = {
            str(line["id"]): line_wire(child, line)
            for line in new.get(field.name) or ()
            if line["id"] not in before
        }
        if added:
            found[field.name] = added
    return found


def _taken_lines(
    tx: Transaction, program: Program, old: Mapping[str, Any], new: Mapping[str, Any]
) -> dict[str, Any]:
    """Lines that the winner lost to those of the record chosen."""
    found: dict[str, Any] = {}
    for field in program.lines:
        child = tx.model.entities[field.lines or ""]
        after = {line["id"] for line in new.get(field.name) or ()}
        gone = [line_wire(child, line) for line in old.get(field.name) or () if line["id"] not in after]
        if gone:
            found[field.name] = gone
    return found


def _move_conversions(tx: Transaction, losers: Sequence[UUID], winner: UUID) -> list[list[str]]:
    """What the losers were converted to counts for the winner; [conversion, loser] of each, to go back."""
    table = control.conversion
    ids = sa.bindparam("losers", type_=ARRAY(sa.Uuid()))
    asked = tx.plan(
        ("merge", "conversions"),
        lambda: sa.select(table.c.id, table.c.record_id).where(table.c.record_id == sa.any_(ids)),
    )
    found = [[str(row[0]), str(row[1])] for row in tx.fetch(asked, {"losers": list(losers)})]
    if found:
        moved = sa.update(table).where(table.c.record_id == sa.any_(ids)).values(record_id=winner)
        tx.defer_statement(moved, {"losers": list(losers)})
    return found


def _remember(
    tx: Transaction, entity: str, winner: UUID, losers: Sequence[UUID], done: Mapping[str, Any]
) -> UUID:
    table = control.merge
    names = ("id", "entity", "winner", "losers", "at", "actor", "done")
    plan = tx.plan(
        ("merge", "remember"),
        lambda: sa.insert(table).values({n: sa.bindparam(n, type_=table.c[n].type) for n in names}),
    )
    merge_id = new_id()
    values = {
        "id": merge_id, "entity": entity, "winner": winner, "losers": list(losers), "at": tx.context.now,
        "actor": tx.context.actor.id, "done": Jsonb(done, wire_dumps),
    }  # fmt: skip
    tx.defer(plan, values)
    return merge_id


def merged_into(tx: Transaction, entity: str, record_id: UUID) -> list[UUID]:
    """The records that were merged into one, and into those, as far as that was not undone."""
    table = control.merge

    def build() -> sa.Select[Any]:
        return sa.select(table.c.losers).where(
            table.c.winner == sa.any_(sa.bindparam("winners", type_=ARRAY(sa.Uuid()))),
            table.c.entity == sa.bindparam("entity", type_=sa.Text()),
            table.c.undone_at.is_(None),
        )

    plan = tx.plan(("merge", "losers"), build)
    found: list[UUID] = []
    asked = [record_id]
    while asked:
        rows = tx.fetch(plan, {"winners": asked, "entity": entity})
        asked = [each for row in rows for each in row[0] if each not in found]
        found += asked
    return found
