"""The parts of merging records: what links to them is led to another one, and taken back.

Every record that is changed goes through the same steps as an update by the actor, so that its rollups, history and guards
see it. What was done is plain JSON, kept with the merge for its undo:

    {"format": 1, "changes": {field: {"old", "new"}}, "lines": {field: {line id: the line}},
     "taken": {field: [lines]}, "moved": [{"entity", "id", "field", "from", "line"?, "dropped"?}],
     "conversions": [[conversion, loser]]}

`lines` were added to the winner, `taken` are those that it gave up for others.

Values in it are wire values; `dropped` is a row of several links that the winner had already.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from fieldstone.engine.ids import new_id
from fieldstone.engine.records.converting import plain
from fieldstone.engine.records.delete import incoming
from fieldstone.engine.records.errors import NotAllowed
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.program import program_for
from fieldstone.engine.records.update import recomputed, write_update
from fieldstone.engine.storage.tables import PARENT, POSITION
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity, Field
from fieldstone.metadata.fields import FIELD_TYPES
from fieldstone.metadata.fields.multi_link import LINK, is_joining
from fieldstone.problems import FieldstoneError

MOST_MOVED: Final = 20_000
"""Records that may be led to another one in one transaction."""

_IDS: Final = sa.bindparam("ids", type_=ARRAY(sa.Uuid()))


class TooMany(FieldstoneError):
    """More records link to the ones to be merged than one transaction should change."""

    code = "merge.too_many"
    kind = "refused"


@dataclass(frozen=True, slots=True)
class Linking:
    """A record (or a line of it) that links to one of the records that are merged away."""

    entity: Entity
    field: Field
    id: UUID
    owner: UUID
    deleted: bool


def wire(field: Field, value: Any) -> Any:
    """A stored value as a body would carry it; of lines, what people may enter."""
    return None if value is None else plain(FIELD_TYPES[field.type].to_wire(field, value))


def line_wire(child: Entity, line: Mapping[str, Any]) -> dict[str, Any]:
    """One line as a body would carry it, without its id."""
    found: dict[str, Any] = {}
    for inner in child.fields.values():
        value = line.get(inner.name)
        if value is None or inner.computed or inner.read_only:
            continue
        found["id" if is_joining(child) and inner.name == LINK else inner.name] = wire(inner, value)
        currency = line.get(f"{inner.name}_currency") if inner.type == "money" else None
        if currency is not None:
            found[f"{inner.name}_currency"] = currency
    return found


def leads_to(field: Field, value: Any) -> UUID | None:
    """The id of the record that a link's value names."""
    if isinstance(value, Mapping):
        return UUID(str(value["id"]))
    return value if isinstance(value, UUID) else None


def link_to(field: Field, entity: str, record_id: UUID) -> Any:
    """The stored value of a link to a record."""
    return {"entity": entity, "id": str(record_id)} if field.type == "any_link" else record_id


def linking_to(tx: Transaction, entity: str, ids: Collection[UUID]) -> list[Linking]:
    """Everything that links to some records, deleted records too. Not the records themselves."""
    found: list[Linking] = []
    for other, field in incoming(tx, entity):
        owner = tx.model.entities[other.parent[0]] if other.parent else other
        own, holder = program_for(tx.model, other).built, program_for(tx.model, owner).built
        if field.type == "any_link":
            texts = sa.bindparam("texts", type_=ARRAY(sa.Text()))
            column = own.parts[field.name, "id"]
            condition: sa.ColumnElement[bool] = column == sa.any_(texts)
        else:
            condition = own.fields[field.name] == sa.any_(_IDS)
        statement = sa.select(own.fields["id"], holder.fields["id"], holder.fields["deleted_at"].is_not(None))
        if other.parent:
            joined = own.table.join(holder.table, holder.fields["id"] == own.table.c[PARENT])
            statement = statement.select_from(joined)
        rows = tx.select(
            statement.where(condition).order_by(own.fields["id"]).limit(MOST_MOVED + 1),
            {"ids": list(ids), "texts": [str(each) for each in ids]},
        )
        found += [Linking(other, field, *row) for row in rows if row[1] not in ids]
    if len(found) > MOST_MOVED:
        raise TooMany(f"More than {MOST_MOVED:,} records link to these; merge them in smaller steps.")
    return found


