"""What screens show before a record is converted: the conversions that are offered, and what one would make."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fieldstone.engine.duplicates import Match, entered, find
from fieldstone.engine.permissions import NotFound, access
from fieldstone.engine.records.convert import (
    Made,
    NotOffered,
    alive,
    filled,
    find_conversion,
    linked_existing,
    made_before,
    refuse_twice,
    visible,
)
from fieldstone.engine.records.converting import source_values
from fieldstone.engine.records.errors import UnknownRecord
from fieldstone.engine.records.load import load_for_change
from fieldstone.engine.records.subject import readable_entity
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.conversion_maps import Conversion, Creation


@dataclass(frozen=True, slots=True)
class Draft:
    """A record that a conversion would make, as it would fill it now.

    `existing` is the record that would be used instead; `matches` are likely duplicates, among which people may choose.
    """

    creation: Creation
    wanted: bool
    body: Mapping[str, Any]
    lines: Mapping[str, int]
    existing: UUID | None = None
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A conversion and whether the actor can run it on a record now; `made` is what came of it before."""

    conversion: Conversion
    open: bool
    made: tuple[Made, ...] = ()


def offers(tx: Transaction, entity: str, record_id: UUID) -> list[Offer]:
    """The conversions of a record that the actor may run, those first that are open now."""
    known = tx.model.conversions.get(entity, ())
    program, rights = readable_entity(tx, entity)
    allowed = [each for each in known if _may_run(tx, each, rights.allows("update"))]
    if not allowed:
        return []
    stored = load_for_change(tx, program, record_id, "read", lock=False)
    if stored is None:
        raise UnknownRecord("There is no such record.")
    source = source_values(tx, program, stored, allowed)
    found = []
    for each in allowed:
        made = made_before(tx, entity, record_id, each.name)
        living = frozenset(alive(tx, made))
        told = tuple(m for m in made if m.id in living and visible(tx, m.entity, m.id))
        found.append(Offer(each, source.holds(each.when) and not (each.once and living), told))
    return [each for each in found if each.open or each.made]


def _may_run(tx: Transaction, conversion: Conversion, may_update: bool) -> bool:
    if not may_update:
        return False
    for creation in conversion.creates:
        try:
            if not access(tx, creation.entity).allows("create") and not creation.offer:
                return False
        except NotFound:
            return False
    return True


def preview(tx: Transaction, entity: str, record_id: UUID, name: str) -> list[Draft]:
    """What a conversion would make of a record now, in the order of its form."""
    program, _ = readable_entity(tx, entity)
    conversion = find_conversion(tx, entity, name)
    stored = load_for_change(tx, program, record_id, "read", lock=False)
    if stored is None:
        raise UnknownRecord("There is no such record.")
    source = source_values(tx, program, stored, [conversion])
    if not source.holds(conversion.when):
        raise NotOffered(f"{conversion.title} is not possible for this record now.", conversion=name)
    if conversion.once:
        refuse_twice(tx, conversion, record_id)
    drafts = []
    for creation in sorted(conversion.creates, key=lambda each: each.order):
        body = filled(tx, creation, source, {})
        lines = {each.name: len(body.pop(each.name, ())) for each in creation.lines}
        matches: tuple[Match, ...] = ()
        if creation.offer:
            matches = tuple(find(tx, creation.entity, entered(tx, creation.entity, body)))
        existing = linked_existing(tx, creation, source)
        drafts.append(Draft(creation, source.holds(creation.when), body, lines, existing, matches))
    return drafts
