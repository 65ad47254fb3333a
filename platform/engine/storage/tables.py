"""Entities as SQLAlchemy tables.

A table belongs to no tenant: its schema is a mark that is replaced when SQL is sent, so tables and compiled
statements are shared by every tenant that shares the definition.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from fieldstone.engine.columns import column_kind
from fieldstone.engine.columns.kinds import TEXT
from fieldstone.engine.storage.names import SCHEMA_MARK, column_name, table_name
from fieldstone.metadata.definitions import Entity, Field

PARENT = "_parent"
POSITION = "_position"
EXTRAS = "_extras"
SEARCH = "_search"
MATCH = "_match"


@dataclass(frozen=True, slots=True)
class EntityTable:
    """The table of an entity, and the column of each stored field by its API name.

    `sort` holds, per text field, the column of sort keys for text that is not plain ASCII; `parts`, by field and
    name of the part, the columns of parts. `masked` names the fields of which no more is read than that they are set.
    """

    entity: Entity
    table: sa.Table
    fields: dict[str, sa.Column[Any]]
    companions: dict[str, sa.Column[Any]]
    sort: dict[str, sa.Column[Any]]
    parts: dict[tuple[str, str], sa.Column[Any]]
    masked: frozenset[str]


def system_columns() -> list[sa.Column[Any]]:
    stamp = sa.DateTime(timezone=True)
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", stamp, nullable=False),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("updated_at", stamp, nullable=False),
        sa.Column("updated_by", sa.Uuid()),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("deleted_at", stamp),
    ]


def line_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column(PARENT, sa.Uuid(), nullable=False),
        sa.Column(POSITION, sa.Integer(), nullable=False),
    ]


def field_columns(field: Field) -> list[sa.Column[Any]]:
    """All columns of one field, the main one first; none for what is not stored."""
    kind = column_kind(field)
    if kind is None:
        return []
    name = column_name(field.name)
    columns: list[sa.Column[Any]] = [sa.Column(name, kind.type)]
    columns += [sa.Column(f"{name}__{suffix}", type_) for suffix, type_ in (*kind.companions, *kind.parts)]
    if kind.order == "text":
        columns.append(sa.Column(f"{name}__sort", ARRAY(TEXT)))
    return columns


def searched(entity: Entity) -> bool:
    return any(field.search for field in entity.fields.values())


TABLES: Final = 80
"""Tables that are kept: what is compiled from them is kept elsewhere, and one weighs up to a third of a megabyte."""


@lru_cache(maxsize=TABLES)
def _table(entity_hash: str, holder: "_ByHash") -> EntityTable:
    entity = holder.entity
    columns = line_columns() if entity.parent else system_columns()
    for field in entity.fields.values():
        columns += field_columns(field)
    if entity.extras is not False:
        columns.append(sa.Column(EXTRAS, JSONB()))
    if searched(entity):
        columns.append(sa.Column(SEARCH, TSVECTOR()))
    if entity.duplicates:
        columns.append(sa.Column(MATCH, ARRAY(TEXT)))
    table = sa.Table(table_name(entity.name), sa.MetaData(), *columns, schema=SCHEMA_MARK)
    fields: dict[str, sa.Column[Any]] = {}
    companions: dict[str, sa.Column[Any]] = {}
    sort: dict[str, sa.Column[Any]] = {}
    parts: dict[tuple[str, str], sa.Column[Any]] = {}
    masked: list[str] = []
    if not entity.parent:
        fields.update({c.name: c for c in system_columns() for c in [table.c[c.name]]})
    else:
        fields["id"] = table.c.id
    for field in entity.fields.values():
        kind = column_kind(field)
        if kind is None:
            continue
        name = column_name(field.name)
        fields[field.name] = table.c[name]
        for suffix, _ in kind.companions:
            companions[f"{field.name}_{suffix}"] = table.c[f"{name}__{suffix}"]
        if kind.masked:
            masked.append(field.name)
        for part, _ in kind.parts:
            parts[field.name, part] = table.c[f"{name}__{part}"]
        if kind.order == "text":
            sort[field.name] = table.c[f"{name}__sort"]
    return EntityTable(entity, table, fields, companions, sort, parts, frozenset(masked))


@dataclass(frozen=True, slots=True)
class _ByHash:
    """Carries an entity past the cache: equal when the content hash is equal."""

    entity: Entity

    def __hash__(self) -> int:
        return hash(self.entity.hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByHash) and other.entity.hash == self.entity.hash


def table_for(entity: Entity) -> EntityTable:
    """The table of an entity, built once per content hash."""
    return _table(entity.hash, _ByHash(entity))
