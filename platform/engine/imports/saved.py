"""Saved mappings: decisions about a kind of file under a name, shared by all who may import the entity.

What a reader may not see of an entity is not told by its mappings either: targets of hidden fields and meanings that
name records which the reader does not meet are left out, as if they had never been saved.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import insert

from fieldstone.engine.imports.cells import LINKS
from fieldstone.engine.imports.errors import BadImportOptions, TooManyMappings, UnknownMapping
from fieldstone.engine.imports.links import find, is_id
from fieldstone.engine.imports.mapping import base_name, check_mapping
from fieldstone.engine.imports.options import ImportOptions
from fieldstone.engine.permissions import EntityAccess, need
from fieldstone.engine.query.joins import visible_ids
from fieldstone.engine.storage import control
from fieldstone.engine.storage.json_values import wire_dumps
from fieldstone.engine.transaction import Transaction
from fieldstone.metadata.definitions import Entity
from fieldstone.problems import Problem, did_you_mean

TABLE: Final = control.import_mapping
MOST: Final = 100
"""Saved mappings of one entity."""

NAME: Final = r"\w(?:[\w .,()+&'-]{0,58}[\w.)])?"
"""What a name may be: it stands in addresses and in commands."""

KEPT: Final = ("mode", "key", "mapping", "values", "clear_blanks")
"""The decisions that a mapping keeps; how a file is laid out is each file's own."""

_ENTITY: Final = sa.bindparam("entity", type_=sa.Text())
_NAME: Final = sa.bindparam("wanted", type_=sa.Text())


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """Named decisions. `options` have a mapping; layout, `partial` and `dry_run` are never set in them."""

    name: str
    options: ImportOptions
    saved_at: datetime
    saved_by: UUID | None

    @property
    def columns(self) -> frozenset[str]:
        """The columns that a file must have; constants need none."""
        mapping = self.options.mapping or {}
        return frozenset(
            name
            for name, targets in mapping.items()
            if targets and any(target.const is None for target in targets)
        )

    def to_json(self) -> dict[str, Any]:
        """The answer of the API."""
        decided = self.options.to_json()
        return {
            "name": self.name,
            **{name: decided[name] for name in KEPT},
            "saved_at": self.saved_at,
            "saved_by": None if self.saved_by is None else str(self.saved_by),
        }


def saved_mappings(tx: Transaction, entity: str) -> list[SavedMapping]:
    """All saved mappings of an entity, by name. Raises NotFound and Denied for who may not import."""
    access = need(tx, entity, "import")
    statement = sa.select(TABLE.c.name, TABLE.c.options, TABLE.c.saved_at, TABLE.c.saved_by)
    rows = tx.select(statement.where(TABLE.c.entity == _ENTITY).order_by(TABLE.c.name), {"entity": entity})
    definition = tx.model.entities[entity]
    return [
        SavedMapping(name, _seen(tx, definition, access, ImportOptions.from_json(options)), at, by)
        for name, options, at, by in rows
    ]


def saved_mapping(tx: Transaction, entity: str, name: str) -> SavedMapping:
    """The mapping of a name. Raises UnknownMapping, which names the nearest."""
    found = {each.name: each for each in saved_mappings(tx, entity)}
    if name not in found:
        raise UnknownMapping(f'There is no saved mapping "{name}"{did_you_mean(name, found)}')
    return found[name]


def fitting_mappings(tx: Transaction, entity: str, headers: Sequence[str]) -> list[SavedMapping]:
    """The saved mappings for a file with these columns, the best first.

    One fits when the file has every column that it reads; the more of the file's columns it knows, the better.
    For screens that offer them when a file was chosen; `with_saved` takes one over.
    """
    there = set(headers)
    fitting = [each for each in saved_mappings(tx, entity) if each.columns and each.columns <= there]
    known = {each.name: len(there & set(each.options.mapping or ())) for each in fitting}
    return sorted(fitting, key=lambda each: (-known[each.name], -each.saved_at.timestamp(), each.name))


