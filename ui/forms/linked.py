"""What a form knows of linked records: their titles, and the fields behind links that its rules and formulas read.

`needs` are paths behind a link: `{"place": {("country",)}}` for a rule that reads `place.country`.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from fieldstone.engine.permissions import NotFound
from fieldstone.engine.query.expand import linked
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.metadata.fields.multi_link import LINK
from fieldstone.ui.fields import LINK_TYPES, field_of, target_of, title_of

Path = tuple[str, ...]
Needs = Mapping[str, frozenset[Path]]


def needs_of(paths: Iterable[Path]) -> dict[str, frozenset[Path]]:
    """What is read behind each link, of the paths that expressions read."""
    found: dict[str, set[Path]] = {}
    for path in paths:
        if len(path) > 1:
            found.setdefault(path[0], set()).add(path[1:])
    return {name: frozenset(rest) for name, rest in found.items()}


def seen(
    tx: Transaction, target: str, ids: Iterable[UUID], paths: frozenset[Path]
) -> dict[str, dict[str, Any]]:
    """By id: what the form needs of records that the visitor may read, as plain objects with `id` and `$title`."""
    wanted = list(dict.fromkeys(ids))
    if not wanted or target not in tx.model.entities:
        return {}
    entity = tx.model.entities[target]
    try:
        found = linked(tx, target, wanted)
    except NotFound:  # the visitor may not know of this entity: its links stay ids, shown as not visible
        return {}
    return {str(record_id): needed(tx, entity, record, paths) for record_id, record in found.items()}


def needed(
    tx: Transaction, entity: Entity, record: Mapping[str, Any], paths: frozenset[Path]
) -> dict[str, Any]:
    """A record cut down to its title and the paths that are read behind it."""
    kept: dict[str, Any] = {"id": record["id"], "$title": title_of(entity, record)}
    behind = needs_of(paths)
    for name in dict.fromkeys(path[0] for path in paths):
        value = record.get(name)
        field = field_of(entity, name)
        target = target_of(tx.model, field) if field and name in behind else None
        if target is not None and isinstance(value, UUID):
            value = seen(tx, target.name, [value], behind[name]).get(str(value), {"id": value})
        kept[name] = value
    return kept


def titles(
    tx: Transaction, entity: Entity, records: Iterable[Mapping[str, Any]], needs: Needs
) -> dict[str, dict[str, Any]]:
    """By id: the records that links of these records and of their lines lead to."""
    targets: dict[str, tuple[set[UUID], set[Path]]] = {}
    for record in records:
        _gather(tx, entity, record, needs, targets)
    found: dict[str, dict[str, Any]] = {}
    for target, (ids, paths) in targets.items():
        found |= seen(tx, target, ids, frozenset(paths))
    return found


def _gather(
    tx: Transaction,
    entity: Entity,
    record: Mapping[str, Any],
    needs: Needs,
    targets: dict[str, tuple[set[UUID], set[Path]]],
) -> None:
    for name, value in record.items():
        field = field_of(entity, name)
        if field is None or value is None:
            continue
        if field.lines and isinstance(value, list):
            child = tx.model.entities[field.lines]
            for line in value:
                if field.type == "multi_link":
                    line = as_row(line)
                _gather(tx, child, line, needs_below(needs, name), targets)
        elif field.type == "any_link" and isinstance(value, Mapping):
            ids, _ = targets.setdefault(str(value["entity"]), (set(), set()))
            ids.update(filter(None, [as_id(value)]))
        elif field.type in LINK_TYPES and (record_id := as_id(value)) is not None:
            target = target_of(tx.model, field)
            if target is not None:
                ids, paths = targets.setdefault(target.name, (set(), set()))
                ids.add(record_id)
                paths.update(needs.get(name, ()))


def as_row(line: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of several links as the columns of its field see it: the record under `link`."""
    return {**line, LINK: line.get(LINK, line.get("id"))}


def needs_below(needs: Needs, lines: str) -> dict[str, frozenset[Path]]:
    """What is read behind the links of lines: `lines.part.price` is `("price",)` behind `part`."""
    return needs_of(needs.get(lines, ()))


def as_id(value: Any) -> UUID | None:
    """An id that may come as text or inside an object."""
    if isinstance(value, Mapping):
        value = value.get("id")
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None