def move_links(
    tx: Transaction, entity: str, winner: UUID, losers: Collection[UUID], found: Iterable[Linking]
) -> list[dict[str, Any]]:
    """Lead what links to the losers to the winner. Raises NotAllowed when the actor may not change all of it."""
    moved: list[dict[str, Any]] = []
    by_owner: dict[tuple[str, UUID], list[Linking]] = {}
    for each in found:
        if each.owner != winner:
            owner = each.entity.parent[0] if each.entity.parent else each.entity.name
            by_owner.setdefault((owner, each.owner), []).append(each)
    refused: dict[str, int] = {}
    for (owner, owner_id), links in sorted(by_owner.items(), key=lambda item: (item[0][0], item[0][1])):
        program = program_for(tx.model, tx.model.entities[owner])
        scope = tx.as_system() if links[0].deleted else tx
        old = load_for_change(scope, program, owner_id, "update", deleted=links[0].deleted)
        if old is None:
            refused[program.entity.plural] = refused.get(program.entity.plural, 0) + 1
            continue
        changes: dict[str, Any] = {}
        for link in links:
            moved += _relink(entity, winner, losers, link, old, changes)
        new, changed = recomputed(tx, program, old, changes)
        write_update(tx, program, old, new, changed, "update")
    if refused:
        words = ", ".join(f"{count} {plural}" for plural, count in sorted(refused.items()))
        raise NotAllowed(
            f"These records are linked to by others that you may not change: {words}.",
            verb="merge",
            entity=entity,
        )
    return moved


def _relink(
    entity: str,
    winner: UUID,
    losers: Collection[UUID],
    link: Linking,
    old: Mapping[str, Any],
    changes: dict[str, Any],
) -> list[dict[str, Any]]:
    """Add to `changes` what one link becomes; what was moved, as it is kept."""
    kept = {"entity": link.entity.name, "id": str(link.owner), "field": link.field.name}
    if link.entity.parent is None:
        before = leads_to(link.field, old[link.field.name])
        if before not in losers:
            return []  # changed since it was found
        changes[link.field.name] = link_to(link.field, entity, winner)
        return [{**kept, "from": str(before)}]
    name = link.entity.parent[1]
    lines = list(changes.get(name, old.get(name) or ()))
    at = next((at for at, line in enumerate(lines) if line["id"] == link.id), None)
    if at is None:
        return []
    line = lines[at]
    before = leads_to(link.field, line[link.field.name])
    if before not in losers:
        return []
    told: dict[str, Any] = {**kept, "line": str(link.id), "from": str(before)}
    if is_joining(link.entity) and any(other[LINK] == winner for other in lines):
        told["dropped"] = line_wire(link.entity, line)
        lines.pop(at)
    else:
        lines[at] = {**line, link.field.name: link_to(link.field, entity, winner)}
    changes[name] = [{**each, POSITION: index} for index, each in enumerate(lines)]
    return [told]


def move_back(
    tx: Transaction, entity: str, winner: UUID, moved: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Lead moved links back to where they came from. Those that were changed since stay, and are returned."""
    kept: list[dict[str, Any]] = []
    by_owner: dict[tuple[str, UUID], list[Mapping[str, Any]]] = {}
    for each in moved:
        definition = tx.model.entities.get(each["entity"])
        if definition is None or each["field"] not in definition.fields:
            kept.append(left(each))
            continue
        owner = definition.parent[0] if definition.parent else definition.name
        by_owner.setdefault((owner, UUID(each["id"])), []).append(each)
    for (owner, owner_id), links in sorted(by_owner.items(), key=lambda item: (item[0][0], item[0][1])):
        program = program_for(tx.model, tx.model.entities[owner])
        old = load_for_change(tx, program, owner_id, "update")
        if old is None:
            old = load_for_change(tx.as_system(), program, owner_id, "update", deleted=True)
        if old is None:
            kept += [left(each) for each in links]
            continue
        changes: dict[str, Any] = {}
        for each in links:
            if not _linked_back(tx, entity, winner, each, old, changes):
                kept.append(left(each))
        if changes:
            new, changed = recomputed(tx, program, old, changes)
            write_update(tx, program, old, new, changed, "update")
    return kept


def left(moved: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a link that stays as it is."""
    return {"entity": moved["entity"], "id": moved["id"], "field": moved["field"]}


def _linked_back(
    tx: Transaction,
    entity: str,
    winner: UUID,
    each: Mapping[str, Any],
    old: Mapping[str, Any],
    changes: dict[str, Any],
) -> bool:
    definition = tx.model.entities[each["entity"]]
    field, source = definition.fields[each["field"]], UUID(each["from"])
    if definition.parent is None:
        if leads_to(field, old[field.name]) != winner:
            return False
        changes[field.name] = link_to(field, entity, source)
        return True
    name = definition.parent[1]
    lines = list(changes.get(name, old.get(name) or ()))
    if "dropped" in each:
        attributes = {key: value for key, value in each["dropped"].items() if key != "id"}
        if any(line[LINK] == source for line in lines):
            return True
        blank = dict.fromkeys(definition.fields)
        lines.append({**blank, **attributes, LINK: source, "id": new_id()})
    else:
        at = next((at for at, line in enumerate(lines) if str(line["id"]) == each["line"]), None)
        if at is None or leads_to(field, lines[at][field.name]) != winner:
            return False
        lines[at] = {**lines[at], field.name: link_to(field, entity, source)}
    changes[name] = [{**line, POSITION: index} for index, line in enumerate(lines)]
    return True