def with_saved(options: ImportOptions, saved: SavedMapping) -> ImportOptions:
    """Options with the decisions of a saved mapping; what the options decide themselves comes first."""
    kept = saved.options
    return replace(
        options,
        mode=kept.mode if options.mode == "create" else options.mode,
        key=options.key or kept.key,
        mapping=kept.mapping if options.mapping is None else options.mapping,
        values={**kept.values, **options.values},
        clear_blanks=options.clear_blanks or kept.clear_blanks,
    )


def save_mapping(tx: Transaction, entity: str, name: str, options: ImportOptions) -> None:
    """Save decisions under a name, in place of what had the name. Raises BadImportOptions with every problem."""
    access = need(tx, entity, "import")
    definition = tx.model.entities[entity]
    mapping = options.mapping
    if not mapping or not any(mapping.values()):
        raise _bad("/mapping", "import.mapping_empty", "A saved mapping says where at least one column goes.")
    if not re.fullmatch(NAME, name):
        raise _bad("/name", "pattern", "A name is 1 to 60 letters, digits, spaces and .,()+&'-.")
    readable = {
        column: tuple(target for target in targets if target.field not in options.key)
        for column, targets in mapping.items()
    }
    check_mapping(definition, access, tuple(mapping), readable)
    names = {each.name for each in saved_mappings(tx, entity)}
    if name not in names and len(names) >= MOST:
        raise TooManyMappings(f"There are {MOST} saved mappings of this already; delete one first.")
    decided = options.to_json()
    kept = {"format": decided["format"], **{each: decided[each] for each in KEPT}}
    values = {
        "options": Jsonb(kept, wire_dumps),
        "saved_at": tx.context.now,
        "saved_by": tx.context.actor.id,
    }
    statement = insert(TABLE).values(entity=entity, name=name, **values)
    tx.defer_statement(statement.on_conflict_do_update(index_elements=["entity", "name"], set_=values))


def delete_mapping(tx: Transaction, entity: str, name: str) -> None:
    """Forget a saved mapping. Raises UnknownMapping."""
    saved_mapping(tx, entity, name)
    statement = sa.delete(TABLE).where(TABLE.c.entity == _ENTITY, TABLE.c.name == _NAME)
    tx.defer_statement(statement, {"entity": entity, "wanted": name})


def _bad(path: str, code: str, message: str) -> BadImportOptions:
    return BadImportOptions(message, problems=[Problem(path, code, message)])


def _seen(tx: Transaction, entity: Entity, access: EntityAccess, options: ImportOptions) -> ImportOptions:
    """The decisions without what the actor may not know of."""

    def seen(name: str) -> bool:
        base = base_name(entity, name)
        known = base in entity.fields or base == "owner_id"
        return name == "id" or (known and base in access.readable)

    mapping = {
        column: tuple(target for target in targets if seen(target.field))
        for column, targets in (options.mapping or {}).items()
    }
    filled = {base_name(entity, target.field) for targets in mapping.values() for target in targets}
    values = {name: _met(tx, entity, name, texts) for name, texts in options.values.items() if name in filled}
    return replace(options, mapping=mapping, key=tuple(filter(seen, options.key)), values=values)


def _met(tx: Transaction, entity: Entity, name: str, texts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The meanings of texts without those that name records which the actor does not meet."""
    field = entity.fields.get(name)
    target = "user" if name == "owner_id" else field.target if field and field.type in LINKS else None
    if target is None or target not in tx.model.entities:
        return texts
    named = {value for value in texts.values() if isinstance(value, str)}
    ids = {UUID(value) for value in named if is_id(value)}
    met = {str(each) for each in _visible(tx, target, ids)}
    titles = sorted(value for value in named if not is_id(value))
    met |= set(find(tx, target, titles)) if titles else set()
    return {
        text: value
        for text, value in texts.items()
        if value is None or str(value).lower() in met or value in met
    }


def _visible(tx: Transaction, target: str, ids: set[UUID]) -> Iterator[UUID]:
    if ids:
        yield from visible_ids(tx, {target: ids}).get(target, ())


__all__ = [
    "SavedMapping", "delete_mapping", "fitting_mappings", "save_mapping", "saved_mapping", "saved_mappings", "with_saved",
]  # fmt: skip
